//! The study as typed, on a command line or in a TOML file, before anything is checked.

use crate::space::axis::typed_name;
use crate::{AxisError, CommandFile, Domain, Value};

/// What is wrong with a specification.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SpecError {
    /// An axis, with a caret under the fault.
    #[error(transparent)]
    Axis(#[from] AxisError),
    /// The text is no TOML.
    #[error("{0}")]
    Toml(String),
    /// Anything else: what is wrong and what would do.
    #[error("{0}")]
    Other(String),
}

/// A study as written: what is absent takes its default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpecFile {
    /// The study's name.
    pub name: Option<String>,
    /// The sampler's name (default `grid`).
    pub sampler: Option<String>,
    /// The data (default `mnist`).
    pub data: Option<String>,
    /// The label column of a table.
    pub label: Option<String>,
    /// The text column of a table.
    pub text: Option<String>,
    /// `char` or `word`.
    pub tokens: Option<String>,
    /// Tokens of a window or sequence.
    pub length: Option<u64>,
    /// `holdout` (default) or `textbook`.
    pub split: Option<String>,
    /// The study's seed (default 0).
    pub seed: Option<u64>,
    /// Repeats of each point (default 1).
    pub replicates: Option<u64>,
    /// Points to try.
    pub trials: Option<u64>,
    /// Which trials a proposal knows of: a number of points or `async`.
    pub lag: Option<String>,
    /// How long to look: the name of a pruner (default `none`).
    pub pruner: Option<String>,
    /// Settings of the pruner, name and value as typed.
    pub pruner_set: Vec<(String, String)>,
    /// The share of the pruned trials that is run to the end all the same (default 0).
    pub audit: Option<f64>,
    /// Bounds that a trial must keep, as typed: `seconds<60`.
    pub subject_to: Vec<String>,
    /// Points to try first, as typed: `lr=0.1 batch=32`.
    pub enqueue: Vec<String>,
    /// Studies whose trials the sampler knows from the start, by name.
    pub from: Vec<String>,
    /// A metric of which lower is better, or several joined by commas.
    pub minimize: Option<String>,
    /// A metric of which higher is better, or several joined by commas.
    pub maximize: Option<String>,
    /// `last` (default) or `best`.
    pub rank: Option<String>,
    /// The command that a trial runs; without one it is the built-in trainer.
    pub command: Option<CommandFile>,
    /// How trials run as jobs of a Slurm cluster, names and values as typed; no part of the study that is meant.
    pub slurm: Option<Vec<(String, String)>>,
    /// Fixed settings, name and value as typed.
    pub settings: Vec<(String, String)>,
    /// The axes as typed.
    pub axes: Vec<String>,
    /// Axes whose values are known already, by name: those of other programs' files.
    pub domains: Vec<(String, Domain)>,
    /// Settings whose values are known already, by name.
    pub values: Vec<(String, Value)>,
    /// The most points that are run, also of a sampler that ends by itself.
    pub cap: Option<u64>,
}

