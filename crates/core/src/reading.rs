//! Readings: what is measured during a run, and when.

use std::fmt;
use std::str::FromStr;

use sweep_settings::Length;

/// One reading of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Updates done.
    pub step: u64,
    /// Training examples used.
    pub examples: u64,
    /// Passes over the training part, with fractions.
    pub epoch: f64,
    /// The learning rate of the last update.
    pub lr: f64,
    /// The batch size of the last update, as scheduled: the last batch of an epoch may have been smaller.
    pub batch: usize,
    /// The metrics: `train_loss`, the mean loss of the examples seen since the epoch began, each at the parameters of
    /// its update; then the metrics on the validation part, `val_loss` first if there is one, and `val_accuracy` (0 to
    /// 1); for agents the mean `return` of the evaluation episodes.
    pub metrics: Metrics,
}

impl Reading {
    /// The metric called `name`; NaN if it was not measured.
    pub fn metric(&self, name: &str) -> f64 {
        metric(&self.metrics, name).unwrap_or(f64::NAN)
    }
}

/// Metrics by name.
pub type Metrics = Vec<(String, f64)>;

/// The metric called `name`.
pub fn metric(metrics: &Metrics, name: &str) -> Option<f64> {
    metrics.iter().find(|(other, _)| other == name).map(|(_, value)| *value)
}

/// When readings are taken. The last step of a run always has a reading.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ReportEvery {
    /// Whenever this length has passed.
    Length(Length),
    /// At steps that grow by this factor, from step 1.
    Factor(f64),
}

impl FromStr for ReportEvery {
    type Err = String;

    /// Reads `1ep`, `100st`, `10%` or `x1.05`.
    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(factor) = text.strip_prefix('x') {
            return match factor.parse::<f64>() {
                Ok(factor) if factor > 1.0 && factor.is_finite() => Ok(ReportEvery::Factor(factor)),
                _ => Err("is not a growth factor: write one above 1, such as x1.05".into()),
            };
        }
        match text.parse::<Length>()? {
            Length::Steps(n) | Length::Epochs(n) | Length::Share(n) if n <= 0.0 => {
                Err("must be longer than 0: write 100st (steps), 1ep (epochs) or x1.05".into())
            }
            length => Ok(ReportEvery::Length(length)),
        }
    }
}

impl fmt::Display for ReportEvery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReportEvery::Length(length) => length.fmt(f),
            ReportEvery::Factor(factor) => write!(f, "x{factor}"),
        }
    }
}

impl ReportEvery {
    /// Whether a reading is due after a step that led `from` one place `to` the next, each given as
    /// (step, epoch, share of the budget).
    pub fn due(&self, from: (u64, f64, f64), to: (u64, f64, f64)) -> bool {
        // A small tolerance, so that ten times 0.3 epochs falls on the epoch and not one step later.
        let passed = |from: f64, to: f64, length: f64| {
            ((from / length) * (1.0 + 1e-12)).floor() < ((to / length) * (1.0 + 1e-12)).floor()
        };
        match *self {
            ReportEvery::Length(Length::Steps(steps)) => passed(from.0 as f64, to.0 as f64, steps.max(1.0)),
            ReportEvery::Length(Length::Epochs(epochs)) => passed(from.1, to.1, epochs),
            ReportEvery::Length(Length::Share(share)) => passed(from.2, to.2, share),
            ReportEvery::Factor(factor) => {
                // Step s is on the grid 1, f, f², … (each rounded up) when a power of f lies in (s − 1, s].
                let power = |step: u64| ((step as f64).ln() / factor.ln() + 1e-9).floor();
                to.0 == 1 || power(to.0) > power(from.0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(every: &str, total: u64, per_epoch: f64) -> Vec<u64> {
        let every: ReportEvery = every.parse().unwrap();
        let place = |step: u64| (step, step as f64 / per_epoch, step as f64 / total as f64);
        (1..=total).filter(|&step| every.due(place(step - 1), place(step))).collect()
    }

    #[test]
    fn readings_fall_at_the_given_intervals() {
        assert_eq!(steps("3st", 10, 5.0), [3, 6, 9]);
        assert_eq!(steps("1ep", 10, 5.0), [5, 10]);
        assert_eq!(steps("0.5ep", 10, 5.0), [3, 5, 8, 10]);
        assert_eq!(steps("10%", 20, 5.0), [2, 4, 6, 8, 10, 12, 14, 16, 18, 20]);
        assert_eq!(steps("x2", 40, 5.0), [1, 2, 4, 8, 16, 32]);
        assert_eq!(steps("x1.5", 12, 5.0), [1, 2, 3, 4, 6, 8, 12]);
        assert_eq!(steps("0.2st", 3, 5.0), [1, 2, 3]);
    }

    #[test]
    fn invalid_intervals_are_refused() {
        for text in ["0", "0ep", "x1", "xfoo", "soon", "5"] {
            assert!(text.parse::<ReportEvery>().is_err(), "{text}");
        }
        for text in ["1ep", "100st", "10%", "x1.05"] {
            assert_eq!(text.parse::<ReportEvery>().unwrap().to_string(), text);
        }
    }
}
