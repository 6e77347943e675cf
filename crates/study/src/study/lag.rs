//! How far a sampler lags behind its trials.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Which trials a proposal knows of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Lag {
    /// Point n knows the trials of the points up to n minus this, and no others: the same points for any number of
    /// jobs. At least 1.
    Trials(u64),
    /// Whatever has ended: no proposal waits, and no study can be repeated.
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
            _ => Err(format!("lag={text} is neither a number of points from 1 nor async")),
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
