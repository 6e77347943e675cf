//! The axis that the values of a parameter make.

use sweep_settings::customary_scale;
use sweep_study::{Domain, Scale, Value};

use super::runs::Range;

/// Numbers more different ones of which than this, most of them seen once, were drawn from a range.
const LEVELS: usize = 16;

/// The domain of the parameter `name`, which had `values` in the runs, one a run; from `range`, if that is known.
pub fn domain(name: &str, values: &[&Value], range: Option<Range>) -> Domain {
    let mut levels: Vec<Value> = Vec::new();
    let numbers: Option<Vec<f64>> = values.iter().map(|value| value.number()).collect();
    let Some(numbers) = numbers else {
        for value in values {
            if !levels.contains(value) {
                levels.push((*value).clone());
            }
        }
        return Domain::Choices { values: levels };
    };
    let integer = values.iter().all(|value| matches!(value, Value::Int(_)));
    let mut sorted: Vec<(f64, &Value)> = numbers.iter().copied().zip(values.iter().copied()).collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    sorted.dedup_by(|a, b| a.0 == b.0);
    levels.extend(sorted.iter().map(|(_, value)| (*value).clone()));
    let (low, high) = match (sorted.first(), sorted.last()) {
        (Some(first), Some(last)) => (first.0, last.0),
        _ => (0.0, 0.0),
    };
    let reaches = |scale: &Scale| scale.line(low).is_finite() && scale.line(high).is_finite();
    let wide = || if low > 0.0 && high / low >= 10.0 { Scale::Log } else { Scale::Linear };
    let drawn = range.map(|range| if range.log { Scale::Log } else { Scale::Linear });
    let scale = customary_scale(name).or(drawn).filter(reaches).unwrap_or_else(wide);
    if levels.len() <= LEVELS || 2 * levels.len() < values.len() {
        return Domain::Levels { values: levels, scale };
    }
    let (low, high) = range.map_or((low, high), |range| (range.low.min(low), range.high.max(high)));
    Domain::Interval { low, high, scale, integer, grid: levels }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_numbers_are_levels_and_many_were_drawn() {
        let of =
            |name: &str, values: &[Value], range| domain(name, &values.iter().collect::<Vec<_>>(), range);
        let rates = [0.1, 0.01, 0.1].map(Value::Float);
        let levels = Domain::Levels { values: [0.01, 0.1].map(Value::Float).to_vec(), scale: Scale::Log };
        assert_eq!(of("lr", &rates, None), levels);
        let drawn: Vec<Value> = (1..40).map(|index| Value::Float(0.001 * f64::from(index))).collect();
        let range = Range { low: 1e-4, high: 0.1, log: true };
        let Domain::Interval { low, high, scale, .. } = of("alpha", &drawn, Some(range)) else {
            panic!("a range")
        };
        assert_eq!((low, high, scale), (1e-4, 0.1, Scale::Log));
        let zero = [0, 8].map(Value::Int);
        assert!(matches!(of("batch", &zero, None), Domain::Levels { scale: Scale::Linear, .. }));
        let words = ["adam", "sgd", "adam"].map(Value::read);
        assert_eq!(of("optimizer", &words, None).levels().len(), 2);
    }
}
