//! What an axis means for its setting: its scale, its bounds, and the levels a grid takes on it.

use std::collections::HashSet;

use super::axis::{Axis, AxisError, Suffixes, Values, example};
use super::foreign;
use crate::{Domain, Role, Scale, Value};
use sweep_settings::{Entry, Kind, plain, round_significant};

/// The domain that `axis` spans for the setting `entry`.
///
/// # Errors
/// A value or an end that the setting cannot take, a range upside down, a scale that must be named.
pub fn domain(axis: &Axis, entry: &Entry) -> Result<Domain, AxisError> {
    match &axis.values {
        Values::List(values) => listed(axis, entry, values),
        Values::Range { low, high, suffixes } => {
            let name = &axis.name;
            let Some(low) = *low else {
                return Err(axis.fail(axis.start(), format!("the range of {name} has no lower end")));
            };
            let Some(high) = *high else {
                let why =
                    format!("the range of {name} has no upper end; write {name}={}..HIGH", plain(low.0));
                return Err(axis.fail(axis.text.len(), why));
            };
            ranged(axis, entry, (low, high), suffixes)
        }
    }
}

fn listed(axis: &Axis, entry: &Entry, values: &[(Value, usize)]) -> Result<Domain, AxisError> {
    let kind = entry.setting.kind;
    // A number in quotes is one for what has to be a number.
    let role = Role::of(&axis.name).or(Role::of(&entry.name)).is_some();
    let form = |value: &Value| match value {
        Value::Text(word) if role => kind.form(Value::read(word.trim())),
        value => kind.form(value.clone()),
    };
    let values: Vec<(Value, usize)> = values.iter().map(|(value, at)| (form(value), *at)).collect();
    for (value, at) in &values {
        if let Some(why) = entry.refusal(value) {
            let number = role || matches!(kind, Kind::Float { .. } | Kind::Int { .. } | Kind::Batch);
            let instead = foreign::instead(&axis.name, &axis.text[axis.start()..], number);
            // A word where a number belongs may be syntax that nobody here knows.
            let instead = instead.or_else(|| {
                (number && value.number().is_none()).then(|| format!("write {}", example(&axis.name)))
            });
            return Err(axis.fail(*at, instead.map_or(why.clone(), |instead| format!("{why}; {instead}"))));
        }
    }
    let values: Vec<Value> = values.into_iter().map(|(value, _)| value).collect();
    let batch = matches!(kind, Kind::Batch) || Role::of(&entry.name) == Some(Role::Batch);
    let full = |value: &Value| batch && *value == Value::Text("full".into());
    if !values.iter().all(|value| value.number().is_some() || full(value)) {
        return Ok(Domain::Choices { values });
    }
    Ok(ordered(values, entry.setting.scale))
}

/// The domain of these numbers, the last of which may be a batch of `full`, on `scale` or the one that they suggest.
fn ordered(mut values: Vec<Value>, scale: Option<Scale>) -> Domain {
    let size = |value: &Value| value.number().unwrap_or(f64::INFINITY);
    values.sort_by(|a, b| size(a).total_cmp(&size(b)));
    let numbers: Vec<f64> = values.iter().filter_map(Value::number).collect();
    let scale = scale.filter(|scale| scale.holds(&numbers));
    Domain::Levels { scale: scale.unwrap_or_else(|| suggested(&numbers)), values }
}

impl Domain {
    /// The domain of the values of a list: numbers are ordered, on `scale` or the one that they suggest; other values
    /// are choices. Duplicates count once.
    pub fn listed(values: Vec<Value>, scale: Option<Scale>) -> Domain {
        // What prints the same, and equal numbers, are one value.
        let (mut printed, mut numbers) = (HashSet::new(), HashSet::new());
        let mut distinct = values;
        distinct.retain(|value| {
            let word = printed.insert(value.to_string());
            let number = value.number().is_none_or(|number| numbers.insert((number + 0.0).to_bits()));
            word && number
        });
        if distinct.iter().all(|value| value.number().is_some()) {
            ordered(distinct, scale)
        } else {
            Domain::Choices { values: distinct }
        }
    }

    /// The numbers from `low` to `high` on `scale`, only whole ones if `integer`; a grid uses its default levels.
    pub fn interval(low: f64, high: f64, scale: Scale, integer: bool) -> Domain {
        let grid = as_values(spaced((low, high), scale, None, integer), integer);
        if low < high {
            Domain::Interval { low, high, scale, integer, grid }
        } else {
            Domain::Levels { values: grid, scale }
        }
    }
}

