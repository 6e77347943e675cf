//! Where the trials of a command came from: one row each time that it changed, and which trials a changed script ran.

use anyhow::{Context, Result};
use rusqlite::Connection;

use super::Store;

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS provenance (id INTEGER PRIMARY KEY, told TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS changed (trial INTEGER PRIMARY KEY);
";

impl Store {
    /// All that was kept, the oldest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn provenance(&self) -> Result<Vec<String>> {
        let context = || format!("cannot read {}", self.path.display());
        if !self.has("provenance").with_context(context)? {
            return Ok(Vec::new());
        }
        let mut query = self.connection.prepare("SELECT told FROM provenance ORDER BY id")?;
        let texts = query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>();
        texts.with_context(context)
    }

    /// Keeps another.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add_provenance(&mut self, text: &str) -> Result<()> {
        self.run(|connection| {
            connection.execute_batch(TABLES)?;
            connection.execute("INSERT INTO provenance (told) VALUES (?1)", [text]).map(drop)
        })
    }

    /// Forgets all that was kept: no result is of it.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn forget_provenance(&mut self) -> Result<()> {
        self.run(|connection| {
            connection.execute_batch(TABLES)?;
            connection.execute_batch("DELETE FROM provenance; DELETE FROM changed;")
        })
    }

    /// Marks the trials that start from here on as run by a script that is not what it was.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn mark_changed(&mut self) -> Result<()> {
        self.changed = true;
        self.run(|connection| connection.execute_batch(TABLES))
    }
}

/// Marks a trial as run by a script that is not what it was.
pub(super) fn mark(connection: &Connection, trial: u64) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached("INSERT OR IGNORE INTO changed VALUES (?1)")?;
    insert.execute([trial as i64]).map(drop)
}
