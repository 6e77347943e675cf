//! Requests of the ask-and-tell protocol: one JSON object per line.

use serde_json::{Map, Value};

use crate::lenient::plain;

/// A request.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// `{"ask": 2}`: the number of points to propose.
    Ask(u64),
    /// `{"tell": {"number": 0, "value": 0.31}}`: how a trial ended.
    Tell {
        /// Number of the trial.
        number: u64,
        /// Its result.
        result: TrialResult,
    },
    /// `{"report": {"number": 0, "step": 3, "value": 0.5}}`: a reading of a running trial.
    Report {
        /// Number of the trial.
        number: u64,
        /// The step of the reading.
        step: u64,
        /// The value read.
        value: f64,
    },
    /// `{"best": true}`: the best trial so far.
    Best,
}

/// The reported result of a trial.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TrialResult {
    /// Its value; a value that is not finite means that training diverged.
    Value(f64),
    /// Training diverged.
    Diverged,
    /// It failed by an error unrelated to its point.
    Failed,
}

const SHAPES: &str = r#"{"ask": 1}, {"tell": {"number": 0, "value": 0.3}}, {"report": {"number": 0, "step": 1, "value": 0.3}} or {"best": true}"#;

impl Request {
    /// Reads one line.
    ///
    /// # Errors
    /// What is wrong with the line, and what to write instead.
    pub fn read(line: &str) -> Result<Request, String> {
        let request: Value = serde_json::from_str(&plain(line))
            .map_err(|error| format!("this line is not JSON ({error}); a request is {SHAPES}"))?;
        let fields = request.as_object().ok_or_else(|| format!("a request is an object: {SHAPES}"))?;
        let mut fields = fields.iter();
        let (Some((command, content)), None) = (fields.next(), fields.next()) else {
            return Err(format!("a request has one key: {SHAPES}"));
        };
        match command.as_str() {
            "ask" => match content.as_u64() {
                Some(count @ 1..=MOST) => Ok(Request::Ask(count)),
                _ => Err(format!("ask={content} must be a whole number from 1 to {MOST}")),
            },
            "tell" => {
                let tell = object(content, "tell", &["number", "value", "state"])?;
                Ok(Request::Tell { number: whole(tell, "tell", "number")?, result: result(tell)? })
            }
            "report" => {
                let report = object(content, "report", &["number", "step", "value"])?;
                let step = whole(report, "report", "step")?;
                let read = report.get("value").ok_or("report.value, the metric at the step, is missing")?;
                Ok(Request::Report { number: whole(report, "report", "number")?, step, value: value(read)? })
            }
            "best" if *content == Value::Bool(true) => Ok(Request::Best),
            "best" => Err(format!(r#"best={content} is not valid; write {{"best": true}}"#)),
            other => Err(format!("there is no request `{other}`; requests are {SHAPES}")),
        }
    }
}

/// Largest number of points per request.
const MOST: u64 = 100_000;

fn object<'a>(content: &'a Value, name: &str, keys: &[&str]) -> Result<&'a Map<String, Value>, String> {
    let object = content.as_object().ok_or_else(|| format!("{name} must hold an object: {SHAPES}"))?;
    match object.keys().find(|key| !keys.contains(&key.as_str())) {
        Some(key) => Err(format!("{name} has no key `{key}`; it has {}", keys.join(", "))),
        None => Ok(object),
    }
}

fn whole(object: &Map<String, Value>, name: &str, key: &str) -> Result<u64, String> {
    let value = object.get(key).ok_or_else(|| format!("{name}.{key} is missing"))?;
    value.as_u64().ok_or_else(|| format!("{name}.{key}={value} must be a whole number from 0"))
}

impl TrialResult {
    /// Reads a result from one word: a number, `diverged` or `failed`.
    ///
    /// # Errors
    /// Any other word.
    pub fn read(word: &str) -> Result<TrialResult, String> {
        match (word, word.parse()) {
            ("diverged", _) => Ok(TrialResult::Diverged),
            ("failed", _) => Ok(TrialResult::Failed),
            (_, Ok(number)) => Ok(TrialResult::Value(number)),
            _ => Err(format!("`{word}` is not a value; write a number, nan, diverged or failed")),
        }
    }
}

