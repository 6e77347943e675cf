//! The store: one SQLite file per study, `results/<study>/study.sqlite`.
//!
//! It keeps what happened. A `revision` is a specification under which trials were planned, a `trial` row is one
//! trial, a `reading` row one report of it, a `rest` row one pause of it, a `checkpoint` row what a paused trial goes
//! on from, a `test` row the test figures of a recommended trial, a `span` row a stretch of time in which a worker ran
//! one, a `pace` row how long a step takes. One process writes, holding the [`lock`]; others may read at any time.

mod asked;
mod counted;
mod imported;
pub mod lock;
mod network;
mod paces;
mod provenance;
mod read;
mod schema;
mod spans;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rusqlite::{Connection, OptionalExtension, params};
use sweep_study::{Metrics, Study};

use crate::event::{Ending, Event, Planned};

pub use read::Stored;

/// The name of the file within a study's folder.
pub const FILE: &str = "study.sqlite";

/// An open store. Dropping it releases the lock.
pub struct Store {
    connection: Connection,
    path: PathBuf,
    /// Whether trials that start now are run by a script that is not what it was.
    changed: bool,
    /// Held while this process may write.
    _lock: Option<lock::Lock>,
}

impl Store {
    /// Opens the study's store for writing, making folder and file where there are none.
    ///
    /// # Errors
    /// A folder that cannot be written, a file that is not a study or of a newer version, another process writing.
    pub fn write(folder: &Path) -> Result<Store> {
        std::fs::create_dir_all(folder).with_context(|| {
            format!("cannot create the folder {}; choose another with --results", folder.display())
        })?;
        let lock = lock::take(folder)?;
        let path = folder.join(FILE);
        let connection =
            Connection::open(&path).with_context(|| format!("cannot open {}", path.display()))?;
        schema::prepare(&connection, &path, network::holds(folder))?;
        Ok(Store { connection, path, changed: false, _lock: Some(lock) })
    }

    /// Opens the study's store for reading.
    ///
    /// # Errors
    /// No such study, or a file that is not a study or of a newer version.
    pub fn read(folder: &Path) -> Result<Store> {
        let path = folder.join(FILE);
        if !path.is_file() {
            anyhow::bail!("there is no study in {} (no {FILE})", folder.display());
        }
        let connection =
            Connection::open(&path).with_context(|| format!("cannot open {}", path.display()))?;
        schema::check(&connection, &path)?;
        Ok(Store { connection, path, changed: false, _lock: None })
    }

    /// Adds a specification under which trials are planned.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add_revision(&mut self, study: &Study) -> Result<()> {
        let text = serde_json::to_string(study)?;
        self.run(|connection| {
            connection.execute("INSERT INTO revision (study) VALUES (?1)", [text]).map(drop)
        })
    }

    /// Whether the file has such a table, which those of earlier versions may lack.
    fn has(&self, table: &str) -> rusqlite::Result<bool> {
        let query = format!("SELECT count(*) FROM sqlite_schema WHERE name = '{table}'");
        Ok(number(&self.connection, &query)? == Some(1))
    }

    /// Refuses a store whose file was removed: it can still be written, and nobody would ever read it.
    ///
    /// # Errors
    /// The file is gone.
    pub fn check_present(&self) -> Result<()> {
        if !self.path.is_file() {
            let folder = self.path.parent().unwrap_or(&self.path).display();
            anyhow::bail!(
                "the folder {folder} was removed while the study ran; run the same command to start again"
            );
        }
        Ok(())
    }

    /// Appends events in their order, all or none, durable when this returns.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn append(&mut self, events: &[Event]) -> Result<()> {
        self.check_present()?;
        let changed = self.changed;
        self.run(|connection| {
            let transaction = connection.transaction()?;
            for event in events {
                append(&transaction, event)?;
                if let (Event::TrialStarted { trial, .. }, true) = (event, changed) {
                    provenance::mark(&transaction, trial.number)?;
                }
            }
            transaction.commit()
        })
    }

    /// What a paused trial continues from; `None` where it is not kept.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn checkpoint(&self, number: u64) -> Result<Option<Vec<u8>>> {
        let query = "SELECT state FROM checkpoint WHERE trial = ?1";
        let found = self.connection.query_row(query, [number as i64], |row| row.get(0)).optional();
        found.with_context(|| format!("cannot read {}", self.path.display()))
    }

    /// Drops the checkpoints: no trial is to continue.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn drop_checkpoints(&mut self) -> Result<()> {
        self.run(|connection| connection.execute("DELETE FROM checkpoint", []).map(drop))
    }

    /// Keeps the test figures of a trial.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add_test(&mut self, number: u64, metrics: &Metrics) -> Result<()> {
        let text = serde_json::to_string(metrics)?;
        self.run(|connection| {
            connection
                .execute(
                    "INSERT OR REPLACE INTO test (trial, metrics) VALUES (?1, ?2)",
                    params![number as i64, text],
                )
                .map(drop)
        })
    }

    fn run(&mut self, action: impl FnOnce(&mut Connection) -> rusqlite::Result<()>) -> Result<()> {
        action(&mut self.connection).with_context(|| format!("cannot write {}", self.path.display()))
    }
}

