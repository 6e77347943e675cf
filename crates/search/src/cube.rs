//! Maps typed values to the unit cube and back. Only this file deals with logarithms, rounding and choices.

use sweep_settings::round_significant;
use sweep_study::{Domain, Parameter, Point, Scale, Space, Value};

/// Significant digits of a drawn number: enough for a search, few enough to read easily.
const DIGITS: usize = 4;

/// The value of `domain` at `unit` in [0, 1). Levels and choices share the interval equally.
pub fn value(domain: &Domain, unit: f64) -> Value {
    let unit = if unit.is_nan() { 0.5 } else { unit.clamp(0.0, 1.0) };
    match domain {
        Domain::Interval { low, high, scale, integer, .. } => {
            if *integer {
                let (from, to) = whole_ends(domain);
                let whole = scale.value(from + (to - from) * unit).round().clamp(*low, *high);
                return Value::Int(whole as i64);
            }
            let line = scale.line(*low) + (scale.line(*high) - scale.line(*low)) * unit;
            Value::Float(round_significant(scale.value(line), DIGITS).clamp(*low, *high))
        }
        Domain::Levels { values, .. } | Domain::Choices { values } => {
            let index = (unit * values.len() as f64) as usize;
            values.get(index).or(values.last()).cloned().unwrap_or(Value::Flag(false))
        }
    }
}

/// Where `value` lies in [0, 1], the inverse of [`value`]: the middle of its share for a level or a choice. A number
/// outside the domain counts as the nearest one inside; `None` for a value that is not in the domain.
pub fn unit(domain: &Domain, value: &Value) -> Option<f64> {
    match domain {
        Domain::Interval { low, high, scale, integer, .. } => {
            let number = value.number()?.clamp(*low, *high);
            let (from, to) =
                if *integer { whole_ends(domain) } else { (scale.line(*low), scale.line(*high)) };
            let unit = (scale.line(number) - from) / (to - from);
            Some(if unit.is_finite() { unit.clamp(0.0, 1.0) } else { 0.5 })
        }
        Domain::Levels { values, .. } | Domain::Choices { values } => {
            let index = values.iter().position(|level| level == value).or_else(|| nearest(domain, value))?;
            Some((index as f64 + 0.5) / values.len() as f64)
        }
    }
}

/// The line coordinates between which whole numbers are drawn: half a step beyond both ends, so that the ends are as
/// likely as the numbers between them.
fn whole_ends(domain: &Domain) -> (f64, f64) {
    match domain {
        Domain::Interval { low, high, scale, .. } => {
            let below = if scale.line(low - 0.5).is_finite() { low - 0.5 } else { low * 0.5 };
            (scale.line(below), scale.line(high + 0.5))
        }
        Domain::Levels { .. } | Domain::Choices { .. } => (0.0, 1.0),
    }
}

/// The level nearest to a number, on the domain's scale.
fn nearest(domain: &Domain, value: &Value) -> Option<usize> {
    let scale = domain.scale()?;
    let line = scale.line(value.number()?);
    let distance = |level: &Value| Some((scale.line(level.number()?) - line).abs());
    let distances = domain.levels().iter().enumerate().filter_map(|(index, level)| {
        let distance = distance(level)?;
        distance.is_finite().then_some((index, distance))
    });
    distances.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(index, _)| index)
}

/// The value one step up or down from `value`, within the domain: by `factor` where the scale is logarithmic (of 1 − x
/// for a momentum), by 2 on powers of two, by a tenth of the range where it is linear, by one level of a list. A
/// choice, which has no order, stays the same.
pub fn step(domain: &Domain, value: &Value, factor: f64, up: bool) -> Value {
    let towards = |size: f64| if up { size } else { -size };
    match domain {
        Domain::Interval { low, high, scale: Scale::Pow2, .. } => {
            let next = value.number().map(|number| if up { number * 2.0 } else { number / 2.0 });
            next.map_or_else(|| value.clone(), |next| value_near(domain, next.clamp(*low, *high)))
        }
        Domain::Interval { low, high, scale, .. } => {
            let Some(number) = value.number() else { return value.clone() };
            let size = match scale {
                Scale::Linear | Scale::Pow2 => 0.1 * (high - low),
                Scale::Log | Scale::OneMinus => factor.ln().abs(),
            };
            let line = scale.line(number) + towards(size);
            value_near(domain, scale.value(line).clamp(*low, *high))
        }
        Domain::Levels { values, .. } => {
            let at = values.iter().position(|level| level == value).or_else(|| nearest(domain, value));
            let next = at.map(|at| if up { (at + 1).min(values.len() - 1) } else { at.saturating_sub(1) });
            next.and_then(|at| values.get(at)).unwrap_or(value).clone()
        }
        Domain::Choices { .. } => value.clone(),
    }
}

