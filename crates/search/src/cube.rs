//! Typed outside, unit cube inside: the one place that knows of logarithms, rounding and choices.

use sweep_study::value::round_significant;
use sweep_study::{Domain, Value};

/// Significant digits of a drawn number: enough for a search, few enough to be read out.
const DIGITS: usize = 4;

/// The value of `domain` at `unit` in [0, 1). Levels and choices share the interval equally.
pub fn value(domain: &Domain, unit: f64) -> Value {
    let unit = unit.clamp(0.0, 1.0);
    match domain {
        Domain::Interval { low, high, scale, integer, .. } => {
            if *integer {
                // Half a step is added at both ends, so that the ends are as likely as what lies between.
                let from = scale.line((low - 0.5).max(low * 0.5));
                let to = scale.line(high + 0.5);
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

#[cfg(test)]
mod tests {
    use super::*;
    use sweep_study::Scale;

    #[test]
    fn ends_and_middle_lie_where_the_scale_puts_them() {
        let domain =
            |scale, integer| Domain::Interval { low: 1.0, high: 100.0, scale, integer, grid: Vec::new() };
        assert_eq!(value(&domain(Scale::Log, false), 0.5), Value::Float(10.0));
        assert_eq!(value(&domain(Scale::Linear, false), 0.5), Value::Float(50.5));
        assert_eq!(value(&domain(Scale::Log, true), 0.0), Value::Int(1));
        assert_eq!(value(&domain(Scale::Log, true), 1.0), Value::Int(100));
        let choices = Domain::Choices { values: vec![Value::Int(1), Value::Int(2)] };
        assert_eq!([0.0, 0.49, 0.5, 1.0].map(|unit| value(&choices, unit).to_string()), ["1", "1", "2", "2"]);
    }
}
