//! Trials as jobs of a real Slurm cluster of three nodes, made for the test on this machine; skipped where it cannot
//! be.

#![cfg(target_os = "linux")]

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::fork_server;
use crate::skipped::skipped;
use crate::support::{Bench, await_that, read_json};

const TRIALS: &str = "trials on a Slurm cluster";

/// A cluster that is gone when the test ends.
pub struct Cluster {
    folder: tempfile::TempDir,
}

impl Cluster {
    /// Starts one, or says why there is none.
    pub fn start() -> Option<Cluster> {
        let folders = ["/usr/bin", "/usr/sbin", "/bin", "/sbin"];
        let there = |program: &&str| folders.iter().any(|at| PathBuf::from(at).join(program).exists());
        if let Some(lacking) = ["slurmctld", "slurmd", "sbatch", "munged"].iter().find(|name| !there(name)) {
            skipped(TRIALS, &format!("{lacking} is not installed"));
            return None;
        }
        let cluster = Cluster { folder: tempfile::Builder::new().prefix("sl").tempdir_in("/tmp").unwrap() };
        let up = cluster.rig("slurm-up").args(["--nodes", "3"]).output().unwrap();
        if !up.status.success() {
            skipped(TRIALS, &String::from_utf8_lossy(&up.stderr));
            return None;
        }
        Some(cluster)
    }

    pub fn rig(&self, script: &str) -> Command {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/rigs").join(script);
        let mut command = Command::new(path);
        command.arg("--dir").arg(self.folder.path());
        command
    }

    /// Brings back what was ended.
    pub fn restore(&self) {
        let up = self.rig("slurm-up").output().unwrap();
        assert!(up.status.success(), "{}", String::from_utf8_lossy(&up.stderr));
    }

    /// `command`, configured to use this cluster.
    pub fn configured(&self, mut command: Command) -> Command {
        command.env("SLURM_CONF", self.folder.path().join("slurm.conf"));
        command
    }

    /// The lines that a program of Slurm prints.
    pub fn lines(&self, words: &str) -> Vec<String> {
        let mut words = words.split_whitespace();
        let mut command = Command::new(words.next().unwrap());
        command.args(words);
        let output = self.configured(command).output().unwrap();
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
    }

    /// The jobs in the queue in these states.
    pub fn jobs(&self, states: &str) -> Vec<String> {
        self.lines(&format!("squeue --array --noheader --format=%i|%N|%k --states={states}"))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.rig("slurm-down").arg("--purge").output());
    }
}

/// Eight readings, half a second apart, from where the checkpoint has it; each start leaves a line in `starts`.
const SCRIPT: &str = "c=\"$SWEEP_CHECKPOINT_DIR/at\"; n=0; [ -f \"$c\" ] && n=$(cat \"$c\")
echo \"$SWEEP_TRIAL_ID $n\" >> starts
while [ $n -lt 8 ]; do
    n=$((n+1)); echo \"{\\\"step\\\": $n, \\\"loss\\\": $1.$2$n}\"; echo $n > \"$c.new\"; mv \"$c.new\" \"$c\"; sleep $3
done";

/// A study of twelve trials of [`SCRIPT`], `pause` seconds between readings.
fn study(bench: &Bench, name: &str, pause: &str, place: &str) -> Command {
    std::fs::write(bench.path("run.sh"), SCRIPT).unwrap();
    bench.command(&format!(
        "grid lr=1,2,3 batch=1,2,4,8 --name {name} --minimize loss --quiet {place} -- sh run.sh {{lr}} {{batch}} {pause}"
    ))
}

fn trials(bench: &Bench, name: &str) -> Value {
    read_json(&bench.path(&format!("results/{name}/results.json")))["trials"].clone()
}

