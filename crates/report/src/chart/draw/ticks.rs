//! Round numbers for axes, and how large ones are written.

use sweep_settings::{plain, round_significant};

use super::range::Range;

/// Round numbers from `low` to `high` on a linear axis, about `count` of them.
pub fn linear(low: f64, high: f64, count: usize) -> Vec<f64> {
    let rough = (high - low) / count.max(1) as f64;
    if rough <= 0.0 || !rough.is_finite() {
        return vec![low];
    }
    let ten = 10f64.powf(rough.log10().floor());
    let step =
        [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|step| step * ten).find(|step| *step >= rough * 0.999);
    let step = step.unwrap_or(10.0 * ten);
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    (first..=last).map(|index| round_significant(index as f64 * step, 6)).collect()
}

/// Round numbers from `low` to `high` on a logarithmic axis: powers of ten, with fewer than three of them also their
/// double and fivefold; on an axis from zero, or shorter than a factor of five, those of a linear one.
pub fn logarithmic(low: f64, high: f64) -> Vec<f64> {
    // An axis from zero has no powers of ten to begin with.
    if low <= 0.0 || high < 5.0 * low {
        return linear(low, high, 5);
    }
    let inside = |value: &f64| *value >= low * (1.0 - 1e-9) && *value <= high * (1.0 + 1e-9);
    let powers = (low.log10().floor() as i32)..=(high.log10().ceil() as i32);
    let of = |steps: &[u8]| -> Vec<f64> {
        let all = powers.clone().flat_map(|power| steps.iter().map(move |step| (power, f64::from(*step))));
        all.map(|(power, step)| round_significant(step * 10f64.powi(power), 3)).filter(inside).collect()
    };
    let tens = of(&[1]);
    if tens.len() >= 3 { tens } else { of(&[1, 2, 5]) }
}

/// Round numbers within a range, about `count` of them where it is linear.
pub fn of(range: Range, count: usize) -> Vec<f64> {
    if range.log { logarithmic(range.low, range.high) } else { linear(range.low, range.high, count) }
}

/// The small ticks of a logarithmic axis, which show that equal ratios take equal room: 2, 3 … 9 times the powers of
/// ten. None on other axes, and on one too long for them.
pub fn minor(range: Range) -> Vec<f64> {
    if !range.log || range.high > 1e6 * range.low {
        return Vec::new();
    }
    let powers = (range.low.log10().floor() as i32)..=(range.high.log10().ceil() as i32);
    let all = powers.flat_map(|power| (2..10).map(move |step| f64::from(step) * 10f64.powi(power)));
    all.filter(|value| range.holds(*value)).collect()
}

/// The label of a value as typed, or with three digits where it has many.
pub fn typed(text: &str) -> String {
    match text.parse::<f64>() {
        Ok(value) if text.len() > 6 && value.abs() < 1.0 => plain(round_significant(value, 3)),
        _ => text.to_owned(),
    }
}

/// A tick's label: thousands and millions by their letter.
pub fn label(value: f64) -> String {
    match value.abs() {
        size if size >= 1e9 => plain(value),
        size if size >= 1e6 => format!("{}M", plain(round_significant(value / 1e6, 4))),
        size if size >= 1e4 => format!("{}k", plain(round_significant(value / 1e3, 4))),
        _ => plain(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round() {
        assert_eq!(linear(0.0, 3.0, 6), [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0]);
        assert_eq!(linear(0.0, 150_000.0, 4), [0.0, 50_000.0, 100_000.0, 150_000.0]);
        assert_eq!(linear(1.0, 1.0, 4), [1.0]);
        assert_eq!(logarithmic(1e-3, 1.0), [0.001, 0.01, 0.1, 1.0]);
        assert_eq!(logarithmic(0.01, 0.3), [0.01, 0.02, 0.05, 0.1, 0.2]);
        assert_eq!(logarithmic(0.3, 0.5), [0.3, 0.35, 0.4, 0.45, 0.5]);
        assert_eq!(logarithmic(0.0, 1.0), [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
    }

    #[test]
    fn large_numbers_are_short() {
        assert_eq!(
            ["0.00390625", "0.0078", "full", "1234567"].map(typed),
            ["0.00391", "0.0078", "full", "1234567"]
        );
        assert_eq!([150_000.0, 2e6, 0.5, 1500.0].map(label), ["150k", "2M", "0.5", "1500"]);
    }
}
