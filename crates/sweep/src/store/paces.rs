//! Seconds per step: one row per shape, under the number of the timed trial.

use anyhow::{Context, Result};
use rusqlite::params;
use sweep_study::StepTime;

use super::Store;

/// Stores of older programs lack it; they are as good without.
pub const TABLE: &str = "
CREATE TABLE IF NOT EXISTS pace (trial INTEGER PRIMARY KEY, told TEXT NOT NULL);
";

impl Store {
    /// Keeps how long a step takes.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add_step_time(&mut self, time: &StepTime) -> Result<()> {
        let text = serde_json::to_string(time)?;
        self.run(|connection| {
            let insert = "INSERT OR REPLACE INTO pace (trial, told) VALUES (?1, ?2)";
            connection.execute(insert, params![time.trial as i64, text]).map(drop)
        })
    }

    /// All that is known of how long steps take; nothing of a store that keeps no such.
    ///
    /// # Errors
    /// The file cannot be read or holds what this program never wrote.
    pub fn step_times(&self) -> Result<Vec<StepTime>> {
        let context = || format!("cannot read {}", self.path.display());
        if !self.has("pace").with_context(context)? {
            return Ok(Vec::new());
        }
        let read = || -> Result<Vec<StepTime>> {
            let mut query = self.connection.prepare("SELECT told FROM pace ORDER BY trial")?;
            let texts = query.query_map([], |row| row.get::<_, String>(0))?;
            texts.map(|text| Ok(serde_json::from_str(&text?)?)).collect()
        };
        read().with_context(context)
    }
}
