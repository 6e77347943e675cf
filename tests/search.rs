//! Samplers that learn: the same trials for any number of jobs, after an interruption, and in more than one go.

use crate::support::Bench;

const LEARNING: [&str; 5] = ["tpe", "gp", "cmaes", "genetic", "ridge"];

fn command(sampler: &str, name: &str, trials: u64, jobs: usize) -> String {
    format!(
        "search lr=1e-4..10 batch=4..64 --sampler {sampler} --trials {trials} --lag 4 --replicates 2 \
         --data table.csv --label y --epochs 1 --quiet --name {name} --jobs {jobs}"
    )
}

fn bench() -> Bench {
    let bench = Bench::new();
    bench.table("table.csv");
    bench
}

#[test]
fn any_number_of_jobs_gives_the_same_trials() {
    let bench = bench();
    for sampler in LEARNING {
        let results = |jobs: usize| {
            let name = format!("{sampler}{jobs}");
            bench.ok(&command(sampler, &name, 14, jobs));
            let mut results = bench.results(&name);
            results["study"]["name"] = "same".into();
            results
        };
        let one = results(1);
        assert_eq!(one["trials"].as_array().unwrap().len(), 28, "{sampler}");
        for jobs in [2, 4] {
            assert_eq!(results(jobs), one, "{sampler} with {jobs} jobs");
        }
    }
}

#[test]
fn more_trials_continue_a_search() {
    let bench = bench();
    bench.ok(&command("gp", "whole", 13, 2));
    bench.ok(&command("gp", "parts", 6, 2));
    let second = bench.ok(&command("gp", "parts", 13, 1));
    assert!(second.stdout.contains("(12 done, 14 new)"), "{}", second.stdout);
    let trials = |name: &str| bench.results(name)["trials"].clone();
    assert_eq!(trials("parts"), trials("whole"));
    let third = bench.ok(&command("gp", "parts", 13, 1));
    assert!(third.stdout.contains("(26 done, 0 new)"), "{}", third.stdout);
}

#[test]
fn a_search_over_other_axes_is_another_study() {
    let bench = bench();
    bench.ok(&command("tpe", "study", 3, 2));
    for other in [command("gp", "study", 3, 2), command("tpe", "study", 3, 2).replace("..10", "..1")] {
        let ran = bench.run(&other);
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        assert!(ran.stderr.contains("proposed by tpe with other axes"), "{}", ran.stderr);
    }
    let ran = bench.run("extend study lr=..100000");
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("cannot be widened, because tpe proposed its points"), "{}", ran.stderr);
}

#[test]
fn a_derived_parameter_follows_its_rule_in_every_trial() {
    let bench = Bench::new();
    bench.table("table.csv");
    let command = "lr=0.1*batch/32 batch=8,16,32,64 --data table.csv --label y --steps 5 --quiet";
    std::fs::write(
        bench.path("rule.toml"),
        "data = \"table.csv\"\nlabel = \"y\"\nsteps = 5\n[space]\nlr = \"0.1*batch/32\"\nbatch = [8, 16, 32, 64]\n",
    )
    .unwrap();
    bench.ok(&format!("grid {command} --name grid"));
    bench.ok("run rule.toml --quiet");
    bench.ok(&format!("bayes {command} --name bayes --trials 10"));
    for name in ["grid", "rule", "bayes"] {
        let results = bench.results(name);
        let trials = results["trials"].as_array().unwrap();
        assert_eq!(trials.len(), 4, "{name}: the rule is no dimension of the space");
        for trial in trials {
            let number = |of: &str| trial["params"][of].as_f64().unwrap();
            assert_eq!(number("lr"), 0.1 * number("batch") / 32.0, "{name}");
            assert_eq!(trial["curve"][0]["lr"], trial["params"]["lr"], "{name}: it was trained with");
        }
        let best = &results["best"]["params"];
        let pasted = bench.ok(&format!("best {name} --as torch")).stdout;
        assert!(pasted.contains(&format!("lr={}", best["lr"])), "{pasted}");
    }
    let ran = bench.run(&format!("grid {} --name bad", command.replace("batch/32", "btach")));
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("there is no axis or setting `btach`"), "{}", ran.stderr);
    let ran = bench.run("lr-find weight_decay=0.01*lr batch=8 --data table.csv --label y");
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("weight_decay follows the formula 0.01*lr"), "{}", ran.stderr);
}

#[test]
fn enqueued_points_come_first_and_never_twice() {
    let bench = bench();
    for sampler in ["random", "tpe", "grid"] {
        let trials = if sampler == "grid" { "" } else { "--trials 5" };
        let words = format!(
            "search lr=0.1,0.2 batch=8,16,32 --sampler {sampler} {trials} --data table.csv --label y"
        );
        let mut command = bench.command(&words);
        command.args([
            "--enqueue",
            "lr=0.2 batch=16",
            "--enqueue",
            "lr=0.1 batch=32",
            "--name",
            sampler,
            "--steps",
            "5",
        ]);
        assert!(command.output().unwrap().status.success());
        let results = bench.results(sampler);
        let points: Vec<String> =
            results["trials"].as_array().unwrap().iter().map(|trial| trial["params"].to_string()).collect();
        assert_eq!(points[..2], [r#"{"batch":16,"lr":0.2}"#, r#"{"batch":32,"lr":0.1}"#], "{sampler}");
        let distinct: std::collections::HashSet<&String> = points.iter().collect();
        assert_eq!(distinct.len(), points.len(), "{sampler}");
        assert_eq!(points.len(), if sampler == "grid" { 6 } else { 5 }, "{sampler}");
    }
}

#[test]
fn a_trial_that_breaks_a_bound_is_never_best() {
    let bench = bench();
    let words = "grid lr=0.03,0.1,0.3 batch=8,32 --data table.csv --label y --epochs 2";
    bench.ok(&format!("{words} --name free"));
    let best = bench.results("free")["best"]["value"].as_f64().unwrap();
    bench.ok(&format!("{words} --name bound --subject-to val_loss>{}", best * 1.01));
    let results = bench.results("bound");
    assert!(results["best"]["value"].as_f64().unwrap() > best, "{}", results["best"]);
    let cells = results["facts"]["cells"].as_array().unwrap();
    assert!(cells.iter().any(|cell| cell["state"] == "infeasible"));
    let refused = bench.run("grid lr=0.1,1 --subject-to speed<3");
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("the metrics are seconds, train_loss"), "{}", refused.stderr);
}
