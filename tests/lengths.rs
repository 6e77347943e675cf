//! How long the trials of a command run: budgets kept and not kept, pauses, targets.

#![cfg(target_os = "linux")]

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Bench, Ran};

/// Runs a study named `s` of the script.
fn study(bench: &Bench, words: &str, script: &str) -> Ran {
    std::fs::write(bench.path("t.py"), script).unwrap();
    bench.ok(&format!(
        "{words} --minimize val_loss --jobs 2 --name s -- python3 t.py --epochs {{epochs}} --lr {{lr}}"
    ))
}

fn trials(bench: &Bench) -> Vec<Value> {
    bench.results("s")["trials"].as_array().unwrap().clone()
}

fn outcomes(bench: &Bench) -> BTreeSet<String> {
    trials(bench).iter().map(|trial| trial["outcome"].as_str().unwrap().to_owned()).collect()
}

/// Saves its epoch slowly and in pieces, in one file or in two; ends with an error where it finds a piece.
const SAVES: &str = r#"
import argparse, json, os, pathlib, time
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
parser.add_argument("--epochs", type=int)
args = parser.parse_args()
files = [pathlib.Path(os.environ["SWEEP_CHECKPOINT_DIR"]) / name for name in NAMES]
found = {json.loads(file.read_text())["epoch"] for file in files if any(file.exists() for file in files)}
assert len(found) <= 1, found
for epoch in range(max(found, default=0) + 1, args.epochs + 1):
    time.sleep(PACE)
    print(f"epoch {epoch} val_loss {abs(args.lr - 0.1) + 1 / epoch:.4f}")
    for file in files:
        with open(file, "w") as out:
            for piece in ['{"epo', f'ch": {epoch}', "}"]:
                out.write(piece)
                out.flush()
                time.sleep(0.02)
"#;

#[test]
fn a_checkpoint_is_whole_before_its_trial_is_ended_at_a_pause() {
    for (names, pace) in [("['one']", "0"), ("['one', 'two']", "0.2")] {
        let bench = Bench::new();
        let script = SAVES.replace("NAMES", names).replace("PACE", pace);
        let ran = study(&bench, "random lr=0.01..1 --trials 12 --pruner asha --epochs 8", &script);
        assert!(!ran.stderr.contains("could not continue"), "{}", ran.stderr);
        assert_eq!(outcomes(&bench), ["complete", "pruned"].map(str::to_owned).into(), "{}", ran.stderr);
        for trial in trials(&bench).iter().filter(|trial| trial["outcome"] == "complete") {
            let epochs: Vec<f64> =
                trial["curve"].as_array().unwrap().iter().map(|at| at["epoch"].as_f64().unwrap()).collect();
            assert_eq!(epochs, (1..=8).map(f64::from).collect::<Vec<_>>());
        }
        let saved = ran.stdout.lines().find(|line| line.starts_with("Pruning saved")).unwrap();
        assert!(saved.contains(" of 96 epochs ("), "{saved}");
    }
}

