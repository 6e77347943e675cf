//! How much better than the best so far a loss may still get.

use rand_chacha::ChaCha8Rng;
use sweep_study::Space;

use super::acquisition::{Effort, maximize};
use super::encoding::Encoding;
use super::surrogate::Surrogate;

/// The chance with which the bounds may fail, and the divisor of their squared width, which a proof has wider than they need
/// be (Srinivas et al. 2010, ICML; Makarova et al. 2022).
const DELTA: f64 = 0.1;
const TIGHTER: f64 = 5.0;

/// The chance of not diverging from which on a point may hold the optimum.
const INSIDE: f64 = 0.1;

/// Where and how hard to look for the lowest bound.
pub struct Search<'a> {
    /// The space, whose cells are all looked at where there are at most [`Search::whole`].
    pub space: &'a Space,
    /// See [`Search::space`].
    pub whole: u128,
    /// How hard to look elsewhere.
    pub effort: Effort,
}

/// An upper bound on the simple regret in units of the loss: what the best of the trials at `rows`, of `trials` that are
/// known, may lack to the best of the space.
///
/// It is L(min over the rows of μ + √β σ) − L(min over the space of μ − √β σ) with β = 2 log(d t² π² / 6δ) / 5 for t trials
/// of d parameters (Makarova et al. 2022, "Automatic Termination for Hyperparameter Optimization", AutoML-Conf; they count
/// the points of the space where d stands, which real axes do not have; d is Optuna's reading). μ and σ are the
/// surrogate's, and L takes its targets back to losses: being a rising map, it takes bounds to bounds. Points that diverge
/// with a chance above 0.9 hold no optimum. The bound is as good as the surrogate: of a surface rougher than it has yet
/// seen it knows nothing. `None` where the losses are beyond numbers.
pub fn bound(
    encoding: &Encoding<'_>,
    surrogate: &Surrogate,
    rows: &[Vec<f64>],
    trials: usize,
    search: &Search<'_>,
    rng: &mut ChaCha8Rng,
) -> Option<f64> {
    let (axes, trials) = (encoding.axes.len().max(1) as f64, trials.max(1) as f64);
    let beta = 2.0 * (axes * (trials * std::f64::consts::PI).powi(2) / (6.0 * DELTA)).ln() / TIGHTER;
    let width = beta.max(0.0).sqrt();
    let known = surrogate.beliefs(rows);
    let upper = known.iter().map(|belief| belief.mean + width * belief.sd).reduce(f64::min)?;
    let lower = |rows: &[Vec<f64>]| -> Vec<f64> {
        let possible = surrogate.log_inside(rows).into_iter().map(|log| log >= INSIDE.ln());
        let bounds = surrogate.beliefs(rows).into_iter().map(|belief| belief.mean - width * belief.sd);
        bounds.zip(possible).map(|(bound, possible)| if possible { bound } else { f64::INFINITY }).collect()
    };
    let everywhere: Vec<Vec<f64>> = if search.space.finite() && search.space.cells() <= search.whole {
        let cells = (0..search.space.cells()).filter_map(|cell| search.space.cell(cell));
        cells.map(|point| encoding.row_of(&point)).collect()
    } else {
        let wanted = &mut |rows: &[Vec<f64>]| lower(rows).into_iter().map(|bound| -bound).collect();
        maximize(encoding, rows, search.effort, rng, wanted).into_iter().take(1).collect()
    };
    // What was tried is part of the space.
    let tried = known.iter().map(|belief| belief.mean - width * belief.sd);
    let lowest = lower(&everywhere).into_iter().chain(tried).reduce(f64::min)?;
    let regret = surrogate.loss(upper) - surrogate.loss(lowest);
    regret.is_finite().then_some(regret.max(0.0))
}
