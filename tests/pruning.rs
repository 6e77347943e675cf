//! Pruners: trials that pause at rungs and continue from there, the same for any number of jobs and after a kill.

use std::process::Stdio;

use serde_json::Value;

use crate::support::{Bench, await_of};

const PRUNERS: [&str; 7] =
    ["median", "percentile", "asha", "hyperband", "patient", "threshold --pruner-set worst=0.9", "wilcoxon"];

fn command(pruner: &str, name: &str, jobs: usize) -> String {
    format!(
        "random lr=1e-3..30 batch=4..32 --pruner {pruner} --trials 24 --lag 4 --replicates 2 --quiet \
         --data table.csv --label y --epochs 4 --name {name} --jobs {jobs}"
    )
}

fn bench() -> Bench {
    let bench = Bench::new();
    bench.table("table.csv");
    bench
}

/// The results under one name, to be compared.
fn results(bench: &Bench, name: &str) -> Value {
    let mut results = bench.results(name);
    results["study"]["name"] = "same".into();
    results
}

fn count(results: &Value, outcome: &str) -> usize {
    results["trials"].as_array().unwrap().iter().filter(|trial| trial["outcome"] == outcome).count()
}

#[test]
fn any_number_of_jobs_prunes_the_same_trials() {
    let bench = bench();
    for (index, pruner) in PRUNERS.into_iter().enumerate() {
        let run = |jobs: usize| {
            let name = format!("p{index}j{jobs}");
            bench.ok(&command(pruner, &name, jobs));
            results(&bench, &name)
        };
        let one = run(1);
        for jobs in [2, 4] {
            assert_eq!(run(jobs), one, "{pruner} with {jobs} jobs");
        }
        let all = one["trials"].as_array().unwrap();
        if pruner == "wilcoxon" {
            assert!(all.len() <= 48, "{}", all.len());
        } else {
            assert_eq!(all.len(), 48, "{pruner}");
            assert!(count(&one, "pruned") > 0, "{pruner} pruned nothing");
        }
        assert!(count(&one, "complete") > 0, "{pruner} left nothing complete");
    }
}

#[test]
fn a_trial_continued_after_pauses_equals_one_that_never_paused() {
    let bench = bench();
    bench.ok(&command("asha", "paused", 2));
    bench.ok(&command("none", "whole", 2).replace("--epochs 4", "--epochs 4 --report-every 11.111111%"));
    let (paused, whole) = (results(&bench, "paused"), results(&bench, "whole"));
    let trials = |results: &Value| results["trials"].as_array().unwrap().clone();
    let mut compared = 0;
    for (paused, whole) in trials(&paused).iter().zip(trials(&whole)) {
        if paused["outcome"] == "complete" {
            assert_eq!(paused["curve"], whole["curve"], "trial {}", whole["number"]);
            compared += usize::from(paused["rests"].as_array().is_some_and(|rests| rests.len() == 2));
        }
    }
    assert!(compared > 0, "no trial went on to its end");
}

#[test]
fn killed_again_and_again_a_pruned_study_ends_as_if_undisturbed() {
    let calm = bench();
    let study = command("asha", "s", 2).replace("--epochs 4", "--steps 12000")
        + " --audit 1 schedule=constant,cosine";
    calm.ok(&study);
    let bench = bench();
    let mut unfinished = 0;
    for ended in [5, 15, 30, 44] {
        let mut child = bench.command(&study).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        await_of(&mut child, "trials end", || bench.ended("s") >= ended);
        child.kill().unwrap();
        unfinished += usize::from(!child.wait().unwrap().success());
    }
    bench.ok(&study);
    assert_eq!(bench.results("s"), calm.results("s"));
    assert!(unfinished > 0, "no kill came before the end; the study is too short for this test");
    let audit = &calm.results("s")["facts"]["audit"];
    assert!(audit["false_stops"]["n"].as_u64().unwrap() >= 20, "{audit}");
    let shown = calm.ok("show s").stdout;
    assert!(shown.contains("pruned wrongly"), "{shown}");
}

