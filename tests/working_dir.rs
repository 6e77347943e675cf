//! The folder in which trials start: one for all of them, where files that they overwrite are noticed, or each trial's own.

#![cfg(target_os = "linux")]

use std::process::Stdio;

use crate::command::{outcomes, reason};
use crate::python::{PYTHON, there};
use crate::support::{Bench, Ran, read_json};

/// Notes where it runs and what it was given in a file of its folder.
const SCRIPT: &str =
    "pwd > where; echo \"$@\" > words; cp \"$2\" model.pt; echo \"$SWEEP_START_DIR\" >> where
echo \"{\\\"loss\\\": $1}\"";

fn run(bench: &Bench, words: &str) -> Ran {
    Ran::of(words, bench.command(words).output().unwrap())
}

fn read(bench: &Bench, path: &str) -> String {
    std::fs::read_to_string(bench.path(path)).expect(path)
}

fn attempt(trial: u64, file: &str) -> String {
    format!("results/study/trials/{trial:06}/attempts/1/{file}")
}

/// What stands in the bench's folder.
fn here(bench: &Bench) -> Vec<String> {
    let entries = std::fs::read_dir(bench.path("")).unwrap().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn each_trial_starts_in_its_own_folder_and_finds_its_files() {
    let bench = Bench::new();
    std::fs::write(bench.path("run.sh"), SCRIPT).unwrap();
    std::fs::write(bench.path("start.txt"), "weights").unwrap();
    std::fs::create_dir(bench.path("data")).unwrap();
    let words = "grid lr=1,2 --name study --minimize loss --in-trial-dir -- sh run.sh {lr} start.txt --to=out.txt data ./data";
    let ran = run(&bench, words);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("`data` may name a folder here") && !ran.stderr.contains("wrote"),
        "{}",
        ran.stderr
    );
    let root = bench.path("").canonicalize().unwrap();
    let root = root.to_str().unwrap().trim_end_matches('/');
    for trial in [0, 1] {
        let own = format!("{root}/{}", attempt(trial, ""));
        assert_eq!(
            read(&bench, &attempt(trial, "where")),
            format!("{}\n{root}\n", own.trim_end_matches('/'))
        );
        let given = format!("{} {root}/start.txt --to=out.txt data {root}/data\n", trial + 1);
        assert_eq!(read(&bench, &attempt(trial, "words")), given);
        assert_eq!(read(&bench, &attempt(trial, "model.pt")), "weights");
    }
    assert_eq!(here(&bench), ["data", "results", "run.sh", "start.txt"]);
    let page = read(&bench, "results/study/report.html");
    assert!(page.contains("--in-trial-dir -- sh run.sh"), "the page says how to run the study again");
    // It is a part of the study.
    bench.ok("extend study lr=..8 --quiet");
    assert_eq!(read(&bench, &attempt(3, "model.pt")), "weights");
    assert_eq!(here(&bench), ["data", "results", "run.sh", "start.txt"]);
    let other = run(&bench, &words.replace("--in-trial-dir ", ""));
    assert!(other.code == Some(2) && other.stderr.contains("cwd=trial (--in-trial-dir)"), "{}", other.stderr);
}

#[test]
fn a_study_file_says_where_trials_start_and_another_attempt_has_its_own_folder() {
    let bench = Bench::new();
    std::fs::write(
        bench.path("run.sh"),
        "echo \"$1\" > result.json; [ \"${PWD%/2}\" != \"$PWD\" ] && echo '{\"loss\": 1}'",
    )
    .unwrap();
    let file = "minimize = \"loss\"\n[command]\nrun = \"sh run.sh {lr}\"\ncwd = \"trial\"\n[space]\nlr = [1]";
    std::fs::write(bench.path("study.toml"), file).unwrap();
    let ran = run(&bench, "run study.toml --quiet --retries 1");
    assert_eq!((ran.code, outcomes(&bench)), (Some(0), vec!["complete".to_owned()]), "{}", ran.stderr);
    let own = bench.path("results/study/trials/000000/attempts/2");
    assert_eq!(std::fs::read_to_string(own.join("result-of-script.json")).unwrap(), "1\n");
    assert_eq!(read_json(&own.join("result.json"))["outcome"]["outcome"], "complete");
    assert_eq!(here(&bench), ["results", "run.sh", "study.toml"]);
}

