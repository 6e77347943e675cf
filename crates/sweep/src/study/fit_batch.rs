//! The largest batch size of a command that fits into memory, found by running the command.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::{Value as Json, json};
use sweep_settings::names::BATCH;
use sweep_study::{Outcome, Point, SECONDS, SpecFile, Value};

use crate::event::{Planned, Segment};
use crate::executor::Executor;
use crate::options::RunOptions;
use crate::refusal::refuse;
use crate::stop::Stop;
use crate::study::largest_batch::{Fit, Found, largest};
use crate::study::prepare::Prepared;
use crate::study::run;
use crate::{files, output};

/// The document with the result, in the study's folder.
const DOCUMENT: &str = "fit-batch.json";

/// The sizes to try, and when one counts as fitting.
#[derive(Clone, Copy, Debug)]
pub struct SizeSearch {
    /// The first batch size.
    pub smallest: u64,
    /// The largest batch size to try.
    pub largest: u64,
    /// Whether the size is found to the last example.
    pub exact: bool,
    /// The time after which a size that still runs counts as fitting.
    pub enough: Option<Duration>,
}

/// Searches, and prints what was found. Exit code 3 where no size fits or a program fails otherwise.
///
/// # Errors
/// A specification that cannot be meant, files that cannot be written.
pub fn fit_batch(sizes: SizeSearch, typed: SpecFile, mut options: RunOptions) -> Result<ExitCode> {
    let SizeSearch { smallest, largest: most, exact, enough } = sizes;
    let ends = (smallest, most);
    if smallest > most {
        return refuse(format!("--smallest {} is above --largest {}", smallest, most));
    }
    // One program at a time, so that it has all the memory.
    options.jobs = Some(1);
    let options = &options;
    let spec = with_batch(typed, ends)?;
    let Prepared { study, objective, .. } = run::ready(spec, options, Some("fit-batch"))?;
    if let Some(axis) =
        study.space.parameters.iter().find(|axis| axis.name != BATCH && axis.domain.levels().len() > 1)
    {
        return refuse(format!("{} has several values; fit-batch needs one value per setting", axis.name));
    }
    let folder = options.report.results.join(&study.name);
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let stop = Stop::on_signals()?;
    let executor = objective.executor(&study, &folder, &[], options, &stop)?;
    let mut search = Search {
        point: study.space.cell(0).unwrap_or_default(),
        seed: study.seed,
        executor: executor.as_ref(),
        enough,
        stop: &stop,
        options,
        tries: Vec::new(),
    };
    let found = largest(ends, exact, &mut |size| Ok(search.tried(size)))?;
    let document = json!({
        "format": "sweep-fit-batch",
        "version": 1,
        "study": study.name,
        "largest": found.fits,
        "too_large": found.too_large,
        "tries": search.tries,
    });
    files::write(&folder.join(DOCUMENT), &serde_json::to_vec_pretty(&document)?)?;
    if options.report.json {
        output::println(&serde_json::to_string_pretty(&document)?);
    }
    options.report.print(&summary(&found, most));
    Ok(match (found.whole, found.fits) {
        (true, Some(_)) => ExitCode::SUCCESS,
        _ if stop.requested() => ExitCode::from(130),
        _ => ExitCode::from(3),
    })
}

/// The specification with the batch size as an axis, ranked by its seconds by default.
fn with_batch(mut spec: SpecFile, (from, to): (u64, u64)) -> Result<SpecFile> {
    if spec.command.as_ref().is_none_or(|command| command.run.is_empty()) {
        return refuse(
            "fit-batch needs a command; write it after --, for example -- python train.py --batch {batch}",
        );
    }
    let catalogue = crate::catalogue::for_spec(&spec)?;
    let is_batch = |name: &str| catalogue.find(name).is_some_and(|entry| entry.name == BATCH);
    if let Some(name) = spec.names().find(|name| is_batch(name)) {
        return refuse(format!(
            "fit-batch searches {name} itself; leave it out and set the limits with --smallest 1 --largest 65536"
        ));
    }
    let sizes = if from == to { from.to_string() } else { format!("{from},{to}") };
    spec.axes.push(format!("{BATCH}={sizes}"));
    if spec.minimize.is_none() && spec.maximize.is_none() {
        spec.minimize = Some(SECONDS.to_owned());
    }
    Ok(spec)
}

/// A search under way.
struct Search<'a> {
    /// The other settings.
    point: Point,
    seed: u64,
    executor: &'a dyn Executor,
    enough: Option<Duration>,
    stop: &'a Stop,
    options: &'a RunOptions,
    /// The result of each size.
    tries: Vec<Json>,
}

impl Search<'_> {
    /// Runs the command at one batch size.
    fn tried(&mut self, size: u64) -> Fit {
        let mut point = self.point.clone();
        point.0.insert(BATCH.to_owned(), Value::Int(i64::try_from(size).unwrap_or(i64::MAX)));
        let trial = Planned { number: self.tries.len() as u64, point, replicate: 0, seed: self.seed };
        let begun = Instant::now();
        let long = || self.enough.is_some_and(|enough| begun.elapsed() >= enough);
        let stop = || self.stop.requested() || long();
        let ending = self.executor.run(&Segment::whole(trial), &stop, &mut |_| {});
        let (fit, why) = match ending.map(|ending| ending.outcome) {
            None if self.stop.requested() => (Fit::Unknown, "interrupted".to_owned()),
            None => (Fit::Fits, "fits: still running after --enough".to_owned()),
            Some(Outcome::Infeasible { reason }) => (Fit::TooLarge, format!("does not fit: {reason}")),
            Some(Outcome::Failed { reason }) => {
                (Fit::Unknown, format!("failed for another reason: {reason}"))
            }
            Some(_) => (Fit::Fits, "fits".to_owned()),
        };
        let seconds = begun.elapsed().as_secs_f64();
        self.options.report.print(&format!("batch size {size} {why} ({seconds:.1} s)"));
        let fits = match fit {
            Fit::Fits => Some(true),
            Fit::TooLarge => Some(false),
            Fit::Unknown => None,
        };
        self.tries.push(json!({ (BATCH): size, "fits": fits, "said": why, "seconds": seconds }));
        fit
    }
}

/// The result, as a sentence.
fn summary(found: &Found, to: u64) -> String {
    match (found.fits, found.too_large, found.whole) {
        (Some(fits), _, true) if fits == to => {
            format!("The largest batch size tried, {fits}, fits; to try larger ones, raise --largest.")
        }
        (Some(fits), Some(larger), true) => {
            format!("The largest batch size that fits is {fits}; {larger} does not.")
        }
        (None, Some(least), true) => {
            format!("No batch size fits: {least} does not; to try smaller ones, lower --smallest.")
        }
        (Some(fits), ..) => format!("The search ended early: {fits} fits; larger sizes were not tested."),
        (None, ..) => "The search ended early, before any batch size fitted.".to_owned(),
    }
}
