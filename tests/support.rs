//! Running the built program in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

/// A folder that is gone when the test ends, in which the program is run.
pub struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    pub fn new() -> Bench {
        Bench { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program with `words` as its arguments, not started yet.
    pub fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sweep"));
        command.args(words.split_whitespace()).current_dir(self.folder.path());
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, words: &str) -> Ran {
        Ran::of(words, self.command(words).output().unwrap())
    }

    /// Runs the program and expects exit code 0.
    pub fn ok(&self, words: &str) -> Ran {
        let ran = self.run(words);
        assert_eq!(ran.code, Some(0), "sweep {words}\n{}\n{}", ran.stdout, ran.stderr);
        ran
    }

    /// Writes a table of 400 rows, ten numbers and a label `y` in three classes, that a network can learn.
    pub fn table(&self, name: &str) {
        let mut text = (0..10).map(|column| format!("x{column},")).collect::<String>() + "y\n";
        for row in 0..400_u32 {
            let noise = |column: u32| f64::from((row * 7919 + column * 104_729) % 997) / 997.0;
            let class = row % 3;
            for column in 0..10 {
                let shift = if column % 3 == class { 0.7 } else { 0.0 };
                text += &format!("{:.3},", noise(column) + shift);
            }
            text += &format!("{class}\n");
        }
        std::fs::write(self.path(name), text).unwrap();
    }

    /// How many trials of the study `name` have ended or paused, as its store has it; 0 while there is no store.
    pub fn ended(&self, name: &str) -> u64 {
        let path = self.path(&format!("results/{name}/study.sqlite"));
        let count = || {
            let store = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
            let query = "SELECT count(*) FROM trial WHERE outcome IS NOT NULL";
            store.query_row(query, [], |row| row.get::<_, i64>(0))
        };
        count().map_or(0, i64::unsigned_abs)
    }

    /// The results of the study `name` without what comes from the clock.
    pub fn results(&self, name: &str) -> Value {
        let mut results = read_json(&self.path(&format!("results/{name}/results.json")));
        results.as_object_mut().unwrap().remove("timing").expect("results have a timing object");
        results
    }

    /// The bytes of a chart of the study `name`, seen to be a PNG.
    pub fn png(&self, name: &str, chart: &str) -> Vec<u8> {
        let bytes = std::fs::read(self.path(&format!("results/{name}/{chart}"))).unwrap();
        assert!(bytes.starts_with(b"\x89PNG") && bytes.len() > 10_000, "{chart} is not a PNG");
        bytes
    }
}

/// The longest wait of a test, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// Waits for a condition.
pub fn await_that(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "{what}: it has not come in {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits for a condition caused by `child`; returns whether it was met before the child ended.
pub fn await_of(child: &mut Child, what: &str, holds: impl Fn() -> bool) -> bool {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        assert!(Instant::now() < end, "{what}: it has not come in {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}

/// The result of a run of the program.
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    pub fn of(words: &str, output: Output) -> Ran {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is text");
        let ran =
            Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) };
        assert!(!ran.stderr.contains("panicked"), "sweep {words}\n{}", ran.stderr);
        ran
    }
}

pub fn read_json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}