/// Both ways to start a Python script, and a module.
#[test]
fn a_python_script_finds_its_modules_from_its_own_folder() {
    if !there("Python scripts that start in their trial's folder") {
        return;
    }
    let script = "import json, os, sys
import beside, slow
open('model.pt', 'w').write(beside.weights)
seen = [__file__, sys.argv, sys.path, os.getcwd(), os.getcwd() == os.environ['SWEEP_TRIAL_DIR'], os.environ['PYTHONPATH']]
print(json.dumps(seen))
print('{\"loss\": 1}')\n";
    for (name, command) in [("file", "code/train.py"), ("module", "-m code.train")] {
        let seen = [("", 1), ("--no-warm", 2), ("warm = false", 2)].map(|(way, imports)| {
            let bench = Bench::new();
            for folder in ["site-packages", "code"] {
                std::fs::create_dir(bench.path(folder)).unwrap();
            }
            std::fs::write(bench.path("site-packages/slow.py"), "open(__file__ + '.log', 'a').write('.')").unwrap();
            std::fs::write(bench.path("code/train.py"), script).unwrap();
            std::fs::write(bench.path("code/__init__.py"), "").unwrap();
            let beside = if name == "file" { "code/beside.py" } else { "beside.py" };
            std::fs::write(bench.path(beside), "weights = 'w'").unwrap();
            let (option, key) = if way.contains('=') { ("", way) } else { (way, "") };
            let file = format!(
                "minimize = \"loss\"\n[command]\nrun = \"{PYTHON} {command}\"\ncwd = \"trial\"\n{key}\n[space]\nlr = [1, 2]"
            );
            std::fs::write(bench.path("study.toml"), file).unwrap();
            let words = format!("run study.toml --quiet --jobs 1 {option}");
            // A relative entry is one of the folder in which the study was started.
            let ran = bench.command(&words).env("PYTHONPATH", "site-packages").output().unwrap();
            let ran = Ran::of(&words, ran);
            assert_eq!(ran.code, Some(0), "{name} {way}: {}\n{}", ran.stderr, reason(&bench));
            assert!(!ran.stderr.contains("note:"), "{}", ran.stderr);
            assert_eq!(read(&bench, "site-packages/slow.py.log").len(), imports, "{name} {way}");
            assert_eq!(read(&bench, &attempt(1, "model.pt")), "w");
            let root = bench.path("").canonicalize().unwrap();
            read(&bench, &attempt(1, "stdout.log")).replace(root.to_str().unwrap().trim_end_matches('/'), "ROOT")
        });
        assert_eq!(seen[0], seen[1], "{name}");
        assert_eq!(seen[0], seen[2], "{name}");
        assert!(seen[0].contains("true, \""), "{}", seen[0]);
    }
}

/// Runs trials of `script` one after another, and gives what is said about them.
fn said(script: &str, options: &str) -> String {
    let bench = Bench::new();
    std::fs::write(bench.path("run.sh"), format!("{script}\necho '{{\"loss\": 1}}'")).unwrap();
    let ran = run(
        &bench,
        &format!("grid lr=1,10,100 --name study --minimize loss --quiet {options} -- sh run.sh {{lr}}"),
    );
    assert_eq!(ran.code, Some(0), "{script}: {}", ran.stderr);
    ran.stderr
}

#[test]
fn a_file_that_two_trials_wrote_is_named_once() {
    for (script, what) in [
        ("echo $1 > model.pt", "model.pt in this folder: give"),
        ("mkdir -p out; echo $1 >> out/log.txt", "out/log.txt in this folder: give"),
        (
            "echo $1 > \"$SWEEP_START_DIR/new\"; mv \"$SWEEP_START_DIR/new\" best.ckpt",
            "best.ckpt in this folder; the later one has replaced it",
        ),
    ] {
        let said = said(script, "--jobs 1");
        assert!(said.contains(&format!("trials 0 and 1 both wrote {what}")), "{script}: {said}");
        assert!(said.trim_end().ends_with(": give --in-trial-dir, or write to {trial_dir}"), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    let own = said("echo $1 > \"$SWEEP_START_DIR/model.pt\"", "--jobs 1 --in-trial-dir");
    assert!(own.trim_end().ends_with("model.pt in this folder: write to {trial_dir}"), "{own}");
}

#[test]
fn files_that_no_other_trial_writes_are_no_conflict() {
    for (script, options) in [
        ("echo $1 > model-$1.pt; mkdir out-$1; echo $1 > out-$1/model.pt", "--jobs 1"),
        (
            "[ $1 = 10 ] && echo data > data.npz; echo $1 > .state; mkdir -p __pycache__; echo $1 > __pycache__/x",
            "--jobs 1",
        ),
        (
            "mkdir -p wandb lightning_logs/version_0; echo $1 > wandb/debug.log; echo $1 > lightning_logs/version_0/x",
            "--jobs 1",
        ),
        ("for i in 1 2 3; do echo $i >> log-$1.txt; sleep 0.1; done", "--jobs 3"),
        ("echo $1 > model.pt", "--jobs 1 --in-trial-dir"),
        ("echo $1 > \"$SWEEP_TRIAL_DIR/model.pt\"", "--jobs 1"),
    ] {
        assert_eq!(said(script, options), "", "{script}");
    }
}

/// What the program prints is no trial's, wherever it is led to.
#[test]
fn the_log_of_the_program_itself_is_no_conflict() {
    let bench = Bench::new();
    std::fs::write(bench.path("run.sh"), "sleep 0.1; echo '{\"loss\": 1}'").unwrap();
    for out in ["direct.txt", "piped.txt"] {
        let mut sweep =
            bench.command(&format!("grid lr=1,2,3,4 --name {out} --minimize loss --jobs 1 -- sh run.sh"));
        let file = std::fs::File::create(bench.path(out)).unwrap();
        if out == "direct.txt" {
            assert!(sweep.stdout(file.try_clone().unwrap()).stderr(file).status().unwrap().success());
        } else {
            let mut child = sweep.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
            let mut tee = std::process::Command::new("cat");
            tee.stdin(child.stdout.take().unwrap()).stdout(file);
            assert!(tee.status().unwrap().success() && child.wait().unwrap().success());
        }
        assert!(!read(&bench, out).contains("wrote"), "{}", read(&bench, out));
    }
}
