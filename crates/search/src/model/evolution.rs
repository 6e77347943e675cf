//! The state of CMA-ES: a normal distribution that follows the better half of its draws.

use nalgebra::{DMatrix, DVector, SymmetricEigen};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::encoding::Axis;

/// The first step size: a sixth of the cube, so that three standard deviations around the middle reach its sides.
const FIRST: f64 = 1.0 / 6.0;

/// The distribution over the ordered axes, together with the probabilities of the categories.
///
/// Covariance matrix adaptation as in Hansen's tutorial (2016, arXiv 1604.00772), with the names of its constants.
/// Points may come from elsewhere (a start-up design, another study): their steps are shortened as for injected ones
/// (Hansen 2011, arXiv 1110.4181).
#[derive(Clone, Debug)]
pub struct Evolution {
    axes: Vec<Axis>,
    /// Which axes the normal distribution is over.
    ordered: Vec<usize>,
    /// Individuals of a generation.
    pub lambda: usize,
    weights: Vec<f64>,
    mu_eff: f64,
    mean: DVector<f64>,
    sigma: f64,
    path_sigma: DVector<f64>,
    path_c: DVector<f64>,
    covariance: DMatrix<f64>,
    /// Eigenvectors of the covariance and the square roots of its eigenvalues.
    basis: DMatrix<f64>,
    scales: DVector<f64>,
    generation: i32,
    /// The probability of each category, for unordered axes.
    chances: Vec<Vec<f64>>,
}

impl Evolution {
    /// The initial distribution: around the middle of the cube, with equal probabilities of all categories.
    pub fn new(axes: &[Axis]) -> Evolution {
        let ordered: Vec<usize> = (0..axes.len()).filter(|index| axes[*index].ordered).collect();
        let n = ordered.len();
        let lambda = 4 + (3.0 * (axes.len().max(1) as f64).ln()) as usize;
        let mu = lambda / 2;
        let raw: Vec<f64> =
            (0..mu).map(|rank| (0.5 * (lambda as f64 + 1.0)).ln() - (rank as f64 + 1.0).ln()).collect();
        let sum: f64 = raw.iter().sum();
        let weights: Vec<f64> = raw.iter().map(|weight| weight / sum).collect();
        let mu_eff = weights.iter().map(|weight| weight * weight).sum::<f64>().recip();
        let even = |axis: &Axis| match (axis.ordered, axis.count) {
            (false, Some(count)) => vec![1.0 / count as f64; count],
            _ => Vec::new(),
        };
        Evolution {
            axes: axes.to_vec(),
            ordered,
            lambda,
            weights,
            mu_eff,
            mean: DVector::from_element(n, 0.5),
            sigma: FIRST,
            path_sigma: DVector::zeros(n),
            path_c: DVector::zeros(n),
            covariance: DMatrix::identity(n, n),
            basis: DMatrix::identity(n, n),
            scales: DVector::from_element(n, 1.0),
            generation: 0,
            chances: axes.iter().map(even).collect(),
        }
    }