/// The scale on which rising `numbers` are most evenly spaced.
fn suggested(numbers: &[f64]) -> Scale {
    let spread = |map: fn(f64) -> f64| {
        let gaps: Vec<f64> = numbers.windows(2).map(|pair| map(pair[1]) - map(pair[0])).collect();
        let mean = gaps.iter().sum::<f64>() / gaps.len().max(1) as f64;
        gaps.iter().map(|gap| (gap / mean - 1.0).powi(2)).sum::<f64>()
    };
    let positive = numbers.first().is_some_and(|first| *first > 0.0);
    let wide =
        positive && numbers.last().zip(numbers.first()).is_some_and(|(last, first)| last / first >= 10.0);
    if positive && (wide || spread(f64::ln) < spread(|x| x)) { Scale::Log } else { Scale::Linear }
}

fn ranged(
    axis: &Axis,
    entry: &Entry,
    (low, high): ((f64, usize), (f64, usize)),
    suffixes: &Suffixes,
) -> Result<Domain, AxisError> {
    let name = &axis.name;
    if low.0 > high.0 {
        let why = format!("the range is upside down; write {name}={}..{}", plain(high.0), plain(low.0));
        return Err(axis.fail(low.1, why));
    }
    if !(high.0 - low.0).is_finite() {
        let why = format!("the range of {name} is too wide; write {name}=1e-6..1e6, or list the values");
        return Err(axis.fail(low.1, why));
    }
    let integer = suffixes.integer || matches!(entry.setting.kind, Kind::Int { .. } | Kind::Batch);
    for (end, at) in [low, high] {
        let value = if integer && end.fract() == 0.0 { Value::Int(end as i64) } else { Value::Float(end) };
        let whole =
            if integer && end.fract() != 0.0 { Some(format!("{name} takes whole numbers")) } else { None };
        let words = matches!(entry.setting.kind, Kind::Choice(_) | Kind::Flag | Kind::Length | Kind::List);
        let words = words.then(|| format!("{name} takes a list, {name}=a,b, not a range"));
        if let Some(why) = words.or(whole).or_else(|| entry.refusal(&value)) {
            return Err(axis.fail(at, why));
        }
    }
    let scale = scale(axis, entry, (low.0, high.0), suffixes)?;
    if matches!(scale, Scale::Log | Scale::Pow2) && low.0 <= 0.0 {
        return Err(axis.fail(low.1, format!("a logarithmic range of {name} must start above 0")));
    }
    if scale == Scale::Pow2 {
        return powers_of_two(axis, low, high);
    }
    let ends = (low.0, high.0);
    let levels = match (suffixes.factor, suffixes.points) {
        (Some((factor, at)), None) if low.0 > 0.0 => by_factor(ends, factor).ok_or(at),
        (Some((_, at)), _) => Err(at),
        (None, points) => Ok(spaced(ends, scale, points.map(|points| points.0), integer)),
    };
    let levels = levels.map_err(|at| {
        axis.fail(
            at,
            format!(
                "steps by a factor need a range of {name} above 0, no :points, and under a million steps"
            ),
        )
    })?;
    let grid = as_values(levels, integer);
    if suffixes.factor.is_some() || suffixes.points.is_some() || low.0 == high.0 {
        return Ok(Domain::Levels { values: grid, scale });
    }
    Ok(Domain::Interval { low: low.0, high: high.0, scale, integer, grid })
}

fn scale(axis: &Axis, entry: &Entry, ends: (f64, f64), suffixes: &Suffixes) -> Result<Scale, AxisError> {
    if let Some((scale, _)) = suffixes.scale {
        return Ok(scale);
    }
    if suffixes.factor.is_some() {
        return Ok(Scale::Log);
    }
    match entry.setting.scale {
        // Whole numbers, as asked for, are not powers of two only.
        Some(Scale::Pow2) if suffixes.integer => return Ok(Scale::Linear),
        // An end may be allowed that the customary scale has no place for, such as a discount of 1.
        Some(Scale::OneMinus) if !Scale::OneMinus.holds(&[ends.0, ends.1]) => {}
        Some(scale) => return Ok(scale),
        None => {}
    }
    if ends.0 > 0.0 && ends.1 / ends.0 >= 10.0 {
        let why = format!(
            "a range of {} this wide needs a scale: write {text}:log or {text}:lin",
            axis.name,
            text = axis.text
        );
        return Err(axis.fail(axis.text.len(), why));
    }
    Ok(Scale::Linear)
}

