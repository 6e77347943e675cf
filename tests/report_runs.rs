//! Reports on runs of other programs: one command each, with notes on what the runs do not record.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::{Bench, Ran, read_json};

/// A file or folder of `tests/fixtures`, made by the script beside it.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures").join(name)
}

/// The report on a fixture: its output, and `results.json`.
fn report(bench: &Bench, name: &str, options: &str) -> (Ran, Value) {
    let ran = bench.ok(&format!("report {} {options}", fixture(name).display()));
    let stem = name.split('.').next().unwrap();
    bench.png(stem, "heatmap.png");
    let page = std::fs::read_to_string(bench.path(&format!("results/{stem}/report.html"))).unwrap();
    assert!(page.contains("made by another program") && page.contains("sweep report"), "{name}");
    (ran, read_json(&bench.path(&format!("results/{stem}/results.json"))))
}

/// How many trials ended how.
fn ended(results: &Value, outcome: &str) -> usize {
    results["trials"].as_array().unwrap().iter().filter(|trial| trial["outcome"] == outcome).count()
}

#[test]
fn optuna_files_of_both_kinds_give_the_same_report() {
    let bench = Bench::new();
    let (ran, base) = report(&bench, "optuna.db", "");
    assert!(ran.stdout.contains("B=64"), "{}", ran.stdout);
    assert!(ran.stdout.contains("2 trials have not ended and been left out"), "{}", ran.stdout);
    assert_eq!([ended(&base, "complete"), ended(&base, "pruned"), ended(&base, "diverged")], [22, 1, 1]);
    assert_eq!(base["facts"]["metric"], json!("val_loss"));
    assert_eq!(base["study"]["settings"], json!({ "optimizer": "sgd", "steps": 300 }));
    assert_eq!(base["facts"]["best_per_batch"].as_array().unwrap().len(), 4);
    std::fs::remove_dir_all(bench.path("results/optuna")).unwrap();
    let (_, journal) = report(&bench, "optuna.log", "");
    assert_eq!(journal["facts"]["cells"], base["facts"]["cells"]);
    assert_eq!(journal["best"], base["best"]);
}

#[test]
fn a_weights_and_biases_export_needs_one_word() {
    let bench = Bench::new();
    let (ran, results) = report(&bench, "wandb.csv", "--minimize val_loss");
    for printed in [
        "lr (learning_rate), batch (batch_size)",
        "1 run has not ended",
        "1 run has failed where other runs",
        "The runs have no steps",
        "5 epochs, 2 seeds",
    ] {
        assert!(ran.stdout.contains(printed), "`{printed}` in\n{}", ran.stdout);
    }
    assert_eq!(
        [ended(&results, "complete"), ended(&results, "diverged"), ended(&results, "failed")],
        [28, 2, 0]
    );
    let best = &results["facts"]["best_per_batch"][1];
    let lr = best["estimate"].as_f64().unwrap();
    assert!((lr / 0.113).log2().abs() < 0.7, "{best}");
    let seeds: Vec<&Value> =
        results["trials"].as_array().unwrap().iter().map(|trial| &trial["seed"]).collect();
    assert_eq!(seeds[..2], [&json!(1), &json!(2)]);
    assert!(!bench.path("results/wandb/curves.png").exists(), "there are no curves to draw");
}

#[test]
fn rows_of_readings_make_curves_and_names_can_be_given() {
    let bench = Bench::new();
    let options = "--map lr=alpha,batch=bs --minimize val_loss --replicate-column seed --steps-column step";
    let (ran, results) = report(&bench, "long.csv", options);
    assert!(
        ran.stdout.contains("400 steps") && !ran.stdout.contains("The runs have no steps"),
        "{}",
        ran.stdout
    );
    assert_eq!((results["trials"].as_array().unwrap().len(), ended(&results, "complete")), (30, 30));
    assert_eq!(results["trials"][0]["curve"].as_array().unwrap().len(), 3);
    assert_eq!(results["facts"]["replicates"], json!(2));
    bench.png("long", "curves.png");
}

#[test]
fn folders_of_hydra_and_ray_are_runs() {
    let bench = Bench::new();
    let (ran, hydra) = report(&bench, "hydra", "--minimize val_loss");
    assert!(ran.stdout.contains("lr (optimizer.lr)") && ran.stdout.contains("3 epochs"), "{}", ran.stdout);
    assert_eq!(ended(&hydra, "complete"), 8);
    let (ran, ray) = report(&bench, "ray", "--minimize loss");
    assert!(ran.stdout.contains("batch (batch_size)"), "{}", ran.stdout);
    assert_eq!([ended(&ray, "complete"), ended(&ray, "diverged"), ended(&ray, "failed")], [6, 1, 1]);
    assert_eq!(ray["timing"]["trials"][0]["seconds"], json!(4.5));
}

