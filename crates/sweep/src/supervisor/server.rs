//! The supervisor's side: starting, signalling and ending programs.
//!
//! The thread that reads requests starts programs; a second one waits for whatever ends. Both hold the table of running
//! programs only for moments.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::{BufRead, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::errno::Errno;
use nix::sys::prctl::set_child_subreaper;
use nix::sys::signal::{Signal as Number, kill, killpg};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid, waitpid};
use nix::unistd::Pid;

use super::protocol::{Ended, Exit, Program, Request, Signal};
use super::{confine, descendants};
use crate::files;

/// The variable by which the processes of a program are known, even those that left its process group.
const MARK: &str = "SWEEP_SUPERVISED";

/// How often the end is looked for while everything is being ended.
const PULSE: Duration = Duration::from_millis(5);

/// How long killed processes may take to vanish before they are left to the system.
const LAST: Duration = Duration::from_secs(10);

/// The running programs.
#[derive(Default)]
struct Table {
    /// Numbers of programs by the process that leads their group.
    leaders: HashMap<Pid, u64>,
}

#[derive(Default)]
struct Shared {
    table: Mutex<Table>,
    started: Condvar,
}

impl Shared {
    /// Nothing panics while it holds the table, so a poisoned one is whole.
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves requests on standard input until it closes, then ends every descendant: politely, and after `grace` for good.
///
/// # Errors
/// The system does not let this process adopt orphans, or threads cannot be started.
pub fn serve(grace: Duration) -> Result<()> {
    set_child_subreaper(true).context("cannot adopt the orphans of trials")?;
    let shared = Arc::new(Shared::default());
    let waiter = Arc::clone(&shared);
    std::thread::Builder::new().name("waiter".to_owned()).spawn(move || bury(&waiter))?;
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        match serde_json::from_str(&line) {
            Ok(Request::Start { id, program }) => start(&shared, id, &program),
            Ok(Request::Signal { id, signal }) => send(&shared, id, signal),
            // Only `sweep` of the same build writes here.
            Err(_) => {}
        }
    }
    end_all(grace);
    Ok(())
}

fn start(shared: &Shared, id: u64, program: &Program) {
    // Held until the program is known, so that its end cannot be met by a table without it.
    let mut table = shared.table();
    match spawn(id, program) {
        Ok(pid) => {
            table.leaders.insert(pid, id);
            shared.started.notify_one();
        }
        Err(error) => {
            let name = program.words.first().map_or("", String::as_str);
            tell(&Ended { id, exit: Exit::NotStarted(format!("cannot start {name}: {error}")) });
        }
    }
}

fn spawn(id: u64, program: &Program) -> std::io::Result<Pid> {
    let words = confine::words(program)?;
    let (name, arguments) = words.split_first().ok_or(std::io::ErrorKind::InvalidInput)?;
    let log = |path: &Path| OpenOptions::new().create(true).append(true).open(path);
    let child = Command::new(name)
        .args(arguments)
        .envs(&program.environment)
        .env(MARK, mark(id))
        .stdin(Stdio::null())
        .stdout(log(&program.stdout)?)
        .stderr(log(&program.stderr)?)
        .process_group(0)
        .spawn()?;
    Ok(Pid::from_raw(child.id().cast_signed()))
}

fn mark(id: u64) -> String {
    format!("{}.{id}", std::process::id())
}

fn send(shared: &Shared, id: u64, signal: Signal) {
    let table = shared.table();
    let Some((leader, _)) = table.leaders.iter().find(|(_, other)| **other == id) else { return };
    let numbers: &[Number] = match signal {
        Signal::Suspend => &[Number::SIGSTOP],
        Signal::Continue => &[Number::SIGCONT],
        Signal::Terminate => &[Number::SIGTERM, Number::SIGCONT],
        Signal::Kill => &[Number::SIGKILL],
    };
    for number in numbers {
        // A group whose last process has just ended takes no signal, and needs none.
        killpg(*leader, *number).ok();
    }
}

/// Waits for ends, for as long as this process lives.
fn bury(shared: &Shared) {
    loop {
        // The dead process is only looked at, so that its number is not given away while its group is ended.
        let pid = match waitid(Id::All, WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT) {
            Ok(status) => status.pid(),
            Err(Errno::ECHILD) => {
                let table = shared.table();
                // Orphans are adopted only while a program runs, or right after; the timeout looks for those.
                drop(shared.started.wait_timeout(table, Duration::from_millis(100)));
                continue;
            }
            Err(_) => continue,
        };
        let Some(pid) = pid else { continue };
        let id = shared.table().leaders.get(&pid).copied();
        if let Some(id) = id {
            killpg(pid, Number::SIGKILL).ok();
            end_strays(shared, id);
        }
        // A program that could not be started was waited for already.
        let Ok(status) = waitpid(pid, Some(WaitPidFlag::WNOHANG)) else { continue };
        if let Some(id) = id {
            shared.table().leaders.remove(&pid);
            tell(&Ended { id, exit: exit(status) });
        }
    }
}

/// Kills what a program has started and let go of, known by its mark.
fn end_strays(shared: &Shared, id: u64) {
    let variable = format!("{MARK}={}", mark(id));
    let end = Instant::now() + LAST;
    while Instant::now() < end {
        let leaders: Vec<Pid> = shared.table().leaders.keys().copied().collect();
        let stray = |pid: &Pid| !leaders.contains(pid) && descendants::has_variable(*pid, &variable);
        let strays: Vec<Pid> = descendants::children().into_iter().filter(stray).collect();
        if strays.is_empty() {
            return;
        }
        for pid in strays {
            kill(pid, Number::SIGKILL).ok();
            waitpid(pid, None).ok();
        }
    }
}

fn exit(status: WaitStatus) -> Exit {
    match status {
        WaitStatus::Exited(_, code) => Exit::Code(code),
        WaitStatus::Signaled(_, signal, _) => Exit::Signal(signal as i32),
        other => Exit::NotStarted(format!("unexpected exit status: {other:?}")),
    }
}

/// A write fails only after `sweep` has ended.
fn tell(ended: &Ended) {
    let Ok(line) = files::json(ended) else { return };
    let mut out = std::io::stdout().lock();
    drop(out.write_all(&line).and_then(|()| out.flush()));
}

fn end_all(grace: Duration) {
    for signal in [Number::SIGTERM, Number::SIGCONT] {
        for pid in descendants::all() {
            kill(pid, signal).ok();
        }
    }
    let wait_until = |end: Instant, act: &dyn Fn(Pid)| {
        loop {
            let left = descendants::all();
            if left.is_empty() || Instant::now() >= end {
                return;
            }
            left.into_iter().for_each(act);
            std::thread::sleep(PULSE);
        }
    };
    wait_until(Instant::now() + grace, &|_| {});
    wait_until(Instant::now() + LAST, &|pid| {
        kill(pid, Number::SIGKILL).ok();
    });
}
