//! Where the trials of a command came from: one row each time that it changed.

use anyhow::{Context, Result};

use super::{Store, number};

const TABLE: &str = "CREATE TABLE IF NOT EXISTS provenance (id INTEGER PRIMARY KEY, told TEXT NOT NULL)";

impl Store {
    /// What was last kept, if anything was.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn provenance(&self) -> Result<Option<String>> {
        let context = || format!("cannot read {}", self.path.display());
        let there = "SELECT count(*) FROM sqlite_schema WHERE name = 'provenance'";
        if number(&self.connection, there).with_context(context)? != Some(1) {
            return Ok(None);
        }
        let mut query = self.connection.prepare("SELECT told FROM provenance ORDER BY id DESC LIMIT 1")?;
        let mut rows = query.query([]).with_context(context)?;
        Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
    }

    /// Keeps another.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add_provenance(&mut self, told: &str) -> Result<()> {
        self.run(|connection| {
            connection.execute_batch(TABLE)?;
            connection.execute("INSERT INTO provenance (told) VALUES (?1)", [told]).map(drop)
        })
    }
}
