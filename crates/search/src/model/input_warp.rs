//! How a model sees the coordinates: unchanged, or transformed by what is known about training.

use sweep_study::{Domain, Parameter, Role, Scale, Space};

/// A map of rows, from the unit cube to what the model sees.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InputWarp {
    /// The axis of the learning rate and the length of its line; without one nothing changes.
    rate: Option<(usize, f64)>,
    /// The axis of the batch size and the length of its line.
    batch: Option<(usize, f64)>,
    /// The axis of a momentum and the values at its ends.
    momentum: Option<(usize, f64, f64)>,
    /// The power of the batch size by which the rate is divided.
    power: f64,
}

/// The competing powers: none, the square root and the linear rule.
const POWERS: [f64; 3] = [0.0, 0.5, 1.0];

/// Standard deviation, in the cube, of the prior for the place of the optimum along an axis.
const BELIEF: f64 = 0.25;

impl InputWarp {
    /// The competing maps for a space of training settings. Through each, the learning rate is seen as η/((1 − m)Bᵖ):
    /// momentum multiplies the rate by 1/(1 − m), and the best rate follows a power of the batch size.
    pub fn training(space: &Space) -> Vec<InputWarp> {
        let find = |fits: &dyn Fn(&Parameter) -> bool| space.parameters.iter().position(fits);
        let of_role = |role| find(&|parameter| Role::by_custom(&parameter.name) == Some(role));
        let line = |index: usize| Some((index, length(&space.parameters.get(index)?.domain)?));
        let momentum = find(&|parameter| parameter.name == "momentum").and_then(|index| {
            match space.parameters.get(index)?.domain {
                Domain::Interval { low, high, scale: Scale::Linear, .. }
                    if low >= 0.0 && high < 1.0 && low < high =>
                {
                    Some((index, low, high))
                }
                _ => None,
            }
        });
        let rate = of_role(Role::LearningRate).and_then(line);
        let batch = of_role(Role::Batch).and_then(line);
        let input_warp = |power| InputWarp { rate, batch, momentum, power };
        match (rate, batch) {
            (Some(_), Some(_)) => POWERS.map(input_warp).to_vec(),
            _ => vec![input_warp(0.0)],
        }
    }

    /// The log prior density, up to a constant, of the optimum at `row`: normal around the middle of the ranges of rate
    /// and batch size, since people choose ranges that contain the optimum.
    pub fn log_prior(&self, row: &[f64]) -> f64 {
        let log = |(index, _): (usize, f64)| -0.5 * ((row[index] - 0.5) / BELIEF).powi(2);
        self.rate.map_or(0.0, log) + self.batch.map_or(0.0, log)
    }

    /// The axis of the learning rate.
    pub fn rate_axis(&self) -> Option<usize> {
        self.rate.map(|(index, _)| index)
    }

    /// All of `rows` as the model sees them.
    pub fn rows(&self, rows: &[Vec<f64>]) -> Vec<Vec<f64>> {
        rows.iter().map(|row| self.row(row)).collect()
    }

    /// `row` as the model sees it.
    pub fn row(&self, row: &[f64]) -> Vec<f64> {
        let mut seen = row.to_vec();
        let mut shift = 0.0;
        if let Some((index, low, high)) = self.momentum {
            let line = Scale::OneMinus.line(low + (high - low) * row[index]) - Scale::OneMinus.line(low);
            seen[index] = line / (Scale::OneMinus.line(high) - Scale::OneMinus.line(low));
            shift += line;
        }
        if let Some((index, length)) = self.batch {
            shift -= self.power * length * (row[index] - 0.5);
        }
        if let Some((index, length)) = self.rate {
            seen[index] += shift / length;
        }
        seen
    }
}

/// The length of a domain in natural logarithms, if it is logarithmic.
fn length(domain: &Domain) -> Option<f64> {
    let ends = match domain {
        Domain::Interval { low, high, scale: Scale::Log | Scale::Pow2, .. } => (*low, *high),
        // Levels share the cube equally, so their line is longer than the distance from the first to the last.
        Domain::Levels { values, scale: Scale::Log | Scale::Pow2 } => {
            let ends = (values.first()?.number()?, values.last()?.number()?);
            let count = values.len() as f64;
            return (count > 1.0).then(|| (ends.1 / ends.0).ln() * count / (count - 1.0));
        }
        _ => return None,
    };
    let length = (ends.1 / ends.0).ln();
    (length.is_finite() && length > 0.0).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cube;
    use sweep_study::{Catalogue, Point, SpecFile, Value};

    #[test]
    fn equivalent_rates_get_equal_coordinates() {
        let axes =
            ["lr=1e-4..10:log", "batch=1..4096:pow2", "momentum=0..0.99:lin"].map(str::to_owned).to_vec();
        let spec = SpecFile { axes, ..SpecFile::default() };
        let space = spec.resolve(&Catalogue { open: true, ..Catalogue::default() }).unwrap().space;
        let input_warps = InputWarp::training(&space);
        assert_eq!(input_warps.len(), POWERS.len());
        let seen = |input_warp: &InputWarp, lr: f64, batch: i64, momentum: f64| {
            let mut point = Point::default();
            point.0.insert("lr".into(), Value::Float(lr));
            point.0.insert("batch".into(), Value::Int(batch));
            point.0.insert("momentum".into(), Value::Float(momentum));
            let row: Vec<f64> = cube::units(&space, &point).into_iter().flatten().collect();
            input_warp.row(&row)[0]
        };
        for input_warp in &input_warps {
            let scaled = 0.01 * 16f64.powf(input_warp.power);
            let (plain, alike) = (seen(input_warp, 0.01, 32, 0.9), seen(input_warp, scaled, 512, 0.9));
            assert!((plain - alike).abs() < 1e-9, "{input_warp:?}");
            assert!((plain - seen(input_warp, 0.1, 32, 0.0)).abs() < 1e-9, "{input_warp:?}");
        }
    }
}
