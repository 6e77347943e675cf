//! Trials of a Python script that are forked from one process which has made the script's imports: all but the time
//! they take is as if each were a process of its own.

#![cfg(target_os = "linux")]

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::command::{outcomes, processes, reason, trials};
use crate::python::module;
use crate::skipped::skipped;
use crate::slurm::Cluster;
use crate::support::{Bench, Ran, await_that, read_json};

/// A folder with an installed module `slow`, which notes each import in the file `imports`.
fn bench() -> Option<Bench> {
    if !Command::new("python3").arg("--version").output().is_ok_and(|ran| ran.status.success()) {
        skipped("trials forked from one Python process", "there is no python3 here");
        return None;
    }
    let bench = Bench::new();
    install(&bench, "slow", "open('imports', 'a').write('slow\\n')\nprint('slow is here')\n");
    Some(bench)
}

fn install(bench: &Bench, name: &str, text: &str) {
    std::fs::create_dir_all(bench.path("site-packages")).unwrap();
    std::fs::write(bench.path(&format!("site-packages/{name}.py")), text).unwrap();
}

/// A study named `study` that has not begun, of trials that run `command`.
fn sweep(bench: &Bench, words: &str, command: &[&str]) -> Command {
    std::fs::remove_dir_all(bench.path("results")).ok();
    let mut sweep = bench.command(&format!("{words} --minimize loss --quiet --"));
    sweep.args(command).env("PYTHONPATH", bench.path("site-packages"));
    sweep
}

/// Runs a study of the script `train.py` with this text.
fn study(bench: &Bench, script: &str, words: &str) -> Ran {
    std::fs::write(bench.path("train.py"), script).unwrap();
    let words = format!("grid {words} --name study");
    Ran::of(&words, sweep(bench, &words, &["python3", "./train.py", "{lr}"]).output().unwrap())
}

fn imports(bench: &Bench) -> usize {
    let times = std::fs::read_to_string(bench.path("imports")).unwrap_or_default().lines().count();
    std::fs::remove_file(bench.path("imports")).ok();
    times
}

fn log(bench: &Bench, trial: u64, name: &str) -> String {
    std::fs::read_to_string(bench.path(&format!("results/study/trials/{trial:06}/attempts/1/{name}.log")))
        .unwrap()
}

/// What is left of the trials of a script run one way and the other: their outcomes, ends and logs.
fn both_ways(bench: &Bench, script: &str, axes: &str) -> [Vec<(Value, Value, String, String)>; 2] {
    ["", "--no-warm"].map(|way| {
        study(bench, script, &format!("{axes} {way} --keep-going"));
        let ends = trials(bench).into_iter().map(|trial| {
            let number = trial["number"].as_u64().unwrap();
            let end =
                read_json(&bench.path(&format!("results/study/trials/{number:06}/attempts/1/result.json")));
            (
                trial["outcome"].clone(),
                end["exit"].clone(),
                log(bench, number, "stdout"),
                log(bench, number, "stderr"),
            )
        });
        ends.collect()
    })
}

#[test]
fn imports_are_made_once_and_results_stay_the_same() {
    let Some(bench) = bench() else { return };
    let script = "import json, slow, sys\nprint(json.dumps({'loss': float(sys.argv[1]) ** 2}))\n";
    let ran = study(&bench, script, "lr=1,2,3,4,5,6 --jobs 2");
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{}", ran.stdout);
    let warm = bench.results("study");
    assert_eq!(imports(&bench), 1);
    assert_eq!(
        log(&bench, 3, "stdout"),
        "slow is here\n{\"loss\": 16.0}\n",
        "what imports print is in every log"
    );
    study(&bench, script, "lr=1,2,3,4,5,6 --jobs 2 --no-warm");
    assert_eq!(imports(&bench), 6);
    let cold = bench.results("study");
    assert_eq!((&warm["trials"], &warm["facts"]), (&cold["trials"], &cold["facts"]));
}

