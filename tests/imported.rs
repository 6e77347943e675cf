//! Imported runs continued here: with a command, or with a model.

use serde_json::Value;

use crate::support::Bench;

/// A bench with `surface.sh`, a loss over lr and batch that is known, and runs of it, the best of which lies beyond
/// them.
fn bench() -> Bench {
    let bench = Bench::new();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/surface.sh");
    std::fs::copy(script, bench.path("surface.sh")).unwrap();
    let runs = "alpha,bs,seed,loss\n0.001,32,0,0.36\n0.002,32,0,0.24\n0.004,32,0,0.17\n0.001,64,0,0.67\n0.002,64,0,0.38\n0.004,64,0,0.23\n";
    std::fs::write(bench.path("runs.csv"), runs).unwrap();
    bench
}

const READ: &str = "report runs.csv --map lr=alpha,batch=bs --minimize loss";

fn trials(results: &Value) -> &Vec<Value> {
    results["trials"].as_array().unwrap()
}

fn imported(results: &Value) -> Vec<&Value> {
    trials(results).iter().filter(|trial| trial["imported"] == true).collect()
}

#[cfg(unix)]
#[test]
fn runs_of_another_program_are_extended_refined_and_confirmed_by_a_command() {
    let bench = bench();
    let ran = bench.ok(READ);
    assert!(ran.stdout.contains("sweep extend runs lr=..0.08 -- COMMAND"), "{}", ran.stdout);
    let before = bench.results("runs");
    assert_eq!((trials(&before).len(), imported(&before).len()), (6, 6));
    let replayed = bench.ok("replay runs --samplers random,ridge --repeats 3 --quiet").stdout;
    assert!(replayed.contains("ridge"), "{replayed}");
    for words in ["extend runs", "refine runs", "resume runs"] {
        let refused = bench.run(words);
        assert_eq!(refused.code, Some(2), "{words}: {}", refused.stdout);
        assert!(refused.stderr.contains("say what a trial runs"), "{words}: {}", refused.stderr);
    }
    let ran = bench.ok("extend results/runs lr=..0.08 --quiet -- sh surface.sh {lr} {batch} {seed}");
    let after = bench.results("runs");
    assert_eq!(imported(&after), imported(&before), "{}", ran.stdout);
    let added = trials(&after).len() - 6;
    assert!(added >= 6 && added.is_multiple_of(2), "{added} more");
    assert!(after["best"]["params"]["lr"].as_f64().unwrap() > 0.004, "{}", after["best"]);
    let page = std::fs::read_to_string(bench.path("results/runs/report.html")).unwrap();
    assert!(page.contains("made by another program") && page.contains("run here: sh surface.sh"));
    // From now on the study has its command.
    bench.ok("refine runs --quiet");
    assert!(trials(&bench.results("runs")).len() > trials(&after).len());
    bench.ok("refine runs --confirm 3 --quiet");
    assert_eq!(bench.results("runs")["best"]["n"], 3);
    let other = bench.run("refine runs -- sh other.sh {lr}");
    assert!(
        other.code == Some(2) && other.stderr.contains("can only continue with its own settings"),
        "{}",
        other.stderr
    );
    let again = bench.run(READ);
    assert!(again.code == Some(2) && again.stderr.contains("trials that were run here"), "{}", again.stderr);
    assert_eq!(bench.run("show runs").code, Some(0));
}

#[test]
fn without_axes_points_beyond_the_borders_are_added() {
    let bench = bench();
    bench.ok(READ);
    let ran = bench.ok("extend runs --quiet -- sh surface.sh {lr} {batch} {seed}");
    assert!(ran.stdout.contains("The best η at B = 32 is the highest tried, 0.004"), "{}", ran.stdout);
    assert_eq!(trials(&bench.results("runs")).len(), 10);
    // Runs that come in later are read in place of those before, as long as none was added here.
    let bench = self::bench();
    bench.ok(READ);
    let more = std::fs::read_to_string(bench.path("runs.csv")).unwrap() + "0.008,32,0,0.13\n";
    std::fs::write(bench.path("runs.csv"), more).unwrap();
    bench.ok(READ);
    assert_eq!(trials(&bench.results("runs")).len(), 7);
    let refused = bench.run("replay runs");
    assert!(
        refused.code == Some(2) && refused.stderr.contains("batch=64 lr=0.008 was not"),
        "{}",
        refused.stderr
    );
}

