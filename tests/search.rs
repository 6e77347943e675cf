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
fn more_trials_go_on_from_those_there_are() {
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
        assert!(ran.stderr.contains("proposed by tpe over other axes"), "{}", ran.stderr);
    }
    let ran = bench.run("extend study lr=..100");
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("which extend cannot widen"), "{}", ran.stderr);
}
