//! The loop of work on a script: it crashes, is mended and runs again; its logs; the devices it is given.

#![cfg(target_os = "linux")]

use std::collections::BTreeSet;

use crate::support::{Bench, Ran};

const GRID: &str = "grid lr=1,2,3,4 --name s --jobs 1 --minimize val_loss -- python3 t.py {lr}";

fn write(bench: &Bench, script: &str) {
    std::fs::write(bench.path("t.py"), script).unwrap();
}

fn run(bench: &Bench, script: &str, words: &str) -> Ran {
    write(bench, script);
    bench.run(words)
}

const GOOD: &str = "import sys\nprint('{\"val_loss\": %s}' % sys.argv[1])";

#[test]
fn a_script_that_was_mended_runs_again_by_the_same_command() {
    let bench = Bench::new();
    let ran = run(&bench, "def f():\n    return {}['model'] + 1\nf()", GRID);
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    assert!(ran.stderr.contains("KeyError: 'model'") && !ran.stderr.contains("^^^"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("sweep logs s") && ran.stdout.contains("the first of them: exit code 1"),
        "{}",
        ran.stdout
    );
    let page = std::fs::read_to_string(bench.path("results/s/report.html")).unwrap();
    assert!(page.contains("KeyError"), "the page says why");
    let logs = bench.ok("logs s").stdout;
    assert!(logs.contains("Traceback") && logs.contains("KeyError"), "{logs}");
    let ran = run(&bench, GOOD, GRID);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("t.py has changed: 3 trials that failed run again"), "{}", ran.stderr);
    let results = bench.results("s");
    let trials = results["trials"].as_array().unwrap();
    assert!(trials.len() == 4 && trials.iter().all(|trial| trial["outcome"] == "complete"));
    assert!(trials.iter().all(|trial| trial.get("changed").is_none()), "nothing is left of the old script");
    assert_eq!(bench.ok("logs s 2").stdout.trim(), "{\"val_loss\": 3}");
    let ran = bench.run("logs s 77");
    assert!(ran.code == Some(2) && ran.stderr.contains("trial 77"), "{}", ran.stderr);
}

#[test]
fn results_of_an_old_script_are_not_shown_in_silence() {
    let bench = Bench::new();
    assert_eq!(run(&bench, GOOD, GRID).code, Some(0));
    let ran = bench.ok(GRID);
    assert!(!ran.stderr.contains("changed"), "{}", ran.stderr);
    let ran = run(&bench, &GOOD.replace("%s", "1%s"), GRID);
    assert_eq!(ran.code, Some(0));
    assert!(ran.stderr.contains("t.py has changed since all trials of s ended"), "{}", ran.stderr);
    assert!(ran.stderr.contains("--fresh"), "{}", ran.stderr);
    // With some that ended well, the failed ones run again only where the change is accepted.
    let half = "import sys\nassert sys.argv[1] != '3', 'three'\nprint('{\"val_loss\": 1}')";
    let words = GRID.replace("--name s", "--name half");
    assert_eq!(run(&bench, half, &words).code, Some(0));
    let ran = run(&bench, GOOD, &words.replace(" --minimize", " --accept-changes --minimize"));
    assert!(ran.stderr.contains("t.py has changed: 1 trial that failed runs again"), "{}", ran.stderr);
    assert_eq!(bench.results("half")["trials"][2]["outcome"], "complete");
}

#[test]
fn words_for_gpus_are_resolved_and_checked() {
    let bench = Bench::new();
    write(&bench, "import os\nprint('{\"val_loss\": 1, \"gpu\": %s}' % os.environ['CUDA_VISIBLE_DEVICES'])");
    // What the driver's tool prints of two devices.
    std::fs::create_dir(bench.path("bin")).unwrap();
    let tool = bench.path("bin/nvidia-smi");
    std::fs::write(
        &tool,
        "#!/bin/sh\necho 'GPU 0: NVIDIA X (UUID: GPU-1)'\necho 'GPU 1: NVIDIA X (UUID: GPU-2)'\n",
    )
    .unwrap();
    let mut mode = std::fs::metadata(&tool).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o755);
    std::fs::set_permissions(&tool, mode).unwrap();
    let path = format!("{}:{}", bench.path("bin").display(), std::env::var("PATH").unwrap());
    let run = |gpus: &str| {
        let words =
            format!("grid lr=1,2,3,4 --fresh --name g --minimize val_loss {gpus} -- python3 t.py {{lr}}");
        Ran::of(gpus, bench.command(&words).env("PATH", &path).output().unwrap())
    };
    for gpus in ["--gpus all", "--gpus auto", "--gpus 0,cuda:1", "--gpus 0 --gpus-per-trial 0.5"] {
        let ran = run(gpus);
        assert_eq!(ran.code, Some(0), "{gpus}: {}", ran.stderr);
    }
    let results = bench.results("g");
    // Which of two trials that start together takes which device is not fixed.
    let trials = results["trials"].as_array().unwrap();
    let seen: BTreeSet<u64> =
        trials.iter().map(|trial| trial["metrics"]["gpu"].as_f64().unwrap() as u64).collect();
    assert_eq!(seen, [0, 1].into());
    for (gpus, why) in [
        ("--gpus 2", "there is no GPU 2; there are 2"),
        ("--gpus any", "`any` names no GPU"),
        ("--gpus 0 --gpus-per-trial 1.5", "is no number of GPUs"),
        ("--gpus 0 --gpus-per-trial 2", "more than the 1 GPUs"),
    ] {
        let ran = run(gpus);
        assert!(ran.code == Some(2) && ran.stderr.contains(why), "{gpus}: {}", ran.stderr);
    }
}
