//! The supervisor's side: starting, signalling and ending programs.
//!
//! The thread that reads requests starts programs; a second one waits for whatever ends. Both hold the table of running
//! programs only for moments. A third one starts the programs that are forked, since imports take seconds.

use std::fs::OpenOptions;
use std::io::BufRead;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::errno::Errno;
use nix::sys::prctl::set_child_subreaper;
use nix::sys::signal::{Signal as Number, kill, killpg};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid, waitpid};
use nix::unistd::Pid;

use super::fork_server::PythonCommand;
use super::protocol::{Answer, Exit, Program, Request, Signal};
use super::strays::LAST;
use super::table::{MARK, Shared, mark, tell};
use super::warm::Warm;
use super::{confine, descendants, strays};

/// How often the end is looked for while everything is being ended.
const PULSE: Duration = Duration::from_millis(5);

/// Serves requests on standard input until it closes, then ends every descendant: politely, and after `grace` for good.
///
/// # Errors
/// The system does not let this process adopt orphans, or threads cannot be started.
pub fn serve(grace: Duration) -> Result<()> {
    set_child_subreaper(true).context("cannot adopt the orphans of trials")?;
    let shared = Arc::new(Shared::default());
    let waiter = Arc::clone(&shared);
    std::thread::Builder::new().name("waiter".to_owned()).spawn(move || bury(&waiter))?;
    let warm = Warm::new(&shared, start)?;
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        match serde_json::from_str(&line) {
            Ok(Request::Start { id, program }) => match PythonCommand::read(&program.words) {
                Some(python) if program.warm => warm.start(id, program, python),
                _ => start(&shared, id, &program),
            },
            Ok(Request::Signal { id, signal }) => send(&shared, id, signal),
            // Only `sweep` of the same build writes here.
            Err(_) => {}
        }
    }
    shared.table().waiting.clear();
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
            tell(&Answer::Ended { id, exit: Exit::NotStarted(format!("cannot start {name}: {error}")) });
        }
    }
}

fn spawn(id: u64, program: &Program) -> std::io::Result<Pid> {
    let words = confine::words(program)?;
    let (name, arguments) = words.split_first().ok_or(std::io::ErrorKind::InvalidInput)?;
    let log = |path: &Path| OpenOptions::new().create(true).append(true).open(path);
    let mut command = Command::new(name);
    if let Some(cwd) = &program.cwd {
        command.current_dir(cwd);
    }
    let child = command
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

fn send(shared: &Shared, id: u64, signal: Signal) {
    let mut table = shared.table();
    let ends = match signal {
        Signal::Terminate => Some(Number::SIGTERM),
        Signal::Kill => Some(Number::SIGKILL),
        Signal::Suspend | Signal::Continue => None,
    };
    if let Some(number) = ends.filter(|_| table.waiting.remove(&id)) {
        return tell(&Answer::Ended { id, exit: Exit::Signal(number as i32) });
    }
    let Some(leader) = table.leaders.iter().find(|(_, other)| **other == id).map(|(leader, _)| *leader)
    else {
        return;
    };
    let numbers: &[Number] = match signal {
        Signal::Suspend => &[Number::SIGSTOP],
        Signal::Continue => &[Number::SIGCONT],
        Signal::Terminate => &[Number::SIGTERM, Number::SIGCONT],
        Signal::Kill => &[Number::SIGKILL],
    };
    for number in numbers {
        // A group whose last process has just ended takes no signal, and needs none.
        killpg(leader, *number).ok();
    }
    drop(table);
    // What left the group is ended by its launcher, or once that has ended; but all of a program stands still together.
    for number in numbers.iter().filter(|number| matches!(number, Number::SIGSTOP | Number::SIGCONT)) {
        strays::signal(id, leader, *number);
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
            strays::end(shared, id);
        }
        // A program that could not be started was waited for already.
        let Ok(status) = waitpid(pid, Some(WaitPidFlag::WNOHANG)) else { continue };
        if let Some(id) = id {
            shared.table().leaders.remove(&pid);
            tell(&Answer::Ended { id, exit: exit(status) });
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
