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
    assert_eq!((&best["params"]["batch"], &best["params"]["lr"]), (&json!(64), &json!(0.001)));
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

/// A bench with the sweep file `text`, and the script `notes.sh` as `python`, which notes its arguments.
fn noting(text: &str) -> Bench {
    let bench = Bench::new();
    std::fs::write(bench.path("sweep.yaml"), text).unwrap();
    std::fs::create_dir(bench.path("bin")).unwrap();
    let python = bench.path("bin/python");
    let script =
        "#!/bin/sh\n[ \"$1\" = -c ] && exit\necho \"$@\" >> argv\necho '{\"step\": 1, \"val_loss\": 0.5}'\n";
    std::fs::write(&python, script).unwrap();
    std::fs::set_permissions(&python, std::fs::Permissions::from_mode(0o755)).unwrap();
    bench
}

fn noted(bench: &Bench) -> Vec<String> {
    let text = std::fs::read_to_string(bench.path("argv")).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn a_sweep_file_means_what_python_reads_in_it() {
    let bench = noting(
        "\u{feff}program: a.py\nmethod: grid\nmetric: {name: val_loss}\nparameters:\n  amp: &flags {values: [yes, No]}\n  \
         bias: {<<: *flags}\n  k: {value: 010}\n  n: {value: 1_000}\n  clip: {value: .inf}\n  word: {value: 'on'}\n",
    );
    let ran = run(&bench, "run sweep.yaml --quiet");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let lines = noted(&bench);
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[0], "a.py --amp=False --bias=False --clip=inf --k=8 --n=1000 --word=on");
}

#[test]
fn the_seed_of_a_sweep_file_is_a_replicate() {
    let bench = noting(
        "program: a.py\nmethod: grid\nmetric: {name: val_loss}\nparameters:\n  lr: {values: [0.1, 1]}\n  train:\n    \
         parameters:\n      seed: {values: [3, 7]}\n",
    );
    let ran = run(&bench, "run sweep.yaml --quiet");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("train.seed is not searched: its 2 values are replicates"), "{}", ran.stderr);
    let seeded = |lr: &str, seed: u32| format!("a.py --lr={lr} --train={{'seed': {seed}}}");
    assert_eq!(noted(&bench), [seeded("0.1", 3), seeded("0.1", 7), seeded("1", 3), seeded("1", 7)]);
    let results = bench.results("sweep");
    assert_eq!(results["trials"].as_array().unwrap().len(), 4);
    assert!(results["trials"][0]["params"].get("train.seed").is_none());
}

#[test]
fn a_command_that_is_typed_takes_the_place_of_a_missing_program() {
    let bench = noting("method: grid\nmetric: {name: val_loss}\nparameters: {lr: {values: [0.1]}}\n");
    let refused = run(&bench, "run sweep.yaml --dry-run");
    assert!(refused.code == Some(2) && refused.stderr.contains("-- python train.py"), "{}", refused.stderr);
    let ran = run(&bench, "run sweep.yaml --quiet -- python other.py --fixed 1");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(noted(&bench), ["other.py --fixed 1 --lr=0.1"]);
    let page = std::fs::read_to_string(bench.path("results/sweep/report.html")).unwrap();
    assert!(page.contains("-- python other.py --fixed 1"), "the page says how to run the study again");
}

#[test]
fn exponents_are_remarked_on_and_those_too_large_refused() {
    let of = |range: &str| {
        noting(&format!(
            "program: a.py\nmethod: random\nrun_cap: 2\nmetric: {{name: val_loss}}\nparameters: {{lr: {range}}}\n"
        ))
    };
    let ran = run(&of("{distribution: log_uniform, min: 0.00001, max: 0.1}"), "run sweep.yaml --dry-run");
    assert!(ran.code == Some(0) && ran.stderr.contains("log_uniform_values"), "{}", ran.stderr);
    let usual = run(&of("{distribution: log_uniform, min: -11, max: -2}"), "run sweep.yaml --dry-run");
    assert!(usual.code == Some(0) && !usual.stderr.contains("log_uniform_values"), "{}", usual.stderr);
    for range in [
        "{distribution: log_uniform, min: 0.1, max: 1000.0}",
        "{distribution: log_uniform, min: -1000, max: 0}",
        "{distribution: log_normal, mu: 800}",
    ] {
        let ran = run(&of(range), "run sweep.yaml --dry-run");
        assert!(ran.code == Some(2) && ran.stderr.contains("beyond the largest"), "{range}: {}", ran.stderr);
    }
    let whole = run(&of("{distribution: int_uniform, min: 1.5, max: 3.7}"), "run sweep.yaml --dry-run");
    assert!(whole.stdout.contains("lr 2..3"), "{}", whole.stdout);
}

#[test]
fn a_variable_of_the_environment_may_name_program_and_interpreter() {
    let bench = noting(
        "program: ${envvar:SWEEP_TEST_PROGRAM}/a.py\ncommand: ['${envvar:SWEEP_TEST_PYTHON}', '${program}', '${args}']\n\
         method: grid\nmetric: {name: val_loss}\nparameters: {lr: {values: [0.1]}}\n",
    );
    let path = format!("{}:{}", bench.path("bin").display(), std::env::var("PATH").unwrap());
    let mut sweep = bench.command("run sweep.yaml --quiet");
    sweep.env("PATH", path).env("SWEEP_TEST_PROGRAM", "lib").env("SWEEP_TEST_PYTHON", "python");
    let ran = Ran::of("run sweep.yaml", sweep.output().unwrap());
    assert_eq!((ran.code, noted(&bench)), (Some(0), vec!["lib/a.py --lr=0.1".to_owned()]), "{}", ran.stderr);
}
