//! The main job: one command, and a verdict, pictures and numbers at its end.

use serde_json::Value;

use crate::support::{Bench, read_json};

#[test]
fn a_grid_ends_with_a_verdict_pictures_and_numbers() {
    let bench = Bench::new();
    let ran = bench.ok("grid lr=1e-3..1e-1:3 batch=64,256 --steps 60 --name g --svg");
    assert!(ran.stdout.contains("6 points × 1 replicate = 6 trials"), "{}", ran.stdout);
    // With so short a budget the largest learning rate is best: it lies on the border, and the verdict starts with that
    // and with what to type.
    assert!(ran.stdout.contains("border") && ran.stdout.contains("sweep extend g lr=..1"), "{}", ran.stdout);
    let importance = "Importance (share of the variance over the grid): learning rate ";
    assert!(ran.stdout.contains(importance), "{}", ran.stdout);
    bench.png("g", "heatmap.png");
    bench.png("g", "losses.png");
    assert!(std::fs::read_to_string(bench.path("results/g/heatmap.svg")).unwrap().contains("<svg"));
    let results = bench.results("g");
    assert_eq!((&results["format"], &results["version"]), (&"sweep-results".into(), &1.into()));
    let trials = results["trials"].as_array().unwrap();
    assert_eq!(trials.len(), 6);
    for trial in trials {
        assert_eq!(trial["outcome"], "complete");
        assert_eq!(trial["steps"], 60);
        assert!(
            trial["metrics"]["test_loss"].is_null(),
            "no point is recommended, so the test set is not read"
        );
    }
    assert_eq!(results["facts"]["best_per_batch"][0]["status"], "EDGE");
    assert!(results["facts"]["best_per_batch"][0]["estimate"].is_null());
    let rows = std::fs::read_to_string(bench.path("results/g/trials.csv")).unwrap();
    assert_eq!(rows.lines().count(), 7, "{rows}");
}

#[test]
fn an_extension_that_is_refused_leaves_the_study_as_it_was() {
    let bench = Bench::new();
    bench.ok("grid lr=0.01..0.1:x10 batch=64 --steps 40 --name g");
    let before = bench.results("g");
    let ran = bench.run("extend g lr=..1 --max-memory 10MB");
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains("--max-memory"), "{}", ran.stderr);
    let resumed = bench.ok("resume g").stdout;
    assert!(resumed.contains("2 trials (2 done, 0 new)"), "{resumed}");
    assert_eq!(bench.results("g"), before);
}

#[test]
fn extending_adds_only_the_missing_cells() {
    let bench = Bench::new();
    bench.ok("grid lr=0.01..0.1:x10 batch=64 --steps 40 --name g");
    let before = bench.results("g");
    let ran = bench.ok("extend");
    assert!(ran.stdout.contains("(2 done, 1 new)"), "{}", ran.stdout);
    let after = bench.results("g");
    assert_eq!(after["trials"].as_array().unwrap().len(), 3);
    for index in 0..2 {
        assert_eq!(before["trials"][index]["curve"], after["trials"][index]["curve"]);
    }
    let whole = Bench::new();
    whole.ok("grid lr=0.01,0.1,1 batch=64 --steps 40 --name g");
    assert_eq!(whole.results("g")["best"]["value"], after["best"]["value"]);
}

#[test]
fn the_recommended_point_alone_reads_the_test_set() {
    let bench = Bench::new();
    bench.ok("grid lr=0.1,0.5,1e3 batch=64 --steps 150 --name g");
    let results = bench.results("g");
    let best = &results["best"]["trials"][0];
    let with_test = |trial: &&Value| trial["metrics"]["test_loss"].is_number();
    let tested: Vec<_> = results["trials"].as_array().unwrap().iter().filter(with_test).collect();
    assert_eq!(tested.len(), 1);
    assert_eq!(&tested[0]["number"], best);
}

#[test]
fn a_diverged_cell_is_a_finding() {
    let bench = Bench::new();
    let ran = bench.ok("grid lr=0.1,0.5,1e3 batch=32 --steps 100 --name d");
    assert!(ran.stdout.contains("diverged"), "{}", ran.stdout);
    let results = bench.results("d");
    let trial = &results["trials"][2];
    assert_eq!(trial["outcome"], "diverged");
    assert!(trial["diverged_at"].as_u64().unwrap() <= 100);
    assert_ne!(results["best"]["params"]["lr"], 1000.0);
    let all = bench.run("grid lr=1e3,1e4 batch=32 --steps 100 --name all");
    assert_eq!(all.code, Some(0), "{}", all.stderr);
    assert!(
        all.stdout.to_lowercase().contains("diverged") && bench.results("all")["best"].is_null(),
        "{}",
        all.stdout
    );
}

