//! A parameter that is the seed: its values are replicates of each point, wherever it is typed.

#![cfg(target_os = "linux")]

use serde_json::Value;

use crate::command::trials;
use crate::support::{Bench, Ran};

const SCRIPT: &str = "echo \"$@\" >> words; echo \"{\\\"loss\\\": $SWEEP_SEED}\"";

fn words(bench: &Bench) -> Vec<String> {
    let path = bench.path("words");
    let mut lines: Vec<String> = std::fs::read_to_string(&path).unwrap().lines().map(str::to_owned).collect();
    std::fs::remove_file(path).unwrap();
    lines.sort();
    lines
}

fn run(bench: &Bench, typed: &str) -> Ran {
    std::fs::write(bench.path("run.sh"), SCRIPT).unwrap();
    bench.ok(typed)
}

#[test]
fn the_values_of_a_seed_are_replicates_and_reach_the_script() {
    let bench = Bench::new();
    let ran =
        run(&bench, "grid lr=1,2 seed=3,9 --name study --minimize loss --quiet -- sh run.sh {lr} {seed}");
    assert!(ran.stdout.contains("2 points × 2 replicates = 4 trials"), "{}", ran.stdout);
    assert_eq!(words(&bench), ["1 3", "1 9", "2 3", "2 9"]);
    let seeds: Vec<&Value> = trials(&bench).leak().iter().map(|trial| &trial["seed"]).collect();
    assert_eq!(seeds, [3, 9, 3, 9]);
    assert!(trials(&bench)[0]["params"].get("seed").is_none());
    let page = std::fs::read_to_string(bench.path("results/study/report.html")).unwrap();
    assert!(page.contains("the same seeds, 3 and 9") && page.contains("lr=1,2 seed=3,9"), "{page}");
    run(
        &bench,
        "grid lr=1,2 seed=3,9 --replicates 3 --name study --minimize loss --quiet -- sh run.sh {lr} {seed}",
    );
    assert_eq!(words(&bench), ["1 10", "2 10"], "further seeds are other ones");
}

#[test]
fn a_seed_in_a_study_file_is_passed_under_its_own_name() {
    let bench = Bench::new();
    let file =
        "minimize = \"loss\"\ncommand = \"sh run.sh\"\n[space]\nlr = [1, 2]\ndata.random_state = \"1..3\"";
    std::fs::write(bench.path("study.toml"), file).unwrap();
    let ran = run(&bench, "run study.toml");
    let remark = "data.random_state is not searched: its 3 values are replicates of each point";
    assert_eq!(ran.stderr.matches(remark).count(), 1, "{}", ran.stderr);
    let lines = words(&bench);
    assert_eq!((lines.len(), lines[2].as_str()), (6, "--lr 1 --data.random_state 3"));
}

#[test]
fn a_seed_of_the_built_in_trainer_is_a_replicate_too() {
    let bench = Bench::new();
    bench.table("table.csv");
    let study = "--data table.csv --label y --epochs 1 --quiet";
    bench.ok(&format!("grid lr=0.1,1 seed=0..2 --name typed {study}"));
    bench.ok(&format!("grid lr=0.1,1 --replicates 3 --name replicates {study}"));
    assert_eq!(bench.results("typed")["trials"], bench.results("replicates")["trials"]);
}
