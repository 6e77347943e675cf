//! Bounds that the metrics of a trial must satisfy.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Trial;

/// A bound on a metric, such as `seconds<60`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Constraint {
    /// The metric.
    pub metric: String,
    /// Whether the metric must stay below the bound; otherwise above.
    pub below: bool,
    /// The bound, exclusive.
    pub bound: f64,
}

impl Constraint {
    /// Whether the last reading of a trial satisfies the bound; a trial without the metric does not.
    pub fn kept(&self, trial: &Trial) -> bool {
        trial.metrics.get(&self.metric).is_some_and(|value| match self.below {
            true => *value < self.bound,
            false => *value > self.bound,
        })
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.metric, if self.below { '<' } else { '>' }, self.bound)
    }
}

impl FromStr for Constraint {
    type Err = String;

    /// Reads `seconds<60` or `val_accuracy>0.9`.
    fn from_str(text: &str) -> Result<Constraint, String> {
        let parts = text.split_once('<').map(|parts| (parts, true));
        let parts = parts.or_else(|| text.split_once('>').map(|parts| (parts, false)));
        let read = parts.and_then(|((metric, bound), below)| {
            let bound = bound.trim().parse().ok().filter(|bound: &f64| bound.is_finite())?;
            Some(Constraint { metric: metric.trim().to_owned(), below, bound })
        });
        let wrong = || format!("subject_to={text} is not a bound; write seconds<60 or val_accuracy>0.9");
        read.filter(|constraint| !constraint.metric.is_empty()).ok_or_else(wrong)
    }
}

impl From<Constraint> for String {
    fn from(constraint: Constraint) -> String {
        constraint.to_string()
    }
}

impl TryFrom<String> for Constraint {
    type Error = String;

    fn try_from(text: String) -> Result<Constraint, String> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::Constraint;

    #[test]
    fn a_bound_reads_and_prints() {
        for text in ["seconds<60", "val_accuracy>0.9"] {
            assert_eq!(text.parse::<Constraint>().unwrap().to_string(), text);
        }
        assert_eq!(" seconds < 6e1 ".parse::<Constraint>().unwrap().to_string(), "seconds<60");
        for text in ["seconds", "seconds=60", "<60", "seconds<x", "seconds<inf"] {
            assert!(text.parse::<Constraint>().unwrap_err().contains("seconds<60"), "{text}");
        }
    }
}