fn begin(command: &mut Command) -> Child {
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// The steps of the trials of a study that are on `node` and have not ended.
fn under_way(bench: &Bench, name: &str, node: &str) -> Vec<u32> {
    let path = |trial: u64| bench.path(&format!("results/{name}/trials/{trial:06}/attempts/1"));
    let read = |trial: u64, file: &str| std::fs::read_to_string(path(trial).join(file)).unwrap_or_default();
    let here = |trial: &u64| {
        read(*trial, "claim").trim().ends_with(node) && !path(*trial).join("result.json").exists()
    };
    (0..12).filter(here).map(|trial| read(trial, "checkpoint/at").trim().parse().unwrap_or(0)).collect()
}

/// A node is lost in the middle, then the process that runs the study; the same command ends it.
fn faults_change_no_result(cluster: &Cluster) {
    let bench = Bench::new();
    assert!(study(&bench, "home", "0.01", "").output().unwrap().status.success());
    std::fs::remove_file(bench.path("starts")).unwrap();
    let run = || cluster.configured(study(&bench, "away", "0.5", "--on slurm"));
    let mut first = begin(&mut run());
    await_that("node1 is at work", || {
        under_way(&bench, "away", "node1").iter().any(|step| (2..6).contains(step))
    });
    assert!(cluster.rig("slurm-down").args(["--crash", "node1"]).status().unwrap().success());
    let lost = under_way(&bench, "away", "node1").len();
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(!cluster.jobs("RUNNING").is_empty(), "jobs outlive the process that submitted them");
    cluster.lines("scontrol update NodeName=node1 State=DOWN Reason=test");
    let again = run().output().unwrap();
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
    assert_eq!(trials(&bench, "away"), trials(&bench, "home"));
    let starts = std::fs::read_to_string(bench.path("starts")).unwrap();
    // All trials except those on the lost node continued.
    assert_eq!(starts.lines().count(), 12 + lost, "{starts}");
    assert!(starts.lines().any(|start| !start.ends_with(" 0")), "none went on from a checkpoint\n{starts}");
    assert_eq!(cluster.jobs("PENDING,RUNNING,COMPLETING"), Vec::<String>::new());
    cluster.restore();
}

/// While Slurm does not answer, nothing is concluded. Jobs that it has lost when it is back run again and count once.
fn an_unreachable_controller_is_waited_for(cluster: &Cluster) {
    let bench = Bench::new();
    let (path, refused) = (std::env::var("PATH").unwrap(), bench.path("refused"));
    // A program in the way of sbatch, which leaves a file when a submission fails.
    let watched = format!(
        "#!/bin/sh\nPATH={path}; export PATH\nsbatch \"$@\" && exit\ncode=$?; touch {}; exit $code\n",
        refused.display()
    );
    std::fs::create_dir(bench.path("bin")).unwrap();
    std::fs::write(bench.path("bin/sbatch"), watched).unwrap();
    std::fs::set_permissions(bench.path("bin/sbatch"), Permissions::from_mode(0o755)).unwrap();
    let mut command = cluster.configured(study(&bench, "waits", "0.1", "--on slurm --jobs 4"));
    command.env("PATH", format!("{}:{path}", bench.path("bin").display()));
    let mut running = begin(&mut command);
    let first = bench.path("results/waits/trials/000000/attempts/1/result.json");
    await_that("a trial ends", || first.exists());
    let pid = std::fs::read_to_string(cluster.folder.path().join("run/slurmctld.pid")).unwrap();
    assert!(Command::new("kill").args(["-KILL", pid.trim()]).status().unwrap().success());
    await_that("a submission fails", || refused.exists());
    // The controller has lost the jobs since its last save, and would give their numbers to new jobs, which a node that
    // still has the old ones refuses.
    let configuration = cluster.folder.path().join("slurm.conf");
    let kept = std::fs::read_to_string(&configuration).unwrap();
    std::fs::write(&configuration, kept + "FirstJobId=1000\n").unwrap();
    cluster.restore();
    assert_eq!(running.wait().unwrap().code(), Some(0));
    let all = trials(&bench, "waits");
    assert_eq!(all.as_array().unwrap().len(), 12);
    assert!(
        all.as_array().unwrap().iter().all(|trial| trial["outcome"] == "complete" && trial["steps"] == 8)
    );
    assert_eq!(cluster.jobs("PENDING,RUNNING,COMPLETING"), Vec::<String>::new());
}

/// A cancelled study leaves no jobs in the queue, and can be continued.
fn cancelling_empties_the_queue(cluster: &Cluster) {
    let bench = Bench::new();
    let mut running = begin(&mut cluster.configured(study(&bench, "long", "100", "--on slurm")));
    await_that("jobs run and wait", || {
        cluster.jobs("RUNNING").len() == 6 && cluster.jobs("PENDING").len() == 6
    });
    let cancelled = cluster.configured(bench.command("cancel long")).output().unwrap();
    assert!(cancelled.status.success(), "{}", String::from_utf8_lossy(&cancelled.stderr));
    assert_eq!(running.wait().unwrap().code(), Some(130));
    assert_eq!(cluster.jobs("PENDING,RUNNING,COMPLETING"), Vec::<String>::new());
}

/// Trials of the built-in trainer, several per job, give the same results as on this machine, bit for bit.
fn the_built_in_trainer_is_the_same(cluster: &Cluster) {
    let bench = Bench::new();
    bench.table("table.csv");
    let study =
        "asha lr=1e-3..30 batch=4..32 --trials 9 --lag 9 --data table.csv --label y --epochs 9 --quiet";
    bench.ok(&format!("{study} --name home --jobs 2"));
    let away = bench.command(&format!("{study} --name away --on slurm --jobs 6 --pack 3"));
    let away = cluster.configured(away).output().unwrap();
    assert!(away.status.success(), "{}", String::from_utf8_lossy(&away.stderr));
    assert_eq!(trials(&bench, "away"), trials(&bench, "home"));
    let lists = std::fs::read_dir(bench.path("results/away/batches")).unwrap().flatten();
    let lists: Vec<_> =
        lists.filter(|entry| entry.path().extension().is_some_and(|end| end == "jsonl")).collect();
    assert!(lists.len() < 9, "{} arrays for 9 trials and their promotions", lists.len());
    let first = std::fs::read_to_string(bench.path("results/away/batches/1.jsonl")).unwrap();
    assert!(first.lines().any(|task| task.matches("attempts").count() == 3), "{first}");
    assert_eq!(cluster.jobs("PENDING,RUNNING,COMPLETING"), Vec::<String>::new());
}

/// A study file says how its jobs are submitted.
fn a_file_says_how(cluster: &Cluster) {
    let bench = Bench::new();
    std::fs::write(bench.path("run.sh"), "pwd > where; echo \"{\\\"loss\\\": $SLURM_CPUS_PER_TASK}\"")
        .unwrap();
    let file = "minimize = \"loss\"\ncommand = { run = \"sh run.sh\", cwd = \"trial\" }\n[space]\nlr = [1, 2]\n[slurm]\npartition = \"main\"\ncpus_per_task = 2";
    std::fs::write(bench.path("study.toml"), file).unwrap();
    let ran = cluster.configured(bench.command("run study.toml --quiet")).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(trials(&bench, "study")[1]["metrics"]["loss"], 2.0);
    assert_eq!(trials(&bench, "study").as_array().unwrap().len(), 2);
    let own = bench.path("results/study/trials/000001/attempts/1").canonicalize().unwrap();
    assert_eq!(std::fs::read_to_string(own.join("where")).unwrap().trim(), own.to_str().unwrap());
}

#[test]
fn trials_run_on_a_cluster() {
    let Some(cluster) = Cluster::start() else { return };
    a_file_says_how(&cluster);
    the_built_in_trainer_is_the_same(&cluster);
    fork_server::a_job_of_several_trials_makes_imports_once(&cluster);
    cancelling_empties_the_queue(&cluster);
    an_unreachable_controller_is_waited_for(&cluster);
    faults_change_no_result(&cluster);
}

#[test]
fn what_a_cluster_cannot_do_is_refused() {
    let bench = Bench::new();
    std::fs::write(bench.path("run.sh"), "echo '{\"loss\": 1}'").unwrap();
    for (words, advice) in [
        ("grid lr=1 --minimize loss --sbatch=--mem=1G -- sh run.sh", "--on slurm"),
        ("grid lr=1 --on slurm --retries 2", "commands as trials"),
        ("grid lr=1 --minimize loss --pack 4 -- sh run.sh", "--on slurm"),
        ("grid lr=1 --minimize loss --gpus-per-trial 2 -- sh run.sh", "--gpus 0,1,2,3"),
        ("grid lr=1 --minimize loss --on slurm --gpus 0 -- sh run.sh", "--gres"),
        ("grid lr=1 --minimize loss --on slurm --sbatch=--array=0-9 -- sh run.sh", "creates the arrays"),
        ("grid lr=1 --minimize loss --on slurm --sbatch-header none -- sh run.sh", "none"),
    ] {
        let ran = bench.run(words);
        assert_eq!(ran.code, Some(2), "{words}: {}", ran.stderr);
        assert!(ran.stderr.contains(advice), "{words}: {}", ran.stderr);
    }
}
