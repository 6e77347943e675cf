//! One fork server: a Python process that has imported what a script imports.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

use super::python::{PythonCommand, Target};
use crate::files;
use crate::supervisor::protocol::Program;

/// The server's own program.
const CODE: &str = concat!(include_str!("plan.py"), include_str!("server.py"));

/// Runs the program that the first line of standard input is, in names of its own.
const BOOT: &str = "exec(compile(eval(open(0, 'rb', 0, closefd=False).readline()), '<fork server>', 'exec'), \
                    {'__name__': 'fork_server', 'STARTUP': frozenset(__import__('sys').modules)})";

/// Bytes that the boot line is made long, since a trial shows its own command in its place.
const ROOM: usize = 1024;

/// How long imports may take.
const IMPORTS: Duration = Duration::from_secs(300);

/// How long a fork may take, on a machine that is short of memory too.
const FORK: Duration = Duration::from_secs(30);

/// Variables that tell of a trial begin so; the others are the same for all trials.
const OWN: &str = "SWEEP_";
const DEVICES: &str = "CUDA_VISIBLE_DEVICES";

/// Why a trial is not forked.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Its imports, or something else about it, cannot be shared; the text is empty where nobody needs to know.
    Unfit(String),
    /// The script imports other modules than the server has.
    Stale,
    /// There is no server for it.
    Other,
}

/// What a server can be used for: trials of one script in one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    interpreter: Vec<String>,
    target: Target,
    environment: BTreeMap<String, String>,
}

impl Key {
    /// What the server of a trial has to be started with.
    pub fn of(program: &Program, python: &PythonCommand) -> Key {
        let shared = |(name, _): &(&String, &String)| !is_own(name);
        let both = program.environment.iter().chain(&python.variables);
        Key {
            interpreter: python.interpreter.clone(),
            target: python.target.clone(),
            environment: both.filter(shared).map(|(name, value)| (name.clone(), value.clone())).collect(),
        }
    }
}

fn is_own(name: &str) -> bool {
    name.starts_with(OWN) || name == DEVICES
}

/// The first message to a server.
#[derive(Serialize)]
struct Prepare<'a> {
    file: Option<&'a str>,
    module: Option<&'a str>,
    arguments: &'a [String],
    /// Variables whose value depends on the trial.
    watched: Vec<&'a str>,
}

/// The order to fork a trial.
#[derive(Serialize)]
struct Fork<'a> {
    words: &'a [String],
    arguments: &'a [String],
    environment: BTreeMap<&'a str, &'a str>,
    cwd: Option<&'a std::path::Path>,
    stdout: &'a std::path::Path,
    stderr: &'a std::path::Path,
    memory: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Ready,
    Pid(i32),
    Unfit(String),
    Stale,
}

/// A running server; it ends when this is dropped, its trials do not.
pub struct ForkServer {
    key: Key,
    process: Pid,
    connection: BufReader<UnixStream>,
}

impl ForkServer {
    /// Starts the server of trials such as `program` and waits until its imports are made. `mark` is the value of the
    /// variable by which the supervisor knows processes, as long as that of any trial.
    ///
    /// # Errors
    /// Trials of this script cannot be forked.
    pub fn start(
        program: &Program,
        python: &PythonCommand,
        mark: (&str, &str),
    ) -> Result<ForkServer, Refusal> {
        // A program that cannot be started says so itself.
        let unknown = |_| Refusal::Unfit(String::new());
        let key = Key::of(program, python);
        let (ours, theirs) = UnixStream::pair().map_err(unknown)?;
        let (name, options) = key.interpreter.split_first().ok_or_else(|| Refusal::Unfit(String::new()))?;
        let process = Command::new(name)
            .args(options)
            .args(["-c", &format!("{BOOT:ROOM$}")])
            .envs(&key.environment)
            .env(mark.0, mark.1)
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(unknown)?;
        let process = Pid::from_raw(process.id().cast_signed());
        let mut server = ForkServer { key, process, connection: BufReader::new(ours) };
        // A string of JSON is one of Python, too.
        server.send(&CODE).map_err(unknown)?;
        let (file, module) = match &python.target {
            Target::File(file) => (Some(file.as_str()), None),
            Target::Module(name) => (None, Some(name.as_str())),
        };
        let watched = program.environment.keys().map(String::as_str).filter(|name| is_own(name)).collect();
        match server.ask(&Prepare { file, module, arguments: &python.arguments, watched }, IMPORTS)? {
            Answer::Ready => Ok(server),
            Answer::Unfit(reason) => Err(Refusal::Unfit(reason)),
            Answer::Pid(_) | Answer::Stale => Err(Refusal::Unfit(ENDED.to_owned())),
        }
    }

    /// Whether it was started for trials such as this.
    pub fn serves(&self, key: &Key) -> bool {
        self.key == *key
    }

    /// Forks a trial, whose process becomes a child of this one.
    ///
    /// # Errors
    /// It cannot be forked.
    pub fn fork(
        &mut self,
        program: &Program,
        python: &PythonCommand,
        mark: (&str, &str),
    ) -> Result<Pid, Refusal> {
        let own = program.environment.iter().chain(&python.variables);
        let own = own.map(|(name, value)| (name.as_str(), value.as_str()));
        let order = Fork {
            words: &python.words,
            arguments: &python.arguments,
            environment: own.chain([mark]).collect(),
            cwd: program.cwd.as_deref(),
            stdout: &program.stdout,
            stderr: &program.stderr,
            memory: program.memory,
        };
        match self.ask(&order, FORK)? {
            Answer::Pid(pid) => Ok(Pid::from_raw(pid)),
            Answer::Unfit(reason) => Err(Refusal::Unfit(reason)),
            Answer::Stale => Err(Refusal::Stale),
            Answer::Ready => Err(Refusal::Unfit(ENDED.to_owned())),
        }
    }

    /// Asks for one thing; whatever goes wrong in between is the end of the server.
    fn ask(&mut self, question: &impl Serialize, patience: Duration) -> Result<Answer, Refusal> {
        let line = self.send(question).and_then(|()| self.receive(patience)).inspect_err(|error| {
            if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) {
                kill(self.process, Signal::SIGKILL).ok();
            }
        });
        let answer = line.ok().and_then(|line| serde_json::from_str(&line).ok());
        answer.ok_or_else(|| Refusal::Unfit(ENDED.to_owned()))
    }

    fn send(&mut self, message: &impl Serialize) -> std::io::Result<()> {
        let line = files::json(message).map_err(std::io::Error::other)?;
        self.connection.get_mut().write_all(&line)
    }

    fn receive(&mut self, patience: Duration) -> std::io::Result<String> {
        let mut line = String::new();
        self.connection.get_ref().set_read_timeout(Some(patience))?;
        self.connection.read_line(&mut line)?;
        Ok(line)
    }
}

/// What is said of a server that is gone.
const ENDED: &str = "the Python process with their imports ended or does not answer";