#[test]
fn replicates_share_seeds_and_are_averaged() {
    let bench = Bench::new();
    bench.ok("grid lr=0.1,0.5 batch=64 --steps 40 --replicates 3 --seed 5 --name r");
    let results = bench.results("r");
    let seeds: Vec<u64> =
        results["trials"].as_array().unwrap().iter().map(|trial| trial["seed"].as_u64().unwrap()).collect();
    assert_eq!(seeds, [5, 6, 7, 5, 6, 7]);
    assert_eq!(results["best"]["n"], 3);
    assert!(results["best"]["stderr"].as_f64().unwrap() > 0.0);
}

#[test]
fn reading_commands_speak_of_the_latest_study() {
    let bench = Bench::new();
    bench.ok("random lr=1e-2..1 batch=32..128 --trials 5 --steps 30 --name r --quiet");
    assert!(bench.ok("list").stdout.contains("r  5/5 trials"));
    assert!(bench.ok("show").stdout.contains("5 of 5 trials done"));
    assert_eq!(bench.ok("export --format csv").stdout.lines().count(), 6);
    assert_eq!(bench.ok("export --format jsonl").stdout.lines().count(), 5);
    let best = bench.ok("best --as args").stdout;
    assert!(best.contains("lr=") && best.contains("batch="), "{best}");
    let torch = bench.ok("best --as torch").stdout;
    assert!(torch.contains("torch.optim.SGD(model.parameters(), lr=") && !torch.contains("none"), "{torch}");
    assert!(bench.ok("best --as keras").stdout.contains("batch_size="));
    for words in ["list --json", "show --json", "best --json", "export --format json", "report --json"] {
        serde_json::from_str::<Value>(&bench.ok(words).stdout).unwrap_or_else(|_| panic!("{words}"));
    }
}

#[test]
fn training_once_prints_each_reading_and_stores_nothing() {
    let bench = Bench::new();
    let ran = bench.ok("train lr=0.1 batch=32 --steps 200 --report-every 100st");
    assert_eq!(ran.stdout.lines().count(), 3, "{}", ran.stdout);
    assert!(ran.stdout.contains("val_loss") && ran.stdout.contains("test_accuracy"), "{}", ran.stdout);
    assert!(!bench.path("results").exists());
    let json = bench.ok("train lr=0.1 batch=32 --steps 100 --json").stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["outcome"], "complete");
    assert!(json["metrics"]["test_accuracy"].as_f64().unwrap() > 0.5);
}

#[test]
fn a_dry_run_writes_nothing() {
    let bench = Bench::new();
    let ran = bench.ok("grid lr=1e-3..1e-1 batch=16,32,64,128 --dry-run");
    assert!(ran.stdout.contains("28 trials") && ran.stdout.contains("MB"), "{}", ran.stdout);
    assert!(!bench.path("results").exists());
}

#[test]
fn study_files_mean_what_the_command_line_means() {
    let bench = Bench::new();
    let text = "steps = 30\nseed = 3\n[space]\nlr = \"0.1..1:2\"\nbatch = [64, 128]\n";
    std::fs::write(bench.path("small.toml"), text).unwrap();
    bench.ok("run small.toml");
    bench.ok("grid lr=0.1..1:2 batch=64,128 --steps 30 --seed 3 --name typed");
    assert_eq!(bench.results("small")["trials"], bench.results("typed")["trials"]);
}

#[test]
fn trials_with_a_target_compete_for_the_fewest_steps() {
    let bench = Bench::new();
    let words = "grid lr=0.01,0.1,0.4 batch=64,128,256 --until val_loss=0.6 --cap-steps 120 --report-every x1.1 --name t";
    let ran = bench.ok(words);
    assert!(ran.stdout.contains("until validation loss 0.6, at most 120 steps"), "{}", ran.stdout);
    let results = bench.results("t");
    assert_eq!(results["best"]["metric"], "steps_to_target");
    let trials = results["trials"].as_array().unwrap();
    for trial in trials {
        let (steps, taken) = (trial["steps"].as_u64().unwrap(), trial["metrics"]["steps_to_target"].as_f64());
        let reached = trial["metrics"]["val_loss"].as_f64().unwrap() < 0.6;
        assert_eq!(taken, reached.then_some(steps as f64), "{trial}");
        assert!(reached || steps == 120);
    }
    assert!(
        results["facts"]["divergence"]["trials"]["censored"].as_u64().unwrap() >= 3,
        "lr=0.01 is too low"
    );
    assert_eq!(results["facts"]["critical_batch"][0]["per_batch"].as_array().unwrap().len(), 3);
    assert!(
        bench.path("results/t/critical_batch.png").exists() && bench.path("results/t/losses.png").exists()
    );
}

