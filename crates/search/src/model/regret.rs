//! Upper bound on how much better than the best so far a loss may still get.

use rand_chacha::ChaCha8Rng;
use sweep_study::Space;

use super::acquisition::{Effort, maximize};
use super::encoding::Encoding;
use super::surrogate::Surrogate;

/// The probability with which the bounds may fail, and the divisor of their squared width, because the bounds of the
/// proof are wider than necessary (Srinivas et al. 2010, ICML; Makarova et al. 2022).
const DELTA: f64 = 0.1;
const TIGHTER: f64 = 5.0;

/// The minimum probability of not diverging for a point that may hold the optimum.
const INSIDE: f64 = 0.1;

/// Where to search for the lowest bound, and with how much effort.
pub struct Search<'a> {
    /// The space; all its cells are searched if there are at most [`Search::whole`].
    pub space: &'a Space,
    /// See [`Search::space`].
    pub whole: u128,
    /// The effort of the search in larger spaces.
    pub effort: Effort,
}

/// An upper bound on the simple regret in units of the loss: the largest possible gap between the best of the trials at
/// `rows` and the best of the space, given `trials` known trials.
///
/// It is L(min over the rows of μ + √β σ) − L(min over the space of μ − √β σ) with β = 2 log(d t² π² / 6δ) / 5 for t
/// trials of d parameters (Makarova et al. 2022, "Automatic Termination for Hyperparameter Optimization", AutoML-Conf;
/// they use the number of points of the space instead of d, which is infinite for real axes; d follows Optuna). μ and σ
/// are the surrogate's, and L takes its targets back to losses: since it is increasing, it maps bounds to bounds.
/// Points that diverge with probability above 0.9 are excluded as optimum. The bound is only as good as the surrogate:
/// it cannot foresee a surface rougher than seen so far. `None` if the losses overflow.
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
    // The tried points are part of the space.
    let tried = known.iter().map(|belief| belief.mean - width * belief.sd);
    let lowest = lower(&everywhere).into_iter().chain(tried).reduce(f64::min)?;
    let regret = surrogate.loss(upper) - surrogate.loss(lowest);
    regret.is_finite().then_some(regret.max(0.0))
}
