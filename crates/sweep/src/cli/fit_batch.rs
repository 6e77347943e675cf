//! `sweep fit-batch`: the largest batch size of a command that fits into memory.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;
use serde_json::{Value as Json, json};
use sweep_study::{Outcome, Point, SECONDS, SpecFile, Value};

use super::args::{Running, Spec};
use crate::event::{Planned, Segment};
use crate::executor::Executor;
use crate::refusal::refuse;
use crate::stop::Stop;
use crate::study::largest_batch::{Fit, Found, largest};
use crate::study::prepare::Prepared;
use crate::study::run::{self, tell};
use crate::{files, output};

/// The parameter whose size is looked for.
const BATCH: &str = "batch";

/// The file that says what was found, in the study's folder.
const DOCUMENT: &str = "fit-batch.json";

/// Doubles the batch size until the command runs out of memory, then halves what lies between.
#[derive(Args)]
#[command(after_help = "\
A batch size does not fit where the program ends with a message of CUDA, XLA or the like that memory is used up, or with
exit code 137. One that ends well, or still runs after --enough, fits; where it fails otherwise, the search ends.

Examples:
  sweep fit-batch --enough 60s -- python train.py --batch-size {batch}
  sweep fit-batch lr=0.1 --smallest 32 --largest 4096 --exact --json -- python train.py")]
pub struct FitBatch {
    /// The first batch size
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1 << 40))]
    smallest: u64,
    /// The largest batch size to try
    #[arg(long, value_name = "N", default_value_t = 65_536, value_parser = clap::value_parser!(u64).range(1..=1 << 40))]
    largest: u64,
    /// Find the size to the last example, not to an eighth of a power of two
    #[arg(long)]
    exact: bool,
    /// Take a size for fitting once it has run so long, as in 60s [default: to its end]
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    enough: Option<Duration>,
    #[command(flatten)]
    spec: Spec,
    #[command(flatten)]
    running: Running,
}

impl FitBatch {
    /// Searches, and says what was found. Exit code 3 where no size fits or a program fails otherwise.
    pub fn run(mut self) -> Result<ExitCode> {
        let ends = (self.smallest, self.largest);
        if self.smallest > self.largest {
            return refuse(format!("--smallest {} lies above --largest {}", self.smallest, self.largest));
        }
        // One program has the memory for itself.
        self.running.jobs = Some(1);
        let spec = with_batch(self.spec.over(SpecFile::default()), ends)?;
        let Prepared { study, objective, .. } = run::ready(spec, &self.running, Some("fit-batch"))?;
        if let Some(axis) =
            study.space.parameters.iter().find(|axis| axis.name != BATCH && axis.domain.levels().len() > 1)
        {
            return refuse(format!("{} has several values; fit-batch is for one of each setting", axis.name));
        }
        let folder = self.running.output.place.results.join(&study.name);
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let stop = Stop::on_signals()?;
        let executor = objective.executor(&study, &folder, &[], &self.running, &stop)?;
        let mut search = Search {
            point: study.space.cell(0).unwrap_or_default(),
            seed: study.seed,
            executor: executor.as_ref(),
            enough: self.enough,
            stop: &stop,
            running: &self.running,
            tries: Vec::new(),
        };
        let found = largest(ends, self.exact, &mut |size| Ok(search.tried(size)))?;
        let document = json!({
            "format": "sweep-fit-batch",
            "version": 1,
            "study": study.name,
            "largest": found.fits,
            "too_large": found.too_large,
            "tries": search.tries,
        });
        files::write(&folder.join(DOCUMENT), &serde_json::to_vec_pretty(&document)?)?;
        if self.running.output.place.json {
            output::println(&serde_json::to_string_pretty(&document)?);
        }
        tell(&self.running, &said(&found, self.largest));
        Ok(match (found.whole, found.fits) {
            (true, Some(_)) => ExitCode::SUCCESS,
            _ if stop.requested() => ExitCode::from(130),
            _ => ExitCode::from(3),
        })
    }
}

/// The specification with the batch size as an axis, judged by its seconds where nothing else is said.
fn with_batch(mut spec: SpecFile, (from, to): (u64, u64)) -> Result<SpecFile> {
    if spec.command.as_ref().is_none_or(|command| command.run.is_empty()) {
        return refuse(
            "fit-batch is for commands; write one after --, as in -- python train.py --batch {batch}",
        );
    }
    let catalogue = crate::catalogue::of(&spec)?;
    let is_batch = |name: &str| catalogue.find(name).is_some_and(|entry| entry.name == BATCH);
    if let Some(name) = spec.names().find(|name| is_batch(name)) {
        return refuse(format!(
            "fit-batch looks for {name} itself; give its ends as --smallest 1 --largest 65536"
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
    running: &'a Running,
    /// What each size came to.
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
            None => (Fit::Fits, "fits: it has run long enough".to_owned()),
            Some(Outcome::Infeasible { reason }) => (Fit::TooLarge, format!("does not fit: {reason}")),
            Some(Outcome::Failed { reason }) => (Fit::Unknown, format!("failed otherwise: {reason}")),
            Some(_) => (Fit::Fits, "fits".to_owned()),
        };
        let seconds = begun.elapsed().as_secs_f64();
        tell(self.running, &format!("batch size {size} {why} ({seconds:.1} s)"));
        let fits = match fit {
            Fit::Fits => Some(true),
            Fit::TooLarge => Some(false),
            Fit::Unknown => None,
        };
        self.tries.push(json!({ "batch": size, "fits": fits, "said": why, "seconds": seconds }));
        fit
    }
}

/// What was found, in a sentence.
fn said(found: &Found, to: u64) -> String {
    match (found.fits, found.too_large, found.whole) {
        (Some(fits), _, true) if fits == to => {
            format!("The largest batch size tried, {fits}, fits; larger ones are tried with --largest.")
        }
        (Some(fits), Some(larger), true) => {
            format!("The largest batch size that fits is {fits}; {larger} does not.")
        }
        (None, Some(least), true) => {
            format!("No batch size fits: {least} does not; try smaller ones with --smallest.")
        }
        (Some(fits), ..) => format!("The search ended early: {fits} fits, and more is not known."),
        (None, ..) => "The search ended early, before any batch size fitted.".to_owned(),
    }
}
