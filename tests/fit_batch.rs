//! The largest batch size that fits, and batch sizes that follow from several parameters.

#![cfg(target_os = "linux")]

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::command::processes;
use crate::skipped::skipped;
use crate::support::{Bench, Ran, await_of, await_that};

/// Runs `sweep` with these words, its command a script that holds `script`.
fn run(bench: &Bench, words: &str, script: &str, arguments: &[&str]) -> Ran {
    std::fs::write(bench.path("run.sh"), script).unwrap();
    let mut sweep = bench.command(&format!("{words} --"));
    sweep.args(["sh", "run.sh"]).args(arguments);
    Ran::of(words, sweep.output().unwrap())
}

/// Runs out of memory above 100 examples, and says so as PyTorch does.
const SCRIPT: &str = "[ $1 -le 100 ] || { echo 'torch.OutOfMemoryError: CUDA out of memory.' >&2; exit 1; }";

#[test]
fn the_largest_batch_size_is_found() {
    let bench = Bench::new();
    let ran = run(&bench, "fit-batch --exact --json", SCRIPT, &["{batch_size}"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let result: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&result["largest"], &result["too_large"]), (&json!(100), &json!(101)));
    let sizes: Vec<u64> =
        result["tries"].as_array().unwrap().iter().map(|each| each["batch"].as_u64().unwrap()).collect();
    assert_eq!(sizes[..8], [1, 2, 4, 8, 16, 32, 64, 128]);
    assert!(ran.stderr.contains("The largest batch size that fits is 100; 101 does not."), "{}", ran.stderr);
    let ran = run(&bench, "fit-batch --smallest 16 --largest 64", SCRIPT, &["{batch}"]);
    assert!(ran.stdout.contains("tried, 64, fits"), "{}", ran.stdout);
}

#[test]
fn a_size_that_runs_long_enough_fits_and_other_ends_are_distinguished() {
    let bench = Bench::new();
    let ran = run(&bench, "fit-batch --largest 2 --enough 300ms --grace 1s", "sleep 1000", &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("still running after --enough"), "{}", ran.stdout);
    let ran = run(&bench, "fit-batch --smallest 128", SCRIPT, &["{batch}"]);
    assert_eq!(ran.code, Some(3));
    assert!(ran.stdout.contains("No batch size fits: 128 does not"), "{}", ran.stdout);
    let ran = run(&bench, "fit-batch", "echo 'no module' >&2; exit 1", &["{batch}"]);
    assert_eq!(ran.code, Some(3));
    assert!(ran.stdout.contains("failed for another reason: exit code 1: no module"), "{}", ran.stdout);
    for (words, advice) in [
        ("fit-batch batch=3 -- sh run.sh", "fit-batch searches batch itself"),
        ("fit-batch lr=1,2 -- sh run.sh", "lr has several values"),
        ("fit-batch lr=1", "fit-batch needs a command"),
        ("fit-batch --smallest 9 --largest 8 -- sh run.sh", "--smallest 9 is above"),
    ] {
        let ran = bench.run(words);
        assert_eq!(ran.code, Some(2), "{words}: {}", ran.stderr);
        assert!(ran.stderr.contains(advice), "{words}: {}", ran.stderr);
    }
}

/// Two processes that train together. The second needs 1.4 GB per example, while the first only waits for it.
const DISTRIBUTED: &str = "import sys, time, torch, torch.distributed as dist
batch = int(sys.argv[1])
dist.init_process_group('gloo')
if dist.get_rank() == 1:
    if batch == 8: raise ValueError('8 is not supported')
    examples = torch.empty(batch, 350_000_000)
dist.all_reduce(torch.ones(1))
if batch == 1:
    open(f'ready.{dist.get_rank()}', 'w').close()
    time.sleep(1000)
dist.destroy_process_group()
";