fn result(tell: &Map<String, Value>) -> Result<TrialResult, String> {
    match (tell.get("value"), tell.get("state").map(|state| (state, state.as_str()))) {
        (Some(result), None | Some((_, Some("complete")))) => value(result).map(TrialResult::Value),
        (_, Some((_, Some("diverged")))) => Ok(TrialResult::Diverged),
        (_, Some((_, Some("failed")))) => Ok(TrialResult::Failed),
        (None, None | Some((_, Some("complete")))) => {
            Err(r#"tell needs a value, or a state of "diverged" or "failed""#.to_owned())
        }
        (_, Some((state, _))) => Err(format!(
            r#"tell.state={state} is not valid; write "complete" (the default, with a value), "diverged" or "failed""#
        )),
    }
}

/// A number, or one of the ways to write that there is none.
fn value(value: &Value) -> Result<f64, String> {
    match value {
        Value::Null => Ok(f64::NAN),
        Value::Number(number) => Ok(number.as_f64().unwrap_or(f64::NAN)),
        // Words that Rust parses as numbers: nan, inf, infinity, in any case and with a sign.
        Value::String(word) => match word.parse::<f64>() {
            Ok(number) if !number.is_finite() => Ok(number),
            _ => Err(format!("value={value} must be a number, or null if there is none")),
        },
        _ => Err(format!("value={value} must be a number, or null if there is none")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read() {
        assert_eq!(Request::read(r#"{"ask": 2}"#), Ok(Request::Ask(2)));
        assert_eq!(Request::read(r#" {"best":true} "#), Ok(Request::Best));
        let tell = |text: &str| match Request::read(text) {
            Ok(Request::Tell { result, .. }) => result,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(tell(r#"{"tell":{"number":0,"value":-0.31}}"#), TrialResult::Value(-0.31));
        assert_eq!(tell(r#"{"tell":{"number":0,"state":"diverged"}}"#), TrialResult::Diverged);
        assert_eq!(tell(r#"{"tell":{"number":0,"state":"failed","value":null}}"#), TrialResult::Failed);
        for nothing in ["null", "NaN", "Infinity", "-Infinity", "\"nan\"", "\"inf\"", "\"-Infinity\""] {
            let result = tell(&format!(r#"{{"tell":{{"number":0,"value":{nothing}}}}}"#));
            assert!(matches!(result, TrialResult::Value(value) if !value.is_finite()), "{nothing}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_advice() {
        for (line, advice) in [
            ("", "not JSON"),
            ("{", "not JSON"),
            ("[1]", "an object"),
            ("{}", "one key"),
            (r#"{"ask":1,"best":true}"#, "one key"),
            (r#"{"ask":0}"#, "from 1"),
            (r#"{"ask":-1}"#, "from 1"),
            (r#"{"ask":1.5}"#, "from 1"),
            (r#"{"aks":1}"#, "no request `aks`"),
            (r#"{"tell":3}"#, "an object"),
            (r#"{"tell":{"value":3}}"#, "tell.number is missing"),
            (r#"{"tell":{"number":0}}"#, "needs a value"),
            (r#"{"tell":{"number":0,"value":"0.3"}}"#, "must be a number"),
            (r#"{"tell":{"number":0,"value":"NaN of it"}}"#, "must be a number"),
            (r#"{"tell":{"number":0,"state":"lost"}}"#, "is not valid"),
            (r#"{"tell":{"number":0,"valeu":1}}"#, "no key `valeu`"),
            (r#"{"report":{"number":0,"value":1}}"#, "report.step is missing"),
            (r#"{"best":1}"#, "write {\"best\": true}"),
        ] {
            let error = Request::read(line).unwrap_err();
            assert!(error.contains(advice), "{line}: {error}");
        }
    }
}