/// Everything that a script can see of how it was started.
#[test]
fn a_script_finds_what_it_would_find_in_a_process_of_its_own() {
    let Some(bench) = bench() else { return };
    let script = "import slow\nimport os, pickle, sys\nseen = sorted(globals())\n
class Net: pass
assert type(pickle.loads(pickle.dumps(Net()))) is Net
environment = {name: value for name, value in os.environ.items() if name not in ('SWEEP_SUPERVISED', '_')}
stat = open('/proc/self/stat').read().rpartition(')')[2].split()
print(seen, __file__, __name__, __spec__, __loader__.path, sys.argv, sys.orig_argv[1:], sys.path, sys.flags, sys.executable)
print(sorted(environment.items()), os.getcwd(), os.getpgid(0) == os.getpid(), os.umask(0o22), sys.stdin.read(), sys.stdout)
print(open('/proc/self/cmdline').read().rstrip('\\0').split('\\0')[1:], os.environ['SWEEP_SUPERVISED'] in open('/proc/self/environ').read())
print(os.listdir('/proc/self/fd')[:-1], {'loss': 1})
print('{\"loss\": 1}')\n";
    let [warm, cold] = both_ways(&bench, script, "lr=1,2");
    assert_eq!(imports(&bench), 3);
    assert_eq!(warm, cold);
    assert!(warm.iter().all(|(outcome, ..)| outcome == "complete"), "{warm:?}");
}

#[test]
fn every_end_is_the_same() {
    let Some(bench) = bench() else { return };
    let script = "import atexit, json, os, signal, slow, sys
def fail(depth):
    if depth: fail(depth - 1)
    try: {}['key']
    except KeyError as error: raise ValueError('bad') from error
atexit.register(print, 'at the end')
print('{\"loss\": 1}')
class Last:
    def __del__(self, write=os.write): write(1, b'taken down\\n')
kept = [Last(), Last()]
kept.append(kept)
json.kept = open('kept', 'w')
json.kept.write('json keeps it')
own = open('own', 'w')
own.write('nobody closes it')
case = int(sys.argv[1])
if case == 1: sys.exit(3)
if case == 2: sys.exit('a message')
if case == 3: fail(2)
if case == 4: os.kill(os.getpid(), signal.SIGSEGV)
if case == 5: os._exit(7)
if case == 6: raise KeyboardInterrupt
if case == 7: sys.excepthook = lambda *about: print('hook', about[0], about[2].tb_lineno, about[2].tb_next)
if case == 7: 1 / 0
if case == 8: compile('1 +', 'x.py', 'exec')
if case == 9: import no_such_module
if case == 10: print('no end', end='')
";
    let [warm, cold] = both_ways(&bench, script, "lr=1,2,3,4,5,6,7,8,9,10 --jobs 2");
    assert_eq!(imports(&bench), 11);
    assert_eq!(warm, cold);
    assert!(warm[2].3.contains("During") || warm[2].3.contains("direct cause"), "{}", warm[2].3);
    for (file, text) in [("own", "nobody closes it"), ("kept", "json keeps it")] {
        std::fs::write(bench.path(file), "").unwrap();
        study(&bench, script, "lr=1 --keep-going");
        assert_eq!(std::fs::read_to_string(bench.path(file)).unwrap(), text);
    }
    let [warm, cold] = both_ways(&bench, "import slow\nx = (\n", "lr=1");
    assert_eq!(warm, cold);
    assert!(warm[0].3.contains("SyntaxError"), "{warm:?}");
}