impl SpecFile {
    /// The names of the axes and settings that it gives values to, as typed.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let axes = self.axes.iter().map(|axis| typed_name(axis));
        let settings = self.settings.iter().map(|(name, _)| name.trim());
        let known = self.domains.iter().map(|(name, _)| name).chain(self.values.iter().map(|(name, _)| name));
        axes.chain(settings).chain(known.map(String::as_str))
    }

    /// Reads a study file. Keys that are neither of a study nor of the catalogue are refused when it is resolved.
    ///
    /// # Errors
    /// Text that is no TOML, or a key whose value is of the wrong kind.
    pub fn from_toml(text: &str) -> Result<SpecFile, SpecError> {
        let table: toml::Table =
            text.parse().map_err(|error: toml::de::Error| SpecError::Toml(error.to_string()))?;
        let mut spec = SpecFile::default();
        for (key, value) in &table {
            match key.as_str() {
                "name" => spec.name = Some(word(key, value)?),
                "sampler" => spec.sampler = Some(word(key, value)?),
                "data" => spec.data = Some(word(key, value)?),
                "label" => spec.label = Some(word(key, value)?),
                "text" => spec.text = Some(word(key, value)?),
                "tokens" => spec.tokens = Some(word(key, value)?),
                "length" => spec.length = Some(whole(key, value)?),
                "split" => spec.split = Some(word(key, value)?),
                "minimize" => spec.minimize = Some(words(key, value)?.join(",")),
                "maximize" => spec.maximize = Some(words(key, value)?.join(",")),
                "rank" => spec.rank = Some(word(key, value)?),
                "seed" => spec.seed = Some(whole(key, value)?),
                "replicates" => spec.replicates = Some(whole(key, value)?),
                "trials" => spec.trials = Some(whole(key, value)?),
                "pruner" => spec.pruner = Some(word(key, value)?),
                "subject_to" => spec.subject_to = words(key, value)?,
                "enqueue" => spec.enqueue = words(key, value)?,
                "from" => spec.from = words(key, value)?,
                "audit" => spec.audit = Some(number(key, value)?),
                "pruner_set" => {
                    flatten("", value, ",", &mut |name, text| spec.pruner_set.push((name, text)))?
                }
                "lag" => spec.lag = Some(scalar(key, value, ",")?),
                "command" => spec.command = Some(CommandFile::from_toml(value)?),
                "slurm" => {
                    let options = spec.slurm.insert(Vec::new());
                    flatten("", value, ",", &mut |name, text| options.push((name, text)))?
                }
                "space" => {
                    flatten("", value, ",", &mut |name, text| spec.axes.push(format!("{name}={text}")))?
                }
                // The most that a trial with a target may take is its budget in steps.
                "cap_steps" => {
                    flatten("steps", value, "/", &mut |name, text| spec.settings.push((name, text)))?
                }
                _ => flatten(key, value, "/", &mut |name, text| spec.settings.push((name, text)))?,
            }
        }
        Ok(spec)
    }
}

pub(crate) fn word(key: &str, value: &toml::Value) -> Result<String, SpecError> {
    value
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| SpecError::Other(format!("{key} = {value} must be a string, in quotes")))
}

fn whole(key: &str, value: &toml::Value) -> Result<u64, SpecError> {
    let number = value.as_integer().and_then(|number| u64::try_from(number).ok());
    number.ok_or_else(|| SpecError::Other(format!("{key} = {value} must be a whole number from 0")))
}

fn words(key: &str, value: &toml::Value) -> Result<Vec<String>, SpecError> {
    match value.as_array() {
        Some(items) => items.iter().map(|item| word(key, item)).collect(),
        None => Ok(vec![word(key, value)?]),
    }
}

fn number(key: &str, value: &toml::Value) -> Result<f64, SpecError> {
    let number = value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64));
    number.ok_or_else(|| SpecError::Other(format!("{key} = {value} must be a number")))
}

/// Calls `found` with each dotted name under `value` and its text; arrays are joined by `separator`, arrays within
/// arrays by `/`.
fn flatten(
    name: &str,
    value: &toml::Value,
    separator: &str,
    found: &mut dyn FnMut(String, String),
) -> Result<(), SpecError> {
    if let Some(table) = value.as_table() {
        for (key, value) in table {
            let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
            flatten(&name, value, separator, found)?;
        }
        return Ok(());
    }
    if name.is_empty() {
        let tables = "[space] is a table of axes, such as lr = \"1e-3..1e-1\", [pruner_set] one of numbers and [slurm] one of options";
        return Err(SpecError::Other(tables.into()));
    }
    found(name.to_owned(), scalar(name, value, separator)?);
    Ok(())
}

pub(crate) fn scalar(name: &str, value: &toml::Value, separator: &str) -> Result<String, SpecError> {
    match value {
        toml::Value::String(text) => Ok(text.clone()),
        toml::Value::Integer(number) => Ok(number.to_string()),
        toml::Value::Float(number) => Ok(number.to_string()),
        toml::Value::Boolean(flag) => Ok(flag.to_string()),
        toml::Value::Array(items) => {
            let items: Result<Vec<String>, _> = items.iter().map(|item| scalar(name, item, "/")).collect();
            Ok(items?.join(separator))
        }
        toml::Value::Datetime(_) | toml::Value::Table(_) => {
            Err(SpecError::Other(format!("{name} = {value} must be a number, a string or an array")))
        }
    }
}
