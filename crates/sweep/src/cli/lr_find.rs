//! `sweep lr-find`: the rates at which learning starts, is fastest and diverges, per batch size.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use sweep_core::range_test::OWN_SETTINGS;
use sweep_report::decide::range::{self, NOTE};
use sweep_settings::{names, plain};
use sweep_study::{Axis, Domain, SpecFile, Split, Study};

use super::args::PlaceArgs;
use super::args::spec::DataArgs;
use super::choices;
use crate::options::jobs;
use crate::output;
use crate::refusal::refuse;
use crate::study::lr_range::{Finished, Options, REPLICATES, Test};

/// Ramps the learning rate η exponentially at each batch size, and probes for the edge of stability at constant η.
#[derive(Args)]
#[command(after_help = "\
Examples:
  sweep lr-find batch=16,64,256
  sweep lr-find batch=64 optimizer=adam lr=1e-6..1 --replicates 10
  sweep grid lr=@find batch=16,64,256             a grid over the range found
  sweep grid lr=@find:9 batch=16,64,256           … with nine rates

`sweep grid --help` lists the settings of the trainer.")]
pub struct LrFind {
    /// Batch sizes and fixed settings, such as batch=16,64,256 optimizer=adam; range of the ramp [default: lr=1e-5..10]
    #[arg(value_name = "NAME=VALUES")]
    axes: Vec<String>,
    /// Number of seeds per ramp and per probe
    #[arg(long, value_name = "N", default_value_t = REPLICATES, value_parser = clap::value_parser!(u32).range(1..=1000))]
    replicates: u32,
    /// First seed
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Optimizer steps per ramp [default: 8 per decade of η, or 384 examples' worth if that is more]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(12..=10_000_000))]
    ramp_steps: Option<u64>,
    /// Optimizer steps per probe at constant η [default: 100, or 16,384 examples' worth if that is more]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    probe_steps: Option<u64>,
    #[command(flatten)]
    source: DataArgs,
    /// Number of ramps and probes to run in parallel [default: number of cores]
    #[arg(long, short, value_name = "N", value_parser = choices::jobs)]
    jobs: Option<usize>,
    #[command(flatten)]
    place: PlaceArgs,
    /// Show no progress
    #[arg(long, short)]
    quiet: bool,
}

impl LrFind {
    /// Runs the test, prints the rates found and writes chart and document. Exit code 3, with the reason, if the loss
    /// falls on no curve.
    pub fn run(self) -> Result<ExitCode> {
        foreign(&self.axes)?;
        let spec = SpecFile {
            axes: self.axes,
            seed: Some(self.seed),
            sampler: Some("grid".to_owned()),
            ..self.source.over(SpecFile::default())
        };
        let study = spec.resolve(&crate::catalogue::native())?;
        let options = Options {
            lr: rates(&study)?,
            ramp_steps: self.ramp_steps,
            probe_steps: self.probe_steps,
            replicates: self.replicates,
        };
        let test = Test::new(&study, options)?;
        let finished = test.run(jobs(self.jobs), self.quiet)?;
        let written = test.keep(&finished, &self.place.results)?;
        if self.place.json {
            output::println(&serde_json::to_string_pretty(&finished.document)?);
        } else {
            output::println(&range::table(&finished.record, &finished.facts));
        }
        let Some(range) = finished.facts.range else {
            output::eprintln("the loss falls on no curve, so there is no range of useful learning rates");
            return Ok(ExitCode::from(3));
        };
        if !self.place.json {
            output::println(&format!("{NOTE}\n  sweep grid {}\n", sweep(&study, &finished, range)));
            written.iter().for_each(|path| output::println(&path.display().to_string()));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Refuses settings that a range test sets itself.
fn foreign(axes: &[String]) -> Result<()> {
    let catalogue = crate::catalogue::native();
    for text in axes {
        let name = Axis::read(text)?.name;
        let name = catalogue.find(&name).map_or(name, |entry| entry.name);
        if name != names::LR && (OWN_SETTINGS.contains(&name.as_str()) || name.starts_with("schedule.")) {
            return refuse(format!("{text} is not allowed: a range test sets {name} itself; leave it out"));
        }
    }
    Ok(())
}

/// The typed range of the ramps.
fn rates(study: &Study) -> Result<Option<(f64, f64)>> {
    match study.space.get(names::LR).map(|axis| &axis.domain) {
        None => Ok(None),
        Some(Domain::Interval { low, high, .. }) => Ok(Some((*low, *high))),
        Some(_) => refuse("lr must be a range in a range test, such as lr=1e-6..1, or be left out"),
    }
}

/// Arguments for the grid to run next: the range found, the batch sizes, and everything else as given.
fn sweep(study: &Study, finished: &Finished, (low, high): (f64, f64)) -> String {
    let batches: Vec<String> = finished.record.batches.iter().map(|batch| batch.batch.to_string()).collect();
    let mut words = vec![format!("lr={}..{} batch={}", plain(low), plain(high), batches.join(","))];
    let fixed =
        study.space.parameters.iter().filter(|axis| !matches!(axis.name.as_str(), names::LR | names::BATCH));
    words.extend(fixed.filter_map(|axis| Some(format!("{}={}", axis.name, axis.domain.levels().first()?))));
    let data = Some(study.data.clone()).filter(|data| data != "mnist");
    let length = study.length.map(|length| length.to_string());
    let split = (study.split == Split::Textbook).then(|| "textbook".to_owned());
    let given = [
        ("data", data),
        ("label", study.label.clone()),
        ("task", study.task.clone()),
        ("text", study.text.clone()),
        ("tokens", study.tokens.clone()),
        ("length", length),
        ("split", split),
    ];
    words.extend(given.into_iter().filter_map(|(name, value)| Some(format!("--{name} {}", value?))));
    words.join(" ")
}