#[test]
fn a_module_runs_as_one() {
    let Some(bench) = bench() else { return };
    std::fs::create_dir(bench.path("pkg")).unwrap();
    std::fs::write(bench.path("pkg/__init__.py"), "import slow\n").unwrap();
    std::fs::write(bench.path("pkg/net.py"), "print('fresh')\n").unwrap();
    let text = "from . import net\nimport sys\nprint('{\"loss\": 1}', __spec__.name, sys.argv, sys.path[0])\n1 / 0\n";
    std::fs::write(bench.path("pkg/train.py"), text).unwrap();
    let logs = ["", "--no-warm"].map(|way| {
        let command = ["env", "A=1", "python3", "-u", "-m", "pkg.train", "{lr}"];
        sweep(&bench, &format!("grid lr=1,2 --name study {way}"), &command).output().unwrap();
        [0, 1].map(|trial| (log(&bench, trial, "stdout"), log(&bench, trial, "stderr")))
    });
    assert_eq!(imports(&bench), 3);
    assert_eq!(logs[0], logs[1]);
    assert!(logs[0][0].1.contains("ZeroDivisionError") && logs[0][0].0.contains("fresh"), "{logs:?}");
}

/// So do the imports of a script that `sweep_trial` runs.
#[test]
fn an_unedited_script_shares_its_imports() {
    let Some(bench) = bench() else { return };
    std::fs::write(bench.path("train.py"), "import slow\nrate = 1\nprint('{\"loss\": %d}' % rate)\n")
        .unwrap();
    let command = ["python3", "-m", "sweep_trial", "--set", "rate={lr}", "train.py"];
    let mut sweep = sweep(&bench, "grid lr=1,2,3 --name study", &command);
    let folders = format!("{}:{}", bench.path("site-packages").display(), module().display());
    assert_eq!(Ran::of("sweep_trial", sweep.env("PYTHONPATH", folders).output().unwrap()).code, Some(0));
    let losses: Vec<String> =
        trials(&bench).iter().map(|trial| trial["metrics"]["loss"].to_string()).collect();
    assert_eq!((losses, imports(&bench)), (vec!["1.0".into(), "2.0".into(), "3.0".into()], 1));
}

#[test]
fn what_is_drawn_without_a_seed_differs_between_trials() {
    let Some(bench) = bench() else { return };
    let script =
        "import random, slow\nprint({'loss': random.random()})\nprint('{\"loss\": %r}' % random.random())\n";
    study(&bench, script, "lr=1,2,3,4 --jobs 2");
    let mut losses: Vec<String> =
        trials(&bench).iter().map(|trial| trial["metrics"]["loss"].to_string()).collect();
    losses.sort();
    losses.dedup();
    assert_eq!((losses.len(), imports(&bench)), (4, 1));
}

/// The user's own code is run by each trial, so that what was edited in between counts.
#[test]
fn an_edited_script_is_read_anew() {
    let Some(bench) = bench() else { return };
    install(&bench, "other", "open('imports', 'a').write('other\\n')");
    std::fs::write(bench.path("own.py"), "import slow\nloss = 1\n").unwrap();
    let script = "from own import loss\nprint('{\"loss\": %d}' % loss)
text = open('own.py').read()
open('own.py', 'w').write(text.replace('loss = 1', 'loss = 10') if loss == 1 else text.replace('slow', 'other'))\n";
    study(&bench, script, "lr=1,2,3 --jobs 1");
    let losses: Vec<String> =
        trials(&bench).iter().map(|trial| trial["metrics"]["loss"].to_string()).collect();
    assert_eq!(losses, ["1.0", "10.0", "10.0"]);
    assert_eq!(std::fs::read_to_string(bench.path("imports")).unwrap(), "slow\nother\n");
}

