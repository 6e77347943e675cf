//! Learning the hyperparameters of a surrogate and the warping of its targets.

use super::encoding::Axis;
use super::gp::evidence;
use super::input_warp::InputWarp;
use super::kernel::Kernel;
use super::warp::Warp;

/// Steps of the ascent for each competing warping, and further steps for the winner.
const SHORT: usize = 12;
const LONG: usize = 40;

/// The maximum number of rows for comparing warpings and for learning hyperparameters.
const FEW: usize = 64;
const MOST: usize = 128;

/// A learned surrogate, which can be conditioned on any data.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// From losses to targets.
    pub warp: Warp,
    /// The covariance of the targets.
    pub kernel: Kernel,
    /// How the rows are seen.
    pub input_warp: InputWarp,
}

/// Rows and their losses.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Data {
    /// The rows.
    pub rows: Vec<Vec<f64>>,
    /// The loss at each.
    pub losses: Vec<f64>,
}

impl Data {
    /// At most `most` of the rows: half of them have the lowest losses, the others are spread over the rest.
    pub fn thinned(&self, most: usize) -> Data {
        let n = self.rows.len();
        if n <= most {
            return self.clone();
        }
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|a, b| self.losses[*a].total_cmp(&self.losses[*b]).then(a.cmp(b)));
        let best = most / 2;
        let others = most - best;
        let mut kept: Vec<usize> = order[..best].to_vec();
        kept.extend((0..others).map(|k| order[best + k * (n - best) / others]));
        kept.sort_unstable();
        Data {
            rows: kept.iter().map(|index| self.rows[*index].clone()).collect(),
            losses: kept.iter().map(|index| self.losses[*index]).collect(),
        }
    }
}

/// The surrogate of highest posterior density for `data`, from a fixed start: first the warping is chosen, then the
/// input warp, then the hyperparameters. If `learn` is false, these stay at their priors.
pub fn fit(axes: &[Axis], trend: bool, input_warps: &[InputWarp], data: &Data, learn: bool) -> Option<Fit> {
    let start = Kernel::new(axes, trend);
    let few = data.thinned(FEW);
    let steps = if learn { SHORT } else { 0 };
    let contest = |warp: &Warp, input_warp: &InputWarp| {
        let targets: Vec<f64> = few.losses.iter().map(|loss| warp.target(*loss)).collect();
        let slopes: f64 = few.losses.iter().map(|loss| warp.log_slope(*loss)).sum();
        let (value, kernel) = climb(start.clone(), &input_warp.rows(&few.rows), &targets, steps)?;
        let fit = Fit { warp: warp.clone(), kernel, input_warp: input_warp.clone() };
        Some((value + slopes, fit)).filter(|(value, _)| value.is_finite())
    };
    let better = |a: (f64, Fit), b: (f64, Fit)| if b.0 > a.0 { b } else { a };
    let input_warp = input_warps.get(input_warps.len() / 2)?;
    let warps = Warp::candidates(&few.losses);
    let mut best = warps.iter().filter_map(|warp| contest(warp, input_warp)).reduce(better)?;
    for input_warp in input_warps.iter().filter(|other| *other != input_warp) {
        if let Some(other) = contest(&best.1.warp, input_warp) {
            best = better(best, other);
        }
    }
    let mut fit = best.1;
    if learn {
        let many = data.thinned(MOST);
        let targets: Vec<f64> = many.losses.iter().map(|loss| fit.warp.target(*loss)).collect();
        if let Some((_, kernel)) = climb(fit.kernel.clone(), &fit.input_warp.rows(&many.rows), &targets, LONG)
        {
            fit.kernel = kernel;
        }
    }
    Some(fit)
}

/// Ascends the evidence by resilient propagation, whose steps depend on the signs of the gradient alone (iRprop⁻, Igel
/// & Hüsken 2003; for Gaussian processes, Blum & Riedmiller 2013, ESANN). Returns the best kernel found, with its
/// value.
fn climb(mut kernel: Kernel, rows: &[Vec<f64>], targets: &[f64], steps: usize) -> Option<(f64, Kernel)> {
    let priors = kernel.priors();
    let mut sizes = vec![0.3; kernel.theta.len()];
    let mut before = vec![0.0; kernel.theta.len()];
    let mut best: Option<(f64, Kernel)> = None;
    for _ in 0..=steps {
        let Some((value, gradient)) = evidence(&kernel, rows, targets) else { break };
        if best.as_ref().is_none_or(|(highest, _)| value > *highest) {
            best = Some((value, kernel.clone()));
        }
        for (index, slope) in gradient.into_iter().enumerate() {
            let turn = slope * before[index];
            if turn > 0.0 {
                sizes[index] = f64::min(sizes[index] * 1.2, 1.5);
            } else if turn < 0.0 {
                sizes[index] *= 0.5;
            }
            before[index] = if turn < 0.0 { 0.0 } else { slope };
            let (low, high) = priors[index].2;
            let step = if slope == 0.0 { 0.0 } else { sizes[index].copysign(slope) };
            kernel.theta[index] = (kernel.theta[index] + step).clamp(low, high);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(loss: fn(f64) -> f64) -> Data {
        let rows: Vec<Vec<f64>> = (0..24).map(|i| vec![f64::from(i) / 23.0]).collect();
        Data { losses: rows.iter().map(|row| loss(row[0])).collect(), rows }
    }

    #[test]
    fn a_plain_valley_is_not_warped_and_a_cliff_by_its_logarithm() {
        let axes = [Axis { ordered: true, count: None }];
        let plain =
            fit(&axes, false, &[InputWarp::default()], &grid(|x| (x - 0.3) * (x - 0.3)), true).unwrap();
        assert_eq!(plain.warp, Warp::candidates(&grid(|x| (x - 0.3) * (x - 0.3)).losses)[0]);
        let cliff = |x: f64| (12.0 * (x - 0.3) * (x - 0.3) + (7.0 * x).sin()).exp();
        let found = fit(&axes, false, &[InputWarp::default()], &grid(cliff), true).unwrap();
        let targets: Vec<f64> = grid(cliff).losses.iter().map(|loss| found.warp.target(*loss)).collect();
        let least = targets.iter().copied().fold(f64::MAX, f64::min);
        let plainly = &Warp::candidates(&grid(cliff).losses)[0];
        let plain = grid(cliff).losses.iter().map(|loss| plainly.target(*loss)).fold(f64::MAX, f64::min);
        assert!(least < 1.5 * plain, "the best loss must stand out: {least} against {plain}");
    }
}
