//! What the columns of other people's tables are, found and said: names, figures that others say already, groups, rungs,
//! marks of divergence, steps to a target.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::support::{Bench, read_json};

/// Models of three sizes on two amounts of data, whose layers follow from the size and whose steps follow from data and
/// batch size; a name for each run.
fn table(bench: &Bench) {
    let mut text = String::from("exp_name,layers,N,D,D/N,steps_done,lr,bs,val_loss\n");
    for (layers, n) in [(4, 1e7), (4, 2e7), (8, 4e7)] {
        for d in [1e9, 3e9] {
            for batch in [16, 32, 64] {
                for octave in 0..6 {
                    let lr = 0.001 * f64::from(1 << octave);
                    let best = 8.0 * (1e7 / n) * f64::from(batch).sqrt() / 32f64.sqrt() * 0.001;
                    let loss = 2.0 + 1e6 / n + 0.01 * (lr / best).log2().powi(2);
                    let steps = d / f64::from(batch);
                    let _ = writeln!(
                        text,
                        "n{n}-d{d}-{batch}-{octave},{layers},{n},{d},{},{steps},{lr},{batch},{loss}",
                        d / n
                    );
                }
            }
        }
    }
    std::fs::write(bench.path("runs.csv"), text).unwrap();
}

#[test]
fn a_table_over_models_is_not_answered_as_if_it_were_one_study() {
    let bench = Bench::new();
    table(&bench);
    let ran = bench.run("report runs.csv");
    assert_eq!(ran.code, Some(2));
    for said in ["differ in N, D", "--group N,D", "--params lr,bs,N,D"] {
        assert!(
            ran.stderr.contains(said) || ran.stderr.contains("--params N,D,lr,bs"),
            "{said}: {}",
            ran.stderr
        );
    }
    let ran = bench.ok("report runs.csv --group N,D");
    for said in [
        "108 runs in 6 groups by N and D",
        "layers follows from N",
        "D/N follows from",
        "steps_done follows from",
    ] {
        assert!(
            format!("{}{}", ran.stdout, ran.stderr).contains(said),
            "{said}: {}{}",
            ran.stdout,
            ran.stderr
        );
    }
    assert!(ran.stdout.contains("One setting for all: batch="), "{}", ran.stdout);
    bench.png("runs", "groups.png");
    let document = read_json(&bench.path("results/runs/groups.json"));
    let groups = document["groups"].as_array().unwrap();
    assert_eq!((groups.len(), &groups[5]["at"]), (6, &json!([40_000_000, 3_000_000_000_u64])));
    assert_eq!(groups[0]["best_lr"]["status"], json!("OK"), "{}", groups[0]);
    // One model is one study.
    let ran = bench.ok("report runs.csv --where N=2e7,D=1e9");
    assert!(ran.stdout.contains("18 runs, varying: lr, batch (bs)."), "{}", ran.stdout);
    let ran = bench.run("report runs.csv --where N=5");
    assert!(ran.stderr.contains("no row has N=5"), "{}", ran.stderr);
}

#[test]
fn runs_that_stopped_at_a_low_rung_are_not_compared_with_the_rest() {
    let bench = Bench::new();
    let mut text = String::from("config,budget,learning_rate,loss\n");
    for config in 0..16 {
        let lr = 0.001 * f64::from(config + 1);
        for budget in [1, 3, 9] {
            if budget == 9 && config % 4 > 0 {
                continue;
            }
            // What stopped early looks better at its rung than all do at the end.
            let loss = if budget == 9 { 0.5 + lr } else { 0.1 + lr };
            let _ = writeln!(text, "c-{config},{budget},{lr},{loss}");
        }
    }
    std::fs::write(bench.path("runs.csv"), text).unwrap();
    let ran = bench.ok("report runs.csv");
    assert!(
        ran.stdout.contains("12 runs of 16 stopped below the highest rung of budget, 9"),
        "{}",
        ran.stdout
    );
    assert!(read_json(&bench.path("results/runs/results.json"))["best"]["value"].as_f64().unwrap() > 0.5);
    // A budget called otherwise is named.
    std::fs::write(
        bench.path("other.csv"),
        std::fs::read_to_string(bench.path("runs.csv")).unwrap().replace("config,budget", "config,fidelity"),
    )
    .unwrap();
    let ran = bench.ok("report other.csv --rung fidelity");
    assert!(
        ran.stdout.contains("12 runs of 16 stopped below the highest rung of fidelity"),
        "{}",
        ran.stdout
    );
}

#[test]
fn marks_of_divergence_are_read() {
    let bench = Bench::new();
    let write = |name: &str, text: &str| std::fs::write(bench.path(name), text).unwrap();
    write(
        "marked.csv",
        "lr,nan_train_loss,top_1\n0.1,False,0.5\n0.2,False,0.6\n0.4,False,0.4\n0.8,True,\n1.6,True,0.1\n",
    );
    let ran = bench.ok("report marked.csv");
    assert!(ran.stdout.contains("Of 5 points, 2 diverged"), "{}", ran.stdout);
    write("high.csv", "lr,boom,val_loss\n0.1,0,2.5\n0.2,0,2.4\n0.4,0,2.6\n0.8,1,7.9\n");
    for options in ["--diverged boom", "--diverged-above 4 --params lr"] {
        let ran = bench.ok(&format!("report high.csv {options}"));
        assert!(ran.stdout.contains("Of 4 points, 1 diverged"), "{options}: {}", ran.stdout);
    }
}

