//! Optuna SQLite files: the tables of its relational storage, schema version 12.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use rusqlite::{Connection, Row};
use serde_json::Value as Json;
use sweep_study::Direction;

use super::base::{self, Sql, rows};
use super::optuna::{self, Kept, State, Trial};
use super::runs::{ImportOptions, Runs};
use super::source::Format;
use crate::refusal::refuse;

/// Registered in the table of formats.
pub const FORMAT: Format = Format {
    name: "an Optuna SQLite file",
    mark: None,
    recognizes: |source| Ok(base::is_one(source)),
    read: |source, options| read(&source.path, options),
};

/// The runs of the study in a file; the file is left as it is.
///
/// # Errors
/// A SQLite file that is not Optuna's, no study or several.
fn read(path: &Path, options: &ImportOptions) -> Result<Runs> {
    let shown = path.display().to_string();
    let base = base::open(path).with_context(|| format!("cannot open {shown}"))?;
    match base::has_tables(&base, &["studies", "trials", "trial_params", "trial_values"]) {
        Ok(true) => {}
        Ok(false) => {
            return refuse(format!("{shown} is a SQLite file without the tables of an Optuna study"));
        }
        Err(why) => return refuse(format!("{shown}: {why}")),
    }
    let studies = all(&base).or_else(|why| refuse(format!("{shown}: {why}")))?;
    optuna::runs(&optuna::chosen(studies, &shown, options)?, options)
}

fn all(base: &Connection) -> Sql<Vec<Kept>> {
    let mut studies = BTreeMap::new();
    rows(base, "select study_id, study_name from studies", |row| {
        studies.insert(row.get::<_, i64>(0)?, Kept { name: row.get(1)?, ..Kept::default() });
        Ok(())
    })?;
    rows(base, "select study_id, direction from study_directions order by study_id, objective", |row| {
        let way: String = row.get(1)?;
        let way = if way == "MAXIMIZE" { Direction::Maximize } else { Direction::Minimize };
        studies.entry(row.get(0)?).or_default().directions.push(way);
        Ok(())
    })?;
    rows(base, "select study_id, key, value_json from study_system_attributes", |row| {
        let attribute = BTreeMap::from([(row.get(1)?, json(row, 2)?)]);
        studies.entry(row.get(0)?).or_default().names.extend(optuna::names(&attribute));
        Ok(())
    })?;
    let mut owners = Vec::new();
    let mut trials: BTreeMap<i64, Trial> = BTreeMap::new();
    let took = "(julianday(datetime_complete) - julianday(datetime_start)) * 86400";
    rows(base, &format!("select trial_id, study_id, state, {took} from trials order by trial_id"), |row| {
        let state = match row.get::<_, String>(2)?.as_str() {
            "COMPLETE" => State::Complete,
            "PRUNED" => State::Pruned,
            "FAIL" => State::Failed,
            _ => State::Open,
        };
        owners.push((row.get::<_, i64>(1)?, row.get(0)?));
        trials.insert(row.get(0)?, Trial { state, seconds: row.get(3)?, ..Trial::default() });
        Ok(())
    })?;
    fill(base, &mut trials)?;
    for (study, trial) in owners {
        if let (Some(study), Some(trial)) = (studies.get_mut(&study), trials.remove(&trial)) {
            study.trials.push(trial);
        }
    }
    Ok(studies.into_values().collect())
}

/// Adds to the trials what stands about them in the other tables.
fn fill(base: &Connection, trials: &mut BTreeMap<i64, Trial>) -> Sql<()> {
    rows(base, "select trial_id, param_name, param_value, distribution_json from trial_params", |row| {
        let param = (row.get(1)?, row.get(2)?, json(row, 3)?);
        trials.entry(row.get(0)?).or_default().params.push(param);
        Ok(())
    })?;
    rows(base, "select trial_id, value, value_type from trial_values order by trial_id, objective", |row| {
        let value = number(row, 1)?;
        trials.entry(row.get(0)?).or_default().values.push(value);
        Ok(())
    })?;
    let readings = "select trial_id, intermediate_value, intermediate_value_type, step from trial_intermediate_values order by trial_id, step";
    rows(base, readings, |row| {
        let reading = (row.get(3)?, number(row, 1)?);
        trials.entry(row.get(0)?).or_default().readings.push(reading);
        Ok(())
    })?;
    rows(base, "select trial_id, key, value_json from trial_user_attributes", |row| {
        let attribute = (row.get(1)?, json(row, 2)?);
        trials.entry(row.get(0)?).or_default().attributes.push(attribute);
        Ok(())
    })
}

/// The number in a column, whose type stands in the next one.
fn number(row: &Row<'_>, column: usize) -> Sql<f64> {
    Ok(match row.get::<_, String>(column + 1)?.as_str() {
        "INF_POS" => f64::INFINITY,
        "INF_NEG" => f64::NEG_INFINITY,
        _ => row.get::<_, Option<f64>>(column)?.unwrap_or(f64::NAN),
    })
}

fn json(row: &Row<'_>, column: usize) -> Sql<Json> {
    let text: Option<String> = row.get(column)?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}
