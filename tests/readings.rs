//! What scripts report: in which order, counted in what, in which words, and when it means divergence.

#![cfg(target_os = "linux")]

use serde_json::Value;

use crate::support::{Bench, Ran};

/// Runs a study `s` of one trial, or of those of `words`, of a Python script with these lines.
fn study(bench: &Bench, words: &str, script: &str) -> Ran {
    std::fs::write(bench.path("t.py"), script).unwrap();
    let before = bench.path("results/s");
    if before.exists() {
        std::fs::remove_dir_all(before).unwrap();
    }
    bench.run(&format!("grid {words} --name s -- python3 t.py"))
}

fn trial(bench: &Bench) -> Value {
    bench.results("s")["trials"][0].clone()
}

#[test]
fn the_last_value_of_a_metric_is_its_last_whatever_others_did() {
    let bench = Bench::new();
    for (script, last, steps) in [
        // Training without a step, validation at its epoch.
        (
            "for e in 1, 2, 3:\n for i in range(9): print('{\"train_loss\": 1}')\n print('{\"step\": %d, \"val_loss\": %g}' % (e, 1 / e))",
            1.0 / 3.0,
            Some(3),
        ),
        // A line that comes late, one that comes twice, and one without a step that is one.
        (
            "for s, v in (1, 3), (3, 1), (2, 2), (4, 0.5), (4, 0.5): print('{\"step\": %d, \"val_loss\": %g}' % (s, v))",
            0.5,
            Some(4),
        ),
        ("for v in 3, 2: print('{\"step\": -1, \"val_loss\": %g}' % v)", 2.0, None),
        // Steps in training, epochs in validation, under one name.
        (
            "for e in 1, 2: print('{\"step\": %d, \"loss\": 1}\\n{\"step\": %d, \"val_loss\": %g}' % (50 * e, e, 1 / e))",
            0.5,
            Some(100),
        ),
        // No steps at all.
        ("for v in 3, 2, 1: print('{\"val_loss\": %g}' % v)", 1.0, None),
        ("for e in 1, 2: print('{\"epoch\": %d, \"val_loss\": \"%g\"}' % (e, 1 / e))", 0.5, None),
    ] {
        let ran = study(&bench, "lr=1 --minimize val_loss", script);
        assert_eq!(ran.code, Some(0), "{script}: {}", ran.stderr);
        let trial = trial(&bench);
        let value = trial["metrics"]["val_loss"].as_f64().unwrap();
        assert!((value - last).abs() < 1e-4, "{script}: {value}");
        assert_eq!(trial["steps"].as_u64(), steps, "{script}: {}", ran.stderr);
    }
}

#[test]
fn what_is_odd_about_steps_is_said_once() {
    let bench = Bench::new();
    let script = "for e in 1, 2, 3: print('{\"step\": %d, \"loss\": 1}\\n{\"step\": %d, \"val_loss\": %g}' % (50 * e, e, 1 / e))";
    let ran = study(&bench, "lr=1,2,3 --minimize val_loss", script);
    let said = ran.stderr.matches("the steps of val_loss lie behind").count();
    assert_eq!(said, 1, "{}", ran.stderr);
}

#[test]
fn steps_and_examples_are_not_made_up() {
    let bench = Bench::new();
    let script =
        "import sys\nfor e in 1, 2, 3: print('epoch %d val_loss=%g' % (e, 1 / e + float(sys.argv[2])))";
    let words = "lr=0.1,0.2,0.3 batch=16,32 --minimize val_loss";
    let ran = study(&bench, words, script);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let results = bench.results("s");
    assert!(
        results["trials"].as_array().unwrap().iter().all(|trial| trial["steps"].is_null()),
        "{}",
        ran.stdout
    );
    assert!(!ran.stdout.contains("examples"), "{}", ran.stdout);
    let ran = bench.run("recommend s --for examples");
    assert!(!ran.stdout.contains("examples are counted"), "{}", ran.stdout);
    // Said, they are counted: 320 examples an epoch at 32 a step.
    let ran = study(&bench, &format!("{words} --examples-per-epoch 320"), script);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let steps: Vec<u64> = bench.results("s")["trials"]
        .as_array()
        .unwrap()
        .iter()
        .map(|trial| trial["steps"].as_u64().unwrap())
        .collect();
    assert!(steps.iter().all(|steps| [30, 60].contains(steps)), "{steps:?}");
}

