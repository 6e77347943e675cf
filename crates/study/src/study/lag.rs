//! How far a sampler lags behind its trials.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Which results a proposal may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Lag {
    /// Point n may use only the trials of the points up to n minus this, which gives the same points for any number of
    /// jobs. At least 1.
    Trials(u64),
    /// All trials that have ended: no proposal waits, but the study is not reproducible.
    Async,
}

impl Default for Lag {
    /// Eight points: enough work for eight jobs.
    fn default() -> Lag {
        Lag::Trials(8)
    }
}

impl fmt::Display for Lag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lag::Trials(trials) => trials.fmt(f),
            Lag::Async => f.write_str("async"),
        }
    }
}

impl FromStr for Lag {
    type Err = String;

    fn from_str(text: &str) -> Result<Lag, String> {
        match text.parse() {
            _ if text == "async" => Ok(Lag::Async),
            Ok(trials) if trials >= 1 => Ok(Lag::Trials(trials)),
            _ => Err(format!("lag={text} must be a number of points from 1, or async")),
        }
    }
}

impl TryFrom<String> for Lag {
    type Error = String;

    fn try_from(text: String) -> Result<Lag, String> {
        text.parse()
    }
}

impl From<Lag> for String {
    fn from(lag: Lag) -> String {
        lag.to_string()
    }
}
