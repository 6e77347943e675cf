//! The side of `sweep`: starting the supervisor and, through it, programs.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result};

use super::protocol::{Answer, Exit, Program, Request, Signal};
use crate::{files, output};

/// A running supervisor. Dropping it ends every program.
pub struct Supervisor {
    requests: Sender<Message>,
    thread: Option<JoinHandle<()>>,
    next: AtomicU64,
}

/// A message to the thread that owns the pipe.
enum Message {
    Start(u64, Program, Sender<Exit>),
    Signal(u64, Signal),
    Ended(u64, Exit),
    /// The supervisor is gone.
    Gone,
    /// Close the pipe and wait for the supervisor to end.
    Close,
}

/// One program that was started.
pub struct Process {
    id: u64,
    requests: Sender<Message>,
    exit: Receiver<Exit>,
}

impl Supervisor {
    /// Starts one, which gives programs `grace` to end before they are killed.
    ///
    /// # Errors
    /// This program cannot be started once more, or threads cannot.
    pub fn start(grace: Duration) -> Result<Supervisor> {
        let own = std::env::current_exe().context("cannot find this program's own file")?;
        let mut command = Command::new(own);
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command
            .arg("supervise")
            .arg(format!("--grace={}", grace.as_secs_f64()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the supervisor of the trials")?;
        let (to, from) =
            child.stdin.take().zip(child.stdout.take()).context("the supervisor has no pipes")?;
        let (requests, inbox) = channel();
        let ears = requests.clone();
        std::thread::Builder::new().name("supervisor-ears".to_owned()).spawn(move || {
            for line in BufReader::new(from).lines().map_while(Result::ok) {
                match serde_json::from_str(&line) {
                    // The other thread outlives this thread; should it not, nobody waits for the news.
                    Ok(Answer::Ended { id, exit }) => drop(ears.send(Message::Ended(id, exit))),
                    Ok(Answer::Note(note)) => output::eprintln(&format!("note: {note}")),
                    Err(_) => {}
                }
            }
            drop(ears.send(Message::Gone));
        })?;
        let thread = std::thread::Builder::new()
            .name("supervisor".to_owned())
            .spawn(move || forward(child, to, &inbox))?;
        Ok(Supervisor { requests, thread: Some(thread), next: AtomicU64::new(0) })
    }

    /// Starts a program. A failure to start is reported as its [`Exit`].
    pub fn run(&self, program: Program) -> Process {
        let (sender, exit) = channel();
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        // A thread that is gone drops the sender, which `wait` tells as an exit.
        drop(self.requests.send(Message::Start(id, program, sender)));
        Process { id, requests: self.requests.clone(), exit }
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        drop(self.requests.send(Message::Close));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

impl Process {
    /// Signals the program and all that it started; one that has ended takes no notice.
    pub fn signal(&self, signal: Signal) {
        drop(self.requests.send(Message::Signal(self.id, signal)));
    }

    /// How the program ended, or `None` when it has not within `patience`.
    pub fn wait(&self, patience: Duration) -> Option<Exit> {
        match self.exit.recv_timeout(patience) {
            Ok(exit) => Some(exit),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                Some(Exit::NotStarted("the supervisor has ended".to_owned()))
            }
        }
    }
}

/// Owns the pipe and knows who waits for which program.
fn forward(mut child: Child, to: ChildStdin, inbox: &Receiver<Message>) {
    let mut pipe = Some(to);
    let mut waiting: HashMap<u64, Sender<Exit>> = HashMap::new();
    for message in inbox {
        match message {
            Message::Start(id, program, sender) => {
                waiting.insert(id, sender);
                write(&mut pipe, &Request::Start { id, program });
            }
            Message::Signal(id, signal) => write(&mut pipe, &Request::Signal { id, signal }),
            Message::Ended(id, exit) => {
                if let Some(sender) = waiting.remove(&id) {
                    drop(sender.send(exit));
                }
            }
            Message::Close => pipe = None,
            // Whoever still waits sees its sender dropped.
            Message::Gone => break,
        }
    }
    drop(pipe);
    drop(child.wait());
}

/// A pipe that cannot be written belongs to a supervisor that is gone, of which `Gone` will tell.
fn write(pipe: &mut Option<ChildStdin>, request: &Request) {
    let Some(pipe) = pipe else { return };
    let Ok(line) = files::json(request) else { return };
    drop(pipe.write_all(&line));
}