/// Runs `fit-batch` with these words on [`DISTRIBUTED`] under torchrun. Three examples leave 1.3 GB for PyTorch itself, and
/// four are above the limit whatever that needs.
fn under_torchrun(bench: &Bench, words: &str) -> Command {
    std::fs::write(bench.path("train.py"), DISTRIBUTED).unwrap();
    let limits = "--memory-per-trial 5500MB --cpus-per-trial 1";
    bench.command(&format!(
        "fit-batch {words} {limits} -- torchrun --standalone --nproc_per_node=2 train.py {{batch}}"
    ))
}

#[test]
fn a_size_is_too_large_for_torchrun_if_it_is_for_one_of_its_processes() {
    let found = Command::new("sh").args(["-c", "command -v torchrun"]).output();
    if !found.is_ok_and(|output| output.status.success()) {
        return skipped("fit-batch under torchrun", "there is no torchrun");
    }
    let bench = Bench::new();
    let ran = Ran::of("2 to 4", under_torchrun(&bench, "--smallest 2 --largest 4 --json").output().unwrap());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let result: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&result["largest"], &result["too_large"]), (&json!(3), &json!(4)), "{}", ran.stderr);
    let said = result["tries"][1]["said"].as_str().unwrap();
    assert!(said.starts_with("does not fit: out of memory: [rank1]: RuntimeError"), "{said}");
    assert!(said.contains("DefaultCPUAllocator: can't allocate memory"), "{said}");

    // The reason is the error of the process that failed, not torchrun's summary or what the other process says.
    let ran = Ran::of("8", under_torchrun(&bench, "--smallest 8").output().unwrap());
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    let reason = "batch size 8 failed for another reason: exit code 1: ";
    assert!(ran.stdout.contains(reason), "{}", ran.stdout);
    assert!(ran.stdout.contains("[rank1]: ValueError: 8 is not supported ("), "{}", ran.stdout);

    let mut child = under_torchrun(&bench, "--largest 1").stdout(Stdio::null()).spawn().unwrap();
    let ready = || ["ready.0", "ready.1"].iter().all(|file| bench.path(file).exists());
    assert!(await_of(&mut child, "both processes start", ready));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    await_that("all processes end", || processes(&bench).is_empty());
}

#[test]
fn an_effective_batch_size_is_the_axis_of_the_report_and_is_not_passed_on() {
    let bench = Bench::new();
    let script = "echo \"$@\" >> seen; echo \"{\\\"step\\\": 1, \\\"loss\\\": $2$4.5}\"";
    let words = "grid per_device=8,16 accumulate=1,2 --minimize loss --name study --quiet --jobs 1 \
        --gpus 0,1 --gpus-per-trial 2 --batch-is per_device*gpus*accumulate";
    let ran = run(&bench, words, script, &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let seen = std::fs::read_to_string(bench.path("seen")).unwrap();
    assert_eq!(seen.lines().count(), 4);
    assert!(seen.contains("--accumulate 2 --per_device 16") && !seen.contains("--batch"), "{seen}");
    let results = bench.results("study");
    let sizes: Vec<u64> = results["trials"]
        .as_array()
        .unwrap()
        .iter()
        .map(|trial| trial["params"]["batch"].as_u64().unwrap())
        .collect();
    assert_eq!(sizes, [16, 32, 32, 64]);
    assert_eq!(results["best"]["params"], json!({ "accumulate": 1, "batch": 16, "per_device": 8 }));
    let page = std::fs::read_to_string(bench.path("results/study/report.html")).unwrap();
    assert!(
        page.contains("--batch-is 'per_device*2*accumulate'"),
        "the page says how to run the study again"
    );
    let again = bench.ok("resume study --quiet");
    assert!(again.stdout.contains("(4 done, 0 new)"), "{}", again.stdout);
    let refused = run(&bench, "grid x=1,2 --minimize loss --batch-is x*y", script, &[]);
    assert!(refused.code == Some(2) && refused.stderr.contains("`y`"), "{}", refused.stderr);
}
