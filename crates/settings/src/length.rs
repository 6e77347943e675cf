//! Lengths with a unit: `500st` (steps), `2ep` (epochs), `10%` (of the trial's budget).

use std::fmt;
use std::str::FromStr;

/// A length of training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Length {
    /// Optimizer steps.
    Steps(f64),
    /// Passes over the training data.
    Epochs(f64),
    /// A share of the trial's budget, 0 to 1.
    Share(f64),
}

impl Length {
    /// The length in steps, rounded to the nearest, for a trial of `total` steps with `per_epoch` steps per epoch.
    pub fn steps(self, total: u64, per_epoch: f64) -> u64 {
        let steps = match self {
            Length::Steps(steps) => steps,
            Length::Epochs(epochs) => epochs * per_epoch,
            Length::Share(share) => share * total as f64,
        };
        steps.round() as u64
    }
}

impl Length {
    /// Whether it is a length of 0.
    pub fn is_zero(self) -> bool {
        match self {
            Length::Steps(length) | Length::Epochs(length) | Length::Share(length) => length <= 0.0,
        }
    }
}

impl FromStr for Length {
    type Err = String;

    /// Reads `500st`, `2ep`, `10%` or `0`; any other bare number is refused, since its unit cannot be guessed.
    fn from_str(text: &str) -> Result<Self, String> {
        let (number, unit): (&str, fn(f64) -> Length) = if let Some(number) = text.strip_suffix("st") {
            (number, Length::Steps)
        } else if let Some(number) = text.strip_suffix("ep") {
            (number, Length::Epochs)
        } else if let Some(number) = text.strip_suffix('%') {
            (number, |percent| Length::Share(percent / 100.0))
        } else {
            match text.parse::<f64>() {
                Ok(0.0) => return Ok(Length::Steps(0.0)),
                Ok(_) => {
                    return Err(format!(
                        "needs a unit: {text}st (steps), {text}ep (epochs) or {text}% (of the budget)"
                    ));
                }
                Err(_) => {
                    return Err(
                        "is not a length: write 500st (steps), 2ep (epochs) or 10% (of the budget)".into()
                    );
                }
            }
        };
        match number.parse::<f64>() {
            Ok(number) if number.is_finite() && number >= 0.0 => Ok(unit(number)),
            _ => Err("is not a length: write 500st (steps), 2ep (epochs) or 10% (of the budget)".into()),
        }
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Length::Steps(steps) => write!(f, "{steps}st"),
            Length::Epochs(epochs) => write!(f, "{epochs}ep"),
            Length::Share(share) => write!(f, "{}%", share * 100.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_and_printed() {
        for text in ["500st", "2ep", "0.5ep", "10%"] {
            assert_eq!(text.parse::<Length>().unwrap().to_string(), text);
        }
        assert_eq!("0".parse::<Length>().unwrap(), Length::Steps(0.0));
        assert_eq!("10%".parse::<Length>().unwrap().steps(2000, 100.0), 200);
        assert_eq!("2ep".parse::<Length>().unwrap().steps(2000, 100.0), 200);
    }

    #[test]
    fn a_bare_number_is_refused_with_its_three_readings() {
        let message = "5".parse::<Length>().unwrap_err();
        assert!(message.contains("5st") && message.contains("5ep") && message.contains("5%"), "{message}");
        assert!("-1ep".parse::<Length>().is_err());
        assert!("soon".parse::<Length>().is_err());
    }
}
