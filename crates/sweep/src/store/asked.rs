//! What a session of ask and tell keeps: its trials as the rows of any study, and the names typed of its parameters.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use rusqlite::params;
use sweep_study::{Metrics, Outcome, Point};

use super::{Store, json};

impl Store {
    /// Keeps the names as typed of parameters that have other names in the study.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add_typed(&mut self, typed: &BTreeMap<String, String>) -> Result<()> {
        self.run(|connection| {
            connection.execute(
                "CREATE TABLE IF NOT EXISTS typed (name TEXT PRIMARY KEY, typed TEXT NOT NULL)",
                [],
            )?;
            for (name, typed) in typed {
                connection.execute("INSERT OR REPLACE INTO typed VALUES (?1, ?2)", params![name, typed])?;
            }
            Ok(())
        })
    }

    /// The names kept by [`Store::add_typed`].
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn typed(&self) -> Result<BTreeMap<String, String>> {
        let read = || -> rusqlite::Result<BTreeMap<String, String>> {
            let mut query = self.connection.prepare("SELECT name, typed FROM typed")?;
            query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        read().with_context(|| format!("cannot read {}", self.path.display()))
    }

    /// Keeps a trial that was asked for.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add_asked(&mut self, number: u64, point: &Point, seed: u64) -> Result<()> {
        let point = serde_json::to_string(point)?;
        self.run(|connection| {
            let insert = "INSERT INTO trial (number, point, replicate, seed) VALUES (?1, ?2, 0, ?3)";
            connection.execute(insert, params![number as i64, point, seed as i64]).map(drop)
        })
    }

    /// Keeps how a trial that was asked for has ended.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add_told(&mut self, number: u64, outcome: &Outcome, metrics: &Metrics) -> Result<()> {
        let outcome = serde_json::to_string(outcome)?;
        self.run(|connection| {
            let steps = "SELECT coalesce(max(step), 0) FROM reading WHERE trial = ?1";
            let steps: i64 = connection.query_row(steps, [number as i64], |row| row.get(0))?;
            let update =
                "UPDATE trial SET outcome = ?2, steps = ?3, epochs = 0, metrics = ?4 WHERE number = ?1";
            connection.execute(update, params![number as i64, outcome, steps, json(metrics)]).map(drop)
        })
    }

    /// Keeps a reading of a trial that was asked for.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add_reading(&mut self, number: u64, step: u64, metrics: &Metrics) -> Result<()> {
        self.run(|connection| {
            let insert =
                "INSERT OR REPLACE INTO reading (trial, step, epoch, metrics) VALUES (?1, ?2, 0, ?3)";
            connection.execute(insert, params![number as i64, step as i64, json(metrics)]).map(drop)
        })
    }

    /// The points of the trials that have not ended, by number.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn open_trials(&self) -> Result<Vec<(u64, Point)>> {
        let mut query = self
            .connection
            .prepare("SELECT number, point FROM trial WHERE outcome IS NULL ORDER BY number")?;
        let rows = query.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
        rows.map(|row| {
            row.map_err(Into::into)
                .and_then(|(number, point)| Ok((number as u64, serde_json::from_str(&point)?)))
        })
        .collect()
    }
}
