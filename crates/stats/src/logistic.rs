//! The probability of an event as a function of one number: logistic regression with D. Firth's penalty (1993), which
//! stays finite even if events and non-events hardly overlap.

use nalgebra::{Matrix2, Vector2};

/// A fitted logistic curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Logistic {
    /// The place at which the probability is one half.
    pub half: f64,
    /// The slope of the log odds.
    pub slope: f64,
    /// The standard error of `half`.
    pub error: f64,
}

/// Fits the probability of an event to pairs of a number and whether the event happened there. `None` if the fitted
/// probability does not rise.
pub fn logistic(data: &[(f64, bool)]) -> Option<Logistic> {
    let centre = data.iter().map(|(x, _)| x).sum::<f64>() / data.len() as f64;
    let mut beta = Vector2::new(0.0, 0.0);
    let row = |x: f64| Vector2::new(1.0, x - centre);
    let chance = |x: &Vector2<f64>, beta: &Vector2<f64>| 1.0 / (1.0 + (-x.dot(beta)).exp());
    let information = |beta: &Vector2<f64>| {
        data.iter().fold(Matrix2::zeros(), |sum, (x, _)| {
            let x = row(*x);
            let p = chance(&x, beta);
            sum + x * x.transpose() * (p * (1.0 - p))
        })
    };
    for _ in 0..200 {
        let inverse = information(&beta).try_inverse()?;
        let score = data.iter().fold(Vector2::zeros(), |sum: Vector2<f64>, (x, event)| {
            let x = row(*x);
            let p = chance(&x, &beta);
            let leverage = p * (1.0 - p) * (x.transpose() * inverse * x).x;
            sum + x * (f64::from(u8::from(*event)) - p + leverage * (0.5 - p))
        });
        let mut step = inverse * score;
        // Long steps overshoot if the curve is steep.
        if step.norm() > 2.0 {
            step *= 2.0 / step.norm();
        }
        beta += step;
        if step.norm() < 1e-10 {
            break;
        }
    }
    let covariance = information(&beta).try_inverse()?;
    let (half, slope) = (-beta.x / beta.y, beta.y);
    let gradient = Vector2::new(-1.0 / slope, beta.x / (slope * slope));
    let error = (gradient.transpose() * covariance * gradient).x.sqrt();
    (slope > 0.0 && error.is_finite()).then_some(Logistic { half: half + centre, slope, error })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symmetric_sample_has_its_half_in_the_middle() {
        let data: Vec<(f64, bool)> = [(0.0, 0), (1.0, 1), (2.0, 2), (3.0, 3)]
            .iter()
            .flat_map(|(x, events)| (0..3).map(move |i| (*x, i < *events)))
            .collect();
        let fit = logistic(&data).unwrap();
        assert!((fit.half - 1.5).abs() < 1e-8 && fit.slope > 0.5, "{fit:?}");
    }

    #[test]
    fn separated_samples_stay_finite() {
        let data: Vec<(f64, bool)> = (0..8).map(|index| (f64::from(index), index >= 4)).collect();
        let fit = logistic(&data).unwrap();
        assert!((fit.half - 3.5).abs() < 1e-6 && fit.slope < 10.0, "{fit:?}");
        let falling: Vec<(f64, bool)> = data.iter().map(|(x, event)| (*x, !event)).collect();
        assert!(logistic(&falling).is_none());
    }
}
