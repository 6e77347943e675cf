//! Trials that are commands: the outcome of scripts of every kind, and that none of their processes stays behind.

#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::support::{Bench, Ran, await_that, read_json};

/// Runs a study named `study` of the words before `--`, whose command is `words` after it, one a script `run.sh` that
/// holds `script`.
pub fn study(bench: &Bench, script: &str, axes: &str, command: &[&str]) -> Ran {
    std::fs::write(bench.path("run.sh"), script).unwrap();
    let mut sweep = bench.command(&format!("grid {axes} --name study --minimize loss --quiet --"));
    sweep.args(["sh", "run.sh"]).args(command);
    Ran::of(axes, sweep.output().unwrap())
}

pub fn trials(bench: &Bench) -> Vec<Value> {
    read_json(&bench.path("results/study/results.json"))["trials"].as_array().unwrap().clone()
}

pub fn outcomes(bench: &Bench) -> Vec<String> {
    trials(bench).iter().map(|trial| trial["outcome"].as_str().unwrap().to_owned()).collect()
}

pub fn reason(bench: &Bench) -> String {
    trials(bench)[0]["reason"].as_str().unwrap().to_owned()
}

#[test]
fn a_script_is_swept_and_its_readings_are_kept() {
    let bench = Bench::new();
    let script =
        "for step in 1 2 3; do echo \"{\\\"step\\\": $step, \\\"loss\\\": $1.$step}\"; done; echo done";
    let ran = study(&bench, script, "lr=1,2 batch=16,32 --steps 3", &["{lr}", "{batch}"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let all = trials(&bench);
    assert_eq!(all.len(), 4);
    assert_eq!((&all[0]["metrics"]["loss"], &all[0]["steps"]), (&1.3.into(), &3.into()));
    assert_eq!(all[3]["curve"].as_array().unwrap().len(), 3);
    bench.png("study", "heatmap.png");
    let attempt = bench.path("results/study/trials/000000/attempts/1");
    assert_eq!(read_json(&attempt.join("result.json"))["outcome"]["outcome"], "complete");
    assert!(std::fs::read_to_string(attempt.join("stdout.log")).unwrap().ends_with("done\n"));
    let again = bench.ok("resume study --quiet");
    assert!(again.stdout.contains("(4 done, 0 new)"), "{}", again.stdout);
}

#[test]
fn values_reach_the_script_as_they_are() {
    let bench = Bench::new();
    let script = "printf '%s\\n' \"$1\" \"$2\" > \"$SWEEP_TRIAL_DIR/seen\"; echo '{\"loss\": 1}'; echo \"$SWEEP_PARAMS\" >> \"$SWEEP_TRIAL_DIR/seen\"";
    std::fs::write(bench.path("run.sh"), script).unwrap();
    let mut sweep = bench.command("grid --name study --minimize loss --quiet");
    sweep.args([
        "text=-a b 'c' \"d\" $(touch bad) `touch bad`",
        "--",
        "sh",
        "run.sh",
        "{text}",
        "--x={text}",
    ]);
    assert!(sweep.output().unwrap().status.success());
    let seen = std::fs::read_to_string(bench.path("results/study/trials/000000/attempts/1/seen")).unwrap();
    let text = "-a b 'c' \"d\" $(touch bad) `touch bad`";
    let lines: Vec<&str> = seen.lines().collect();
    assert_eq!(lines[..2], [text, &format!("--x={text}")]);
    assert_eq!(serde_json::from_str::<Value>(lines[2]).unwrap()["text"], text);
    assert!(!bench.path("bad").exists());
}

#[test]
fn event_files_of_tensorboard_are_read() {
    let bench = Bench::new();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/tensorboard");
    // Keras fills both files at the same time, so they must appear together.
    let script = format!(
        "for part in train validation; do mkdir -p copy/$part
        cp \"{}/keras-$part.tfevents\" copy/$part/events.out.tfevents.1; done; mv copy \"$1/logs\"",
        fixtures.display()
    );
    std::fs::write(bench.path("run.sh"), script).unwrap();
    let mut sweep = bench.command("grid lr=1 --epochs 3 --name study --minimize val_loss --quiet");
    let ran = Ran::of("events", sweep.args(["--", "sh", "run.sh", "{trial_dir}"]).output().unwrap());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let trial = &trials(&bench)[0];
    let curve = trial["curve"].as_array().unwrap();
    assert_eq!((curve.len(), &trial["epochs"]), (3, &3.0.into()), "{curve:?}");
    // As Keras printed them.
    let loss = |name: &str| trial["metrics"][name].as_f64().unwrap();
    assert!(
        (loss("loss") - 0.7279297).abs() < 1e-6 && (loss("val_loss") - 0.7140014).abs() < 1e-6,
        "{trial}"
    );
}

#[test]
fn every_end_of_a_script_has_its_outcome() {
    for (script, outcome, why) in [
        ("exit 0", "failed", "without reporting loss"),
        ("echo '{\"acc\": 1}'", "failed", "it reported acc"),
        ("echo one >&2; echo 'ValueError: bad' >&2; exit 3", "failed", "exit code 3: one | ValueError: bad"),
        ("kill -SEGV $$", "failed", "signal 11"),
        ("echo '{\"loss\": NaN}'; sleep 60", "diverged", ""),
        ("echo '{\"step\": 1, \"loss\": \"inf\"}'; sleep 60", "diverged", ""),
        (
            "echo 'RuntimeError: CUDA out of memory. Tried 2 GiB' >&2; exit 1",
            "infeasible",
            "CUDA out of memory",
        ),
        ("exit 137", "infeasible", "limit on memory"),
        ("kill -KILL $$", "infeasible", "limit on memory"),
        (
            "echo \"terminate called after throwing an instance of 'std::bad_alloc'\" >&2; kill -ABRT $$",
            "infeasible",
            "std::bad_alloc",
        ),
        ("printf '\\342\\202'; echo; echo '{\"loss\": 1}'", "complete", ""),
        ("for s in 5 9 3 4; do echo \"{\\\"step\\\": $s, \\\"loss\\\": $s}\"; done", "complete", ""),
        ("printf '{\"loss\": 1}'", "complete", ""),
        ("trap '' TERM; echo '{\"loss\": NaN}'; while :; do sleep 0.1; done", "diverged", ""),
    ] {
        let bench = Bench::new();
        let ran = study(&bench, script, "lr=1 --grace 300ms", &[]);
        assert_eq!(outcomes(&bench), [outcome], "{script}\n{}", ran.stderr);
        assert_eq!(
            ran.code,
            Some(if matches!(outcome, "complete" | "diverged") { 0 } else { 3 }),
            "{script}"
        );
        if !why.is_empty() {
            assert!(reason(&bench).contains(why), "{script}: {}", reason(&bench));
        }
    }
}

#[test]
fn a_flood_of_readings_or_of_text_is_handled() {
    let bench = Bench::new();
    let script = "i=0; while [ $i -lt 5000 ]; do i=$((i+1)); echo \"{\\\"step\\\": $i, \\\"loss\\\": $i}\"; done; yes | head -c 40000000; head -c 20000000 /dev/zero";
    let ran = study(&bench, script, "lr=1", &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let trial = &trials(&bench)[0];
    let readings = trial["curve"].as_array().unwrap();
    assert!(readings.len() <= 1_000 && readings.last().unwrap()["step"] == 5000, "{}", readings.len());
    let log = bench.path("results/study/trials/000000/attempts/1/stdout.log");
    assert!(log.metadata().unwrap().len() < 4_000_000);
}

#[test]
fn a_program_that_cannot_run_is_refused_before_anything_is_written() {
    let bench = Bench::new();
    for (words, advice) in [
        ("grid lr=1 --minimize loss -- no-such-program-anywhere", "no program `no-such-program-anywhere`"),
        ("grid lr=1 --minimize loss -- ./missing.sh", "no program ./missing.sh"),
        ("grid lr=1 -- sh run.sh", "--minimize"),
        ("grid lr=1 --minimize loss -- sh run.sh {rate}", "{rate}"),
        ("grid lr=1 --minimize loss --read loss=( -- sh run.sh", "pattern of loss"),
        ("grid lr=1 --minimize loss --data mnist -- sh run.sh", "data is for the built-in trainer"),
        ("grid lr=1 --retries 2", "--retries works only with commands"),
        ("train lr=1 --minimize loss -- sh run.sh", "sweep grid"),
        ("grid lr=@find --minimize loss -- sh run.sh", "@find"),
        ("grid lr=1,2 --minimize loss --pruner asha -- sh run.sh", "--epochs"),
    ] {
        let ran = bench.run(words);
        assert_eq!(ran.code, Some(2), "{words}: {}", ran.stderr);
        assert!(ran.stderr.contains(advice), "{words}: {}", ran.stderr);
    }
    assert!(!bench.path("results").exists());
}

#[test]
fn the_first_three_failures_stop_the_study_unless_it_keeps_going() {
    let bench = Bench::new();
    let script = "echo 'no module' >&2; exit 1";
    let ran = study(&bench, script, "lr=1,2,3,4,5,6 --jobs 1", &[]);
    assert_eq!((ran.code, outcomes(&bench).len()), (Some(3), 3));
    assert!(ran.stderr.contains("no module") && ran.stderr.contains("--keep-going"), "{}", ran.stderr);
    let ran = study(&bench, script, "lr=1,2,3,4,5,6 --jobs 1 --keep-going", &[]);
    assert_eq!((ran.code, outcomes(&bench).len()), (Some(3), 6));
}

#[test]
fn a_retry_continues_from_the_checkpoint() {
    let bench = Bench::new();
    let script = "c=\"$SWEEP_CHECKPOINT_DIR/at\"; n=0; [ -f \"$c\" ] && n=$(cat \"$c\")
        while [ $n -lt 4 ]; do n=$((n+1)); echo $n > \"$c\"; echo \"{\\\"step\\\": $n, \\\"loss\\\": $n}\"; [ $n = 2 ] && exit 1; done; exit 0";
    let ran = study(&bench, script, "lr=1 --retries 1", &[]);
    assert_eq!((ran.code, outcomes(&bench)), (Some(0), vec!["complete".to_owned()]), "{}", ran.stderr);
    let steps: Vec<u64> = trials(&bench)[0]["curve"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reading| reading["step"].as_u64().unwrap())
        .collect();
    assert_eq!(steps, [1, 2, 3, 4]);
    assert!(bench.path("results/study/trials/000000/attempts/2").exists());
}

#[test]
fn larger_batches_than_one_that_did_not_fit_are_not_tried() {
    let bench = Bench::new();
    let script = "echo $1 >> sizes; [ $1 -ge 64 ] && { echo 'torch.OutOfMemoryError: CUDA out of memory' >&2; exit 1; }; echo '{\"loss\": 1}'";
    let ran = study(&bench, script, "batch=16,32,64,128,256 --jobs 1", &["{batch}"]);
    assert_eq!(outcomes(&bench), ["complete", "complete", "infeasible", "infeasible", "infeasible"]);
    assert_eq!(std::fs::read_to_string(bench.path("sizes")).unwrap(), "16\n32\n64\n");
    assert!(ran.stdout.contains("the largest batch size that fitted is 32"), "{}", ran.stdout);
}

#[test]
fn a_script_that_changed_stops_the_study_unless_that_is_accepted() {
    let bench = Bench::new();
    let script = "[ $1 = 2 ] && exit 1; echo '{\"loss\": 1}'";
    assert_eq!(study(&bench, script, "lr=1,2 --replicates 2", &["{lr}"]).code, Some(0));
    std::fs::write(bench.path("run.sh"), "echo '{\"loss\": 1}'").unwrap();
    let refused = bench.run("resume study --quiet --retry-failed");
    assert_eq!(refused.code, Some(2), "{}", refused.stdout);
    assert!(refused.stderr.contains("run.sh has changed"), "{}", refused.stderr);
    let ran = bench.ok("resume study --quiet --retry-failed --accept-changes");
    assert_eq!(outcomes(&bench), ["complete"; 4]);
    assert!(ran.stdout.contains("ignores the seed"), "{}", ran.stdout);
    assert!(ran.stdout.contains("2 of 4 trials were run after the script had changed"), "{}", ran.stdout);
    let marked: Vec<bool> = trials(&bench).iter().map(|trial| trial["changed"] == true).collect();
    assert_eq!(marked, [false, false, true, true]);
    let timing = &read_json(&bench.path("results/study/results.json"))["timing"];
    assert_eq!(timing["provenance"].as_array().unwrap().len(), 2);
    assert!(timing["provenance"][0]["files"]["run.sh"].is_string(), "{timing}");
}

#[test]
fn a_module_of_the_script_that_changed_stops_the_study_and_is_named() {
    let bench = Bench::new();
    std::fs::write(bench.path("train.py"), "import json\nfrom nets import small\n").unwrap();
    std::fs::create_dir(bench.path("nets")).unwrap();
    std::fs::write(bench.path("nets/small.py"), "width = 8\n").unwrap();
    let script = "[ $2 = 2 ] && exit 1; echo '{\"loss\": 1}'";
    assert_eq!(study(&bench, script, "lr=1,2", &["train.py", "{lr}"]).code, Some(0));
    std::fs::write(bench.path("nets/large.py"), "width = 1024\n").unwrap();
    assert_eq!(bench.run("resume study --quiet --retry-failed").code, Some(0), "it imports no such module");
    std::fs::write(bench.path("nets/small.py"), "width = 16\n").unwrap();
    let refused = bench.run("resume study --quiet --retry-failed");
    assert_eq!(refused.code, Some(2), "{}", refused.stdout);
    assert!(refused.stderr.contains("nets/small.py has changed"), "{}", refused.stderr);
}

#[test]
fn the_built_in_data_is_exported_as_idx_files() {
    let bench = Bench::new();
    bench.ok("data export mnist out");
    let length = |name: &str| bench.path(&format!("out/{name}")).metadata().unwrap().len();
    assert_eq!(length("train-images-idx3-ubyte"), 16 + 60_000 * 784);
    assert_eq!(length("t10k-labels-idx1-ubyte"), 8 + 10_000);
    bench.ok("grid lr=0.1 batch=1000 steps=2 --data out --quiet");
    assert_eq!(bench.run("data export moby-dick out").code, Some(2));
}

#[test]
fn a_trial_that_takes_too_long_is_ended() {
    let bench = Bench::new();
    let ran = study(&bench, "sleep 100 & sleep 100", "lr=1 --trial-timeout 200ms --grace 1s", &[]);
    assert_eq!(ran.code, Some(3));
    assert!(reason(&bench).contains("--trial-timeout 200ms"));
}

/// A pruner pauses trials and resumes the promising ones: with checkpoints by a new attempt, without by continuing the
/// process.
#[test]
fn pruned_trials_are_resumed() {
    for saves in [true, false] {
        let bench = Bench::new();
        // Saved after it was printed, and whole or not at all: a pause may end the script between any two of its steps.
        let keep = if saves { "echo $n > \"$c.new\"; mv \"$c.new\" \"$c\"" } else { ":" };
        let script = format!(
            "c=\"$SWEEP_CHECKPOINT_DIR/at\"; n=0; [ -f \"$c\" ] && n=$(cat \"$c\")
            while [ $n -lt 8 ]; do n=$((n+1)); echo \"{{\\\"step\\\": $n, \\\"loss\\\": $1.$n}}\"; {keep}; sleep 0.05; done"
        );
        let axes = "lr=4,3,2,1 --steps 8 --pruner asha --pruner-set eta=2 --jobs 2 --lag async";
        let ran = study(&bench, &script, axes, &["{lr}"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let all = outcomes(&bench);
        assert_eq!(all.len(), 4);
        assert!(all.contains(&"complete".to_owned()), "{all:?}");
        for trial in trials(&bench) {
            let steps: Vec<u64> = trial["curve"]
                .as_array()
                .unwrap()
                .iter()
                .map(|reading| reading["step"].as_u64().unwrap())
                .collect();
            assert_eq!(steps, (1..=trial["steps"].as_u64().unwrap()).collect::<Vec<u64>>(), "saves: {saves}");
            let whole = trial["outcome"] == "complete";
            assert_eq!(trial["steps"] == 8, whole, "saves: {saves}, {trial}");
        }
        assert_eq!(processes(&bench), Vec::<String>::new());
    }
}

/// The processes of a bench's scripts that still run, recognised by their unique duration of sleep.
pub fn processes(bench: &Bench) -> Vec<String> {
    let folder = bench.path("").canonicalize().unwrap();
    let here = |pid: &str| {
        let at = std::fs::read_link(format!("/proc/{pid}/cwd")).ok()?;
        let words = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).ok()?;
        (at.starts_with(&folder) && !words.is_empty()).then_some(words)
    };
    let pids = std::fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.file_name());
    pids.filter_map(|pid| here(pid.to_str()?)).collect()
}

fn signal(child: &Child, name: &str) {
    let kill = std::process::Command::new("kill").args([name, &child.id().to_string()]).status();
    assert!(kill.unwrap().success());
}

/// Two trials, each with a child and a daemon in its own session, and both ignoring SIGTERM.
const FAMILY: &str = "trap '' TERM; (setsid sh -c 'trap \"\" TERM; touch ready.$0; sleep 1000' $1 &) ; sleep 1000 & wait; sleep 1000";

fn family(bench: &Bench) -> Child {
    std::fs::write(bench.path("run.sh"), FAMILY).unwrap();
    let mut sweep = bench
        .command("grid lr=1,2 --name study --minimize loss --quiet --jobs 2 --grace 300ms -- sh run.sh {lr}");
    let child = sweep.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let ready = |name: &str| Path::new(&bench.path(name)).exists();
    await_that("the trials start", || ready("ready.1") && ready("ready.2"));
    child
}

#[test]
fn no_process_is_left_however_sweep_ends() {
    for (name, code) in [("-INT", Some(130)), ("-TERM", Some(130)), ("-KILL", None)] {
        let bench = Bench::new();
        let mut child = family(&bench);
        assert!(processes(&bench).len() >= 6, "{:?}", processes(&bench));
        signal(&child, name);
        assert_eq!(child.wait().unwrap().code(), code, "{name}");
        await_that(name, || processes(&bench).is_empty());
    }
}

#[test]
fn a_daemon_ends_with_its_trial() {
    let bench = Bench::new();
    let script = "(setsid sh -c 'touch ready; exec sleep 1000' &)
        until [ -e ready ]; do sleep 0.02; done; echo '{\"loss\": 1}'";
    let ran = study(&bench, script, "lr=1", &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    await_that("the daemon ends", || processes(&bench).is_empty());
    assert_eq!(outcomes(&bench), ["complete"]);
}

/// Where a paused program had started others in sessions of their own, as torchrun does, they stand still with it.
#[test]
fn a_paused_program_stands_still_with_all_that_it_started() {
    let bench = Bench::new();
    // All but the last trial wait for it after their first epoch, so they are paused there, since one runs at a time. A
    // trial sees that what the one before it started has stopped, and the best one that its own continues.
    let script = "setsid sleep 1000 & echo $! > child.$1
        is() { grep -q \") $2\" /proc/$(cat child.$1)/stat; }
        [ $1 = 1 ] || until is $(($1 - 1)) T; do sleep 0.02; done
        echo \"epoch 1 loss $1\"
        until [ -e child.3 ]; do sleep 0.02; done
        until is $1 S; do sleep 0.02; done
        for epoch in 2 3 4 5 6 7 8 9; do echo \"epoch $epoch loss $1\"; done";
    let words = "lr=1,2,3 --epochs 9 --pruner asha --jobs 1 --trial-timeout 60s";
    let ran = study(&bench, script, words, &["{lr}"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(outcomes(&bench), ["complete", "pruned", "pruned"], "{}", ran.stderr);
    assert_eq!(processes(&bench), Vec::<String>::new());
}
