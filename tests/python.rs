//! The Python module `sweep_trial`, in a study and outside of one. Skipped with a note if there is no Python.

#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::skipped::skipped;
use crate::support::{Bench, Ran, read_json};

pub const PYTHON: &str = "python3";

pub fn module() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../python").canonicalize().unwrap()
}

/// Whether there is a Python to test `what` with.
pub fn there(what: &str) -> bool {
    let there = Command::new(PYTHON).arg("--version").output().is_ok_and(|ran| ran.status.success());
    if !there {
        skipped(what, &format!("there is no {PYTHON} here"));
    }
    there
}

const SCRIPT: &str = "
import os, sweep_trial
params = sweep_trial.params({'lr': 5.0, 'width': 3})
for step in range(1, 4):
    if not sweep_trial.report(step=step, epoch=step / 2, loss=params['lr'] * params['width'] / step):
        raise SystemExit('stopped')
open('seen', 'a').write(f\"{sweep_trial.active()} {sweep_trial.seed(9)} {sweep_trial.budget()} {params['lr']}\\n\")
";

#[test]
fn a_script_asks_for_its_parameters_and_reports() {
    if !there("parameters and reports of a Python script") {
        return;
    }
    let bench = Bench::new();
    std::fs::write(bench.path("script.py"), SCRIPT).unwrap();
    let mut sweep = bench
        .command("grid learning_rate=0.5,2 --map learning_rate=lr --epochs 4 --name study --seed 7 --jobs 1");
    sweep.args(["--minimize", "loss", "--style", "env", "--quiet", "--", PYTHON, "script.py"]);
    let ran = Ran::of("python", sweep.env("PYTHONPATH", module()).output().unwrap());
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
    let results = read_json(&bench.path("results/study/results.json"));
    let trial = &results["trials"][0];
    assert_eq!(
        (&trial["params"], &trial["steps"], &trial["epochs"]),
        (&json!({"lr": 0.5}), &json!(3), &json!(1.5))
    );
    assert_eq!((&trial["metrics"]["loss"], trial["curve"].as_array().unwrap().len()), (&json!(0.5), 3));
    let alone = Command::new(PYTHON)
        .arg("script.py")
        .current_dir(bench.path(""))
        .env("PYTHONPATH", module())
        .output();
    assert!(alone.unwrap().status.success());
    let seen = std::fs::read_to_string(bench.path("seen")).unwrap();
    assert_eq!(seen, "True 7 4.0 0.5\nTrue 7 4.0 2.0\nFalse 9 None 5.0\n");
}

const CONSTANTS: &str = "
import sys
learning_rate = 0.01
name: str = 'a'
def shown(**words):
    learning_rate = 1
    return words
print(learning_rate, name, shown(batch_size=32), __name__, sys.argv[1:])
";

#[test]
fn constants_of_a_script_are_replaced() {
    if !there("a Python script whose constants are replaced") {
        return;
    }
    let bench = Bench::new();
    std::fs::write(bench.path("script.py"), CONSTANTS).unwrap();
    let run = |words: &[&str]| {
        let mut command = Command::new(PYTHON);
        command.arg(module().join("sweep_trial")).args(words).current_dir(bench.path(""));
        Ran::of("constants", command.output().unwrap())
    };
    let ran =
        run(&["--set", "learning_rate=1", "--set=name=b c", "--set", "batch_size=8", "script.py", "--x"]);
    assert_eq!(ran.stdout, "1.0 b c {'batch_size': 8} __main__ ['--x']\n", "{}", ran.stderr);
    let lost = run(&["--set", "momentum=0.9", "script.py"]);
    assert!(lost.code != Some(0) && lost.stderr.contains("momentum"), "{}", lost.stderr);
}
