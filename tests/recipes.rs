//! The scripts that show how to sweep one's own: each runs as it is, and continues after a pause, where Python has its
//! packages.

#![cfg(target_os = "linux")]

use std::process::Command;

use serde_json::Value;

use crate::command::processes;
use crate::skipped::skipped;
use crate::support::{Bench, Ran};

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../sweeps/scripts");

/// How far the last loss after a pause may lie from that without one. The scripts draw the order of the examples anew
/// from seed and epoch, or restore it, so they differ at most by the order in which threads add numbers.
const TOLERANCE: f64 = 2e-3;

struct Recipe {
    script: &'static str,
    /// The packages that it needs.
    packages: &'static str,
    /// What starts it.
    launcher: &'static str,
    /// The metric that it prints.
    metric: &'static str,
    /// Its parameters.
    axes: &'static str,
    /// The file that is there once its first checkpoint is whole.
    saved: &'static str,
}

const PYTHON: Recipe = Recipe {
    script: "plain_torch.py",
    packages: "torch",
    launcher: "python3",
    metric: "val_loss",
    axes: "lr=0.03,0.1 batch=32",
    saved: "plain.pt",
};

#[test]
fn plain_torch() {
    check(&PYTHON);
}

#[test]
fn lightning() {
    check(&Recipe { script: "lightning_mlp.py", packages: "lightning", saved: "last.ckpt", ..PYTHON });
}

#[test]
fn hugging_face() {
    let packages = "transformers, accelerate";
    let axes = "lr=0.003,0.01 batch=32";
    check(&Recipe {
        script: "hf_trainer.py",
        packages,
        metric: "eval_loss",
        axes,
        saved: "last.txt",
        ..PYTHON
    });
}

#[test]
fn keras() {
    check(&Recipe { script: "keras_mlp.py", packages: "keras, tensorflow", saved: "model.keras", ..PYTHON });
}

#[test]
fn tensorflow() {
    check(&Recipe { script: "tensorflow_loop.py", packages: "tensorflow", saved: "checkpoint", ..PYTHON });
}

#[test]
fn jax() {
    check(&Recipe { script: "jax_mlp.py", packages: "jax", saved: "weights.npz", ..PYTHON });
}

#[test]
fn hydra() {
    let axes = "optim.lr=0.03,0.1 batch=32 --style hydra --roles lr=optim.lr";
    check(&Recipe { script: "hydra_app.py", packages: "hydra, torch", axes, saved: "hydra.pt", ..PYTHON });
}

#[test]
fn scikit_learn() {
    check(&Recipe { script: "sklearn_mlp.py", packages: "sklearn", saved: "model.joblib", ..PYTHON });
}

#[test]
fn torchrun() {
    let launcher = "torchrun --standalone --nproc_per_node=2";
    let axes = "lr=0.03,0.1 per_device=16 --batch-is per_device*2";
    check(&Recipe { script: "torchrun_ddp.py", launcher, axes, saved: "ddp.pt", ..PYTHON });
}

/// Runs a recipe as it is; then under a pruner that pauses both trials after the first of eight epochs and continues
/// the better one, which must end as it did before.
fn check(recipe: &Recipe) {
    let Recipe { script, packages, launcher, saved, .. } = recipe;
    let program = launcher.split(' ').next().unwrap();
    let found = Command::new("python3").args(["-c", &format!("import {packages}")]).output();
    let starts = Command::new("sh").args(["-c", &format!("command -v {program}")]).output();
    if ![found, starts].into_iter().all(|ran| ran.is_ok_and(|output| output.status.success())) {
        let why = format!("Python cannot import {packages}, or there is no {program}");
        return skipped(&format!("sweeps/scripts/{script}"), &why);
    }
    let bench = Bench::new();
    let whole = trials(&bench, recipe, "whole", "");
    for trial in &whole {
        let value = last(trial, recipe);
        assert!(value > 0.0 && value < 0.75, "{script}: {value}");
        assert_eq!(trial["curve"].as_array().unwrap().len(), 8, "{script}");
        assert_eq!(trial["epochs"], 8.0, "{script}");
    }
    assert_ne!(last(&whole[0], recipe), last(&whole[1], recipe), "{script}");
    let pruner = "--pruner asha --pruner-set eta=8 --pruner-set rungs=2";
    let paused = trials(&bench, recipe, "paused", pruner);
    let outcomes: Vec<&Value> = paused.iter().map(|trial| &trial["outcome"]).collect();
    assert!(outcomes.contains(&&"pruned".into()) && outcomes.contains(&&"complete".into()), "{outcomes:?}");
    for (trial, whole) in paused.iter().zip(&whole).filter(|(trial, _)| trial["outcome"] == "complete") {
        let (after, before) = (last(trial, recipe), last(whole, recipe));
        assert!((after - before).abs() < TOLERANCE, "{script}: {after} after a pause, {before} without");
        assert_eq!(
            trial["curve"].as_array().unwrap().len(),
            8,
            "{script}: an epoch is missing or there twice"
        );
    }
    for number in 0..2 {
        let attempts = bench.path(&format!("results/paused/trials/00000{number}/attempts"));
        // A trial that was paused right after its first line may have had no time to save, or to end at all.
        if !attempts.join("1/checkpoint").join(saved).exists() || !attempts.join("2").exists() {
            continue;
        }
        for log in ["stdout.log", "stderr.log"] {
            let text = std::fs::read_to_string(attempts.join("2").join(log)).unwrap();
            let firsts = ["epoch 1 ", "epoch=1 ", "Epoch 1/", "'epoch': '1'"];
            let anew = firsts.iter().find(|first| text.contains(*first));
            assert_eq!(anew, None, "{script} did not load its checkpoint:\n{text}");
        }
    }
    assert_eq!(processes(&bench), Vec::<String>::new(), "{script}");
}

/// The trials of a study of the recipe over eight epochs, with `more` options.
fn trials(bench: &Bench, recipe: &Recipe, name: &str, more: &str) -> Vec<Value> {
    let Recipe { script, launcher, metric, axes, .. } = recipe;
    let words =
        format!("grid {axes} --epochs 8 --minimize {metric} --jobs 1 --quiet --name {name} {more} --");
    let mut sweep = bench.command(&format!("{words} {launcher}"));
    let ran = Ran::of(script, sweep.arg(format!("{SCRIPTS}/{script}")).output().unwrap());
    assert_eq!(ran.code, Some(0), "{script}: {}\n{}", ran.stdout, ran.stderr);
    bench.results(name)["trials"].as_array().unwrap().clone()
}

fn last(trial: &Value, recipe: &Recipe) -> f64 {
    trial["metrics"][recipe.metric].as_f64().unwrap()
}
