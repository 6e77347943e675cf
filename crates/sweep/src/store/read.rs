//! Reading a store back.

use std::collections::HashSet;

use anyhow::{Context, Result};
use rusqlite::Row;
use serde_json::Value as Json;
use sweep_study::{Curve, Metrics, Outcome, Past, Rest, Span, StepTime, Study, Trial};

use super::{Store, number, schema};

/// What a store holds.
pub struct Stored {
    /// The specifications, oldest first.
    pub revisions: Vec<Study>,
    /// The trials that have ended, by number.
    pub trials: Vec<Trial>,
    /// Test figures by trial number.
    pub tests: Vec<(u64, Metrics)>,
    /// When trials ran and on which workers.
    pub spans: Vec<Span>,
    /// How long steps take.
    pub step_times: Vec<StepTime>,
}

impl Store {
    /// Everything in the store.
    ///
    /// # Errors
    /// The file cannot be read or holds what this program never wrote.
    pub fn load(&self) -> Result<Stored> {
        let context = || format!("cannot read {}", self.path.display());
        let revisions = self.revisions()?;
        let mut trials = self.trials().with_context(context)?;
        if let Some(study) = revisions.last() {
            study.mark_ended_early(&mut trials);
        }
        let tests = self.tests().with_context(context)?;
        let (spans, step_times) = (self.spans()?, self.step_times()?);
        Ok(Stored { revisions, trials, tests, spans, step_times })
    }

    /// The specifications, oldest first.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub fn revisions(&self) -> Result<Vec<Study>> {
        let read = || -> Result<Vec<Study>> {
            let mut query = self.connection.prepare("SELECT study FROM revision ORDER BY id")?;
            let texts = query.query_map([], |row| row.get::<_, String>(0))?;
            texts.map(|text| Ok(serde_json::from_str(&text?)?)).collect()
        };
        read().with_context(|| format!("cannot read {}", self.path.display()))
    }

    /// How many trials have ended or rest.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn ended(&self) -> Result<usize> {
        let count = number(&self.connection, "SELECT count(*) FROM trial WHERE outcome IS NOT NULL");
        let count = count.with_context(|| format!("cannot read {}", self.path.display()))?;
        Ok(count.unwrap_or(0) as usize)
    }

    fn trials(&self) -> Result<Vec<Trial>> {
        let mut query = self.connection.prepare(
            "SELECT number, point, replicate, seed, outcome, steps, epochs, metrics FROM trial
             WHERE outcome IS NOT NULL ORDER BY number",
        )?;
        let mut rows = query.query([])?;
        let mut readings = self
            .connection
            .prepare("SELECT step, epoch, metrics FROM reading WHERE trial = ?1 AND step <= ?2")?;
        let mut trials = Vec::new();
        while let Some(row) = rows.next()? {
            let mut trial = trial(row)?;
            // Readings of a paused trial after its pause, before the program was killed, are left out.
            let last = if trial.outcome == Outcome::Pruned { trial.steps as i64 } else { i64::MAX };
            let mut rows = readings.query([trial.number as i64, last])?;
            while let Some(row) = rows.next()? {
                let read = metrics(&row.get::<_, String>(2)?)?;
                trial.curve.push(row.get::<_, i64>(0)? as u64, row.get(1)?, &read);
            }
            trials.push(trial);
        }
        if schema::version(&self.connection)? >= schema::PAUSES_SINCE {
            self.add_pauses(&mut trials)?;
            self.add_past(&mut trials)?;
        }
        let (changed, counted) = (self.marked("changed")?, self.marked("counted")?);
        for trial in &mut trials {
            let number = trial.number as i64;
            (trial.changed, trial.counted) = (changed.contains(&number), counted.contains(&number));
        }
        Ok(trials)
    }

    /// The numbers of the trials in a table of marks; none of a store that lacks it.
    pub(super) fn marked(&self, table: &str) -> Result<HashSet<i64>> {
        if !self.has(table)? {
            return Ok(HashSet::new());
        }
        let mut query = self.connection.prepare(&format!("SELECT trial FROM {table}"))?;
        Ok(query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    fn add_pauses(&self, trials: &mut [Trial]) -> Result<()> {
        let mut rests =
            self.connection.prepare("SELECT share, steps FROM rest WHERE trial = ?1 ORDER BY share")?;
        let audited = self.marked("audit")?;
        for trial in trials {
            let number = trial.number as i64;
            let rest = |row: &Row<'_>| Ok(Rest { share: row.get(0)?, step: row.get::<_, i64>(1)? as u64 });
            trial.rests = rests.query_map([number], rest)?.collect::<Result<_, _>>()?;
            trial.audited = audited.contains(&number);
        }
        Ok(())
    }

    fn add_past(&self, trials: &mut [Trial]) -> Result<()> {
        let mut query = self.connection.prepare("SELECT trial, parent, share FROM parent ORDER BY trial")?;
        let row = |row: &Row<'_>| {
            Ok((row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64, row.get::<_, f64>(2)?))
        };
        // A copy has a higher number than what it copies, whose past is thus known.
        for copy in query.query_map([], row)? {
            let (number, parent, until) = copy?;
            let place = |number: u64| trials.binary_search_by_key(&number, |trial| trial.number);
            if let (Ok(copy), Ok(parent)) = (place(number), place(parent)) {
                let Trial { number, point, past, .. } = trials[parent].clone();
                trials[copy].past = past;
                trials[copy].past.push(Past { number, point, until });
            }
        }
        Ok(())
    }

    /// The test figures by trial number.
    ///
    /// # Errors
    /// The file cannot be read or holds what this program never wrote.
    pub fn tests(&self) -> Result<Vec<(u64, Metrics)>> {
        let mut query = self.connection.prepare("SELECT trial, metrics FROM test ORDER BY trial")?;
        let rows = query.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
        rows.map(|row| row.map_err(Into::into).and_then(|(trial, text)| Ok((trial as u64, metrics(&text)?))))
            .collect()
    }
}

fn trial(row: &Row<'_>) -> Result<Trial> {
    Ok(Trial {
        number: row.get::<_, i64>(0)? as u64,
        point: serde_json::from_str(&row.get::<_, String>(1)?)?,
        replicate: row.get(2)?,
        seed: row.get::<_, i64>(3)? as u64,
        outcome: serde_json::from_str::<Outcome>(&row.get::<_, String>(4)?)?,
        steps: row.get::<_, i64>(5)? as u64,
        epochs: row.get(6)?,
        metrics: metrics(&row.get::<_, String>(7)?)?,
        curve: Curve::default(),
        rests: Vec::new(),
        audited: false,
        past: Vec::new(),
        changed: false,
        counted: false,
    })
}

/// Metrics from text; null is read as NaN.
fn metrics(text: &str) -> Result<Metrics> {
    let read: std::collections::BTreeMap<String, Json> = serde_json::from_str(text)?;
    Ok(read.into_iter().map(|(name, value)| (name, value.as_f64().unwrap_or(f64::NAN))).collect())
}
