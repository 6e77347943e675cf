//! The store: one SQLite file a study, `results/<study>/study.sqlite`.
//!
//! It keeps what happened. A `revision` is a specification under which trials were planned, a `trial` row is one
//! trial, a `reading` row one report of it, a `test` row the test figures of a recommended trial. One process
//! writes, holding the [`lock`]; others may read at any time.

mod asked;
pub mod lock;
mod read;
mod schema;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rusqlite::{Connection, OptionalExtension, params};
use sweep_study::{Metrics, Study};

use crate::engine::events::{Event, Planned};

pub use read::Stored;

/// The name of the file within a study's folder.
pub const FILE: &str = "study.sqlite";

/// An open store. Dropping it releases the lock.
pub struct Store {
    connection: Connection,
    path: PathBuf,
    /// Held while this process may write.
    _lock: Option<lock::Lock>,
}

impl Store {
    /// Opens the study's store for writing, making folder and file where there are none.
    ///
    /// # Errors
    /// A folder that cannot be written, a file that is no study or of a newer version, another process writing.
    pub fn write(folder: &Path) -> Result<Store> {
        std::fs::create_dir_all(folder).with_context(|| {
            format!("cannot make the folder {}; choose another with --results", folder.display())
        })?;
        let lock = lock::take(folder)?;
        let path = folder.join(FILE);
        let connection =
            Connection::open(&path).with_context(|| format!("cannot open {}", path.display()))?;
        schema::prepare(&connection, &path)?;
        Ok(Store { connection, path, _lock: Some(lock) })
    }

    /// Opens the study's store for reading.
    ///
    /// # Errors
    /// No such study, or a file that is no study or of a newer version.
    pub fn read(folder: &Path) -> Result<Store> {
        let path = folder.join(FILE);
        if !path.is_file() {
            anyhow::bail!("there is no study in {} (no {FILE})", folder.display());
        }
        let connection =
            Connection::open(&path).with_context(|| format!("cannot open {}", path.display()))?;
        schema::check(&connection, &path)?;
        Ok(Store { connection, path, _lock: None })
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

    /// Appends events in their order, all or none, durable when this returns.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn append(&mut self, events: &[Event]) -> Result<()> {
        self.run(|connection| {
            let transaction = connection.transaction()?;
            for event in events {
                append(&transaction, event)?;
            }
            transaction.commit()
        })
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
        Event::TrialStarted { trial } => start(connection, trial),
        Event::Reported { number, reading } => {
            let mut insert =
                connection.prepare_cached("INSERT OR REPLACE INTO reading VALUES (?1, ?2, ?3, ?4)")?;
            let metrics = json(&reading.metrics);
            insert.execute(params![*number as i64, reading.step as i64, reading.epoch, metrics]).map(drop)
        }
        Event::TrialEnded { number, ending } => {
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
            connection.prepare_cached("DELETE FROM reading WHERE trial = ?1")?.execute([*number as i64])?;
            let mut delete =
                connection.prepare_cached("DELETE FROM trial WHERE number = ?1 AND outcome IS NULL")?;
            delete.execute([*number as i64]).map(drop)
        }
    }
}

/// A trial that an earlier process left unfinished starts anew: its old readings go.
fn start(connection: &Connection, trial: &Planned) -> rusqlite::Result<()> {
    let number = trial.number as i64;
    connection.prepare_cached("DELETE FROM reading WHERE trial = ?1")?.execute([number])?;
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
