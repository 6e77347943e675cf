//! The scripts that show how to sweep one's own: each runs as it is, where Python has its packages.

#![cfg(target_os = "linux")]

use std::process::Command;

use crate::skipped::skipped;
use crate::support::{Bench, Ran};

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../sweeps/scripts");

/// A script, the packages it needs, the metric it prints, and how the learning rate is passed to it.
const ALL: [(&str, &str, &str, &str); 6] = [
    ("plain_torch.py", "torch", "val_loss", "lr=0.03,0.1"),
    ("lightning_mlp.py", "lightning", "val_loss", "lr=0.03,0.1"),
    ("hf_trainer.py", "transformers, accelerate", "eval_loss", "lr=0.003,0.01"),
    ("keras_mlp.py", "keras, tensorflow", "val_loss", "lr=0.03,0.1"),
    ("hydra_app.py", "hydra, torch", "val_loss", "optim.lr=0.03,0.1 --style hydra --roles lr=optim.lr"),
    ("sklearn_mlp.py", "sklearn", "val_loss", "lr=0.03,0.1"),
];

#[test]
fn scripts_of_all_frameworks_are_swept_as_they_are() {
    for (script, packages, metric, axes) in ALL {
        let imports = Command::new("python3").args(["-c", &format!("import {packages}")]).output();
        if !imports.is_ok_and(|output| output.status.success()) {
            skipped(&format!("sweeps/scripts/{script}"), &format!("Python cannot import {packages}"));
            continue;
        }
        let bench = Bench::new();
        let mut sweep = bench.command(&format!(
            "grid {axes} batch=32 --minimize {metric} --jobs 1 --quiet --name s -- python3"
        ));
        let ran = Ran::of(script, sweep.arg(format!("{SCRIPTS}/{script}")).output().unwrap());
        assert_eq!(ran.code, Some(0), "{script}: {}", ran.stderr);
        let trials = bench.results("s")["trials"].as_array().unwrap().clone();
        for trial in &trials {
            let value = trial["metrics"][metric].as_f64().unwrap();
            assert!(value > 0.0 && value < 0.75, "{script}: {value}");
            assert!(!trial["curve"].as_array().unwrap().is_empty(), "{script}");
        }
        assert_ne!(trials[0]["metrics"][metric], trials[1]["metrics"][metric], "{script}");
    }
}
