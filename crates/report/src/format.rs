//! Numbers as they are written in sentences, tables and pictures.

use sweep_settings::{plain, round_significant};

use crate::facts::{Estimate, Facts};

/// A number that was estimated: three significant digits at most.
pub fn brief(number: f64) -> String {
    plain(round_significant(number, 3))
}

/// ` (95 % interval 0.15 to 0.3)`; empty without both ends.
pub fn interval(estimate: &Estimate) -> String {
    match (estimate.low, estimate.high, estimate.confidence) {
        (Some(low), Some(high), Some(confidence)) => {
            format!(" ({} % interval {} to {})", percent(confidence), brief(low), brief(high))
        }
        _ => String::new(),
    }
}

/// A share in percent, without the sign: three significant digits at most.
pub fn percent(share: f64) -> String {
    brief(100.0 * share)
}

/// A value of the study's metric and its standard error, if it has one, both to the decimals that the error earns (two
/// of its digits, at most one more than `digits` of the value's): `0.0891 ± 0.0012`.
pub fn with_error(facts: &Facts, value: f64, stderr: Option<f64>) -> String {
    let digits = digits(facts, value);
    let places = |stderr| decimals(stderr, 2).min(decimals(value, digits + 1));
    match pair(value, stderr, digits, places) {
        (value, Some(stderr)) => format!("{value} ± {stderr}"),
        (value, None) => value,
    }
}

/// A value of the study's metric and its standard error, if it has one, both to as many decimals as the value needs
/// for its `digits`, and no more than show two digits of the error.
pub fn value_and_error(facts: &Facts, value: f64, stderr: Option<f64>) -> (String, Option<String>) {
    let digits = digits(facts, value);
    pair(value, stderr, digits, |stderr| decimals(value, digits).min(decimals(stderr, 2)))
}

/// A figure of any metric and its standard error, if it has one: `3.21 ± 0.05`.
pub fn figure(value: f64, stderr: Option<f64>) -> String {
    match pair(value, stderr, 3, |stderr| decimals(stderr, 2).min(decimals(value, 4))) {
        (value, Some(stderr)) => format!("{value} ± {stderr}"),
        (value, None) => value,
    }
}

/// A number to be read rather than copied: at most four significant digits.
pub fn short(number: f64) -> String {
    plain(round_significant(number, 4))
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

/// The most significant digits of a value.
const MOST_DIGITS: i32 = 8;

/// The significant digits in which `value` of the study's metric is shown: as many as show two digits of the noise of a
/// run, and no fewer than three, or four for an accuracy, whose first digit carries little information.
fn digits(facts: &Facts, value: f64) -> i32 {
    let least = if facts.metric.ends_with("accuracy") { 4 } else { 3 };
    let noise = facts.noise.at_best.filter(|noise| *noise > 0.0 && value != 0.0);
    let size = |x: f64| x.abs().log10().floor() as i32;
    noise.map_or(least, |noise| (size(value) - size(noise) + 2).clamp(least, MOST_DIGITS))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::Made;

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
        assert_eq!(value_and_error(&loss, 0.08914, Some(0.00123)), ("0.0891".into(), Some("0.0012".into())));
        assert_eq!(value_and_error(&loss, 0.3226, Some(0.0047)), ("0.323".into(), Some("0.005".into())));
        let accuracy = crate::facts(&Made::new(&["lr=0.1,1"]).maximize("val_accuracy").record());
        assert_eq!(with_error(&accuracy, 0.97118, None), "0.9712");
        assert_eq!(short(0.06359147155435677), "0.06359");
    }
}