#[test]
fn one_rate_one_batch_size_and_nothing_but_divergence_are_noted() {
    let bench = Bench::new();
    let write = |name: &str, text: &str| std::fs::write(bench.path(name), text).unwrap();
    write("one.csv", "lr,batch,loss\n0.1,16,0.5\n0.1,16,0.6\n");
    let one = bench.ok("report one.csv").stdout;
    for printed in ["the same learning rate, 0.1", "the same batch size, 16", "The runs have no seed"] {
        assert!(one.contains(printed), "`{printed}` in\n{one}");
    }
    write("lost.jsonl", "{\"lr\":1,\"loss\":NaN}\n{\"lr\":2,\"loss\":null}\n");
    let lost = bench.ok("report lost.jsonl --minimize loss").stdout;
    assert!(lost.contains("Every trial diverged") && !lost.contains("step 0"), "{lost}");
    write(
        "holes.csv",
        "lr,batch,norm,loss\n0.1,16,none,0.5\nNA,16,none,0.4\n1,16,none,N/A\n0.01,16,none,0.7\n",
    );
    let holes = bench.ok("report holes.csv").stdout;
    assert!(
        holes.contains("1 run is without a learning rate") && holes.contains("1 trial has failed"),
        "{holes}"
    );
    std::fs::remove_file(bench.path("results/holes/study.sqlite")).unwrap();
    assert_eq!(bench.ok("report results/holes").stdout, bench.ok("report holes").stdout);
    assert!(bench.ok("report holes").stdout.contains("1 run is without a learning rate"));
}

