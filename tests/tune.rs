//! Tuning with one command, and confirmation on fresh seeds.

use serde_json::Value;

use crate::support::Bench;

/// The learning rate of least loss of `surface.sh`, whose best batch size is 64.
const BEST: f64 = 0.0528;

fn bench() -> Bench {
    let bench = Bench::new();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/surface.sh");
    std::fs::copy(script, bench.path("surface.sh")).unwrap();
    bench
}

fn trials(results: &Value) -> &Vec<Value> {
    results["trials"].as_array().unwrap()
}

#[cfg(unix)]
#[test]
fn a_script_whose_loss_is_known_is_tuned_into_its_basin() {
    let bench = bench();
    let mut found = 0;
    for seed in 0..4 {
        let ran = bench.ok(&format!(
            "tune --time 5m --trials 60 --seed {seed} --quiet --minimize loss --name s{seed} --jobs 2 -- \
             sh surface.sh {{lr}} {{batch}} {{seed}}"
        ));
        let results = bench.results(&format!("s{seed}"));
        assert!(trials(&results).len() <= 60, "{} runs", trials(&results).len());
        let best = &results["best"];
        assert!(best["n"].as_u64().unwrap() >= 2, "the winner is confirmed: {best}");
        let seeds = best["trials"].as_array().unwrap().iter().map(|number| number.as_u64().unwrap());
        let fresh = |number: u64| {
            trials(&results).iter().any(|t| t["number"] == number && t["seed"].as_u64() > Some(999))
        };
        assert!(seeds.clone().all(fresh), "{best}");
        let lr = best["params"]["lr"].as_f64().unwrap();
        let batch = best["params"]["batch"].as_u64().unwrap();
        found += usize::from((lr / BEST).log2().abs() < 1.0 && [32, 64, 128].contains(&batch));
        assert!(
            ran.stdout.contains("Then the search") && ran.stdout.contains("may be luck"),
            "{}",
            ran.stdout
        );
    }
    assert!(found >= 3, "{found} of 4 in the basin");
}

/// The best of `surface.sh` lies beyond these rates, and four doublings above these batch sizes.
#[cfg(unix)]
#[test]
fn ranges_that_miss_the_best_are_widened_until_it_lies_inside() {
    let bench = bench();
    let words = "tune --time 5m --trials 100 --confirm 2 --quiet --minimize loss --name w --jobs 2 lr=3e-4..3e-3 batch=2..4 -- \
                 sh surface.sh {lr} {batch} {seed}";
    let ran = bench.ok(words);
    assert!(ran.stdout.contains("is the highest tried, 0.00"), "{}", ran.stdout);
    assert!(ran.stdout.contains("is the largest tried, 4; adding B = 8"), "{}", ran.stdout);
    let results = bench.results("w");
    assert!(trials(&results).len() <= 100);
    assert!(results["best"]["params"]["lr"].as_f64().unwrap() > 0.006, "{}", results["best"]);
    let best = results["best"]["params"]["batch"].as_f64();
    let rows = results["facts"]["best_per_batch"].as_array().unwrap();
    let row = rows.iter().find(|row| row["batch"].as_f64() == best).unwrap();
    assert_ne!(row["status"], "EDGE", "{row}");
    assert!(
        results["best"]["n"].as_u64() >= Some(2),
        "what lay beyond is confirmed too: {}",
        results["best"]
    );
    let again = bench.ok(words);
    assert_eq!(trials(&bench.results("w")), trials(&results), "{}", again.stdout);
}

/// A search keeps its axes, and what lies beyond its borders is added to it.
#[cfg(unix)]
#[test]
fn a_search_is_extended_by_points_beyond_its_borders() {
    let bench = bench();
    bench.ok("bayes lr=1e-4..1e-3 batch=64 --trials 20 --quiet --minimize loss --name s --jobs 2 -- sh surface.sh {lr} {batch} {seed}");
    let before = trials(&bench.results("s")).len();
    let ran = bench.ok("extend s --quiet");
    assert!(ran.stdout.contains("is the highest tried"), "{}", ran.stdout);
    let results = bench.results("s");
    assert!(trials(&results).len() > before);
    assert!(results["best"]["params"]["lr"].as_f64().unwrap() > 1e-3, "{}", results["best"]);
}