/// S = a + b/B with the published a and b of two of the models of Zhang et al. 2024 (arXiv 2410.21676): b/a is 2190.6 and
/// 11131.0, and the batch sizes with 20 % more examples than 256 are 745.3 and 2533.4.
#[test]
fn steps_to_a_target_give_the_critical_batch_size_of_each_model() {
    let bench = Bench::new();
    let mut text = String::from("model,target_val_loss,batch_sequences,seq_len,steps\n");
    for (model, target, a, b) in [("1.2B", 2.74, 3897.31, 43_381_130.0), ("85M", 3.42, 1293.83, 2_834_258.0)]
    {
        for octave in 6..=14 {
            let batch = f64::from(1 << octave);
            let _ = writeln!(text, "{model},{target},{batch},512,{}", a + b / batch);
        }
    }
    std::fs::write(bench.path("steps.csv"), text).unwrap();
    let ran = bench.run("report steps.csv --steps-to-target steps");
    assert!(ran.stderr.contains("--group model"), "{}", ran.stderr);
    bench.ok("report steps.csv --steps-to-target steps --group model --overhead-than 256");
    let document = read_json(&bench.path("results/steps/groups.json"));
    let groups = document["groups"].as_array().unwrap();
    let of = |group: usize, name: &str| groups[group][name]["estimate"].as_f64().unwrap();
    for (group, name, published) in [
        (0, "critical_batch", 2190.6),
        (1, "critical_batch", 11131.0),
        (0, "overhead_batch", 745.3),
        (1, "overhead_batch", 2533.4),
    ] {
        assert!((of(group, name) / published - 1.0).abs() < 1e-3, "{name}: {}", of(group, name));
    }
    let ran = bench.ok("report steps.csv --steps-to-target steps --where model=85M");
    assert!(ran.stdout.contains("The critical batch size is 2190"), "{}", ran.stdout);
}

#[test]
fn lists_of_readings_and_packed_files_are_read() {
    let bench = Bench::new();
    let text = "{\"iteration\": 1, \"lr\": 0.1, \"nan\": false, \"acc\": [0.1, 0.4, 0.5]}\n\
                {\"iteration\": 2, \"lr\": 0.2, \"nan\": false, \"acc\": [0.2, 0.6]}\n\
                {\"iteration\": 3, \"lr\": 9, \"nan\": true, \"acc\": []}\n";
    let packed = zstd::encode_all(text.as_bytes(), 3).unwrap();
    std::fs::write(bench.path("runs.jsonl.zst"), packed).unwrap();
    std::fs::write(bench.path("plain.jsonl"), text).unwrap();
    for name in ["runs.jsonl.zst", "plain.jsonl"] {
        let ran = bench.ok(&format!("report {name}"));
        assert!(ran.stdout.contains("Of 3 points, 1 diverged"), "{}", ran.stdout);
        let results = read_json(&bench.path(&format!(
            "results/{}/results.json",
            name.trim_end_matches(".zst").trim_end_matches(".jsonl").to_owned()
                + if name.ends_with(".zst") { ".jsonl" } else { "" }
        )));
        assert_eq!(results["best"]["value"], json!(0.6));
    }
}

#[test]
fn folders_of_records_and_of_trials_are_read() {
    let bench = Bench::new();
    let write = |path: &str, text: String| {
        let path = bench.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    for (at, lr) in [0.001, 0.002, 0.004, 0.008].into_iter().enumerate() {
        for seed in 0..2 {
            let loss = 3.0 + (lr / 0.003_f64).log2().powi(2) / 10.0 + 0.001 * f64::from(seed);
            let record = json!({
                "name": format!("run-{at}-{seed}"),
                "config": { "lr": lr, "seed": seed, "dataset": "c4", "log_dir": format!("/scratch/runs/e{at}{seed}") },
                "summary": { "final-val/loss": loss, "_step": 9, "iter": 100, "lr": 0 },
                "history": {}
            });
            write(&format!("records/{at}-{seed}.json"), record.to_string());
            for (workload, metric) in [("one", "validation/ssim"), ("two", "validation/map")] {
                let folder = format!("logs/study_{seed}/{workload}/trial_{at}");
                write(&format!("{folder}/hparams.json"), json!({ "learning_rate": lr }).to_string());
                let rows = format!("global_step,{metric}\n1,0.1\n50,{}\n", 1.0 - loss / 10.0);
                write(&format!("{folder}/measurements.csv"), rows);
            }
        }
    }
    let ran = bench.ok("report records --minimize final-val/loss");
    assert!(ran.stdout.contains("8 runs, varying: lr."), "{}", ran.stdout);
    let results: Value = read_json(&bench.path("results/records/results.json"));
    assert_eq!(
        (&results["study"]["settings"]["dataset"], &results["study"]["replicates"]),
        (&json!("c4"), &json!(2))
    );
    let ran = bench.ok("report logs --maximize validation/ssim");
    assert!(ran.stdout.contains("8 runs without validation/ssim"), "{}", ran.stdout);
    assert!(ran.stdout.contains("8 runs, varying: lr (learning_rate)."), "{}", ran.stdout);
}
