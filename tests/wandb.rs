//! W&B sweep files, run unchanged, and scripts that report through `wandb`. Skipped with a note if there is no Python.

#![cfg(target_os = "linux")]

use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::python::{PYTHON, there};
use crate::support::{Bench, Ran, read_json};

/// A bench with the sweep file `name`, the script `train.py`, and a program `python`.
fn bench(name: &str, script: &str) -> Bench {
    let bench = Bench::new();
    let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/wandb");
    std::fs::copy(fixtures.join(name), bench.path(name)).unwrap();
    std::fs::write(bench.path("train.py"), script).unwrap();
    std::fs::create_dir(bench.path("bin")).unwrap();
    let python = bench.path("bin/python");
    std::fs::write(&python, format!("#!/bin/sh\nexec {PYTHON} \"$@\"\n")).unwrap();
    std::fs::set_permissions(&python, std::fs::Permissions::from_mode(0o755)).unwrap();
    bench
}

fn run(bench: &Bench, words: &str) -> Ran {
    let path = format!("{}:{}", bench.path("bin").display(), std::env::var("PATH").unwrap());
    let mut sweep = bench.command(words);
    Ran::of(words, sweep.env("PATH", path).env("SWEEP_TEST_DATA", "a b").output().unwrap())
}

const GRID: &str = r#"
import json, sys
import wandb
with wandb.init(project="x", config={"momentum": 0.9, "batch_size": 1}) as run:
    config = wandb.config
    assert json.load(open(sys.argv[-1])) == {k: v for k, v in config.items() if k != "momentum"}
    assert config.note is None and config["decay"] == 1e-5 and "momentum" in config and run.config is config
    run.watch(None)
    for epoch in range(config.epochs):
        loss = config.optimizer["lr"] * sum(config.layers) / config.batch_size / (epoch + 1)
        wandb.log({"val": {"other": 1}, "picture": wandb.Image(None)}, step=10 * epoch)
        wandb.log({"val/loss": loss, "epoch": epoch + 1}, step=10 * epoch)
    run.summary["test_accuracy"] = 0.5
"#;

#[test]
fn a_grid_runs_the_commands_that_wandb_documents() {
    if !there("the commands of a W&B grid") {
        return;
    }
    let bench = bench("grid.yaml", GRID);
    let ran = run(&bench, "run grid.yaml --quiet --jobs 2");
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
    assert!(!ran.stderr.contains("differences from W&B"), "{}", ran.stderr);
    let results = bench.results("Every-form-of-a-grid");
    let page = std::fs::read_to_string(bench.path("results/Every-form-of-a-grid/report.html")).unwrap();
    assert!(page.contains("sweep run grid.yaml"), "the page says how to run the study again");
    let trials = results["trials"].as_array().unwrap();
    assert_eq!(trials.len(), 16);
    let folder = bench.path("results/Every-form-of-a-grid/trials");
    let mut commands: Vec<Vec<String>> = (0..16)
        .map(|number| {
            let trial = read_json(&folder.join(format!("{number:06}/trial.json")));
            serde_json::from_value(trial["command"].clone()).unwrap()
        })
        .collect();
    commands.iter_mut().for_each(|words| assert!(words.pop().unwrap().ends_with("args.json")));
    let line = |amp: &str, batch: u32, layers: &str, lr: &str| {
        let fixed = ["/usr/bin/env", "python", "train.py", "--data=a b"].map(str::to_owned).to_vec();
        let arguments = [
            format!("--amp={amp}"),
            format!("--batch_size={batch}"),
            "--decay=1e-05".to_owned(),
            "--epochs=3".to_owned(),
            format!("--layers={layers}"),
            "--note=None".to_owned(),
            format!("--optimizer={{'lr': {lr}, 'name': 'sgd'}}"),
        ];
        [fixed, arguments.to_vec()].concat()
    };
    let mut expected = Vec::new();
    for amp in ["True", "False"] {
        for batch in [32, 64] {
            for layers in ["[8, 4]", "[16]"] {
                expected.extend(["0.001", "0.01"].map(|lr| line(amp, batch, layers, lr)));
            }
        }
    }
    commands.sort();
    expected.sort();
    assert_eq!(commands, expected);
    let best = &results["best"];
    assert_eq!((&best["params"]["batch"], &best["params"]["optimizer.lr"]), (&json!(64), &json!(0.001)));
    let trial = &trials[0];
    assert_eq!((&trial["epochs"], trial["curve"].as_array().unwrap().len()), (&json!(3.0), 3));
    assert_eq!(trial["curve"][1]["step"], 10);
}

