//! Trials that reported no steps: theirs are the numbers of their readings.

use std::collections::HashSet;

use anyhow::Result;
use rusqlite::Connection;
use sweep_study::Trial;

use super::Store;

/// Stores of older programs lack it; their steps are taken as reported.
pub const TABLE: &str = "CREATE TABLE IF NOT EXISTS counted (trial INTEGER PRIMARY KEY);";

/// Marks a trial.
pub fn mark(connection: &Connection, trial: u64) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached("INSERT OR REPLACE INTO counted VALUES (?1)")?;
    insert.execute([trial as i64]).map(drop)
}

impl Store {
    /// Says of each of `trials` whether it is marked.
    pub(super) fn add_counted(&self, trials: &mut [Trial]) -> Result<()> {
        if !self.has("counted")? {
            return Ok(());
        }
        let mut query = self.connection.prepare("SELECT trial FROM counted")?;
        let marked: HashSet<i64> = query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        for trial in trials {
            trial.counted = marked.contains(&(trial.number as i64));
        }
        Ok(())
    }
}
