//! When a trial of a command counts as diverged: `train_loss is nan or val_loss > 20`.

use std::str::FromStr;

use sweep_study::Metrics;

/// Names of the loss on training data, without their separators: if it is not a number, nothing is learned any more.
const TRAINING: [&str; 4] = ["loss", "trainloss", "trainingloss", "losstrain"];

/// What ends a trial as diverged.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DivergedIf(Vec<Condition>);

#[derive(Clone, Debug, PartialEq)]
struct Condition {
    metric: String,
    test: Test,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Test {
    NotFinite,
    Above(f64),
    Below(f64),
}

impl DivergedIf {
    /// Whether `metrics`, just reported, end the trial. Without conditions: if the metric `goal` that ranks, or a loss on
    /// training data, is not finite.
    pub fn met(&self, metrics: &Metrics, goal: &str) -> bool {
        if self.0.is_empty() {
            return metrics
                .iter()
                .any(|(name, value)| !value.is_finite() && (name == goal || is_training_loss(name)));
        }
        self.0.iter().any(|condition| {
            metrics.get(&condition.metric).is_some_and(|value| match condition.test {
                Test::NotFinite => !value.is_finite(),
                Test::Above(bound) => *value > bound,
                Test::Below(bound) => *value < bound,
            })
        })
    }
}

impl FromStr for DivergedIf {
    type Err = String;

    /// Conditions joined by `or`: `NAME is nan` (an infinite value too), `NAME > NUMBER`, `NAME < NUMBER`.
    fn from_str(text: &str) -> Result<DivergedIf, String> {
        let refuse = |part: &str| {
            format!(
                "diverged_if: `{}` is no condition; write `train_loss is nan or val_loss > 20`",
                part.trim()
            )
        };
        let condition = |part: &str| {
            let spaced = part.replace('>', " > ").replace('<', " < ");
            let words: Vec<&str> = spaced.split_whitespace().collect();
            let [name, what, value] = words.as_slice() else { return Err(refuse(part)) };
            let number = value.parse::<f64>().ok().filter(|number| !number.is_nan());
            let test = match (*what, number) {
                ("is", None) if value.eq_ignore_ascii_case("nan") => Test::NotFinite,
                (">", Some(bound)) => Test::Above(bound),
                ("<", Some(bound)) => Test::Below(bound),
                _ => return Err(refuse(part)),
            };
            Ok(Condition { metric: (*name).to_owned(), test })
        };
        text.split(" or ").map(condition).collect::<Result<_, _>>().map(DivergedIf)
    }
}

/// Whether a metric is the loss on training data by its name: `loss`, `train_loss`, `train/loss_step`.
fn is_training_loss(name: &str) -> bool {
    let plain: String = name.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    let plain = plain.strip_suffix("step").or(plain.strip_suffix("epoch")).unwrap_or(&plain);
    TRAINING.contains(&plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(condition: &str, metrics: &[(&str, f64)]) -> bool {
        let metrics: Metrics = metrics.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
        let diverged_if = if condition.is_empty() { Ok(DivergedIf::default()) } else { condition.parse() };
        diverged_if.unwrap().met(&metrics, "accuracy")
    }

    #[test]
    fn the_ranked_metric_and_the_training_loss_must_be_numbers() {
        for name in ["accuracy", "loss", "train_loss", "train/loss", "Training-Loss", "train_loss_step"] {
            assert!(met("", &[(name, f64::NAN)]) && met("", &[(name, f64::INFINITY)]), "{name}");
            assert!(!met("", &[(name, 3.0)]), "{name}");
        }
        for name in ["val_loss", "auc", "lr", "lossless", "loss_val"] {
            assert!(!met("", &[(name, f64::NAN)]), "{name}");
        }
    }

    #[test]
    fn conditions_are_taken_by_their_word() {
        let either = "train_loss is nan or val_loss > 20";
        assert!(met(either, &[("train_loss", f64::NAN)]) && met(either, &[("val_loss", 21.0)]));
        assert!(!met(either, &[("train_loss", 1.0), ("val_loss", 20.0)]));
        assert!(!met(either, &[("accuracy", f64::NAN)]));
        assert!(met("reward<-5", &[("reward", -6.0)]));
        for wrong in ["", "val_loss", "val_loss > many", "val_loss is 3", "a > 1 or", "val_loss >= nan"] {
            assert!(wrong.parse::<DivergedIf>().unwrap_err().contains("write `train_loss is nan"), "{wrong}");
        }
    }
}
