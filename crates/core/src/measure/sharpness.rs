//! Sharpness: the largest eigenvalue λ of the Hessian of the training loss. Gradient descent at η > 2/λ leaves a
//! quadratic valley (Cohen et al. 2021, "Gradient descent on neural networks typically occurs at the edge of
//! stability").
//!
//! Power iteration on products of the Hessian with a vector, each from two gradients on either side of the parameters,
//! over a fixed sample of [`EXAMPLES`] training examples. The vector is kept between measurements, so that later ones
//! start close to the solution.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::square;
use crate::learner::Probe;
use crate::state::{Reader, StateMismatch, Writer};
use sweep_settings::stream;

/// Training examples whose mean loss is measured.
const EXAMPLES: usize = 1000;

/// Hessian products per measurement, and for the first one.
const ITERATIONS: (usize, usize) = (10, 40);

/// How far to either side of the parameters gradients are taken.
const REACH: f64 = 0.02;

pub(super) struct Sharpness {
    vector: Vec<f32>,
    moved: Vec<f32>,
    above: Vec<f32>,
    below: Vec<f32>,
    rng: ChaCha8Rng,
    rows: Vec<u32>,
    value: f64,
}

impl Sharpness {
    pub fn new(size: usize, seed: u64) -> Sharpness {
        let zeros = vec![0.0; size];
        let mut rng = stream(seed, "sharpness");
        let vector = (0..size).map(|_| rng.random::<f32>() - 0.5).collect();
        let rng = stream(seed, "sharpness_rows");
        let (moved, above, below) = (zeros.clone(), zeros.clone(), zeros);
        Sharpness { vector, moved, above, below, rng, rows: Vec::new(), value: f64::NAN }
    }

    /// Floats that it stores for a network of `size` parameters.
    pub fn floats(size: usize) -> usize {
        4 * size + EXAMPLES
    }

    pub fn value(&self) -> Option<f64> {
        self.value.is_finite().then_some(self.value)
    }

    pub fn measure(&mut self, probe: &mut dyn Probe, parameters: &[f32]) {
        self.sample(probe);
        let times = if self.value.is_nan() { ITERATIONS.1 } else { ITERATIONS.0 };
        for _ in 0..times {
            let length = square(&self.vector).sqrt();
            if !(length > 0.0 && length.is_finite()) {
                return;
            }
            self.vector.iter_mut().for_each(|v| *v = (f64::from(*v) / length) as f32);
            let mut gradient = |reach: f64, into: &mut Vec<f32>| {
                for ((moved, p), v) in self.moved.iter_mut().zip(parameters).zip(&self.vector) {
                    *moved = (f64::from(*p) + reach * f64::from(*v)) as f32;
                }
                probe.gradient_of(&self.moved, &self.rows, into);
            };
            gradient(REACH, &mut self.above);
            gradient(-REACH, &mut self.below);
            let product = self.above.iter().zip(&self.below).map(|(a, b)| f64::from(a - b) / (2.0 * REACH));
            let mut curvature = 0.0;
            for (v, product) in self.vector.iter_mut().zip(product) {
                curvature += f64::from(*v) * product;
                *v = product as f32;
            }
            self.value = curvature;
        }
    }

    /// Draws the examples, once: the same on a resumed run.
    fn sample(&mut self, probe: &dyn Probe) {
        if self.rows.is_empty() {
            let rows = probe.rows();
            let places = rand::seq::index::sample(&mut self.rng, rows.len(), EXAMPLES.min(rows.len()));
            self.rows = places.iter().map(|place| rows[place]).collect();
        }
    }

    pub fn write(&self, state: &mut Writer) {
        state.floats(&self.vector);
        state.float(self.value);
    }

    pub fn read(&mut self, state: &mut Reader<'_>) -> Result<(), StateMismatch> {
        state.floats(&mut self.vector)?;
        self.value = state.float()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A loss ½ Σ h θ² over the parameters.
    struct Quadratic(Vec<f32>);

    impl Probe for Quadratic {
        fn rows(&self) -> &[u32] {
            &[0]
        }

        fn gradient_of(&mut self, parameters: &[f32], _rows: &[u32], gradient: &mut [f32]) {
            let slopes = parameters.iter().zip(&self.0).map(|(p, h)| p * h);
            gradient.iter_mut().zip(slopes).for_each(|(g, slope)| *g = slope);
        }
    }

    #[test]
    fn the_largest_curvature_of_a_quadratic_is_found() {
        let curvatures: Vec<f32> = (1..=50).map(|i| 7.0 / i as f32).collect();
        let mut sharpness = Sharpness::new(50, 3);
        let parameters: Vec<f32> = (0..50).map(|i| i as f32 / 10.0).collect();
        assert_eq!(sharpness.value(), None);
        sharpness.measure(&mut Quadratic(curvatures), &parameters);
        let found = sharpness.value().unwrap();
        assert!((found / 7.0 - 1.0).abs() < 1e-3, "{found}");
    }
}
