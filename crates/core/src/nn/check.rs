//! The gradient check that every layer passes: its backward pass against finite differences of its forward pass.

use rand::RngExt;

use crate::stream;

/// Step and tolerance of the comparison.
#[derive(Clone, Copy, Debug)]
pub struct Precision {
    /// Half the step of a difference.
    step: f32,
    /// The tolerance of a difference, relative to the largest entry of the gradient.
    tolerance: f64,
}

/// For smooth losses: a step large against the rounding of f32, small against the curvature of a layer.
pub const SMOOTH: Precision = Precision { step: 4e-3, tolerance: 4e-3 };

/// For losses with kinks, such as after a max-pool: few differences cross one, and those are off by the share of a
/// pixel.
pub const KINKED: Precision = Precision { step: 8e-4, tolerance: 4e-2 };

/// Compares `gradient` with the central differences of a smooth `loss` around `point`, entry by entry.
pub fn check_gradient(what: &str, point: &[f32], gradient: &[f32], loss: impl FnMut(&[f32]) -> f64) {
    check_gradient_to(SMOOTH, what, point, gradient, loss);
}

/// [`check_gradient`] with another precision.
pub fn check_gradient_to(
    precision: Precision,
    what: &str,
    point: &[f32],
    gradient: &[f32],
    mut loss: impl FnMut(&[f32]) -> f64,
) {
    assert_eq!(point.len(), gradient.len(), "{what}: one entry of the gradient for each variable");
    let largest = gradient.iter().fold(1e-1, |most: f64, &g| most.max(f64::from(g).abs()));
    let mut moved = point.to_vec();
    for (entry, &expected) in gradient.iter().enumerate() {
        let (low, high) = (point[entry] - precision.step, point[entry] + precision.step);
        moved[entry] = high;
        let above = loss(&moved);
        moved[entry] = low;
        let below = loss(&moved);
        moved[entry] = point[entry];
        let difference = (above - below) / f64::from(high - low);
        assert!(
            (difference - f64::from(expected)).abs() <= precision.tolerance * largest,
            "{what}, entry {entry}: gradient {expected}, difference {difference}"
        );
    }
}

/// `length` numbers between −1 and 1, always the same for the same `name`.
pub fn draw(name: &str, length: usize) -> Vec<f32> {
    let mut rng = stream(0, name);
    (0..length).map(|_| 2.0 * rng.random::<f32>() - 1.0).collect()
}

/// Σ a·b in f64: the loss whose gradient with respect to `a` is `b`.
pub fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}
