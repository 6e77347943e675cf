//! Interrupted studies continue as if nothing had happened.

use std::process::{Command, Stdio};

use crate::support::{Bench, Ran, await_of, await_that};

/// Twenty-four trials on a small table, long enough to be killed in the middle.
const STUDY: &str = "grid lr=0.01,0.03,0.1,0.3 batch=4,8,16 --data table.csv --label y --steps 20000 \
    --report-every 5000st --replicates 2 --jobs 2 --name s";

fn bench() -> Bench {
    let bench = Bench::new();
    bench.table("table.csv");
    bench
}

#[test]
fn killed_again_and_again_it_ends_as_if_undisturbed() {
    let calm = bench();
    calm.ok(STUDY);
    let bench = bench();
    let mut unfinished = 0;
    for ended in [1, 4, 9, 15] {
        let mut child = bench.command(STUDY).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        await_of(&mut child, "trials end", || bench.ended("s") >= ended);
        child.kill().unwrap();
        unfinished += usize::from(!child.wait().unwrap().success());
    }
    let last = bench.ok(STUDY);
    assert_eq!(bench.results("s"), calm.results("s"), "{}", last.stdout);
    assert!(unfinished > 0, "no kill came before the end; the study is too short for this test");
}

#[cfg(unix)]
#[test]
fn an_interrupt_keeps_finished_trials_and_prints_how_to_continue() {
    let bench = bench();
    let long = STUDY.replace("--steps 20000", "--steps 60000");
    let child = bench.command(&long).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Something is finished, as another program reads it.
    await_that("a trial ends", || {
        let listed = bench.run("list").stdout;
        listed.contains("/24 trials") && !listed.contains(" 0/24 ")
    });
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let ran = Ran::of(&long, child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(130), "{}", ran.stderr);
    assert!(ran.stderr.contains("sweep resume s"), "{}", ran.stderr);
    assert!(bench.path("results/s/report.html").exists());
    let kept = bench.results("s")["trials"].as_array().unwrap().len();
    assert!((1..24).contains(&kept), "{kept} trials were kept");
    let shown = bench.ok("show").stdout;
    assert!(shown.contains(&format!("{kept} of 24 trials done")), "{shown}");
}

#[test]
fn a_second_writer_gets_the_process_id_of_the_first() {
    let bench = bench();
    let long = STUDY.replace("--steps 20000", "--steps 90000000");
    let mut child = bench.command(&long).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let lock = bench.path("results/s/lock");
    await_that("the study is locked", || std::fs::read_to_string(&lock).is_ok_and(|text| !text.is_empty()));
    let second = bench.run(&long);
    let report = bench.run("report s");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(second.code, Some(1));
    assert!(second.stderr.contains(&format!("process {}", child.id())), "{}", second.stderr);
    assert_ne!(report.code, Some(1), "a running study can be reported: {}", report.stderr);
}

#[test]
fn another_objective_under_the_same_name_is_refused() {
    let bench = bench();
    bench.ok("grid lr=0.1 batch=64 --steps 20 --name s");
    let other = bench.run("grid lr=0.1 batch=64 --steps 30 --name s");
    assert_eq!(other.code, Some(2));
    assert!(
        other.stderr.contains("steps=20, not steps=30") && other.stderr.contains("--fresh"),
        "{}",
        other.stderr
    );
    let more = bench.ok("grid lr=0.1,0.2 batch=64 --steps 20 --name s");
    assert!(more.stdout.contains("(1 done, 1 new)"), "{}", more.stdout);
}