    /// Learns from one generation of rows, the best first.
    pub fn learn(&mut self, ranked: &[&[f64]]) {
        self.learn_categories(ranked);
        if self.ordered.is_empty() {
            return;
        }
        let n = self.ordered.len() as f64;
        self.generation += 1;
        let expected = n.sqrt() * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n));
        let c_sigma = (self.mu_eff + 2.0) / (n + self.mu_eff + 5.0);
        let d_sigma = 1.0 + 2.0 * (((self.mu_eff - 1.0) / (n + 1.0)).sqrt() - 1.0).max(0.0) + c_sigma;
        let c_c = (4.0 + self.mu_eff / n) / (n + 4.0 + 2.0 * self.mu_eff / n);
        let c_1 = 2.0 / ((n + 1.3).powi(2) + self.mu_eff);
        let c_mu = (2.0 * (self.mu_eff - 2.0 + 1.0 / self.mu_eff) / ((n + 2.0).powi(2) + self.mu_eff))
            .min(1.0 - c_1);
        let longest = n.sqrt() + 2.0 * n / (n + 2.0);
        let steps: Vec<DVector<f64>> =
            ranked.iter().take(self.weights.len()).map(|row| self.step(row, longest)).collect();
        let mut shift = DVector::zeros(self.ordered.len());
        for (weight, step) in self.weights.iter().zip(&steps) {
            shift += step * *weight;
        }
        self.mean += &shift * self.sigma;
        self.path_sigma = &self.path_sigma * (1.0 - c_sigma)
            + self.whitened(&shift) * (c_sigma * (2.0 - c_sigma) * self.mu_eff).sqrt();
        let norm = self.path_sigma.norm();
        let early = (1.0 - (1.0 - c_sigma).powi(2 * (self.generation + 1))).sqrt();
        let moving = f64::from(norm / early < (1.4 + 2.0 / (n + 1.0)) * expected);
        self.path_c =
            &self.path_c * (1.0 - c_c) + &shift * (moving * (c_c * (2.0 - c_c) * self.mu_eff).sqrt());
        let lost = (1.0 - moving) * c_c * (2.0 - c_c);
        self.covariance *= 1.0 - c_1 - c_mu + c_1 * lost;
        self.covariance += &self.path_c * self.path_c.transpose() * c_1;
        for (weight, step) in self.weights.iter().zip(&steps) {
            self.covariance += step * step.transpose() * (c_mu * *weight);
        }
        self.sigma = (self.sigma * (c_sigma / d_sigma * (norm / expected - 1.0)).exp()).clamp(1e-8, 0.5);
        let eigen = SymmetricEigen::new(self.covariance.clone());
        self.scales = eigen.eigenvalues.map(|value| value.clamp(1e-14, 1e14).sqrt());
        self.basis = eigen.eigenvectors;
    }

    /// The step from the mean to `row` in units of sigma, shortened to `longest` in the metric of the covariance.
    fn step(&self, row: &[f64], longest: f64) -> DVector<f64> {
        let at = DVector::from_iterator(self.ordered.len(), self.ordered.iter().map(|index| row[*index]));
        let step = (at - &self.mean) / self.sigma;
        let length = self.whitened(&step).norm();
        if length > longest { step * (longest / length) } else { step }
    }

    /// C^(−1/2) times `step`.
    fn whitened(&self, step: &DVector<f64>) -> DVector<f64> {
        &self.basis * self.basis.tr_mul(step).component_div(&self.scales)
    }

    /// Moves the probabilities of the categories towards those of the better half (population-based incremental
    /// learning, Baluja 1994), keeping each above a margin.
    fn learn_categories(&mut self, ranked: &[&[f64]]) {
        let least = 0.5 / self.lambda as f64;
        for (index, chances) in self.chances.iter_mut().enumerate() {
            let count = chances.len();
            let category = |row: &[f64]| ((row[index] * count as f64) as usize).min(count.saturating_sub(1));
            for (number, chance) in chances.iter_mut().enumerate() {
                let share: f64 = self
                    .weights
                    .iter()
                    .zip(ranked)
                    .filter(|(_, row)| category(row) == number)
                    .map(|(w, _)| w)
                    .sum();
                *chance = (0.7 * *chance + 0.3 * share).max(least / count.max(1) as f64);
            }
            let sum: f64 = chances.iter().sum();
            chances.iter_mut().for_each(|chance| *chance /= sum);
        }
    }

    /// A row drawn from the distribution, folded into the cube. Along an axis of finitely many values the spread is
    /// large enough that a new value is drawn with probability at least 1/(λD) (CMA-ES with margin: Hamano et al. 2022,
    /// GECCO).
    pub fn draw(&self, even: &mut dyn FnMut() -> f64, rng: &mut ChaCha8Rng) -> Vec<f64> {
        let n = self.ordered.len();
        let normals = DVector::from_fn(n, |_, _| StandardNormal.sample(&mut *rng));
        let step = &self.basis * self.scales.component_mul(&normals) * self.sigma;
        let mut row = vec![0.5; self.axes.len()];
        for (position, index) in self.ordered.iter().enumerate() {
            let mean = self.mean[position];
            let spread = self.sigma * self.covariance[(position, position)].max(0.0).sqrt();
            let least = self.axes[*index].count.map_or(0.0, |count| margin(mean, count, self.lambda * n));
            let unit = mean + step[position] * (least / spread).max(1.0);
            row[*index] = fold(unit);
        }
        for (unit, chances) in row.iter_mut().zip(&self.chances) {
            if !chances.is_empty() {
                let (mut left, mut chosen) = (even(), 0);
                while chosen + 1 < chances.len() && left >= chances[chosen] {
                    left -= chances[chosen];
                    chosen += 1;
                }
                *unit = (chosen as f64 + 0.5) / chances.len() as f64;
            }
        }
        row
    }
}

/// The standard deviation with which a normal distribution around `mean` leaves its value, one of `count` in the cube,
/// with probability 1/`draws`.
fn margin(mean: f64, count: usize, draws: usize) -> f64 {
    if count < 2 {
        return 0.0;
    }
    let place = mean.clamp(0.0, 1.0) * count as f64;
    let value = place.floor().min(count as f64 - 1.0);
    // The distribution cannot leave the cube through its sides.
    let left = if value > 0.0 { place - value } else { f64::INFINITY };
    let right = if value + 1.0 < count as f64 { value + 1.0 - place } else { f64::INFINITY };
    let distance = left.min(right).max(1e-3) / count as f64;
    // Beyond √(2 ln(draws/2)) standard deviations lies less than 1/draws of a normal distribution's one side.
    distance / (2.0 * (draws as f64 / 2.0).max(2.0).ln()).sqrt()
}

/// `unit` mirrored at the sides until it lies in the cube.
fn fold(unit: f64) -> f64 {
    let turn = unit.rem_euclid(2.0);
    if turn > 1.0 { 2.0 - turn } else { turn }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::stream;
    use rand::RngExt;

    #[test]
    fn a_tilted_valley_is_followed_to_its_end() {
        let axes: Vec<Axis> = (0..3)
            .map(|_| Axis { ordered: true, count: None })
            .chain([Axis { ordered: false, count: Some(3) }])
            .collect();
        let loss = |row: &[f64]| {
            let (x, y, z) = (row[0] - 0.8, row[1] - 0.3, row[2] - 0.6);
            (x + y).powi(2) + 100.0 * (x - y).powi(2) + z * z + if row[3] > 0.7 { 0.0 } else { 0.1 }
        };
        let mut state = Evolution::new(&axes);
        let (mut rng, mut even) = (stream(1, None), stream(2, None));
        let mut best = f64::MAX;
        for _ in 0..120 {
            let mut rows: Vec<Vec<f64>> =
                (0..state.lambda).map(|_| state.draw(&mut || even.random(), &mut rng)).collect();
            rows.sort_by(|a, b| loss(a).total_cmp(&loss(b)));
            best = best.min(loss(&rows[0]));
            state.learn(&rows.iter().map(Vec::as_slice).collect::<Vec<_>>());
        }
        assert!(best < 1e-8, "{best}");
    }

    #[test]
    fn a_value_is_never_settled_for_good() {
        // If the mean lies in the middle of a value, its neighbours keep some probability.
        let spread = margin(0.5, 5, 24);
        assert!(spread > 0.1 / 2.6 && spread < 0.1, "{spread}");
        assert_eq!(margin(0.5, 1, 24), 0.0);
    }
}
