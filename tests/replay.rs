//! Searches replayed on a grid: the same from the store and from its document, for any number of jobs.

use serde_json::Value;

use crate::support::{Bench, read_json};

/// A grid of 24 cells with two seeds each, small enough for a test.
fn grid(bench: &Bench) {
    bench.table("table.csv");
    bench.ok(
        "grid lr=1e-3..1:6 batch=8,16,32,64 --data table.csv --label y --steps 10 --replicates 2 --name grid",
    );
}

#[test]
fn a_finished_grid_shows_what_a_search_would_have_needed() {
    let bench = Bench::new();
    grid(&bench);
    let command = "replay grid --samplers random,bayes --repeats 4 --quiet";
    let printed = bench.ok(command).stdout;
    for part in ["4 replays on a table of 24 cells", "trials until within", "random  ", "ridge   ", "4 of 4"]
    {
        assert!(printed.contains(part), "`{part}` in\n{printed}");
    }
    let written = read_json(&bench.path("results/grid/replay.json"));
    assert!(bench.png("grid", "replay.png").len() > 10_000);
    assert!(std::fs::read_to_string(bench.path("results/grid/replay.svg")).unwrap().contains("<svg"));
    let sampler = &written["facts"]["samplers"][1];
    assert_eq!((&sampler["name"], &sampler["reached"]), (&Value::from("ridge"), &Value::from(4)));
    assert_eq!(sampler["regret"]["median"].as_array().unwrap().len(), 24, "the whole table by default");
    assert!(written["timing"]["samplers"][0]["seconds"]["within"]["estimate"].as_f64().unwrap() > 0.0);
    // Neither jobs nor where the table is read from change anything; the report alone is table enough.
    std::fs::remove_file(bench.path("results/grid/study.sqlite")).unwrap();
    let again = bench.ok(&format!("{command} --jobs 1 --json")).stdout;
    assert_eq!(serde_json::from_str::<Value>(&again).unwrap(), written);
    let path =
        bench.ok("replay results/grid --samplers sobol --repeats 1 --trials 5 --within 500% -q").stdout;
    assert!(path.contains("regret after 5") && path.contains("within 500 %"), "{path}");
}

#[test]
fn an_unfinished_grid_is_refused() {
    let bench = Bench::new();
    grid(&bench);
    bench.ok("random lr=0.1,1 batch=8,32 --trials 2 --data table.csv --label y --steps 5 --name drawn");
    std::fs::create_dir(bench.path("results/torn")).unwrap();
    std::fs::write(bench.path("results/torn/results.json"), r#"{"format":"sweep-lr-find","version":1}"#)
        .unwrap();
    for (words, advice) in [
        ("replay drawn", "random proposed its points"),
        ("replay torn", "not a results.json of this version"),
        ("replay nothing", "there is no study `nothing`"),
        ("replay grid --samplers bays", "invalid value 'bays'"),
        ("replay grid --samplers ridge,bayes", "listed twice"),
        ("replay grid --within 0.03", "such as 3%"),
        ("replay grid --repeats 0", "1..=100000"),
    ] {
        let ran = bench.run(words);
        assert_eq!(ran.code, Some(2), "{words}\n{}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains(advice), "{words}: {}", ran.stderr);
    }
}