/// Nine rates under a cosine, judged at a third of the budget, where the three best continue. The best in the end,
/// 0.05, is the fifth there by its loss as it is, and the second after a cool-down.
#[test]
fn a_trial_under_a_cosine_is_judged_after_a_cool_down_and_continues_from_before_it() {
    let bench = Bench::new();
    let run = |name: &str, words: &str| {
        let rates = "lr=0.007,0.01,0.015,0.02,0.03,0.04,0.05,0.07,0.1";
        bench.ok(&format!(
            "{words} {rates} batch=1 schedule=cosine hidden=16 --steps 1500 --quiet --name {name}"
        ));
        results(&bench, name)
    };
    let asha = "asha --lag 4 --pruner-set rungs=2";
    let cooled = run("cooled", &format!("{asha} --jobs 1"));
    assert_eq!(run("two", &format!("{asha} --jobs 2")), cooled, "with two jobs");
    let raw = run("raw", &format!("{asha} --pruner-set cool_down=0"));
    let whole = run("whole", "grid --report-every 33.333333%");
    let trial = |results: &Value, lr: f64| {
        let trials = results["trials"].as_array().unwrap();
        trials.iter().find(|trial| trial["params"]["lr"] == lr).unwrap().clone()
    };
    assert_eq!(whole["best"]["params"]["lr"], 0.05);
    assert_eq!(cooled["best"]["params"]["lr"], 0.05);
    assert_eq!(trial(&raw, 0.05)["outcome"], "pruned");
    assert!(trial(&raw, 0.05)["metrics"].get("cooled_val_loss").is_none());
    let (kept, undisturbed) = (trial(&cooled, 0.05), trial(&whole, 0.05));
    assert_eq!(kept["metrics"], undisturbed["metrics"], "a cool-down left traces");
    let rung = &kept["curve"][0];
    assert_eq!((&rung["step"], &rung["cooled_steps"]), (&500.into(), &125.0.into()));
    assert!(rung["cooled_val_loss"].as_f64() < rung["val_loss"].as_f64(), "{rung}");
    assert!(kept["curve"][1].get("cooled_val_loss").is_none(), "{kept}");
    let page = std::fs::read_to_string(bench.path("results/cooled/report.html")).unwrap();
    assert!(page.contains("these branches took 1125"), "nine cool-downs of 125 steps are reported");
}

#[test]
fn invalid_pruner_settings_are_refused() {
    let bench = bench();
    for (words, advice) in [
        ("--pruner medain", "[possible values: none, median, percentile"),
        ("--pruner asha --pruner-set eta=1", "eta=1 of the pruner asha must be from 1.5"),
        ("--pruner asha --pruner-set gamma=1", "it has eta, rungs, stops, cool_down"),
        ("--pruner hyperband --pruner-set cool_down=2", "must be from 0 to 1"),
        ("--pruner threshold", "needs worst"),
        ("--audit 0.1", "need a pruner"),
        ("--pruner asha --audit 3", "a share from 0 to 1"),
        ("--stop-at val_accuracy=0.9", "such as val_loss=0.1"),
    ] {
        let ran = bench.run(&format!("random lr=1e-3..1 --data table.csv --label y --name r {words}"));
        assert_eq!(ran.code, Some(2), "{words}: {}", ran.stderr);
        assert!(ran.stderr.contains(advice), "{words}: {}", ran.stderr);
    }
}

#[test]
fn a_study_ends_when_no_improvement_is_expected() {
    let bench = bench();
    let study = "random lr=1e-3..30 --trials 200 --data table.csv --label y --epochs 1 --quiet --jobs 2";
    let trials = |name: &str| bench.results(name)["trials"].as_array().unwrap().len();
    bench.ok(&format!("{study} --name patient --patience 6"));
    assert!((7..100).contains(&trials("patient")), "{}", trials("patient"));
    bench.ok(&format!("{study} --name target --stop-at val_loss=1.0"));
    assert!(trials("target") < 200);
    let late = bench.run(&format!("{study} --name late --timeout 0s"));
    assert_eq!(late.code, Some(3), "no trial ended: {}", late.stderr);
    assert!(
        late.stderr.contains("the time limit is reached") && late.stderr.contains("sweep resume late"),
        "{}",
        late.stderr
    );
}

#[test]
fn a_bound_on_the_regret_ends_a_study_alike_for_any_number_of_jobs() {
    let bench = Bench::new();
    let script = r#"awk -v lr=$1 -v b=$2 'BEGIN {
        valley = 0.1 * log(lr / 0.02 / sqrt(b))^2 + 0.05 * log(b / 64)^2
        printf "{\"loss\": %.12f}\n", 0.2 * exp(valley)
    }'"#;
    std::fs::write(bench.path("run.sh"), script).unwrap();
    let study = |name: &str, sampler: &str, jobs: usize, limit: &str| {
        format!(
            "{sampler} lr=1e-4..10 batch=8..512 --trials 60 --lag 4 --name {name} --minimize loss \
             --jobs {jobs} --quiet --stop-regret {limit} -- sh run.sh {{lr}} {{batch}}"
        )
    };
    let one = bench.ok(&study("one", "bayes", 1, "0.5%"));
    let trials = |name: &str| bench.results(name)["trials"].as_array().unwrap().clone();
    let count = trials("one").len();
    assert!((20..60).contains(&count), "{count}");
    assert!(one.stdout.contains(&format!("a limit is reached after {count} of 60 trials")), "{}", one.stdout);
    assert!(bench.results("one")["best"]["value"].as_f64().unwrap() < 0.201);
    bench.ok(&study("four", "bayes", 4, "0.5%"));
    assert_eq!(trials("four"), trials("one"));
    for (sampler, limit, advice) in [("tpe", "0.5%", "gp or ridge, not tpe"), ("gp", "0.5", "such as 0.5%")] {
        let ran = bench.run(&study("refused", sampler, 1, limit));
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        assert!(ran.stderr.contains(advice), "{}", ran.stderr);
    }
    assert!(!bench.path("results/refused").exists());
}