#[test]
fn a_network_is_tuned_without_ranges() {
    let bench = Bench::new();
    bench.table("table.csv");
    let words =
        "tune --time 20s --trials 30 --confirm 2 --data table.csv --label y --epochs 2 --quiet --name t";
    let ran = bench.ok(words);
    let results = bench.results("t");
    let axes: Vec<&str> = results["study"]["space"]
        .as_array()
        .unwrap()
        .iter()
        .map(|axis| axis["name"].as_str().unwrap())
        .collect();
    assert!(["lr", "batch", "schedule"].iter().all(|axis| axes.contains(axis)), "{axes:?}");
    assert!(ran.stdout.contains("by a range test"), "{}", ran.stdout);
    assert!(results["best"]["value"].as_f64().unwrap() < 1.0, "{}", results["best"]);
    // A dry run prints the plan; the range that it needs is known by now.
    let plan = bench.ok(&format!("{words}-dry --dry-run")).stdout;
    assert!(plan.contains("Then the search") && !bench.path("results/t-dry").exists(), "{plan}");
    // The same command continues; here nothing is left to run.
    let before = trials(&results).len();
    bench.ok(words);
    assert!(trials(&bench.results("t")).len() <= before + 30);
}

#[test]
fn a_winner_is_confirmed_on_seeds_it_never_had() {
    let bench = Bench::new();
    bench.table("table.csv");
    bench.ok("grid lr=0.01,0.03,0.1,0.3 batch=16,32 --data table.csv --label y --epochs 2 --quiet --name g");
    let ran = bench.ok("refine g --confirm 3 --quiet");
    assert!(ran.stdout.contains("on 3 fresh seeds each"), "{}", ran.stdout);
    let results = bench.results("g");
    let fresh: Vec<u64> = trials(&results)
        .iter()
        .filter_map(|trial| trial["seed"].as_u64().filter(|seed| *seed >= 1000))
        .collect();
    assert!(fresh.len() >= 3 && fresh.len().is_multiple_of(3), "{fresh:?}");
    assert_eq!(results["best"]["n"], 3);
    let cells = results["facts"]["cells"].as_array().unwrap();
    assert!(cells.iter().any(|cell| cell["confirmed"] == true));
    let more = bench.ok("refine g --quiet");
    assert!(trials(&bench.results("g")).len() > trials(&results).len(), "{}", more.stdout);
}

/// A grid, its extension and its confirmation: whoever is asked names one best point.
#[test]
fn every_reader_names_the_same_best() {
    let bench = Bench::new();
    bench.table("table.csv");
    bench.ok(
        "grid lr=0.01,0.03,0.1,0.3 batch=16,32,64 --data table.csv --label y --epochs 2 --quiet --name g",
    );
    bench.ok("extend g lr=..30 --quiet");
    let ran = bench.ok("refine g --confirm 3 --quiet");
    let results = bench.results("g");
    let best = &results["best"];
    let params = best["params"].as_object().unwrap();
    assert_eq!(best["n"], 3, "{best}");
    let [batch, lr] = ["batch", "lr"].map(|name| params[name].as_f64().unwrap().to_string());
    let words = format!("batch={batch} lr={lr}");
    let json = |words: &str| serde_json::from_str::<Value>(&bench.ok(words).stdout).unwrap();
    assert_eq!(json("best g --json")["params"], best["params"]);
    assert_eq!(json("list --json")[0]["best"], words.as_str());
    assert_eq!(json("recommend g --for loss --json")["rows"][0]["params"], best["params"]);
    assert!(bench.ok("best g --as args").stdout.contains(&words));
    let page = std::fs::read_to_string(bench.path("results/g/report.html")).unwrap();
    assert!(page.contains(&format!("<strong>{words}</strong>")), "{words}");
    let shown = bench.ok("show g").stdout;
    for text in [&ran.stdout, &shown] {
        assert!(text.contains(&format!("Confirmed on 3 fresh seeds: {words}")), "{words}: {text}");
        let first = text
            .lines()
            .skip_while(|line| !(line.contains(" lr ") && line.contains(" val_loss ")))
            .nth(1)
            .unwrap();
        let columns: Vec<&str> = first.trim_start_matches('≈').split_whitespace().collect();
        assert_eq!(columns[..2], [&*lr, &*batch], "{text}");
    }
    let row = |row: &&Value| row["batch"].as_f64() == params["batch"].as_f64();
    let row = results["facts"]["best_per_batch"].as_array().unwrap().iter().find(row).unwrap();
    let cell = &results["facts"]["cells"][row["cell"].as_u64().unwrap() as usize];
    assert_eq!(cell["params"], best["params"], "the ring of the heatmap");
}