#[test]
fn null_is_not_measured_and_nan_diverges_where_it_counts() {
    let bench = Bench::new();
    let line = |fields: &str| format!("print('{{{fields}}}')");
    for (fields, outcome) in [
        (r#""val_loss": 1, "auc": NaN"#, "complete"),
        (r#""val_loss": 1, "other_loss": null, "f1": "nan""#, "complete"),
        (r#""val_loss": 1, "train_loss": NaN"#, "diverged"),
        (r#""val_loss": "nan""#, "diverged"),
        (r#""val_loss": -Infinity"#, "diverged"),
        (r#""val_loss": null"#, "failed"),
    ] {
        study(&bench, "lr=1 --minimize val_loss", &line(fields));
        assert_eq!(trial(&bench)["outcome"], outcome, "{fields}");
    }
    let condition = ["--diverged-if", "train_loss is nan or val_loss > 20"];
    std::fs::write(bench.path("t.py"), line(r#""val_loss": 21"#)).unwrap();
    let mut sweep = bench.command("grid lr=1 --name c --minimize val_loss");
    let ran = Ran::of("c", sweep.args(condition).args(["--", "python3", "t.py"]).output().unwrap());
    assert_eq!(bench.results("c")["trials"][0]["outcome"], "diverged", "{}", ran.stderr);
    let ran = bench.run("grid lr=1 --minimize val_loss --diverged-if often -- python3 t.py");
    assert!(ran.code == Some(2) && ran.stderr.contains("is no condition"), "{}", ran.stderr);
}

#[test]
fn the_metric_is_found_in_the_words_of_scripts() {
    let bench = Bench::new();
    for (metric, print) in [
        ("val_loss", "print('Epoch 1/1 train_loss 0.9 val_loss: 0.416')"),
        ("val_loss", "print('val loss = 0.416')"),
        ("eval_loss", "print({'eval_loss': '0.416', 'epoch': '1'})"),
        ("val_loss", "import logging; logging.basicConfig(level=20); logging.info('val_loss=%g', 0.416)"),
        (
            "val_loss",
            "import sys; sys.stderr.write('\\r9%|# | 1/9 [00:00, 9it/s, val_loss=0.9]\\r100%|#| 9/9 [00:00, 9it/s, val_loss=0.416]\\n')",
        ),
        ("val_loss", "print('│         val_loss          │    0.416    │')"),
    ] {
        let ran = study(&bench, &format!("lr=1 --minimize {metric}"), print);
        assert_eq!(ran.code, Some(0), "{print}: {}", ran.stderr);
        assert_eq!(trial(&bench)["metrics"][metric], 0.416, "{print}");
        assert!(ran.stderr.contains(&format!("{metric} 0.4160")), "{print}: {}", ran.stderr);
    }
}

#[test]
fn what_may_be_the_metric_is_offered_as_an_option() {
    let bench = Bench::new();
    let ran = study(&bench, "lr=1,2,3,4 --minimize val_loss --jobs 1", "print('Validation loss: 0.416')");
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    assert!(ran.stderr.contains("--read 'val_loss=Validation loss: ([0-9.eE+-]+)'"), "{}", ran.stderr);
    assert_eq!(bench.results("s")["trials"].as_array().unwrap().len(), 1, "one trial is enough to see it");
    let mut sweep = bench.command("grid lr=1,2 --name r --minimize val_loss --read");
    let ran = Ran::of(
        "r",
        sweep.args(["val_loss=Validation loss: ([0-9.eE+-]+)", "--", "python3", "t.py"]).output().unwrap(),
    );
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

#[test]
fn a_trial_is_not_pruned_at_the_end_of_its_budget() {
    let bench = Bench::new();
    let script = "import sys\nprint('{\"step\": 1, \"val_loss\": %s}' % sys.argv[2])";
    let ran = study(&bench, "lr=1,2,3,4,5,6,7,8,9 --steps 1 --pruner asha --minimize val_loss", script);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let results = bench.results("s");
    assert!(results["trials"].as_array().unwrap().iter().all(|trial| trial["outcome"] == "complete"));
}

#[test]
fn a_command_is_shown_as_it_runs_and_nothing_of_it_is_made_up() {
    let bench = Bench::new();
    let script = "print('{\"val_loss\": 1}')";
    study(&bench, "lr=0.1 batch=16 --minimize val_loss", script);
    assert_eq!(bench.ok("best s --as command").stdout.trim(), "python3 t.py --batch 16 --lr 0.1");
    let ran = bench.run("best s --as torch");
    assert!(ran.code == Some(2) && ran.stderr.contains("its optimizer"), "{}", ran.stderr);
    let torch = bench.ok("best s --as torch --optimizer-is adam").stdout;
    assert!(torch.contains("torch.optim.Adam(model.parameters(), lr=0.1)"), "{torch}");
}

#[test]
fn a_budget_that_is_not_kept_is_noticed() {
    let bench = Bench::new();
    let script = "for e in range(1, 51): print('{\"epoch\": %d, \"val_loss\": %g}' % (e, 1 / e))";
    std::fs::write(bench.path("t.py"), script).unwrap();
    let ran = bench.ok("grid lr=1,2 --epochs 9 --minimize val_loss --name b -- python3 t.py {lr}");
    assert_eq!(
        ran.stderr.matches("ran 50 epochs, and its budget is 9; no word").count(),
        1,
        "{}",
        ran.stderr
    );
    let ran = bench.ok("grid lr=1,2 --epochs 50 --minimize val_loss --name k -- python3 t.py {lr} {budget}");
    assert!(!ran.stderr.contains("budget is"), "{}", ran.stderr);
    let steps = script.replace("epoch\\\"", "step\\\"").replace("\"epoch\"", "\"step\"");
    std::fs::write(bench.path("t.py"), steps).unwrap();
    let ran =
        bench.ok("asha lr=1,2,3,4 --epochs 9 --minimize val_loss --name p -- python3 t.py {lr} {budget}");
    assert_eq!(ran.stderr.matches("no trial can be pruned before it ends").count(), 1, "{}", ran.stderr);
}
