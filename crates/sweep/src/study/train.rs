//! One training run, printed as it goes.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;
use sweep_settings::names;
use sweep_study::{Goal, Metrics, Point, SpecFile};

use crate::event::{Ending, Planned, Reading, Segment};
use crate::executor::native::test_figures;
use crate::options::RunOptions;
use crate::refusal::refuse;
use crate::stop::Stop;
use crate::study::memory;
use crate::study::objective::Objective;
use crate::study::prepare::{Prepared, prepare};
use crate::study::progress;
use crate::study::run;
use crate::{files, output};

/// Trains `spec` once and prints each reading, then the test figures, and text of so many `tokens` where it is a
/// language model. A run that has a name is stored as a study.
///
/// # Errors
/// A specification that cannot be meant, or that is more than one run.
pub fn train(spec: &SpecFile, tokens: Option<usize>, options: &RunOptions) -> Result<ExitCode> {
    if spec.name.is_some() || options.dry_run {
        return run::start(spec, options, None);
    }
    let Prepared { study, objective, .. } = prepare(spec, u64::MAX)?;
    let Objective::Native(executor) = objective else {
        return refuse("train works only with the built-in trainer; run commands with `sweep grid`");
    };
    let Some(point) = study.space.cell(0).filter(|_| study.space.cells() == 1 && study.replicates == 1)
    else {
        return refuse("train runs one point once; for several values or replicates use `sweep grid`");
    };
    let trial = Planned { number: 0, point, replicate: 0, seed: study.seed };
    memory::check(&executor, std::slice::from_ref(&trial), 1, options.max_memory)?;
    let stop = Stop::on_signals()?;
    let quiet = options.report.quiet || options.report.json;
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
    let end = executor.train(&Segment::whole(trial.clone()), &|| stop.requested(), &mut report, &mut |run| {
        sample = tokens.map(|tokens| run.sample(tokens, study.seed));
        weights = options.save_best.then(|| run.weights());
        test_figures(run)
    });
    let Some(ending) = end else { return Ok(ExitCode::from(130)) };
    if options.report.json {
        let mut document = document(&trial.point, &ending, readings)?;
        if let (Some(sample), Some(fields)) = (&sample, document.as_object_mut()) {
            fields.insert("sample".to_owned(), json!(sample));
        }
        output::println(&serde_json::to_string_pretty(&document)?);
    } else {
        output::println(&summary(&ending, &study.goal));
        match sample {
            Some(Some(text)) => output::println(&format!("\n{text}")),
            Some(None) => output::eprintln(
                "--sample works only with language models; this model does not generate text",
            ),
            None => {}
        }
    }
    if let Some(weights) = weights.transpose()? {
        files::write(Path::new("best.npz"), &weights)?;
        output::eprintln("weights: best.npz");
    }
    Ok(ExitCode::SUCCESS)
}

fn line(step: u64, epoch: f64, metrics: &Metrics) -> String {
    let lr = metrics.get(names::LR).copied().unwrap_or(f64::NAN);
    let figures = figures(metrics, &["train_loss", "val_loss", "val_accuracy", "return"]).join("  ");
    format!("epoch {epoch:<5.4} step {step:<7} lr {lr:<8.3} {figures}")
}

/// The measured ones of `names`, each with its value.
fn figures(metrics: &Metrics, names: &[&str]) -> Vec<String> {
    let figure = |name: &&str| Some(format!("{name} {:.4}", metrics.get(*name)?));
    names.iter().filter_map(figure).collect()
}

fn summary(ending: &Ending, goal: &Goal) -> String {
    let outcome = progress::outcome_text(&ending.outcome, &ending.metrics, goal);
    let figures = figures(&ending.metrics, &["test_loss", "test_accuracy", "test_return"]);
    [vec![outcome], figures].concat().join(", ")
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
