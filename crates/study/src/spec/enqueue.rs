//! Points that a study tries first.

use super::error::SpecError;
use crate::{Catalogue, Point, Space, Value};

/// The points typed as `lr=0.1 batch=32`, each of which names every axis that applies to it.
///
/// # Errors
/// A name that is not an axis, a value outside its axis, an axis that is not named.
pub fn read(typed: &[String], space: &Space, catalogue: &Catalogue) -> Result<Vec<Point>, SpecError> {
    typed.iter().map(|text| point(text, space, catalogue).map_err(|why| fault(text, &why))).collect()
}

fn fault(text: &str, why: &str) -> SpecError {
    SpecError::Other(format!("enqueue \"{text}\": {why}"))
}

fn point(text: &str, space: &Space, catalogue: &Catalogue) -> Result<Point, String> {
    let mut point = Point::default();
    for word in text.split_whitespace() {
        let (name, value) =
            word.split_once('=').ok_or_else(|| format!("`{word}` is not a value; write name=value"))?;
        let full = catalogue.find(name).map_or_else(|| name.to_owned(), |entry| entry.name);
        let Some(axis) = space.get(&full) else {
            let axes: Vec<&str> = space.parameters.iter().map(|axis| axis.name.as_str()).collect();
            return Err(format!("`{name}` is not an axis; the axes are {}", axes.join(", ")));
        };
        let value = axis
            .domain
            .within(&Value::read(value))
            .ok_or_else(|| format!("{name}={value} is outside the values of the axis"))?;
        if point.0.insert(full, value).is_some() {
            return Err(format!("{name} is given twice"));
        }
    }
    match space.parameters.iter().find(|axis| axis.applies(&point) != point.get(&axis.name).is_some()) {
        Some(axis) if axis.applies(&point) => Err(format!("{} is missing", axis.name)),
        Some(axis) => Err(format!("{} does not apply there", axis.name)),
        None => Ok(point),
    }
}

#[cfg(test)]
mod tests {
    use crate::{Catalogue, SpecFile};

    fn enqueued(text: &str) -> Result<String, String> {
        let spec = SpecFile {
            axes: vec!["lr=0.001..1".into(), "batch=16,32".into(), "opt=sgd,adam".into()],
            enqueue: vec![text.to_owned()],
            ..SpecFile::default()
        };
        let study = spec.resolve(&Catalogue { open: true, ..Catalogue::default() });
        study.map(|study| study.enqueue[0].to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_point_names_every_axis_within_its_values() {
        assert_eq!(enqueued("opt=adam lr=0.1 batch=32").unwrap(), "batch=32 lr=0.1 opt=adam");
        for (text, why) in [
            ("opt=adam lr=0.1", "batch is missing"),
            ("opt=adam lr=10 batch=32", "lr=10 is outside"),
            ("opt=adam lr=1 batch=64", "batch=64 is outside"),
            ("opt=adam lr=1 batch=32 x=1", "`x` is not an axis"),
            ("lr", "write name=value"),
            ("lr=1 lr=0.1", "given twice"),
        ] {
            let error = enqueued(text).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}
