//! Which values a setting refuses, and the text of each refusal.

use crate::{Kind, Length, Value, nearest};

impl Kind {
    /// Why `value` cannot be the value of a setting of this kind, in words that follow `name=value`; `None` if it can.
    pub fn refusal(self, value: &Value) -> Option<String> {
        match self {
            Kind::Any | Kind::List => None,
            Kind::Flag => (!matches!(value, Value::Flag(_))).then(|| "must be true or false".to_owned()),
            Kind::Choice(words) => choice(words, &value.to_string()),
            Kind::Length => value.to_string().parse::<Length>().err(),
            Kind::Batch => match value {
                Value::Int(size) if *size >= 1 => None,
                Value::Text(word) if word == "full" => None,
                _ => Some("must be a whole number of examples from 1, or full".to_owned()),
            },
            Kind::Int { low, high } => match value.number().filter(|number| number.fract() == 0.0) {
                Some(number) if (low as f64..=high as f64).contains(&number) => None,
                _ if high == i64::MAX => Some(format!("must be a whole number from {low}")),
                _ => Some(format!("must be a whole number from {low} to {high}")),
            },
            Kind::Float { low, high, closed } => {
                let Some(number) = value.number() else { return Some("must be a number".to_owned()) };
                let above = if closed.0 { number >= low } else { number > low };
                let below = if closed.1 { number <= high } else { number < high };
                (!(above && below && number.is_finite())).then(|| bounds(low, high, closed))
            }
        }
    }
}

fn choice(words: &[&str], word: &str) -> Option<String> {
    if words.contains(&word) {
        return None;
    }
    let hint = nearest(word, words.iter().copied()).map(|near| format!("; did you mean {near}?"));
    Some(format!("is not one of {}{}", words.join(", "), hint.unwrap_or_default()))
}

fn bounds(low: f64, high: f64, closed: (bool, bool)) -> String {
    let low_word = if closed.0 { "at least" } else { "above" };
    let high_word = if closed.1 { "at most" } else { "below" };
    match (low.is_finite(), high.is_finite()) {
        (true, true) => format!("must be {low_word} {low} and {high_word} {high}"),
        (true, false) => format!("must be {low_word} {low}"),
        (false, true) => format!("must be {high_word} {high}"),
        (false, false) => "must be finite".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_refuses_invalid_values() {
        let refused = |kind: Kind, text: &str| kind.refusal(&kind.read(text));
        for (kind, text, why) in [
            (Kind::POSITIVE, "0", "must be above 0"),
            (Kind::BELOW_ONE, "1", "must be at least 0 and below 1"),
            (Kind::POSITIVE, "inf", "must be a number"),
            (Kind::COUNT, "1.5", "must be a whole number from 1"),
            (Kind::Int { low: 1, high: 64 }, "65", "must be a whole number from 1 to 64"),
            (Kind::Flag, "yes", "must be true or false"),
            (Kind::Batch, "0", "must be a whole number of examples from 1, or full"),
            (Kind::Length, "5", "needs a unit: 5st (steps), 5ep (epochs) or 5% (of the budget)"),
            (Kind::Choice(&["cosine", "step"]), "cosin", "is not one of cosine, step; did you mean cosine?"),
        ] {
            assert_eq!(refused(kind, text).as_deref(), Some(why), "{text}");
        }
        for (kind, text) in [
            (Kind::POSITIVE, "1e-5"),
            (Kind::SHARE, "1"),
            (Kind::COUNT, "7"),
            (Kind::Batch, "full"),
            (Kind::Length, "10%"),
            (Kind::List, "256/128"),
            (Kind::Choice(&["1", "2"]), "2"),
        ] {
            assert_eq!(refused(kind, text), None, "{text}");
        }
    }
}
