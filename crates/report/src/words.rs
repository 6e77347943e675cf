//! The words and number formats that the verdict, the tables and the pictures share.

use sweep_study::value::{plain, round_significant};
use sweep_study::{Rank, STEPS_TO_TARGET, Study, Value};

use crate::facts::{Budget, Facts};

/// A count with its noun: `1 seed`, `3 seeds`.
pub fn count(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// The budget in words: `3 epochs`, `until validation loss 0.15, at most 40000 steps`; `budget unknown` of runs that do not
/// tell it.
pub fn budget(budget: &Budget) -> String {
    let unit = budget.unit;
    let amount = match budget.amount {
        Some(1.0) => format!("1 {}", unit.trim_end_matches('s')),
        Some(amount) => format!("{} {unit}", plain(amount)),
        None if budget.axis => format!("{unit} as an axis"),
        None => "budget unknown".to_owned(),
    };
    match &budget.until {
        Some(target) => {
            format!("until {} {}, at most {amount}", metric_name(&target.metric), plain(target.value))
        }
        None => amount,
    }
}

/// Budget and seeds, which every headline names: `3 epochs, 1 seed`.
pub fn conditions(facts: &Facts, separator: &str) -> String {
    let seeds = count(u64::from(facts.replicates), "seed");
    format!("{}{separator}{seeds}", budget(&facts.budget))
}

/// The metric of the study in words: `final validation loss`.
pub fn metric(facts: &Facts) -> String {
    if facts.metric == STEPS_TO_TARGET {
        return metric_name(&facts.metric);
    }
    let which = match facts.rank {
        Rank::Last => "final",
        Rank::Best => "best",
    };
    format!("{which} {}", metric_name(&facts.metric))
}

/// A metric's name in words, where it has one of the trainer's; else itself.
pub fn metric_name(name: &str) -> String {
    if name == STEPS_TO_TARGET {
        return "steps to target".to_owned();
    }
    let parts = [("train_", "training"), ("val_", "validation"), ("test_", "test")];
    let known = parts.iter().find_map(|(prefix, word)| Some((name.strip_prefix(prefix)?, word)));
    known.map_or(name.to_owned(), |(rest, word)| format!("{word} {rest}"))
}

/// A parameter's name in words.
pub fn parameter(name: &str) -> String {
    match name {
        "lr" => "learning rate".to_owned(),
        "batch" => "batch size".to_owned(),
        name => name.replace('_', " "),
    }
}

/// The batch size as it was typed: a number, or `full` where all of the training part is meant.
pub fn batch(study: &Study, size: f64) -> String {
    let full = Value::Text("full".to_owned());
    let axis = study.space.get("batch").map(|axis| axis.domain.levels()).unwrap_or_default();
    let typed = axis.contains(&full) || study.settings.get("batch") == Some(&full);
    if typed && size == study.train_examples as f64 { "full".to_owned() } else { plain(size) }
}

/// `value` with `digits` significant digits, trailing zeros kept, as in `2.30`; with an exponent where plain digits
/// would be long.
fn significant(value: f64, digits: i32) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if !value.is_finite() {
        return value.to_string();
    }
    let rounded = round_significant(value, digits.max(1) as usize);
    let size = rounded.abs().log10().floor() as i32;
    if (-5..6).contains(&size) {
        format!("{rounded:.*}", (digits - 1 - size).max(0) as usize)
    } else {
        format!("{rounded:.*e}", (digits - 1).max(0) as usize)
    }
}

/// A value of the study's metric and its standard error, if it has one, both to the decimals that the error earns (two
/// of its digits, at most one more than [`digits`] of the value's): `0.0891 ± 0.0012`.
pub fn with_error(facts: &Facts, value: f64, stderr: Option<f64>) -> String {
    let places = |stderr| decimals(stderr, 2).min(decimals(value, digits(facts) + 1));
    match pair(value, stderr, digits(facts), places) {
        (value, Some(stderr)) => format!("{value} ± {stderr}"),
        (value, None) => value,
    }
}

