//! Parzen estimators over the cube: a mixture of kernels about points, and an even part.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::encoding::Axis;

/// The narrowest and the widest kernel along a real axis.
const NARROW: f64 = 0.01;
const WIDE: f64 = 0.3;

/// Where a point lies. A coordinate that it lacks is drawn evenly, and its kernel is even there.
pub type Row = Vec<Option<f64>>;

/// A mixture with one component a point, all of the same widths, and one that is even over the cube.
pub struct Parzen<'a> {
    axes: &'a [Axis],
    centres: Vec<Row>,
    /// Standard deviation of the kernels along an ordered axis; the chance of any category along another.
    widths: Vec<f64>,
    /// What makes the mass of each component in the cube 1.
    norms: Vec<f64>,
}

impl<'a> Parzen<'a> {
    /// The estimator about `centres`. Widths follow Scott's rule (1992) for the spread of the centres, n^(−1/(D+4))
    /// standard deviations, and are never below half a value of an axis of finitely many.
    pub fn new(axes: &'a [Axis], centres: Vec<Row>) -> Parzen<'a> {
        let n = centres.len() as f64;
        let scott = (n + 1.0).powf(-1.0 / (axes.len() as f64 + 4.0));
        let width = |(index, axis): (usize, &Axis)| {
            if !axis.ordered {
                let count = axis.count.unwrap_or(1) as f64;
                return count / (n + 1.0 + count);
            }
            let values: Vec<f64> =
                centres.iter().filter_map(|row| row.get(index).copied().flatten()).collect();
            let count = values.len().max(1) as f64;
            let mean = values.iter().sum::<f64>() / count;
            // The even part counts as one more point, spread as it is; alone it would make the widest kernel.
            let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() + 1.0 / 12.0;
            let width = (squares / (count + 1.0)).sqrt() * scott;
            let step = axis.count.map_or(0.0, |count| 0.5 / count as f64);
            width.clamp(NARROW, WIDE).hypot(step)
        };
        let widths: Vec<f64> = axes.iter().enumerate().map(width).collect();
        let norm = |row: &Row| {
            let along = |((axis, width), centre): ((&Axis, &f64), &Option<f64>)| match centre {
                Some(centre) if axis.ordered => {
                    let below =
                        |x: f64| 0.5 * libm::erfc(-(x - centre) / width * std::f64::consts::FRAC_1_SQRT_2);
                    ((below(1.0) - below(0.0)) * width * std::f64::consts::TAU.sqrt()).recip()
                }
                _ => 1.0,
            };
            axes.iter().zip(&widths).zip(row).map(along).product()
        };
        let norms = centres.iter().map(norm).collect();
        Parzen { axes, centres, widths, norms }
    }

    /// The log density at `row`, over the coordinates that it has.
    pub fn log_density(&self, row: &[Option<f64>]) -> f64 {
        // The even component keeps the sum above 0, so that its logarithm can be taken at the end.
        let even = |(axis, unit): (&Axis, &Option<f64>)| match unit {
            Some(_) if !axis.ordered => 1.0 / axis.count.unwrap_or(1) as f64,
            _ => 1.0,
        };
        let mut sum: f64 = self.axes.iter().zip(row).map(even).product();
        for (centre, norm) in self.centres.iter().zip(&self.norms) {
            sum += norm * self.component(centre, row);
        }
        (sum / (self.centres.len() as f64 + 1.0)).ln()
    }

    /// The kernel about `centre` at `row`, without its norm.
    fn component(&self, centre: &Row, row: &[Option<f64>]) -> f64 {
        let (mut squares, mut categories) = (0.0, 1.0);
        for (((axis, width), centre), unit) in self.axes.iter().zip(&self.widths).zip(centre).zip(row) {
            let (Some(centre), Some(unit)) = (centre, unit) else { continue };
            if axis.ordered {
                squares += ((unit - centre) / width).powi(2);
            } else {
                let own = if unit == centre { 1.0 - width } else { 0.0 };
                categories *= own + width / axis.count.unwrap_or(1) as f64;
            }
        }
        categories * (-0.5 * squares).exp()
    }

    /// A row drawn from the mixture: every coordinate, also those that its component lacks.
    pub fn draw(&self, rng: &mut ChaCha8Rng) -> Vec<f64> {
        let centre = self.centres.get(rng.random_range(0..=self.centres.len()));
        let mut coordinate = |index: usize, axis: &Axis| {
            let even: f64 = rng.random();
            let Some(about) = centre.and_then(|row| row.get(index).copied().flatten()) else { return even };
            let width = self.widths[index];
            if !axis.ordered {
                return if rng.random::<f64>() < width { even } else { about };
            }
            for _ in 0..100 {
                let normal: f64 = StandardNormal.sample(rng);
                let unit = about + width * normal;
                if (0.0..=1.0).contains(&unit) {
                    return unit;
                }
            }
            about
        };
        self.axes.iter().enumerate().map(|(index, axis)| coordinate(index, axis)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_density_has_mass_one() {
        let axes = [Axis { ordered: true, count: None }, Axis { ordered: false, count: Some(3) }];
        let centre = |x: f64, category: f64| vec![Some(x), Some((category + 0.5) / 3.0)];
        let centres = vec![centre(0.02, 0.0), centre(0.4, 2.0), vec![None, Some(0.5)]];
        let parzen = Parzen::new(&axes, centres);
        let mut mass = 0.0;
        for step in 0..1000 {
            for category in 0..3 {
                let row = centre((f64::from(step) + 0.5) / 1000.0, f64::from(category));
                mass += parzen.log_density(&row).exp() / 1000.0;
            }
        }
        assert!((mass - 1.0).abs() < 1e-3, "{mass}");
    }
}
