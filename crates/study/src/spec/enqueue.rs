//! Points that a study tries first.

use super::error::SpecError;
use crate::{Catalogue, Point, Space, Value};
use sweep_settings::quoted;

/// The points typed as `lr=0.1 batch=32`, each of which names every axis that applies to it; a value that holds a blank
/// stands in quotes. A point that is typed twice is tried once.
///
/// # Errors
/// A name that is not an axis, a value outside its axis, an axis that is not named.
pub fn read(typed: &[String], space: &Space, catalogue: &Catalogue) -> Result<Vec<Point>, SpecError> {
    let mut points: Vec<Point> = Vec::with_capacity(typed.len());
    for text in typed {
        let point = point(text, space, catalogue).map_err(|why| fault(text, &why))?;
        if !points.contains(&point) {
            points.push(point);
        }
    }
    Ok(points)
}

fn fault(text: &str, why: &str) -> SpecError {
    SpecError::Other(format!("enqueue \"{text}\": {why}"))
}

/// The words of `text`, parted by blanks that stand outside of quotes.
fn words(text: &str) -> Vec<&str> {
    let (mut words, mut start, mut quote, mut before) = (Vec::new(), 0, None, ' ');
    for (at, letter) in text.char_indices() {
        match quote {
            Some(open) if letter == open => quote = None,
            None if before == '=' && matches!(letter, '"' | '\'') => quote = Some(letter),
            None if letter.is_whitespace() => {
                words.push(&text[start..at]);
                start = at + letter.len_utf8();
            }
            _ => {}
        }
        before = letter;
    }
    words.push(&text[start..]);
    words.retain(|word| !word.is_empty());
    words
}

fn point(text: &str, space: &Space, catalogue: &Catalogue) -> Result<Point, String> {
    let mut point = Point::default();
    for word in words(text) {
        let (name, value) =
            word.split_once('=').ok_or_else(|| format!("`{word}` is not a value; write name=value"))?;
        let full = catalogue.find(name).map_or_else(|| name.to_owned(), |entry| entry.name);
        let Some(axis) = space.get(&full) else {
            let axes: Vec<&str> = space.parameters.iter().map(|axis| axis.name.as_str()).collect();
            return Err(format!("`{name}` is not an axis; the axes are {}", axes.join(", ")));
        };
        let value = axis
            .domain
            .within(&quoted::read_item(value))
            .or_else(|| axis.domain.within(&Value::Text(value.to_owned())))
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
    use crate::{Catalogue, Point, SpecFile};

    fn enqueued(text: &str) -> Result<String, String> {
        let spec = SpecFile {
            axes: vec!["lr=0.001..1".into(), "batch=16,32".into(), "opt=sgd,adam,'a b'".into()],
            enqueue: vec![text.to_owned(), text.to_owned()],
            ..SpecFile::default()
        };
        let study = spec.resolve(&Catalogue { open: true, ..Catalogue::default() });
        study
            .map(|study| study.enqueue.iter().map(Point::typed).collect::<Vec<_>>().join("; "))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_point_names_every_axis_within_its_values() {
        assert_eq!(enqueued("opt=adam lr=0.1 batch=32").unwrap(), "batch=32 lr=0.1 opt=adam");
        assert_eq!(enqueued("opt='a b' lr=0.1 batch=32").unwrap(), "batch=32 lr=0.1 opt=a b");
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