/// Imports after a statement that could change what they do are left to each trial, and so are trials whose imports
/// cannot be shared; the reason is given once.
#[test]
fn what_cannot_be_shared_is_started_the_ordinary_way() {
    let Some(bench) = bench() else { return };
    let end = "\nprint('{\"loss\": 1}')\n";
    let thread =
        "import threading, time\nthreading.Thread(target=time.sleep, args=(1000,), daemon=True).start()";
    install(&bench, "threaded", thread);
    install(&bench, "curious", "import os\nparameters = os.environ.get('SWEEP_PARAMS')");
    install(&bench, "beside", "import json\nimport local");
    std::fs::write(bench.path("local.py"), "").unwrap();
    for (script, times, note) in [
        (
            "import os, slow\nos.environ['A'] = '1'\nX = 3\ntry:\n    import json\nexcept ImportError:\n    pass",
            1,
            "",
        ),
        ("import os\nos.environ['A'] = '1'\nif True: pass\nimport slow", 3, ""),
        ("import sys\nsys.path.insert(0, 'lib')\nimport slow", 3, ""),
        ("import slow, threaded", 4, "importing threaded starts a thread"),
        ("import slow, curious", 4, "importing curious reads SWEEP_PARAMS"),
        ("import slow, beside", 4, "local"),
        ("import slow\nimport no_such_module", 1, ""),
    ] {
        let ran = study(&bench, &format!("{script}{end}"), "lr=1,2,3 --jobs 2");
        assert_eq!(imports(&bench), times, "{script}\n{}", ran.stderr);
        let notes: Vec<&str> = ran.stderr.lines().filter(|line| line.starts_with("note: ")).collect();
        assert_eq!(notes.len(), usize::from(!note.is_empty()), "{script}\n{}", ran.stderr);
        assert!(ran.stderr.contains(note), "{script}\n{}", ran.stderr);
    }
}

#[test]
fn limits_hold_and_pauses_work() {
    let Some(bench) = bench() else { return };
    let script = "import slow, sys\nx = b'a' * int(sys.argv[1]) * 10**6\nprint('{\"loss\": 1}')\n";
    study(&bench, script, "lr=8,512 --jobs 1 --memory-per-trial 200MB");
    assert_eq!(
        (outcomes(&bench), imports(&bench)),
        (vec!["complete".to_owned(), "infeasible".to_owned()], 1)
    );
    let script = "import slow, subprocess, sys\nsubprocess.run(['sleep', '100'])\n";
    study(&bench, script, "lr=1 --trial-timeout 400ms --grace 1s");
    assert!(reason(&bench).contains("--trial-timeout 400ms"), "{}", reason(&bench));
    // The limit counts while imports are made too.
    install(&bench, "slower", "import time\ntime.sleep(100)");
    study(&bench, "import slower", "lr=1 --trial-timeout 400ms --grace 1s");
    assert!(reason(&bench).contains("--trial-timeout 400ms"), "{}", reason(&bench));
    imports(&bench);
    let script = "import json, slow, sys, time\nfor step in range(1, 9):
    print(json.dumps({'step': step, 'loss': float(sys.argv[1])}))\n    time.sleep(0.05)\n";
    study(&bench, script, "lr=4,3,2,1 --steps 8 --pruner asha --pruner-set eta=2 --jobs 2 --lag async");
    let all = outcomes(&bench);
    assert!(all.contains(&"pruned".to_owned()) && all.contains(&"complete".to_owned()), "{all:?}");
    assert_eq!((imports(&bench), processes(&bench)), (1, Vec::<String>::new()));
}

/// Trials with a child, and with a daemon in a session of its own that was forked without a new program.
#[test]
fn no_process_is_left_however_sweep_ends() {
    let Some(bench) = bench() else { return };
    let script = "import os, signal, slow, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0: time.sleep(float(sys.argv[1]))
    os._exit(0)
os.wait()
if sys.argv[2] == 'short':
    print('{\"loss\": 1}')
    sys.exit()
child = subprocess.Popen(['sleep', sys.argv[1]])
open('ready.' + sys.argv[1], 'w').close()
time.sleep(1000)\n";
    std::fs::write(bench.path("train.py"), script).unwrap();
    for (name, code) in [("-INT", Some(130)), ("-KILL", None)] {
        let words = "grid lr=1000,1001 --name study --jobs 2 --grace 300ms";
        let mut started = sweep(&bench, words, &["python3", "train.py", "{lr}", "long"]);
        let mut child = started.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        await_that("the trials start", || {
            ["1000", "1001"].iter().all(|lr| bench.path(&format!("ready.{lr}")).exists())
        });
        assert!(processes(&bench).len() >= 8, "{:?}", processes(&bench));
        assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().code(), code, "{name}");
        await_that(name, || processes(&bench).is_empty());
        for lr in ["1000", "1001"] {
            std::fs::remove_file(bench.path(&format!("ready.{lr}"))).unwrap();
        }
    }
    assert_eq!(imports(&bench), 2);
    let ran = sweep(&bench, "grid lr=1000 --name study", &["python3", "train.py", "{lr}", "short"]).output();
    assert_eq!(Ran::of("short", ran.unwrap()).code, Some(0));
    await_that("the daemon ends", || processes(&bench).is_empty());
    assert_eq!(outcomes(&bench), ["complete"]);
}

