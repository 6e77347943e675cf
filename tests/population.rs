//! Population-based training from the command line.

use serde_json::Value;

use crate::support::Bench;

fn command(name: &str, jobs: usize) -> String {
    format!(
        "pbt lr=1e-4..3e-2 batch=8..32 momentum=0..0.9 --trials 8 --pruner-set generations=5 --data table.csv --label y \
         --epochs 10 --quiet --name {name} --jobs {jobs}"
    )
}

fn results(bench: &Bench, name: &str) -> Value {
    let mut results = bench.results(name);
    results["study"]["name"] = "same".into();
    results
}

#[test]
fn the_schedule_that_a_population_finds_trains_to_the_same_loss() {
    let bench = Bench::new();
    bench.table("table.csv");
    bench.ok(&command("one", 1));
    bench.ok(&command("four", 4));
    let one = results(&bench, "one");
    assert_eq!(one, results(&bench, "four"));
    let trials = one["trials"].as_array().unwrap();
    assert_eq!(trials.len(), 8 + 2 * 4, "two of eight are replaced at each of four rungs");
    let best = &trials[one["best"]["trials"][0].as_u64().unwrap() as usize];
    assert!(best["past"].as_array().is_some_and(|past| !past.is_empty()), "{best}");
    let args = bench.ok("best one --as args").stdout;
    let words = format!("train {} --data table.csv --label y --epochs 10 --json --quiet", args.trim());
    let trained: Value = serde_json::from_str(&bench.ok(&words).stdout).unwrap();
    let loss = trained["metrics"]["val_loss"].as_f64().unwrap();
    let found = one["best"]["value"].as_f64().unwrap();
    assert!((loss / found - 1.0).abs() < 1e-5, "{args}: {loss} and not {found}");
    assert!(bench.ok("show one").stdout.contains("changed its settings"));
    assert!(best["metrics"]["test_loss"].is_null() || best["metrics"]["test_loss"].as_f64().unwrap() < 1.2);
}

#[test]
fn a_population_has_no_replicates() {
    let bench = Bench::new();
    let ran = bench.run("pbt lr=0.1,1 --replicates 3");
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("--seed"), "{}", ran.stderr);
}
