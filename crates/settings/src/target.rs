//! Targets: a run trains until a metric of its readings reaches a value, or until its budget is used up.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::Direction;

/// Words in the names of metrics that are better when they are lower.
const FALLING: [&str; 14] = [
    "loss",
    "error",
    "err",
    "perplexity",
    "ppl",
    "nll",
    "mse",
    "rmse",
    "mae",
    "wer",
    "cer",
    "bpb",
    "bpc",
    "fid",
];

/// A value that a metric is to reach.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Target {
    /// The metric, such as `val_loss`.
    pub metric: String,
    /// The value that it must fall below (losses, errors and the like) or rise above.
    pub value: f64,
}

impl Target {
    /// Which way its metric is better: losses, errors, perplexities and the like fall, anything else rises.
    pub fn direction(&self) -> Direction {
        let name = self.metric.to_lowercase();
        let words = || name.split(|letter: char| !letter.is_alphanumeric());
        let falls = name.ends_with("loss") || words().any(|word| FALLING.contains(&word));
        if falls { Direction::Minimize } else { Direction::Maximize }
    }

    /// Whether a metric of `value` reaches it.
    pub fn reached(&self, value: f64) -> bool {
        match self.direction() {
            Direction::Minimize => value < self.value,
            Direction::Maximize => value > self.value,
        }
    }
}

impl FromStr for Target {
    type Err = String;

    /// Reads `val_loss=0.15`.
    fn from_str(text: &str) -> Result<Self, String> {
        let read = text.split_once('=').and_then(|(metric, value)| {
            let value = value.trim().parse::<f64>().ok().filter(|value| value.is_finite())?;
            Some(Target { metric: metric.trim().to_owned(), value }).filter(|read| !read.metric.is_empty())
        });
        read.ok_or_else(|| "is not a target: write a metric and its value, such as val_loss=0.15".to_owned())
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.metric, self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_fall_and_the_rest_rises_to_a_target() {
        let reached = |text: &str, now: f64| text.parse::<Target>().unwrap().reached(now);
        assert!(reached("val_loss=0.15", 0.149) && !reached("val_loss=0.15", 0.15));
        assert!(reached("val_accuracy=0.9", 0.91) && !reached("val_accuracy=0.9", 0.9));
        assert!(!reached("val_loss=0.15", f64::NAN));
        assert!(reached("eval/perplexity=20", 19.0) && reached("wer=0.2", 0.1) && reached("reward=20", 21.0));
    }

    #[test]
    fn invalid_targets_are_refused() {
        assert_eq!("val_loss=0.15".parse::<Target>().unwrap().to_string(), "val_loss=0.15");
        for text in ["val_loss", "=0.15", "val_loss=low", "val_loss=nan"] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }
}