fn append(connection: &Connection, event: &Event) -> rusqlite::Result<()> {
    match event {
        Event::TrialStarted { trial, resumed: false, parent, .. } => start(connection, trial, *parent),
        Event::TrialStarted { trial, audited: true, .. } => {
            let mut insert = connection.prepare_cached("INSERT OR REPLACE INTO audit VALUES (?1)")?;
            insert.execute([trial.number as i64]).map(drop)
        }
        Event::TrialStarted { .. } => Ok(()),
        Event::Reported { number, reading } => {
            let mut insert =
                connection.prepare_cached("INSERT OR REPLACE INTO reading VALUES (?1, ?2, ?3, ?4)")?;
            let metrics = json(&reading.metrics);
            insert.execute(params![*number as i64, reading.step as i64, reading.epoch, metrics]).map(drop)
        }
        Event::TrialEnded { number, until, ending, span } => {
            if let Some(span) = span {
                spans::add(connection, span)?;
            }
            rest(connection, *number, *until, ending)?;
            if ending.counted {
                counted::mark(connection, *number)?;
            }
            let mut update = connection.prepare_cached(
                "UPDATE trial SET outcome = ?2, steps = ?3, epochs = ?4, metrics = ?5 WHERE number = ?1",
            )?;
            let outcome = serde_json::to_string(&ending.outcome).unwrap_or_default();
            let metrics = json(&ending.metrics);
            update
                .execute(params![*number as i64, outcome, ending.steps as i64, ending.epochs, metrics])
                .map(drop)
        }
        Event::TrialPutBack { number } => {
            let mut readings = connection.prepare_cached(
                "DELETE FROM reading WHERE trial = ?1
                 AND step > coalesce((SELECT steps FROM trial WHERE number = ?1), 0)",
            )?;
            readings.execute([*number as i64])?;
            let mut delete =
                connection.prepare_cached("DELETE FROM trial WHERE number = ?1 AND outcome IS NULL")?;
            delete.execute([*number as i64]).map(drop)
        }
    }
}

/// Keeps the pause of a trial and what it continues from, or forgets the latter where it has ended.
fn rest(connection: &Connection, number: u64, until: f64, ending: &Ending) -> rusqlite::Result<()> {
    let number = number as i64;
    let Some(state) = &ending.checkpoint else {
        return connection
            .prepare_cached("DELETE FROM checkpoint WHERE trial = ?1")?
            .execute([number])
            .map(drop);
    };
    let mut insert = connection.prepare_cached("INSERT OR REPLACE INTO rest VALUES (?1, ?2, ?3)")?;
    insert.execute(params![number, until, ending.steps as i64])?;
    let mut insert = connection.prepare_cached("INSERT OR REPLACE INTO checkpoint VALUES (?1, ?2)")?;
    insert.execute(params![number, &state[..]]).map(drop)
}

/// A trial that an earlier process left unfinished starts anew: its old readings go.
fn start(connection: &Connection, trial: &Planned, parent: Option<(u64, f64)>) -> rusqlite::Result<()> {
    let number = trial.number as i64;
    for table in ["reading", "rest", "span"] {
        connection.prepare_cached(&format!("DELETE FROM {table} WHERE trial = ?1"))?.execute([number])?;
    }
    match parent {
        None => {
            connection.prepare_cached("DELETE FROM checkpoint WHERE trial = ?1")?.execute([number])?;
        }
        // A copy keeps what it begins from: the trial that it copies continues.
        Some((parent, share)) => {
            let mut copy = connection.prepare_cached(
                "INSERT OR IGNORE INTO checkpoint SELECT ?1, state FROM checkpoint WHERE trial = ?2",
            )?;
            copy.execute([number, parent as i64])?;
            let mut insert =
                connection.prepare_cached("INSERT OR REPLACE INTO parent VALUES (?1, ?2, ?3)")?;
            insert.execute(params![number, parent as i64, share])?;
        }
    }
    let mut insert = connection.prepare_cached(
        "INSERT OR REPLACE INTO trial (number, point, replicate, seed) VALUES (?1, ?2, ?3, ?4)",
    )?;
    let point = serde_json::to_string(&trial.point).unwrap_or_default();
    insert.execute(params![number, point, trial.replicate, trial.seed as i64]).map(drop)
}

/// Metrics as text; numbers that are not finite become null.
fn json(metrics: &Metrics) -> String {
    serde_json::to_string(metrics).unwrap_or_default()
}

/// The single number that a query finds, if any.
fn number(connection: &Connection, query: &str) -> rusqlite::Result<Option<i64>> {
    connection.query_row(query, [], |row| row.get(0)).optional()
}