fn powers_of_two(axis: &Axis, low: (f64, usize), high: (f64, usize)) -> Result<Domain, AxisError> {
    for (end, at) in [low, high] {
        if end < 1.0 || end.log2().fract() != 0.0 {
            let (down, up) = (2f64.powf(end.max(1.0).log2().floor()), 2f64.powf(end.max(1.0).log2().ceil()));
            let name = &axis.name;
            let near = if at == low.1 {
                format!("{name}={down}..{} or {name}={up}..{}", plain(high.0), plain(high.0))
            } else {
                format!("{name}={}..{down} or {name}={}..{up}", plain(low.0), plain(low.0))
            };
            let (low, high) = (plain(low.0), plain(high.0));
            let why = format!(
                "{} is not a power of two; write {near}, list the sizes: {name}={low},{high}, or space them evenly: {name}={low}..{high}:lin",
                plain(end),
            );
            return Err(axis.fail(at, why));
        }
    }
    let values = (low.0.log2() as u32..=high.0.log2() as u32).map(|power| Value::Int(1i64 << power.min(62)));
    Ok(Domain::Levels { values: values.collect(), scale: Scale::Pow2 })
}

/// `low`, `low × factor`, …, and `high`; `None` if that would be a million levels or more.
fn by_factor((low, high): (f64, f64), factor: f64) -> Option<Vec<f64>> {
    if (high / low).ln() / factor.ln() >= 1e6 {
        return None;
    }
    let steps = (0..).map(|k| round_significant(low * factor.powi(k), 12));
    let mut levels: Vec<f64> = steps.take_while(|level| *level < high * (1.0 - 1e-9)).collect();
    levels.push(high);
    Some(levels)
}

/// `points` levels from end to end, evenly spaced on `scale` and rounded to two significant digits, or to as many more
/// as keep them apart. Without a count: three points per decade on a logarithmic scale, otherwise five points.
fn spaced((low, high): (f64, f64), scale: Scale, points: Option<usize>, integer: bool) -> Vec<f64> {
    let (start, end) = (scale.line(low), scale.line(high));
    let decades = (end - start).abs() / std::f64::consts::LN_10;
    let default = match scale {
        Scale::Linear if integer && high - low <= 20.0 => (high - low) as usize + 1,
        Scale::Linear => 5,
        Scale::Log | Scale::Pow2 | Scale::OneMinus => (3.0 * decades).round() as usize + 1,
    };
    let count = if low == high { 1 } else { points.unwrap_or(default.max(2)) };
    let exact = |index: usize| scale.value(start + (end - start) * index as f64 / (count - 1).max(1) as f64);
    let rounded = |x: f64, digits: usize| match scale {
        _ if integer => x.round(),
        Scale::OneMinus => round_significant(1.0 - round_significant(1.0 - x, digits), 12),
        _ => round_significant(x, digits),
    };
    let mut digits = 2;
    loop {
        let mut levels: Vec<f64> = (0..count).map(|index| rounded(exact(index), digits)).collect();
        levels[0] = low;
        if count > 1 {
            levels[count - 1] = high;
        }
        let apart = levels.windows(2).all(|pair| pair[0] < pair[1]);
        if integer {
            levels.dedup();
        }
        if apart || integer || digits == 15 {
            return levels;
        }
        digits += 1;
    }
}