/// A value of the study's metric and its standard error, if it has one, both to as many decimals as the value needs
/// for its [`digits`].
pub fn brief(facts: &Facts, value: f64, stderr: Option<f64>) -> (String, Option<String>) {
    pair(value, stderr, digits(facts), |_| decimals(value, digits(facts)))
}

/// A figure of any metric and its standard error, if it has one: `3.21 ± 0.05`.
pub fn figure(value: f64, stderr: Option<f64>) -> String {
    match pair(value, stderr, 3, |stderr| decimals(stderr, 2).min(decimals(value, 4))) {
        (value, Some(stderr)) => format!("{value} ± {stderr}"),
        (value, None) => value,
    }
}

/// The significant digits in which the study's metric is shown: three, and four for an accuracy, whose first says
/// little.
fn digits(facts: &Facts) -> i32 {
    if facts.metric.ends_with("accuracy") { 4 } else { 3 }
}

/// Value and error with a number of decimals; an error that would vanish keeps its first digit.
fn pair(
    value: f64,
    stderr: Option<f64>,
    digits: i32,
    places: impl Fn(f64) -> usize,
) -> (String, Option<String>) {
    let Some(stderr) = stderr.filter(|stderr| stderr.is_finite()) else {
        return (significant(value, digits), None);
    };
    let places = places(stderr);
    let own = if stderr == 0.0 { places } else { places.max(decimals(stderr, 1)) };
    (format!("{value:.places$}"), Some(format!("{stderr:.own$}")))
}

/// The decimals that show `digits` significant digits of `x`.
fn decimals(x: f64, digits: i32) -> usize {
    let rounded = round_significant(x, digits.max(1) as usize).abs();
    if rounded > 0.0 { (digits - 1 - rounded.log10().floor() as i32).clamp(0, 12) as usize } else { 2 }
}

/// A number to be read rather than copied: at most four significant digits.
pub fn short(number: f64) -> String {
    plain(round_significant(number, 4))
}

/// Words joined as a person would: `16, 32 and 64`.
pub fn list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `text` with its first letter a capital.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up::Made;

    #[test]
    fn numbers_have_the_digits_they_earn() {
        let values = [0.09123, 2.3, 145.4, 0.99999, 1234.5, 1e-9, 0.0, 12345678.0];
        let shown = values.map(|value| significant(value, 3));
        assert_eq!(shown, ["0.0912", "2.30", "145", "1.00", "1230", "1.00e-9", "0", "1.23e7"]);
        let loss = crate::facts(&Made::new(&["lr=0.1,1"]).record());
        assert_eq!(with_error(&loss, 0.08914, Some(0.00123)), "0.0891 ± 0.0012");
        assert_eq!(with_error(&loss, 0.08914, Some(0.02)), "0.089 ± 0.020");
        assert_eq!(with_error(&loss, 0.08914, Some(2e-9)), "0.08914 ± 0.000000002");
        assert_eq!(with_error(&loss, 123.4, Some(9.96)), "123 ± 10");
        assert_eq!(with_error(&loss, 0.5, None), "0.500");
        assert_eq!(brief(&loss, 0.08914, Some(0.00123)), ("0.0891".into(), Some("0.0012".into())));
        assert_eq!(brief(&loss, 0.3226, Some(0.0047)), ("0.323".into(), Some("0.005".into())));
        let accuracy = crate::facts(&Made::new(&["lr=0.1,1"]).maximize("val_accuracy").record());
        assert_eq!(with_error(&accuracy, 0.97118, None), "0.9712");
        assert_eq!(short(0.06359147155435677), "0.06359");
    }

    #[test]
    fn words_are_plain() {
        assert_eq!((count(1, "seed"), count(3, "seed")), ("1 seed".into(), "3 seeds".into()));
        assert_eq!(
            budget(&Budget { unit: "epochs", amount: Some(1.0), until: None, axis: false }),
            "1 epoch"
        );
        assert_eq!(
            budget(&Budget { unit: "steps", amount: Some(500.0), until: None, axis: false }),
            "500 steps"
        );
        assert_eq!(metric_name("val_loss"), "validation loss");
        assert_eq!(metric_name("reward"), "reward");
        assert_eq!(list(&["1".into(), "2".into(), "3".into()]), "1, 2 and 3");
    }
}
