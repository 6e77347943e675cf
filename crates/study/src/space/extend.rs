//! Widening an axis: its levels are kept, and more follow with the same spacing.

use super::axis::Values;
use crate::{Axis, AxisError, Domain, Entry, Scale, Value};
use sweep_settings::round_significant;

impl Domain {
    /// How far a first widening should reach, upward or downward. On a logarithmic scale: a decade, and one more step
    /// if steps are finer than half a decade, so that a best about a decade away has neighbours on both sides. On
    /// powers of two: two doublings. Otherwise: two more steps. `None` if the values have no order.
    pub fn beyond(&self, upward: bool) -> Option<f64> {
        let numbers: Vec<f64> = self.levels().iter().filter_map(Value::number).collect();
        let (first, last) = (*numbers.first()?, *numbers.last()?);
        let end = if upward { last } else { first };
        let reach = match self.scale()? {
            Scale::Log => {
                let steps = numbers.len().max(2) - 1;
                let step = (last / first).powf(1.0 / steps as f64);
                let far = 10.0 * if step < 10f64.sqrt() { step } else { 1.0 };
                return Some(round_significant(if upward { end * far } else { end / far }, 2));
            }
            Scale::Pow2 => end * if upward { 4.0 } else { 0.25 },
            Scale::OneMinus => 1.0 - (1.0 - end) * if upward { 0.1 } else { 10.0 },
            Scale::Linear => {
                end + 2.0 * (last - first) / (numbers.len().max(2) - 1) as f64
                    * if upward { 1.0 } else { -1.0 }
            }
        };
        Some(round_significant(reach, 12))
    }

    /// The domain widened by `axis`: `lr=..1` moves the upper end, `lr=1e-4..` the lower one, a list adds its values.
    ///
    /// # Errors
    /// Ends that would narrow the axis, values the setting cannot take, an axis without order.
    pub fn extended(&self, axis: &Axis, entry: &Entry) -> Result<Domain, AxisError> {
        let start = axis.start();
        let mut added = Vec::new();
        match &axis.values {
            Values::List(values) => added.extend(values.iter().cloned()),
            Values::Range { low, high, suffixes } => {
                if *suffixes != super::axis::Suffixes::default() {
                    return Err(axis
                        .fail(start, "an extension keeps the spacing of the axis; leave out the suffixes"));
                }
                for (end, upward) in [(low, false), (high, true)] {
                    if let Some((end, at)) = *end {
                        let levels = self.onward(end, upward).map_err(|why| axis.fail(at, why))?;
                        added.extend(levels.into_iter().map(|level| (level, at)));
                    }
                }
            }
        }
        let float = self.levels().iter().any(|level| matches!(level, Value::Float(_)));
        for (value, at) in &mut added {
            if let (true, Some(number)) = (float, value.number()) {
                *value = Value::Float(number);
            }
            if let Some(why) = entry.refusal(value) {
                return Err(axis.fail(*at, why));
            }
        }
        Ok(self.with(added.into_iter().map(|(value, _)| value)))
    }

    /// The domain with more levels; existing ones are not duplicated.
    pub fn with(&self, added: impl Iterator<Item = Value>) -> Domain {
        let mut values = self.levels().to_vec();
        for value in added {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        let size = |value: &Value| value.number().unwrap_or(f64::INFINITY);
        if self.scale().is_some() {
            values.sort_by(|a, b| size(a).total_cmp(&size(b)));
        }
        match self {
            Domain::Interval { low, high, scale, integer, .. } => Domain::Interval {
                low: values.first().map_or(*low, |first| size(first).min(*low)),
                high: values.last().map_or(*high, |last| size(last).max(*high)),
                scale: *scale,
                integer: *integer,
                grid: values,
            },
            Domain::Levels { scale, .. } => Domain::Levels { values, scale: *scale },
            Domain::Choices { .. } => Domain::Choices { values },
        }
    }

    /// The levels beyond the current end with the axis's own spacing, up or down to `end`, which is the last one.
    fn onward(&self, end: f64, upward: bool) -> Result<Vec<Value>, String> {
        let Some(scale) = self.scale() else {
            return Err("this axis has no order to extend; list the values to add".to_owned());
        };
        let numbers: Vec<f64> = self.levels().iter().filter_map(Value::number).collect();
        let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else {
            return Err("this axis has no numbers to extend".to_owned());
        };
        let from = if upward { *last } else { *first };
        if if upward { end < from } else { end > from } {
            return Err(format!("an extension only widens; the axis already reaches {from}"));
        }
        let (start, stop) = (scale.line(from), scale.line(end));
        if !stop.is_finite() {
            return Err(format!("{end} is not on the scale of this axis"));
        }
        let gap = match (numbers.len(), scale) {
            (1, Scale::Pow2) => std::f64::consts::LN_2,
            (1, Scale::Log | Scale::OneMinus) => std::f64::consts::LN_10 / 3.0,
            (1, Scale::Linear) => (stop - start).abs(),
            (count, _) => (scale.line(*last) - scale.line(*first)) / (count - 1) as f64,
        };
        let integer = self.levels().iter().all(|level| !matches!(level, Value::Float(_)));
        let steps = ((stop - start).abs() / gap.max(1e-12) - 0.25).ceil().clamp(0.0, 1e6) as usize;
        let mut levels: Vec<f64> = (1..steps)
            .map(|step| scale.value(start + (stop - start).signum() * gap * step as f64))
            .map(|x| if integer { x.round() } else { round_significant(x, 2) })
            .collect();
        if end != from {
            levels.push(end);
        }
        Ok(levels
            .into_iter()
            .map(|x| if integer && x.fract() == 0.0 { Value::Int(x as i64) } else { Value::Float(x) })
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sweep_settings::{Kind, Setting};

    fn extended(text: &str, more: &str) -> Result<Vec<String>, String> {
        let axis = Axis::read(text).unwrap();
        let scale = Some(if axis.name == "batch" { Scale::Pow2 } else { Scale::Log });
        let kind = if axis.name == "batch" { Kind::Batch } else { Kind::Any };
        let entry =
            Entry { name: axis.name.clone(), setting: Setting { scale, ..Setting::new("", kind, "") } };
        let domain = crate::space::levels::domain(&axis, &entry).unwrap();
        let domain = domain.extended(&Axis::read(more).unwrap(), &entry).map_err(|error| error.why)?;
        Ok(domain.levels().iter().map(Value::to_string).collect())
    }

    #[test]
    fn an_extension_continues_with_the_same_spacing() {
        let wide = extended("lr=1e-2..1e-1", "lr=..1").unwrap();
        assert_eq!(wide, ["0.01", "0.022", "0.046", "0.1", "0.22", "0.46", "1"]);
        assert_eq!(extended("lr=0.1,1", "lr=0.01..").unwrap(), ["0.01", "0.1", "1"]);
        assert_eq!(extended("batch=16,32", "batch=..128").unwrap(), ["16", "32", "64", "128"]);
        assert_eq!(extended("batch=16,32", "batch=8,full").unwrap(), ["8", "16", "32", "full"]);
        assert_eq!(extended("lr=0.1,1", "lr=..1").unwrap(), ["0.1", "1"]);
    }

    #[test]
    fn it_never_narrows() {
        assert!(extended("lr=1e-2..1e-1", "lr=..0.05").unwrap_err().contains("only widens"));
        assert!(extended("batch=16,32", "batch=..100:9").is_err());
    }
}
