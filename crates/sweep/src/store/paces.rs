//! How fast each batch size trains alone: one row a batch size.

use anyhow::{Context, Result};
use rusqlite::{Row, params};
use sweep_study::Pace;

use super::Store;

/// Stores of older programs lack it; they are as good without.
pub const TABLE: &str = "
CREATE TABLE IF NOT EXISTS pace (
    batch REAL PRIMARY KEY,
    seconds REAL NOT NULL,
    low REAL NOT NULL,
    high REAL NOT NULL,
    steps INTEGER NOT NULL,
    bytes INTEGER NOT NULL
);
";

impl Store {
    /// Keeps what was measured of a batch size.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add_pace(&mut self, pace: &Pace) -> Result<()> {
        let Pace { batch, seconds, low, high, steps, bytes } = *pace;
        self.run(|connection| {
            let insert = "INSERT OR REPLACE INTO pace VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            let row = params![batch, seconds, low, high, steps as i64, bytes as i64];
            connection.execute(insert, row).map(drop)
        })
    }

    /// All that were measured, batch sizes rising; none of a store that keeps no such.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn paces(&self) -> Result<Vec<Pace>> {
        let context = || format!("cannot read {}", self.path.display());
        if !self.has("pace").with_context(context)? {
            return Ok(Vec::new());
        }
        let mut query = self
            .connection
            .prepare("SELECT batch, seconds, low, high, steps, bytes FROM pace ORDER BY batch")?;
        let pace = |row: &Row<'_>| {
            Ok(Pace {
                batch: row.get(0)?,
                seconds: row.get(1)?,
                low: row.get(2)?,
                high: row.get(3)?,
                steps: row.get::<_, i64>(4)? as u64,
                bytes: row.get::<_, i64>(5)? as u64,
            })
        };
        query.query_map([], pace)?.collect::<Result<_, _>>().with_context(context)
    }
}
