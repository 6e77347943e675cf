//! A pruner over a plain PyTorch script, on this machine and on a cluster; skipped where Python has no PyTorch.

#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::skipped::skipped;
use crate::slurm::Cluster;
use crate::support::{Bench, Ran};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../sweeps/scripts/pytorch_mnist.py");

const TRIALS: &str = "random lr=0.01..1 batch=512..1024 --trials 6 --lag async --pruner asha --pruner-set eta=2 \
                      --pruner-set rungs=3 --jobs 4";

/// A study of `axes` by the script, saved checkpoints and all.
fn study(bench: &Bench, name: &str, axes: &str) -> Command {
    let mut sweep = bench.command(&format!("{axes} --epochs 4 --minimize val_loss --quiet --name {name}"));
    sweep.args([
        "--read",
        "epoch=([0-9]+)",
        "--read",
        "val_loss=([0-9.einf+-]+|nan)",
        "--",
        "python3",
        SCRIPT,
    ]);
    let words =
        "--lr {lr} --batch-size {batch} --epochs {budget} --seed {seed} --checkpoints {checkpoint_dir}";
    sweep.args(words.split(' ')).arg("--data").arg(bench.path("mnist"));
    sweep
}

fn ran(mut command: Command) {
    let ran = Ran::of("asha", command.output().unwrap());
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
}

fn epochs(trial: &Value) -> Vec<u64> {
    let curve = trial["curve"].as_array().unwrap();
    curve.iter().map(|reading| reading["epoch"].as_f64().unwrap() as u64).collect()
}

/// Trials were paused while they ran, and the promising ones continued from their checkpoints to the same results as
/// without a pause.
fn prunes_and_promotes(bench: &Bench, name: &str) {
    let results = bench.results(name);
    let trials = results["trials"].as_array().unwrap();
    let ends = |outcome: &str| trials.iter().filter(|trial| trial["outcome"] == outcome).count();
    assert!(
        ends("pruned") >= 2 && ends("complete") >= 1 && ends("pruned") + ends("complete") == 6,
        "{trials:#?}"
    );
    for trial in trials {
        assert!(epochs(trial).iter().copied().eq(1..=epochs(trial).len() as u64), "{trial}");
    }
    let whole = trials.iter().find(|trial| trial["outcome"] == "complete").unwrap();
    let attempts =
        bench.path(&format!("results/{name}/trials/{:06}/attempts", whole["number"].as_u64().unwrap()));
    let last = std::fs::read_dir(&attempts).unwrap().count();
    assert!(last >= 2, "it went on in an attempt of its own");
    let log = std::fs::read_to_string(attempts.join(last.to_string()).join("stdout.log")).unwrap();
    assert!(!log.starts_with("epoch=1 "), "it went on from its checkpoint: {log}");
    let params = &whole["params"];
    ran(study(
        bench,
        &format!("{name}-whole"),
        &format!("grid lr={} batch={}", params["lr"], params["batch"]),
    ));
    let alone = &bench.results(&format!("{name}-whole"))["trials"][0];
    assert_eq!(alone["curve"], whole["curve"]);
}

#[test]
fn asha_prunes_running_trials_and_promotes_from_checkpoints() {
    let torch = Command::new("python3").args(["-c", "import torch, numpy"]).output();
    if !torch.is_ok_and(|ran| ran.status.success()) {
        return skipped("ASHA over a PyTorch script", "python3 has no PyTorch");
    }
    assert!(Path::new(SCRIPT).is_file());
    let bench = Bench::new();
    bench.ok("data export mnist mnist");
    ran(study(&bench, "here", TRIALS));
    prunes_and_promotes(&bench, "here");
    let Some(cluster) = Cluster::start() else { return };
    ran(cluster.configured(study(&bench, "away", &format!("{TRIALS} --on slurm"))));
    prunes_and_promotes(&bench, "away");
    assert_eq!(cluster.jobs("PENDING,RUNNING,COMPLETING"), Vec::<String>::new());
}
