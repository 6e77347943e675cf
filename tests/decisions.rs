//! Commands on a finished study: the cost of a rule, the settings for a goal, the rate for other settings.

use std::path::Path;

use serde_json::Value;

use crate::support::{Bench, read_json};

/// A bench that holds the report of the critical-batch study, without its store.
fn critical() -> Bench {
    let bench = Bench::new();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results/critical-batch/results.json");
    std::fs::create_dir_all(bench.path("results/critical-batch")).unwrap();
    std::fs::copy(from, bench.path("results/critical-batch/results.json")).unwrap();
    bench
}

#[test]
fn linear_scaling_is_free_up_to_the_knee_and_ruins_beyond_it() {
    let bench = critical();
    let printed = bench.ok("rules critical-batch").stdout;
    let linear = printed.lines().next().unwrap();
    assert!(
        linear.starts_with("Linear scaling")
            && linear.contains("costs at most ")
            && linear.contains(" % up to B=32"),
        "{printed}"
    );
    assert!(linear.contains("beyond it, most moves diverge"), "{printed}");
    bench.png("critical-batch", "rules.png");
    let written = read_json(&bench.path("results/critical-batch/rules.json"));
    let moves = &written["facts"]["rules"][0]["moves"];
    assert_eq!(moves[0][9]["fate"], "diverges");
    assert_eq!((&moves[0][1]["fate"], &moves[3][3]["fate"]), (&Value::from("priced"), &Value::from("own")));
    let known = moves[0].as_array().unwrap().iter().any(|one| one["price"]["low"].is_f64());
    assert!(known, "seeds give intervals: {}", moves[0]);
    let ran = bench.run("rules nothing");
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
}

#[test]
fn each_goal_has_a_row() {
    let bench = critical();
    let output = bench.ok("recommend critical-batch").stdout;
    for part in ["loss", "examples", "seconds", "memory", "% more", "95 % interval"] {
        assert!(output.contains(part), "`{part}` in\n{output}");
    }
    let json: Value =
        serde_json::from_str(&bench.ok("recommend critical-batch --for examples,seconds --json").stdout)
            .unwrap();
    assert_eq!((json["rows"].as_array().unwrap().len(), &json["rows"][0]["batch"]), (1, &Value::from(8.0)));
    // Within a factor of two of √(B_crit t₀/t₁), which the report says.
    let soonest =
        read_json(&bench.path("results/critical-batch/results.json"))["timing"]["soonest"][0]["batch"]
            .clone();
    let ratio = json["timing"]["rows"][0]["batch"].as_f64().unwrap() / soonest.as_f64().unwrap();
    assert!((0.5..=2.0).contains(&ratio), "{json:#}\n{soonest}");
    assert_eq!(bench.run("recommend critical-batch --for joy").code, Some(2));
}

#[test]
fn what_a_study_does_not_support_is_refused_with_the_runs_that_would() {
    let bench = critical();
    for (words, advice) in [
        ("transfer critical-batch --batch 100", "3 batch sizes whose best learning rate has an interval"),
        ("transfer critical-batch --steps x10", "3 lengths"),
        ("transfer critical-batch --width 1024", "parametrization=mup"),
        ("transfer critical-batch", "give --batch 512"),
        ("transfer critical-batch --steps ten", "write x10"),
    ] {
        let ran = bench.run(words);
        assert_eq!(ran.code, Some(2), "{words}\n{}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains(advice), "{words}: {}", ran.stderr);
    }
    let runs = bench.run("transfer critical-batch --batch 100").stderr;
    assert_eq!(runs.matches("batch=100").count(), 3, "{runs}");
}

#[test]
fn a_learning_rate_is_carried_along_the_ridge() {
    let bench = Bench::new();
    let mut rows = "lr,batch,seed,val_loss\n".to_owned();
    for batch in [16.0_f64, 32.0, 64.0, 128.0, 256.0] {
        for octave in 0..9 {
            for seed in 0..3 {
                let lr = 0.02 * f64::from(octave).exp2();
                let off = (lr / (0.02 * batch.sqrt())).log2();
                let noise = 0.01 * (lr * 911.0 + batch * 3.7 + f64::from(seed) * 5.1).sin();
                rows += &format!("{lr},{batch},{seed},{:.6}\n", 0.1 * (0.06 * off * off + noise).exp());
            }
        }
    }
    std::fs::write(bench.path("runs.csv"), rows).unwrap();
    bench.ok("report runs.csv --minimize val_loss");
    let json: Value = serde_json::from_str(&bench.ok("transfer runs --batch 512 --json").stdout).unwrap();
    let lr = &json["transfer"]["lr"];
    let truth = 0.02 * 512f64.sqrt();
    assert!(lr["low"].as_f64().unwrap() < truth && truth < lr["high"].as_f64().unwrap(), "{lr}");
    let text = bench.ok("transfer runs --batch 512").stdout;
    assert!(
        text.starts_with("batch=512 lr=0.4") && text.contains("By a power law through 5 batch sizes"),
        "{text}"
    );
}