fn as_values(levels: Vec<f64>, integer: bool) -> Vec<Value> {
    levels.into_iter().map(|x| if integer { Value::Int(x as i64) } else { Value::Float(x) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sweep_settings::Setting;

    fn entry(name: &'static str, kind: Kind, scale: Option<Scale>) -> Entry {
        Setting { scale, ..Setting::new(name, kind, "") }.into()
    }

    fn of(text: &str) -> Result<Domain, AxisError> {
        let positive = Kind::Float { low: 0.0, high: f64::INFINITY, closed: (false, true) };
        let axis = Axis::read(text)?;
        let entry = match axis.name.as_str() {
            "lr" => entry("lr", positive, Some(Scale::Log)),
            "batch" => entry("batch", Kind::Batch, Some(Scale::Pow2)),
            "momentum" => {
                let kind = Kind::Float { low: 0.0, high: 1.0, closed: (true, false) };
                entry("momentum", kind, Some(Scale::OneMinus))
            }
            "gamma" => entry("gamma", Kind::SHARE, Some(Scale::OneMinus)),
            "schedule" => entry("schedule", Kind::Choice(&["constant", "cosine", "step"]), None),
            "warmup" => entry("warmup", Kind::Length, None),
            _ => Entry { name: axis.name.clone(), setting: Setting::new("", Kind::Any, "") },
        };
        domain(&axis, &entry)
    }

    fn levels(text: &str) -> Vec<String> {
        of(text).unwrap().levels().iter().map(Value::to_string).collect()
    }

    #[test]
    fn a_log_range_has_three_points_per_decade_in_two_digits() {
        assert_eq!(levels("lr=1e-3..1e-1"), ["0.001", "0.0022", "0.0046", "0.01", "0.022", "0.046", "0.1"]);
        assert_eq!(levels("lr=1e-3..1e-1:3"), ["0.001", "0.01", "0.1"]);
        assert_eq!(levels("lr=0.01..0.05:x2"), ["0.01", "0.02", "0.04", "0.05"]);
        assert_eq!(levels("lr=0.1..0.11:4"), ["0.1", "0.103", "0.107", "0.11"]);
        assert_eq!(levels("lr=0.1..0.1"), ["0.1"]);
    }

    #[test]
    fn other_scales_keep_their_spacing() {
        assert_eq!(levels("batch=16..128"), ["16", "32", "64", "128"]);
        assert_eq!(levels("momentum=0.9..0.99:3"), ["0.9", "0.968", "0.99"]);
        assert_eq!(levels("x=-5..5"), ["-5", "-2.5", "0", "2.5", "5"]);
        assert_eq!(levels("x=1..5:int"), ["1", "2", "3", "4", "5"]);
        assert_eq!(levels("x=1..1000:int:log:4"), ["1", "10", "100", "1000"]);
        assert_eq!(levels("batch=1..10:int").len(), 10);
        assert_eq!(levels("batch=8..40:int:5"), ["8", "16", "24", "32", "40"]);
        // 1 is no place on the scale of 1 − x.
        assert_eq!(levels("gamma=0.5..1:6"), ["0.5", "0.6", "0.7", "0.8", "0.9", "1"]);
        assert_eq!(of("gamma=0.5,1").unwrap().scale(), Some(Scale::Linear));
    }

    #[test]
    fn lists_of_numbers_are_ordered_on_the_scale_they_suggest() {
        assert_eq!(levels("batch=64,16,full,32"), ["16", "32", "64", "full"]);
        assert_eq!(of("x=1,2,4,8").unwrap().scale(), Some(Scale::Log));
        assert_eq!(of("x=1,2,3,4").unwrap().scale(), Some(Scale::Linear));
        assert_eq!(of("opt=sgd,adam").unwrap().scale(), None);
    }

    #[test]
    fn refusals_point_and_advise() {
        for (text, at, advice) in [
            ("lr=0", 3, "above 0"),
            ("lr=0.1-1", 3, "a range is lr=0.1..1"),
            ("lr=nan", 3, "must be a number"),
            ("x=-1e308..1e308", 2, "too wide"),
            ("batch=1..10", 9, "batch=1..10:lin"),
            ("lr=-1..1:log", 3, "above 0"),
            ("lr=1e-1..1e-3", 3, "lr=0.001..0.1"),
            ("lr=1e-3..", 9, "lr=0.001..HIGH"),
            ("batch=0", 6, "from 1"),
            ("batch=1.5", 6, "whole number"),
            ("batch=16..100", 10, "batch=16..64 or batch=16..128"),
            ("schedule=cosin", 9, "did you mean cosine?"),
            ("schedule=1..2", 9, "takes a list"),
            ("warmup=1", 7, "1st (steps), 1ep (epochs) or 1%"),
            ("x=1..1000", 9, "x=1..1000:log or x=1..1000:lin"),
            ("x=1..2:x1.0000001", 7, "a million"),
        ] {
            let error = of(text).unwrap_err();
            assert!(error.at == at && error.why.contains(advice), "{error}");
        }
    }
}