#[test]
fn a_model_of_the_trainer_takes_over_runs_that_it_could_have_made() {
    let bench = Bench::new();
    bench.table("table.csv");
    let runs = "lr,batch,epochs,val_loss\n0.01,16,2,1.0\n0.03,16,2,0.9\n0.1,16,2,0.8\n0.01,32,2,1.1\n0.03,32,2,1.0\n0.1,32,2,0.9\n";
    std::fs::write(bench.path("old.csv"), runs).unwrap();
    bench.ok("report old.csv --minimize val_loss");
    let words = "refine old --model mlp --data table.csv --label y --quiet";
    bench.ok(words);
    let results = bench.results("old");
    assert!(trials(&results).len() > 6 && imported(&results).len() == 6);
    assert_eq!(results["study"]["settings"]["epochs"], 2.0);
    // Without a budget the length of a trial is unknown.
    std::fs::write(bench.path("short.csv"), "lr,batch,val_loss\n0.01,16,1.0\n0.1,16,0.8\n").unwrap();
    bench.ok("report short.csv --minimize val_loss");
    let refused = bench.run(&words.replace("old", "short"));
    assert!(refused.code == Some(2) && refused.stderr.contains("--epochs or --steps"), "{}", refused.stderr);
    bench.table("other.csv");
    let grid = "grid lr=0.01,0.1 batch=16 --data table.csv --label y --epochs 1 --quiet --name g";
    bench.ok(grid);
    let refused = bench.run("refine g --model mlp");
    assert!(
        refused.code == Some(2) && refused.stderr.contains("already has a training command or model"),
        "{}",
        refused.stderr
    );
}

#[test]
fn a_last_line_that_is_cut_off_is_left_out_and_others_are_named() {
    let bench = Bench::new();
    let write = |name: &str, text: &str| std::fs::write(bench.path(name), text).unwrap();
    std::fs::create_dir_all(bench.path("ray/a")).unwrap();
    std::fs::create_dir_all(bench.path("ray/b")).unwrap();
    for (run, lr) in [("a", 0.1), ("b", 0.2)] {
        write(&format!("ray/{run}/params.json"), &format!("{{\"lr\": {lr}}}"));
        let cut = "{\"training_iteration\": 1, \"val_loss\": 0.5}\n{\"training_iteration\": 2, \"val_lo";
        write(&format!("ray/{run}/result.json"), cut);
    }
    write(
        "runs.jsonl",
        "{\"lr\": 0.1, \"val_loss\": 0.5}\n{\"lr\": 0.2, \"val_loss\": 0.4}\n{\"lr\": 0.3, \"va",
    );
    write("runs.csv", "lr,val_loss\r\n0.1,0.5\r\n0.2,0.4\r\n0.3");
    for source in ["ray", "runs.jsonl", "runs.csv"] {
        bench.ok(&format!("report {source} --minimize val_loss --name {source}"));
        assert_eq!(trials(&bench.results(source)).len(), 2, "{source}");
    }
    write("bad.csv", "lr,val_loss\r\n0.1,0.5\r\n0.2,x\r\n");
    let ran = bench.run("report bad.csv --minimize val_loss");
    assert!(ran.code == Some(2) && ran.stderr.contains("line 3"), "{}", ran.stderr);
    write(
        "empty.log",
        "{\"op_code\": 0, \"worker_id\": \"w\", \"study_name\": \"j\", \"directions\": [1]}\n",
    );
    let ran = bench.run("report empty.log");
    assert!(ran.code == Some(2) && ran.stderr.contains("no run that has ended"), "{}", ran.stderr);
}

#[test]
fn columns_have_the_role_that_their_names_have_elsewhere() {
    let bench = Bench::new();
    let text = "params_lr,train_batch_size,alpha,val_loss\n0.1,16,1,0.5\n0.2,16,2,0.4\n0.4,32,1,0.3\n";
    std::fs::write(bench.path("runs.csv"), text).unwrap();
    bench.ok("report runs.csv --minimize val_loss");
    std::fs::write(bench.path("comma.csv"), "lr;val_loss;note\n0,1;0,5;a,b\n0,2;0,25;c\n").unwrap();
    bench.ok("report comma.csv --minimize val_loss");
    assert_eq!(bench.results("comma")["best"]["value"], 0.25, "a decimal comma");
    let point = trials(&bench.results("runs"))[0]["params"].clone();
    assert_eq!(
        (&point["lr"], &point["batch"], &point["alpha"]),
        (&0.1.into(), &16.into(), &1.into()),
        "{point}"
    );
}