/// Without its server, a study continues the ordinary way.
#[test]
fn a_server_that_is_gone_is_done_without() {
    let Some(bench) = bench() else { return };
    let script = "import slow, os, signal, sys
for pid in filter(str.isdigit, os.listdir('/proc') if sys.argv[1] == '2' else []):
    try:
        with open('/proc/%s/cmdline' % pid) as file: text = file.read()
        if 'fork server' in text and os.readlink('/proc/%s/cwd' % pid) == os.getcwd(): os.kill(int(pid), signal.SIGKILL)
    except OSError: pass
print('{\"loss\": 1}')\n";
    let ran = study(&bench, script, "lr=1,2,3,4 --jobs 1");
    assert_eq!(outcomes(&bench), vec!["complete".to_owned(); 4], "{}", ran.stderr);
    // The trial may end the server before that has told of it, and is then started once more.
    assert!((3..=4).contains(&imports(&bench)), "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("note: ").count(), 1, "{}", ran.stderr);
}

/// A training with PyTorch comes to the same weights.
#[test]
fn a_training_gives_the_same_bits() {
    let torch = Command::new("python3").args(["-c", "import torch, numpy"]).output();
    if !torch.is_ok_and(|ran| ran.status.success()) {
        return skipped("PyTorch trials forked from one process", "python3 has no PyTorch");
    }
    let Some(bench) = bench() else { return };
    let script = "import hashlib, sys
import numpy as np
import slow, torch
from torch import nn
torch.manual_seed(int(sys.argv[1]))
x = torch.from_numpy(np.random.default_rng(0).standard_normal((512, 32), np.float32))
net = nn.Sequential(nn.Linear(32, 64), nn.ReLU(), nn.Dropout(), nn.Linear(64, 4))
optimizer = torch.optim.AdamW(net.parameters(), lr=0.01)
for part in torch.randperm(len(x)).split(32):
    loss = nn.functional.cross_entropy(net(x[part]), x[part, :4].argmax(1))
    optimizer.zero_grad(); loss.backward(); optimizer.step()
for weights in net.parameters(): print(hashlib.sha256(weights.detach().numpy().tobytes()).hexdigest())
print('{\"loss\": %r}' % loss.item())\n";
    let [warm, cold] = both_ways(&bench, script, "lr=1,2,3 --jobs 2");
    assert_eq!(imports(&bench), 4);
    assert_eq!(warm, cold);
    assert!(warm[0] != warm[1] && warm[0].0 == "complete", "{warm:?}");
}

/// The trials of a job of a cluster share their imports, too.
pub fn a_job_of_several_trials_makes_imports_once(cluster: &Cluster) {
    let Some(bench) = bench() else { return };
    std::fs::write(bench.path("train.py"), "import slow\nprint('{\"loss\": 1}')\n").unwrap();
    let words = "grid lr=1,2,3,4,5,6 --name study --on slurm --jobs 2 --pack 3";
    let ran = cluster.configured(sweep(&bench, words, &["python3", "train.py", "{lr}"])).output().unwrap();
    assert_eq!(Ran::of(words, ran).code, Some(0));
    assert_eq!((outcomes(&bench).len(), imports(&bench)), (6, 2));
}
