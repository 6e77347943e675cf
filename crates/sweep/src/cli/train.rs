//! `sweep train`: one training run.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde_json::json;
use sweep_study::{Metrics, Point, SpecFile};

use super::args::{Running, Spec};
use crate::event::{Ending, Planned, Reading, Segment};
use crate::executor::native::test_figures;
use crate::refusal::refuse;
use crate::stop::Stop;
use crate::study::memory;
use crate::study::objective::Objective;
use crate::study::prepare::{Prepared, prepare};
use crate::study::progress;
use crate::study::run;
use crate::{files, output};

/// Trains once; nothing is stored unless the run is given a name.
#[derive(Args)]
pub struct Train {
    #[command(flatten)]
    spec: Spec,
    #[command(flatten)]
    running: Running,
    /// Print text of N tokens that a language model writes on from the beginning of the validation part
    #[arg(long, value_name = "N")]
    sample: Option<usize>,
}

impl Train {
    /// Trains and prints each reading, then the test figures.
    pub fn run(self) -> Result<ExitCode> {
        let named = self.spec.name.is_some();
        let spec = self.spec.over(SpecFile { sampler: Some("grid".to_owned()), ..SpecFile::default() });
        if named || self.running.dry_run {
            return run::start(&spec, &self.running);
        }
        let Prepared { study, objective, .. } = prepare(&spec, u64::MAX)?;
        let Objective::Native(executor) = objective else {
            return refuse("train runs the built-in trainer; `sweep grid` runs commands");
        };
        let Some(point) = study.space.cell(0).filter(|_| study.space.cells() == 1 && study.replicates == 1)
        else {
            return refuse("train runs one point once; use `sweep grid` for several values or replicates");
        };
        let trial = Planned { number: 0, point, replicate: 0, seed: study.seed };
        memory::check(&executor, std::slice::from_ref(&trial), 1, self.running.max_memory)?;
        let stop = Stop::on_signals()?;
        let output = &self.running.output;
        let quiet = output.quiet || output.place.json;
        let mut readings = Vec::new();
        let (mut sample, mut weights) = (None, None);
        let mut report = |reading: Reading| {
            if !quiet {
                output::println(&line(reading.step, reading.epoch, &reading.metrics));
            }
            readings.push(
                json!({ "step": reading.step, "epoch": reading.epoch, "metrics": finite(&reading.metrics) }),
            );
        };
        let end =
            executor.train(&Segment::whole(trial.clone()), &|| stop.requested(), &mut report, &mut |run| {
                sample = self.sample.map(|tokens| run.sample(tokens, study.seed));
                weights = self.running.save_best.then(|| run.weights());
                test_figures(run)
            });
        let Some(ending) = end else { return Ok(ExitCode::from(130)) };
        if output.place.json {
            let mut document = document(&trial.point, &ending, readings)?;
            if let (Some(sample), Some(fields)) = (&sample, document.as_object_mut()) {
                fields.insert("sample".to_owned(), json!(sample));
            }
            output::println(&serde_json::to_string_pretty(&document)?);
        } else {
            output::println(&summary(&ending));
            match sample {
                Some(Some(text)) => output::println(&format!("\n{text}")),
                Some(None) => {
                    output::eprintln("--sample goes with language models; this network writes no text")
                }
                None => {}
            }
        }
        if let Some(weights) = weights.transpose()? {
            files::write(Path::new("best.npz"), &weights)?;
            output::eprintln("weights: best.npz");
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn line(step: u64, epoch: f64, metrics: &Metrics) -> String {
    let lr = metrics.get("lr").copied().unwrap_or(f64::NAN);
    let figures = figures(metrics, &["train_loss", "val_loss", "val_accuracy", "return"]).join("  ");
    format!("epoch {epoch:<5.4} step {step:<7} lr {lr:<8.3} {figures}")
}

/// Those of `names` that were measured, each with its figure.
fn figures(metrics: &Metrics, names: &[&str]) -> Vec<String> {
    let figure = |name: &&str| Some(format!("{name} {:.4}", metrics.get(*name)?));
    names.iter().filter_map(figure).collect()
}

fn summary(ending: &Ending) -> String {
    let told = progress::told(&ending.outcome, &ending.metrics);
    let figures = figures(&ending.metrics, &["test_loss", "test_accuracy", "test_return"]);
    [vec![told], figures].concat().join(", ")
}

fn document(point: &Point, ending: &Ending, curve: Vec<serde_json::Value>) -> Result<serde_json::Value> {
    let mut document = serde_json::to_value(&ending.outcome)?;
    if let Some(fields) = document.as_object_mut() {
        fields.insert("params".to_owned(), serde_json::to_value(point)?);
        fields.insert("steps".to_owned(), json!(ending.steps));
        fields.insert("epochs".to_owned(), json!(ending.epochs));
        fields.insert("metrics".to_owned(), finite(&ending.metrics));
        fields.insert("curve".to_owned(), json!(curve));
    }
    Ok(document)
}

/// Metrics as JSON; what is not finite becomes null.
fn finite(metrics: &Metrics) -> serde_json::Value {
    metrics.iter().map(|(name, value)| (name.clone(), json!(value))).collect::<serde_json::Map<_, _>>().into()
}
