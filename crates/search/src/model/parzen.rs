//! Parzen estimators over the cube: a mixture of kernels around points, and a uniform part.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::encoding::Axis;

/// The narrowest and the widest kernel along a real axis.
const NARROW: f64 = 0.01;
const WIDE: f64 = 0.3;

/// Widths as a part of Scott's rule, which suits one normal hump and oversmooths any other density (Silverman 1986,
/// §3.4; narrow kernels also make the main difference between samplers in Watanabe 2023, arXiv 2304.11127).
const NARROWED: f64 = 0.7;

/// Where a point lies. A missing coordinate is drawn uniformly, and the kernel is uniform along it.
pub type Row = Vec<Option<f64>>;

/// Centres, each preceded by its weight.
pub type Weighted = Vec<(f64, Row)>;

/// A mixture with one component per point, all with the same widths, and one that is uniform over the cube.
pub struct Parzen<'a> {
    axes: &'a [Axis],
    centres: Vec<Row>,
    /// The mass of each component and of the uniform one; their sum is 1.
    weights: Vec<f64>,
    even: f64,
    /// Standard deviation of the kernels along an ordered axis; the probability of any category along an unordered one.
    widths: Vec<f64>,
    /// The factor that normalises the mass of each component in the cube to 1.
    norms: Vec<f64>,
}

impl<'a> Parzen<'a> {
    /// The estimator around centres, each preceded by its weight, and a uniform part of weight `even`. Widths follow
    /// Scott's rule (1992) for the spread of the centres, n^(−1/(D+4)) standard deviations, narrowed, and are never
    /// below half the width of a value on a finite axis.
    pub fn new(axes: &'a [Axis], weighted: Weighted, even: f64) -> Parzen<'a> {
        let (weights, centres): (Vec<f64>, Vec<Row>) = weighted.into_iter().unzip();
        let mass = weights.iter().sum::<f64>() + even;
        let weights: Vec<f64> = weights.iter().map(|weight| weight / mass).collect();
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
            // The uniform part counts as one more point with its own spread; alone it would give the widest kernel.
            let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() + 1.0 / 12.0;
            let width = NARROWED * (squares / (count + 1.0)).sqrt() * scott;
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
        Parzen { axes, centres, weights, even: even / mass, widths, norms }
    }

    /// The log density at `row`, over the coordinates that it has.
    pub fn log_density(&self, row: &[Option<f64>]) -> f64 {
        // The uniform component keeps the sum above 0, so that its logarithm exists.
        let even = |(axis, unit): (&Axis, &Option<f64>)| match unit {
            Some(_) if !axis.ordered => 1.0 / axis.count.unwrap_or(1) as f64,
            _ => 1.0,
        };
        let mut sum = self.even * self.axes.iter().zip(row).map(even).product::<f64>();
        for ((weight, centre), norm) in self.weights.iter().zip(&self.centres).zip(&self.norms) {
            sum += weight * norm * self.component(centre, row);
        }
        sum.ln()
    }

    /// The unnormalised kernel around `centre` at `row`.
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

    /// A row drawn from the mixture: every coordinate, including those that its component lacks. If `crossed`, each
    /// coordinate comes from its own component, as if the axes were independent.
    pub fn draw(&self, crossed: bool, rng: &mut ChaCha8Rng) -> Vec<f64> {
        let whole = self.chosen(rng);
        let mut coordinate = |index: usize, axis: &Axis| {
            let centre = if crossed { self.chosen(rng) } else { whole };
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

    /// The centre of a component drawn by mass; `None` for the uniform one.
    fn chosen(&self, rng: &mut ChaCha8Rng) -> Option<&Row> {
        let mut left: f64 = rng.random();
        let passed = |weight: &f64| {
            left -= weight;
            left < 0.0
        };
        self.weights.iter().position(passed).and_then(|index| self.centres.get(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_density_has_mass_one() {
        let axes = [Axis { ordered: true, count: None }, Axis { ordered: false, count: Some(3) }];
        let centre = |x: f64, category: f64| vec![Some(x), Some((category + 0.5) / 3.0)];
        let centres = vec![(3.0, centre(0.02, 0.0)), (1.0, centre(0.4, 2.0)), (0.5, vec![None, Some(0.5)])];
        let parzen = Parzen::new(&axes, centres, 0.25);
        let mut mass = 0.0;
        for step in 0..1000 {
            for category in 0..3 {
                let row = centre((f64::from(step) + 0.5) / 1000.0, f64::from(category));
                mass += parzen.log_density(&row).exp() / 1000.0;
            }
        }
        assert!((mass - 1.0).abs() < 1e-3, "{mass}");
    }

    #[test]
    fn crossed_draws_combine_distant_points() {
        let axes = vec![Axis { ordered: true, count: None }; 2];
        let corners = [0.1, 0.9].map(|x| (1.0, vec![Some(x), Some(x)]));
        // A hundred more in each corner make the kernels narrow relative to their distance.
        let centres: Weighted = (0..100).flat_map(|_| corners.clone()).collect();
        let parzen = Parzen::new(&axes, centres, 0.0);
        let mut rng = crate::stream::stream(1, None);
        let mut apart = |crossed: bool| {
            let rows = (0..400).map(|_| parzen.draw(crossed, &mut rng));
            rows.filter(|row| (row[0] < 0.5) != (row[1] < 0.5)).count()
        };
        // Half of the crossed draws take their coordinates from both corners; a whole one rarely strays so far.
        let (whole, crossed) = (apart(false), apart(true));
        assert!(whole < 40 && (140..260).contains(&crossed), "{whole} and {crossed}");
    }
}