#[test]
fn a_trial_whose_checkpoint_cannot_be_read_starts_over() {
    let bench = Bench::new();
    let script = SAVES.replace("NAMES", "['one']").replace("PACE", "0.3").replace(r#""}"]"#, r#"""]"#);
    let ran = study(&bench, "random lr=0.01..1 --trials 6 --pruner asha --epochs 4", &script);
    assert!(ran.stderr.contains("could not continue from its checkpoint (exit code 1: "), "{}", ran.stderr);
    assert_eq!(outcomes(&bench), ["complete", "pruned"].map(str::to_owned).into(), "{}", ran.stderr);
}

#[test]
fn a_trial_that_ends_long_before_its_budget_is_not_compared() {
    let bench = Bench::new();
    let script = r#"
import sys
epochs, lr = int(sys.argv[2]), float(sys.argv[4])
for epoch in range(1, (2 if lr == 0.3 else epochs) + 1):
    print(f"epoch {epoch} val_loss {lr + 0.1 / epoch:.4f}")
"#;
    let ran = study(&bench, "grid lr=0.3,0.4,0.5,0.6 --epochs 8", script);
    assert!(ran.stderr.contains("the script ran 2 epochs, and its budget is 8"), "{}", ran.stderr);
    assert!(
        ran.stdout.contains("1 trial has ended of itself before its budget and is not compared."),
        "{}",
        ran.stdout
    );
    let results = bench.results("s");
    assert_eq!(results["trials"][0]["outcome"], "ended_early");
    assert_eq!(results["facts"]["cells"][0]["state"], "ended_early");
    assert_eq!(results["best"]["params"]["lr"], json!(0.4));
    let again = bench.ok("show s").stdout;
    assert!(again.contains("ended of itself"), "{again}");
}

#[test]
fn a_script_with_a_length_of_its_own_is_reported_with_that() {
    let bench = Bench::new();
    let script = r#"
import sys
lr = float(sys.argv[4])
for epoch in range(1, (3 if SAME else int(10 * lr)) + 1):
    print(f"epoch {epoch} val_loss {lr + 0.1 / epoch:.4f}")
"#;
    for (same, ran_for, said) in [
        ("True", "3 epochs", "of 50 epochs: they ran 3 epochs"),
        ("False", "3 to 6 epochs", "of 50 epochs: they ran from 3 to 6 epochs"),
    ] {
        let bench_of = Bench::new();
        let ran = study(&bench_of, "grid lr=0.3,0.4,0.5,0.6 --epochs 50", &script.replace("SAME", same));
        assert!(ran.stdout.contains(said), "{}", ran.stdout);
        assert!(ran.stdout.contains(&format!("({ran_for}, 1 seed")), "{}", ran.stdout);
        assert!(!ran.stdout.contains("(50 epochs"), "{}", ran.stdout);
        assert_eq!(outcomes(&bench_of), ["complete".to_owned()].into());
    }
    drop(bench);
}

#[test]
fn a_command_runs_until_its_metric_reaches_a_target() {
    let bench = Bench::new();
    let script = r#"
import sys, time
lr = float(sys.argv[4])
for epoch in range(1, int(sys.argv[2]) + 1):
    print(f"epoch {epoch} step {100 * epoch} val_loss {1 - lr * epoch:.4f}")
    time.sleep(0.05)
"#;
    std::fs::write(bench.path("t.py"), script).unwrap();
    let words = "grid lr=0.2,0.1,0.01 --until val_loss=0.35 --cap-epochs 20 --name s";
    let ran = bench.ok(&format!("{words} -- python3 t.py --epochs {{epochs}} --lr {{lr}}"));
    let results = bench.results("s");
    let steps: Vec<&Value> = results["trials"]
        .as_array()
        .unwrap()
        .iter()
        .map(|trial| &trial["metrics"]["steps_to_target"])
        .collect();
    assert_eq!(steps, [&Value::Null, &json!(700.0), &json!(400.0)]);
    assert_eq!(results["best"]["params"]["lr"], json!(0.2), "{}", ran.stdout);
    assert!(ran.stdout.contains("1 never reached the target"), "{}", ran.stdout);
    // Steps that are not known are not made up.
    std::fs::write(bench.path("t.py"), script.replace(" step {100 * epoch}", "")).unwrap();
    let words = words.replace("--name s", "--name e");
    let ran = bench.run(&format!("{words} -- python3 t.py --epochs {{epochs}} --lr {{lr}}"));
    assert!(ran.stderr.contains("give --steps-per-epoch"), "{}", ran.stderr);
    let words = words.replace("--name e", "--name k --steps-per-epoch 50");
    bench.ok(&format!("{words} -- python3 t.py --epochs {{epochs}} --lr {{lr}}"));
    assert_eq!(bench.results("k")["best"]["value"], json!(200.0));
}