const HYPERBAND: &str = r#"
import wandb
wandb.init()
for report in range(9):
    wandb.log({"unrelated": 1})
    wandb.log({"accuracy": wandb.config.quality * (report + 1)})
"#;

#[test]
fn hyperband_stops_runs_at_its_brackets() {
    if !there("Hyperband as W&B does it") {
        return;
    }
    let bench = bench("hyperband.yaml", HYPERBAND);
    let ran = run(&bench, "run hyperband.yaml --quiet --jobs 2 --grace 1s");
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("counts as an epoch, and 9 of them"), "{}", ran.stderr);
    let results = bench.results("hyperband");
    let trials = results["trials"].as_array().unwrap();
    let of = |outcome: &str| -> Vec<&Value> {
        trials.iter().filter(|trial| trial["outcome"] == outcome).collect()
    };
    assert_eq!((trials.len(), of("complete").len() + of("pruned").len()), (12, 12));
    let quality = |trial: &Value| trial["params"]["quality"].as_f64().unwrap();
    let best = trials.iter().map(quality).fold(0.0, f64::max);
    assert_eq!(results["best"]["params"]["quality"], best);
    for trial in of("pruned") {
        // Brackets stand at 1 and 3 reports of the metric, of 9.
        let epochs = trial["epochs"].as_f64().unwrap();
        assert!((epochs - 1.0).abs() < 1e-6 || (epochs - 3.0).abs() < 1e-6, "{epochs}");
    }
    assert!(of("pruned").len() >= 3, "{}", of("pruned").len());
}

#[test]
fn everything_unsupported_is_listed_at_once() {
    let bench = bench("faults.yaml", "");
    let ran = bench.run("run faults.yaml");
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    for part in [
        "method: evolve",
        "run_cap: 0",
        "metric.goal: lower",
        "early_terminate.type: \"envelope\"",
        "lr has no value, values, or min and max",
        "width: beta is not a supported distribution",
        "depth: 3 must have value",
        "program, the training script to run, is missing",
    ] {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
    std::fs::write(bench.path("other.yaml"), "a: 1").unwrap();
    assert!(bench.run("run other.yaml").stderr.contains("not a W&B sweep file"));
}

#[test]
fn scripts_import_the_real_module_where_that_is_asked_for() {
    if !there("the real wandb module") {
        return;
    }
    let bench = bench("hyperband.yaml", "import wandb\nprint('{\"accuracy\": 0.5}')");
    std::fs::write(bench.path("wandb.py"), "print('real')").unwrap();
    std::fs::write(
        bench.path("bare.yaml"),
        "program: train.py\nmethod: grid\nparameters: {x: {values: [1, 2]}}",
    )
    .unwrap();
    std::fs::create_dir(bench.path("modules")).unwrap();
    std::fs::rename(bench.path("wandb.py"), bench.path("modules/wandb.py")).unwrap();
    for (option, there) in [("", false), ("--real-wandb --fresh", true)] {
        let path = format!("{}:{}", bench.path("bin").display(), std::env::var("PATH").unwrap());
        let words = format!("run bare.yaml --quiet --maximize accuracy {option}");
        let mut sweep = bench.command(&words);
        let ran = sweep.env("PATH", path).env("PYTHONPATH", bench.path("modules")).output().unwrap();
        assert!(ran.status.success(), "{words}");
        let name = if there { "bare-2" } else { "bare" };
        let log = bench.path(&format!("results/{name}/trials/000000/attempts/1/stdout.log"));
        assert_eq!(std::fs::read_to_string(log).unwrap().contains("real"), there, "{words}");
    }
}