#[test]
fn an_invalid_table_of_runs_is_refused() {
    let bench = Bench::new();
    let write = |name: &str, text: &str| std::fs::write(bench.path(name), text).unwrap();
    let wide = |row: usize| (0..1000).map(|column| format!("{}", column * row)).collect::<Vec<_>>().join(",");
    let names = (0..1000).map(|column| format!("c{column}")).collect::<Vec<_>>().join(",");
    write("wide.csv", &format!("{names},loss\n{},0.1\n{},0.2\n", wide(1), wide(2)));
    let metrics = (0..10).map(|index| format!("loss_{index}")).collect::<Vec<_>>().join(",");
    write("ten.csv", &format!("lr,{metrics}\n0.1{}\n", ",1".repeat(10)));
    write("twice.csv", "lr,lr,loss\n1,2,3\n");
    write("words.csv", "lr,loss\n0.1,low\nfast,0.2\n");
    write("rate.csv", "lr,loss\nfast,0.2\nslow,0.3\n");
    write("empty.csv", "");
    std::fs::create_dir(bench.path("bare")).unwrap();
    for (words, advice) in [
        ("report wide.csv --minimize loss", "--params lr,batch"),
        ("report ten.csv", "there are loss_0, loss_1"),
        ("report twice.csv --minimize loss", "columns 1 and 2 are both called lr"),
        ("report words.csv --minimize loss", "line 2: loss=`low` is not a number"),
        ("report rate.csv --minimize loss", "`fast` is not a number above 0"),
        ("report empty.csv", "is empty"),
        ("report bare", ".hydra/overrides.yaml"),
        ("report nothing.csv --minimize loss", "nothing.csv is neither"),
        ("report ten.csv --minimize loss_11", "did you mean"),
        ("report ten.csv --minimize loss_1 --map lr=rate", "there is no column `rate`"),
        ("report ten.csv --minimize loss_1 --map lr", "--map lr is not NAME=VALUE"),
    ] {
        let ran = bench.run(words);
        assert_eq!(ran.code, Some(2), "{words}\n{}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains(advice), "{words}: {}", ran.stderr);
    }
}

#[test]
fn an_array_of_runs_that_is_cut_off_is_read_up_to_there() {
    let bench = Bench::new();
    let text = r#"[{"lr": 0.1, "loss": 0.3}, {"lr": 0.2, "loss": 0.2}, {"lr": 0.4, "lo"#;
    std::fs::write(bench.path("runs.json"), text).unwrap();
    let ran = bench.ok("report runs.json --minimize loss");
    let cut = "The array is cut off after object 2, and the next one has been left out.";
    assert_eq!(ran.stdout.matches(cut).count(), 1, "{}", ran.stdout);
    assert_eq!(ended(&read_json(&bench.path("results/runs/results.json")), "complete"), 2);
}

/// An SQLite file with MLflow's tables and one experiment.
fn mlflow(bench: &Bench) -> rusqlite::Connection {
    let base = rusqlite::Connection::open(bench.path("mlflow.db")).unwrap();
    base.execute_batch(
        "create table experiments (experiment_id integer, name text);
         create table runs (run_uuid text, status text, start_time integer, lifecycle_stage text, experiment_id integer);
         create table params (key text, value text, run_uuid text);
         create table metrics (key text, value real, timestamp integer, run_uuid text, step integer, is_nan boolean);
         insert into experiments values (1, 'e');",
    )
    .unwrap();
    base
}

/// A trial as Keras Tuner writes it; the fifth one is still running.
fn keras_tuner(at: usize, lr: f64, loss: f64) -> Value {
    json!({
        "trial_id": at.to_string(),
        "hyperparameters": { "space": [], "values": { "learning_rate": lr, "tuner/epochs": 3 } },
        "metrics": { "metrics": {
            "loss": { "direction": "min", "observations": [{ "value": [0.3], "step": 1 }] },
            "val_loss": { "direction": "min", "observations": [{ "value": [loss], "step": 1 }] },
        } },
        "score": loss,
        "status": if at == 4 { "RUNNING" } else { "COMPLETED" },
    })
}

#[test]
fn stores_of_mlflow_and_projects_of_keras_tuner_are_runs() {
    let bench = Bench::new();
    let write = |path: &str, text: &str| {
        let path = bench.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let base = mlflow(&bench);
    write("mlruns/7/meta.yaml", "name: e\nexperiment_id: '7'\n");
    for (at, lr) in [0.001, 0.002, 0.004, 0.008, 0.016].into_iter().enumerate() {
        let loss = |step: i32| 0.1 + f64::from(2 - step) + (lr / 0.004_f64).log2().powi(2);
        let (folder, status) = (format!("mlruns/7/r{at}"), if at == 4 { 1 } else { 3 });
        write(
            &format!("{folder}/meta.yaml"),
            &format!("run_id: r{at}\nstatus: {status}\nlifecycle_stage: active\n"),
        );
        write(&format!("{folder}/params/learning_rate"), &lr.to_string());
        let readings: Vec<String> = (0..3).map(|step| format!("17{step} {} {step}", loss(step))).collect();
        write(&format!("{folder}/metrics/val_loss"), &readings.join("\n"));
        let status = if at == 4 { "RUNNING" } else { "FINISHED" };
        base.execute(
            "insert into runs values (?1, ?2, ?3, 'active', 1)",
            (format!("r{at}"), status, at as i64),
        )
        .unwrap();
        base.execute(
            "insert into params values ('learning_rate', ?1, ?2)",
            (lr.to_string(), format!("r{at}")),
        )
        .unwrap();
        for step in 0..3 {
            let row = ("val_loss", loss(step), step, format!("r{at}"), step);
            base.execute("insert into metrics values (?1, ?2, ?3, ?4, ?5, 0)", row).unwrap();
        }
        let trial = keras_tuner(at, lr, loss(2));
        write(&format!("tuned/trial_{at}/trial.json"), &trial.to_string());
    }
    drop(base);
    for (source, options, name) in [
        ("mlruns", "--minimize val_loss", "mlruns"),
        ("mlflow.db", "--minimize val_loss", "mlflow"),
        ("tuned", "", "tuned"),
    ] {
        let ran = bench.ok(&format!("report {source} {options}"));
        assert!(ran.stdout.contains("4 runs, varying: lr (learning_rate)."), "{source}: {}", ran.stdout);
        assert!(ran.stdout.contains("has not ended and been left out"), "{source}: {}", ran.stdout);
        let results = read_json(&bench.path(&format!("results/{name}/results.json")));
        assert_eq!(results["best"]["value"], json!(0.1), "{source}");
    }
    write("runs.parquet", "PAR1");
    let ran = bench.run("report runs.parquet --minimize loss");
    assert!(ran.code == Some(2) && ran.stderr.contains("read_parquet('runs.parquet')"), "{}", ran.stderr);
}
