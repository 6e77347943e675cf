//! Faults of the machine in the middle of a study: the trial gets a clear outcome, and the study continues or stops
//! with a reason.

#![cfg(target_os = "linux")]

use std::process::{Command, Stdio};

use crate::command::{outcomes, processes, reason, study};
use crate::skipped::skipped;
use crate::support::{Bench, Ran, await_that};

/// A limit on memory is a finding about the batch size, not a failure.
#[test]
fn a_trial_that_needs_more_memory_than_it_may_have_is_infeasible() {
    if Command::new("python3").arg("--version").output().is_err() {
        return skipped("a limit on memory", "there is no python3 here");
    }
    let bench = Bench::new();
    let script = "import sys; x = b'a' * int(sys.argv[1]) * 10**6; print('{\"loss\": 1}')";
    std::fs::write(bench.path("run.py"), script).unwrap();
    let mut sweep = bench.command("grid batch=8,64,512 --name study --minimize loss --quiet --jobs 1");
    sweep.args(["--memory-per-trial", "200MB", "--", "python3", "run.py", "{batch}"]);
    let ran = Ran::of("python3", sweep.output().unwrap());
    assert_eq!(outcomes(&bench), ["complete", "complete", "infeasible"], "{}", ran.stderr);
    assert!(ran.stdout.contains("the largest batch size that fitted is 64"), "{}", ran.stdout);
}

#[test]
fn a_trial_whose_folder_is_removed_fails_and_the_study_continues() {
    let bench = Bench::new();
    let script = "[ $1 = 1 ] && rm -r results/study/trials/000000; echo '{\"loss\": 1}'";
    let ran = study(&bench, script, "lr=1,2,3 --jobs 1", &["{lr}"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(outcomes(&bench), ["failed", "complete", "complete"]);
    assert!(reason(&bench).contains("trials/000000/attempts/1 was removed"), "{}", reason(&bench));
}

/// After its folder is removed, a study cannot store results: it stops even if no trial ends, leaves no process, and
/// can start again.
#[test]
fn a_study_whose_folder_is_removed_stops() {
    let bench = Bench::new();
    let script = "touch ready.$1
        [ $1 = 1 ] && { until [ -e ready.2 ]; do sleep 0.02; done; rm -r results/study; }; sleep 1000";
    let ran = study(&bench, script, "lr=1,2,3,4 --jobs 2 --grace 300ms", &["{lr}"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stdout);
    assert!(ran.stderr.contains("results/study was removed while the study ran"), "{}", ran.stderr);
    await_that("no process is left", || processes(&bench).is_empty());
    assert!(!bench.path("results/study").exists());
    assert_eq!(study(&bench, "echo '{\"loss\": 1}'", "lr=1,2,3,4", &["{lr}"]).code, Some(0));
}

/// A file system of 1 MB in a name space of its own, which the third trial fills.
#[test]
fn a_full_disk_stops_the_study_and_keeps_what_had_ended() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("results")).unwrap();
    let sweep = bench.command("list").get_program().to_string_lossy().into_owned();
    // The disk is filled once the ends of two trials are kept.
    let script = format!(
        "case $1 in
        3) until {sweep} list | grep -q ' 2/6 '; do sleep 0.02; done; head -c 2000000 /dev/zero > results/full;;
        4) sleep 1000;;
        esac; echo '{{\"loss\": 1}}'"
    );
    std::fs::write(bench.path("run.sh"), script).unwrap();
    let inside = "mount -t tmpfs -o size=1m none results || exit 77
        \"$0\" \"$@\"; code=$?
        cp results/study/study.sqlite* .; exit $code";
    let sweep = bench.command(
        "grid lr=1,2,3,4,5,6 --name study --minimize loss --quiet --jobs 2 --grace 300ms -- sh run.sh {lr}",
    );
    let mut unshared = Command::new("unshare");
    unshared.args(["--user", "--map-root-user", "--mount", "sh", "-c", inside]).arg(sweep.get_program());
    unshared.args(sweep.get_args()).current_dir(bench.path("")).stdin(Stdio::null());
    let ran = Ran::of("unshare", unshared.output().unwrap());
    if ran.code == Some(77) || ran.stderr.contains("unshare: ") {
        return skipped("a full disk", "no file system can be mounted here");
    }
    assert_eq!(ran.code, Some(1), "{}", ran.stdout);
    assert!(ran.stderr.contains("study.sqlite") && ran.stderr.contains("full"), "{}", ran.stderr);
    await_that("no process is left", || processes(&bench).is_empty());
    // With space on the disk, the same study continues from its finished trials.
    let folder = bench.path("results/study");
    std::fs::create_dir_all(&folder).unwrap();
    for file in ["study.sqlite", "study.sqlite-wal"] {
        std::fs::rename(bench.path(file), folder.join(file)).unwrap();
    }
    std::fs::write(bench.path("run.sh"), "echo '{\"loss\": 1}'").unwrap();
    let again = bench.ok("resume study --quiet --accept-changes");
    assert!(again.stdout.contains("(2 done, 4 new)"), "{}", again.stdout);
    assert_eq!(outcomes(&bench), ["complete"; 6]);
}