/// A number as a value of an interval.
fn value_near(domain: &Domain, number: f64) -> Value {
    match domain {
        Domain::Interval { integer: true, .. } => Value::Int(number.round() as i64),
        _ => Value::Float(round_significant(number, DIGITS)),
    }
}

/// How many values a parameter has; `None` for a real interval.
pub fn count(domain: &Domain) -> Option<usize> {
    match domain {
        Domain::Interval { low, high, integer: true, .. } => Some(((high - low) as usize).saturating_add(1)),
        Domain::Interval { .. } => None,
        Domain::Levels { values, .. } | Domain::Choices { values } => Some(values.len().max(1)),
    }
}

/// Whether the values of a parameter are ordered, so that distances in the cube are meaningful.
pub fn ordered(parameter: &Parameter) -> bool {
    parameter.domain.scale().is_some()
}

/// The point at `units`, one coordinate for each parameter; parameters that do not apply are left out.
pub fn point(space: &Space, units: &[f64]) -> Point {
    let mut point = Point::default();
    for (parameter, unit) in space.parameters.iter().zip(units) {
        if parameter.applies(&point) {
            point.0.insert(parameter.name.clone(), value(&parameter.domain, *unit));
        }
    }
    point
}

/// Where `point` lies: a coordinate for each parameter of `space`, `None` if it does not apply.
pub fn units(space: &Space, point: &Point) -> Vec<Option<f64>> {
    let coordinate = |parameter: &Parameter| unit(&parameter.domain, point.get(&parameter.name)?);
    space.parameters.iter().map(coordinate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sweep_study::Scale;

    fn interval(low: f64, high: f64, scale: Scale, integer: bool) -> Domain {
        Domain::Interval { low, high, scale, integer, grid: Vec::new() }
    }

    #[test]
    fn ends_and_middle_lie_where_the_scale_puts_them() {
        let domain = |scale, integer| interval(1.0, 100.0, scale, integer);
        assert_eq!(value(&domain(Scale::Log, false), 0.5), Value::Float(10.0));
        assert_eq!(value(&domain(Scale::Linear, false), 0.5), Value::Float(50.5));
        assert_eq!(value(&domain(Scale::Log, true), 0.0), Value::Int(1));
        assert_eq!(value(&domain(Scale::Log, true), 1.0), Value::Int(100));
        let choices = Domain::Choices { values: vec![Value::Int(1), Value::Int(2)] };
        assert_eq!([0.0, 0.49, 0.5, 1.0].map(|unit| value(&choices, unit).to_string()), ["1", "1", "2", "2"]);
    }

    #[test]
    fn a_value_is_found_where_it_was_drawn() {
        let levels = Domain::Levels { values: [16, 32, 64].map(Value::Int).to_vec(), scale: Scale::Pow2 };
        let words = Domain::Choices { values: ["sgd", "adam"].map(|word| Value::Text(word.into())).to_vec() };
        let domains = [
            interval(1e-4, 10.0, Scale::Log, false),
            interval(-5.0, 5.0, Scale::Linear, false),
            interval(1.0, 9.0, Scale::Log, true),
            interval(-3.0, 3.0, Scale::Linear, true),
            interval(0.0, 0.99, Scale::OneMinus, false),
            interval(2.0, 2.0, Scale::Linear, false),
            levels.clone(),
            words.clone(),
        ];
        for domain in &domains {
            for step in 0..=20 {
                let drawn = value(domain, f64::from(step) / 20.0);
                let unit = unit(domain, &drawn).unwrap();
                assert_eq!(value(domain, unit), drawn, "{domain:?} at {unit}");
            }
        }
        assert_eq!(unit(&levels, &Value::Int(60)), Some(2.5 / 3.0));
        assert_eq!(unit(&words, &Value::Text("rmsprop".into())), None);
        assert_eq!(unit(&domains[0], &Value::Float(1e9)), Some(1.0));
    }
}
