//! Trials that reported no steps: theirs are the numbers of their readings.

use rusqlite::Connection;

/// Stores of older programs lack it; their steps are taken as reported.
pub const TABLE: &str = "CREATE TABLE IF NOT EXISTS counted (trial INTEGER PRIMARY KEY);";

/// Marks a trial.
pub fn mark(connection: &Connection, trial: u64) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached("INSERT OR REPLACE INTO counted VALUES (?1)")?;
    insert.execute([trial as i64]).map(drop)
}
