//! The messages between `sweep` and its supervisor.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A program to start. Its standard input is closed; both outputs are appended to files.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Program {
    /// The program and its arguments.
    pub words: Vec<String>,
    /// Variables on top of the supervisor's own environment.
    pub environment: BTreeMap<String, String>,
    /// The folder in which it starts, if not the supervisor's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cwd: Option<PathBuf>,
    /// Where standard output goes.
    pub stdout: PathBuf,
    /// Where standard error goes.
    pub stderr: PathBuf,
    /// The most memory that each of its processes may have for itself, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<u64>,
    /// Whether it may be forked from a Python process that has made its imports, where it is a Python script.
    #[serde(default)]
    pub warm: bool,
}

/// A signal for all processes of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// Asks the program to end.
    Terminate,
    /// Kills the program.
    Kill,
    /// Stops the program until it is continued.
    Suspend,
    /// Continues the program.
    Continue,
}

/// From `sweep` to the supervisor.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Start a program, known by a number from here on.
    Start {
        /// The number.
        id: u64,
        /// The program.
        program: Program,
    },
    /// Signal a program.
    Signal {
        /// Its number.
        id: u64,
        /// The signal.
        signal: Signal,
    },
}

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exit {
    /// By itself, with this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
    /// It could not be started.
    NotStarted(String),
    /// Its machine was lost or taken away, for this reason; it says nothing of the program.
    Lost(String),
}

/// From the supervisor to `sweep`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// A program and all it had started are gone.
    Ended {
        /// The program's number.
        id: u64,
        /// How it ended.
        exit: Exit,
    },
    /// Something that its user should know.
    Note(String),
}
