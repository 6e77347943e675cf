//! When trials ran and on which workers: one row per stretch of time.

use anyhow::{Context, Result};
use rusqlite::{Connection, Row, params};
use sweep_study::Span;

use super::Store;

/// Stores of older programs lack it; they are as good without. A trial that starts anew loses its stretches, so they
/// are found by its number.
pub const TABLE: &str = "
CREATE TABLE IF NOT EXISTS span (
    trial INTEGER NOT NULL,
    worker INTEGER NOT NULL,
    start REAL NOT NULL,
    end REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS span_of_trial ON span (trial);
";

/// Adds a stretch.
pub fn add(connection: &Connection, span: &Span) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached("INSERT INTO span VALUES (?1, ?2, ?3, ?4)")?;
    insert.execute(params![span.trial as i64, span.worker, span.start, span.end]).map(drop)
}

impl Store {
    /// All stretches, in the order in which they ended; none of a store that keeps no such.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn spans(&self) -> Result<Vec<Span>> {
        let context = || format!("cannot read {}", self.path.display());
        if !self.has("span").with_context(context)? {
            return Ok(Vec::new());
        }
        let mut query =
            self.connection.prepare("SELECT trial, worker, start, end FROM span ORDER BY rowid")?;
        let span = |row: &Row<'_>| {
            let trial = row.get::<_, i64>(0)? as u64;
            Ok(Span { trial, worker: row.get(1)?, start: row.get(2)?, end: row.get(3)? })
        };
        query.query_map([], span)?.collect::<Result<_, _>>().with_context(context)
    }
}