#[test]
fn the_code_to_paste_names_the_optimizer() {
    let bench = Bench::new();
    bench.ok("grid lr=1e-3,1e-2 batch=64 optimizer=adam weight_decay=1e-4 --steps 30 --name a --quiet");
    let torch = bench.ok("best a --as torch").stdout;
    assert!(
        torch.contains("torch.optim.Adam(model.parameters(), lr=") && torch.contains("weight_decay=1e-4"),
        "{torch}"
    );
    assert!(bench.ok("best a --as keras").stdout.contains("keras.optimizers.Adam(learning_rate="));
}

#[test]
fn a_study_is_read_by_another_budget() {
    let bench = Bench::new();
    bench.ok("grid lr=0.05,0.2,0.5 batch=32,256 --epochs 1 --report-every x1.3 --name b --quiet");
    let ran = bench.ok("report b --by steps");
    // An epoch of 50,000 examples is 196 steps of 256 and 1,563 of 32.
    assert!(ran.stdout.contains("(196 steps, 1 seed"), "{}", ran.stdout);
    let read = read_json(&bench.path("results/b/by-steps/results.json"));
    assert!(read["trials"].as_array().unwrap().iter().all(|trial| trial["steps"] == 196));
    let run = bench.results("b");
    assert_eq!(run["trials"][5]["steps"], 196);
    assert_eq!(run["trials"][5]["metrics"]["val_loss"], read["trials"][5]["metrics"]["val_loss"]);
    // The small batch had seen an eighth of its examples by then.
    let loss = |results: &Value| results["trials"][2]["metrics"]["val_loss"].as_f64().unwrap();
    assert!(loss(&read) > 1.2 * loss(&run), "{} after 196 steps, {} after all", loss(&read), loss(&run));
    let units: Vec<&Value> =
        run["facts"]["equal_budgets"].as_array().unwrap().iter().map(|equal| &equal["unit"]).collect();
    assert_eq!(units, ["epochs", "steps"]);
    bench.png("b", "budgets.png");
    for unit in ["seconds", "examples", "epochs"] {
        bench.ok(&format!("report b --by {unit}"));
        assert!(bench.path(&format!("results/b/by-{unit}/report.html")).exists());
    }
    bench.ok("grid lr=0.1 batch=32,512 --epochs 1 --name coarse --quiet");
    let refused = bench.run("report coarse --by steps");
    assert_eq!(refused.code, Some(2));
    assert!(
        refused.stderr.contains("batch=32") && refused.stderr.contains("--report-every"),
        "{}",
        refused.stderr
    );
}

#[test]
fn a_report_is_written_again_from_its_results_alone() {
    let bench = Bench::new();
    bench.ok("grid lr=0.05,0.2 batch=64,256 --epochs 1 --replicates 2 --name alone --quiet");
    let results = bench.path("results/alone/results.json");
    let (before, picture) = (read_json(&results), bench.png("alone", "heatmap.png"));
    for file in ["study.sqlite", "report.html", "heatmap.png"] {
        std::fs::remove_file(bench.path(&format!("results/alone/{file}"))).unwrap();
    }
    bench.ok("report alone");
    let after = read_json(&results);
    let timed = |results: &Value, key: &str| results["timing"][key].clone();
    let times = before["timing"]["step_times"].as_array().unwrap();
    assert_eq!(times.len(), 2, "one per batch size");
    let whole = |time: &Value| time["seconds"].as_f64() > Some(0.0) && time["bytes"].as_u64() > Some(100_000);
    assert!(times.iter().all(whole), "{times:?}");
    for key in ["cores", "os", "arch", "trials", "step_times", "throughput"] {
        assert!(!timed(&before, key).is_null() && timed(&before, key) == timed(&after, key), "{key}");
    }
    let timeless = |mut results: Value| results.as_object_mut().unwrap().remove("timing").map(|_| results);
    assert!(timeless(before) == timeless(after));
    assert!(bench.png("alone", "heatmap.png") == picture);
    assert!(bench.path("results/alone/report.html").exists());
}
