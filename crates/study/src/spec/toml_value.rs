//! How the values of a study file are read.

use sweep_settings::quoted;

use super::error::SpecError;

/// The types that a key of a study file may have.
pub(super) trait Key: Sized {
    fn read(key: &str, value: &toml::Value) -> Result<Self, SpecError>;
}

impl Key for Option<String> {
    fn read(key: &str, value: &toml::Value) -> Result<Self, SpecError> {
        word(key, value).map(Some)
    }
}

impl Key for Option<u64> {
    fn read(key: &str, value: &toml::Value) -> Result<Self, SpecError> {
        let number = value.as_integer().and_then(|number| u64::try_from(number).ok());
        let wrong = || SpecError::Other(format!("{key} = {value} must be a whole number from 0"));
        number.ok_or_else(wrong).map(Some)
    }
}

impl Key for Option<f64> {
    fn read(key: &str, value: &toml::Value) -> Result<Self, SpecError> {
        let number = value.as_float().or_else(|| value.as_integer().map(|whole| whole as f64));
        number.ok_or_else(|| SpecError::Other(format!("{key} = {value} must be a number"))).map(Some)
    }
}

impl Key for Vec<String> {
    fn read(key: &str, value: &toml::Value) -> Result<Self, SpecError> {
        match value.as_array() {
            Some(items) => items.iter().map(|item| word(key, item)).collect(),
            None => Ok(vec![word(key, value)?]),
        }
    }
}

/// The string that `key` holds.
pub(super) fn word(key: &str, value: &toml::Value) -> Result<String, SpecError> {
    value
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| SpecError::Other(format!("{key} = {value} must be a string, in quotes")))
}

/// How the values under a key become text.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// The values of an axis: a string as typed, an array as a list of items that keep their spelling.
    Axis,
    /// One value of a setting, an array as items joined by `/`.
    Setting,
    /// Words that are passed on as they stand, an array joined by commas.
    Plain,
}

/// Calls `found` with each dotted name under `value` and its text.
pub(super) fn flatten(
    name: &str,
    value: &toml::Value,
    form: Form,
    found: &mut dyn FnMut(String, String),
) -> Result<(), SpecError> {
    if let Some(table) = value.as_table() {
        for (key, value) in table {
            let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
            flatten(&name, value, form, found)?;
        }
        return Ok(());
    }
    if name.is_empty() {
        let tables = "[space] is a table of axes, such as lr = \"1e-3..1e-1\"; [pruner_set] is a table of numbers, [slurm] a table of options";
        return Err(SpecError::Other(tables.into()));
    }
    let text = match (form, value) {
        (Form::Axis, toml::Value::Array(items)) => {
            let items: Result<Vec<String>, _> = items.iter().map(|item| axis_item(name, item)).collect();
            let items = items?;
            if items.is_empty() {
                return Err(SpecError::Other(format!("{name} = [] has no values; write {name} = [1, 2]")));
            }
            items.join(",")
        }
        (Form::Setting, toml::Value::String(text)) => quoted::string_item(text),
        (Form::Plain, toml::Value::Array(items)) => {
            let items: Result<Vec<String>, _> = items.iter().map(|item| scalar(name, item)).collect();
            items?.join(",")
        }
        _ => scalar(name, value)?,
    };
    found(name.to_owned(), text);
    Ok(())
}

/// An item of an axis as it is typed.
fn axis_item(name: &str, item: &toml::Value) -> Result<String, SpecError> {
    match item {
        toml::Value::String(text) => Ok(quoted::string_item(text)),
        toml::Value::Array(_) => Ok(quoted::string_item(&scalar(name, item)?)),
        item => scalar(name, item),
    }
}

/// The text of a number, a string, a flag, or an array whose items `/` joins.
pub(super) fn scalar(name: &str, value: &toml::Value) -> Result<String, SpecError> {
    match value {
        toml::Value::String(text) => Ok(text.clone()),
        toml::Value::Integer(number) => Ok(number.to_string()),
        toml::Value::Float(number) => Ok(number.to_string()),
        toml::Value::Boolean(flag) => Ok(flag.to_string()),
        toml::Value::Array(items) => {
            let items: Result<Vec<String>, _> = items.iter().map(|item| scalar(name, item)).collect();
            Ok(items?.join("/"))
        }
        toml::Value::Datetime(_) | toml::Value::Table(_) => {
            Err(SpecError::Other(format!("{name} = {value} must be a number, a string or an array")))
        }
    }
}
