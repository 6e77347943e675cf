//! A surrogate of the loss: its structure, its data, and its score for a point.

use sweep_study::{Point, Space};

use super::acquisition::log_improvement;
use super::boundary::Boundary;
use super::encoding::Encoding;
use super::fit::{Data, Fit, fit};
use super::gp::{Belief, Posterior};
use super::input_warp::InputWarp;
use crate::{Evidence, Observation};

/// Maximum number of rows of the posterior: up to this all trials, beyond it the best and an even choice of the others.
const EXACT: usize = 200;

/// Maximum number, the newest, of pending points in the posterior and of diverged trials that define a boundary.
const PENDING: usize = 64;
const CLIFF: usize = 48;

/// Variance of the noise with which a diverged trial is known: it is no better than the average (the target 0), or than
/// the expected value if that is worse, by an unknown amount.
const CENSORED: f64 = 0.25;

/// The structure of a surrogate.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Whether there is a quadratic trend in addition to the Matérn part.
    pub trend: bool,
    /// Whether diverged trials define a boundary instead of counting as the worst loss.
    pub boundary: bool,
    /// Useful trials before the surrogate is used.
    pub start: usize,
    /// Weight, in trials, of the prior that rate and batch size are best near the middle of their ranges. It fades as
    /// trials come in (πBO, Hvarfner et al. 2022, ICLR).
    pub prior: f64,
    /// The competing input warps.
    pub input_warps: Vec<InputWarp>,
}

/// Hyperparameters and the trials that they were learned from: a cache, since the same trials give the same
/// hyperparameters.
#[derive(Default)]
pub struct Learner {
    learned: Option<(Space, Vec<Observation>, Option<Fit>)>,
}

impl Learner {
    /// The surrogate learned from the trials up to the last refit: at 10, 20, 40 and every 25 after, and from at least
    /// the first `earlier`, which were known from the start. Before the first refit the hyperparameters are those of
    /// the priors.
    pub fn learn(
        &mut self,
        space: &Space,
        encoding: &Encoding<'_>,
        (history, earlier): (&[Observation], usize),
        shape: &Shape,
    ) -> Option<Fit> {
        let n = history.len();
        let upto = match n {
            0..10 => n,
            10..20 => 10,
            20..40 => 20,
            _ => 40 + (n - 40) / 25 * 25,
        };
        let upto = upto.max(earlier.min(n));
        let from = &history[..upto];
        if let Some((known, trials, fit)) = &self.learned
            && known == space
            && trials == from
        {
            return fit.clone();
        }
        let fit = Known::new(encoding, from, shape).fit(encoding, shape, upto >= 10);
        self.learned = Some((space.clone(), from.to_vec(), fit.clone()));
        fit
    }
}

/// The history as rows.
pub struct Known {
    /// The data of the surrogate.
    data: Data,
    /// Where trials diverged, if they define a boundary.
    cliff: Vec<Vec<f64>>,
    /// Where trials ended, and whether they diverged.
    labels: Vec<(Vec<f64>, bool)>,
    /// How many trials ended with a loss.
    pub finite: usize,
}

impl Known {
    /// The rows of `history`.
    pub fn new(encoding: &Encoding<'_>, history: &[Observation], shape: &Shape) -> Known {
        let worst = history.iter().filter_map(|known| known.evidence.loss()).reduce(f64::max);
        let mut known = Known { data: Data::default(), cliff: Vec::new(), labels: Vec::new(), finite: 0 };
        for observation in history {
            let diverged = match observation.evidence {
                Evidence::Nothing => continue,
                Evidence::Loss(_) => false,
                Evidence::Diverged => true,
            };
            let row = encoding.row(&observation.units);
            known.finite += usize::from(!diverged);
            known.labels.push((row.clone(), diverged));
            if diverged && shape.boundary {
                known.cliff.push(row);
            } else if let Some(loss) = observation.evidence.loss().or(worst) {
                known.data.rows.push(row);
                known.data.losses.push(loss);
            }
        }
        known
    }

    /// The surrogate learned from all known trials, see [`fit()`]; without `learn` the hyperparameters stay at their
    /// priors.
    pub fn fit(&self, encoding: &Encoding<'_>, shape: &Shape, learn: bool) -> Option<Fit> {
        fit(&encoding.axes, shape.trend, &shape.input_warps, &self.data, learn)
    }

    /// How many trials gave evidence.
    pub fn useful(&self) -> usize {
        self.labels.len()
    }

    /// The rows of the lowest losses, at most `most`.
    pub fn best(&self, most: usize) -> Vec<Vec<f64>> {
        let losses = &self.data.losses;
        let mut order: Vec<usize> = (0..losses.len()).collect();
        order.sort_by(|a, b| losses[*a].total_cmp(&losses[*b]).then(a.cmp(b)));
        order.iter().take(most).map(|index| self.data.rows[*index].clone()).collect()
    }
}

/// A surrogate conditioned on the history and the pending points.
pub struct Surrogate {
    fit: Fit,
    posterior: Posterior,
    boundary: Option<Boundary>,
    /// The target to fall below.
    incumbent: f64,
    /// The weight of the prior belief about the optimum.
    belief: f64,
}

impl Surrogate {
    /// The surrogate `fit` of `shape`, conditioned on what is `known` and on the points `pending`; `None` if the
    /// covariance cannot be factored.
    pub fn new(
        encoding: &Encoding<'_>,
        shape: &Shape,
        fit: Fit,
        known: &Known,
        pending: &[Point],
    ) -> Option<Surrogate> {
        let data = known.data.thinned(EXACT);
        let mut rows = fit.input_warp.rows(&data.rows);
        let mut targets: Vec<f64> = data.losses.iter().map(|loss| fit.warp.target(*loss)).collect();
        let mut posterior = Posterior::new(fit.kernel.clone(), rows.clone(), &targets, (0, 0.0))?;
        let incumbent = posterior.means(&rows).into_iter().fold(f64::INFINITY, f64::min);
        // A pending point is assumed to end at its expected value ("kriging believer", Ginsbourger et al. 2010).
        let newest = &pending[pending.len().saturating_sub(PENDING)..];
        let running: Vec<Vec<f64>> =
            newest.iter().map(|point| fit.input_warp.row(&encoding.row_of(point))).collect();
        let cliff = fit.input_warp.rows(&known.cliff[known.cliff.len().saturating_sub(CLIFF)..]);
        let censored = cliff.len();
        if !running.is_empty() || censored > 0 {
            targets.extend(posterior.means(&running));
            targets.extend(posterior.means(&cliff).into_iter().map(|mean| mean.max(0.0)));
            rows.extend(running);
            rows.extend(cliff);
            posterior = Posterior::new(fit.kernel.clone(), rows, &targets, (censored, CENSORED))?;
        }
        let boundary =
            shape.boundary.then(|| Boundary::learn(&encoding.axes, &fit.input_warp, &known.labels));
        let belief = shape.prior / known.useful().max(1) as f64;
        Some(Surrogate { fit, posterior, boundary, incumbent, belief })
    }

    /// The distribution of the target at each of `rows`.
    pub fn beliefs(&self, rows: &[Vec<f64>]) -> Vec<Belief> {
        self.posterior.at(&self.fit.input_warp.rows(rows))
    }

    /// The logarithm of the chance that a trial at each of `rows` does not diverge; 0 if no boundary is learned.
    pub fn log_inside(&self, rows: &[Vec<f64>]) -> Vec<f64> {
        let inside =
            |seen: &Vec<f64>| self.boundary.as_ref().map_or(0.0, |boundary| boundary.log_inside(seen));
        self.fit.input_warp.rows(rows).iter().map(inside).collect()
    }

    /// The loss of a target.
    pub fn loss(&self, target: f64) -> f64 {
        self.fit.warp.loss(target)
    }

    /// The score of a trial at each of `rows`: log expected improvement, plus the log probability that it does not
    /// diverge, plus the log prior of the optimum there.
    pub fn score(&self, rows: &[Vec<f64>]) -> Vec<f64> {
        let seen = self.fit.input_warp.rows(rows);
        let one = |(belief, (row, seen)): (Belief, (&Vec<f64>, &Vec<f64>))| {
            let inside = self.boundary.as_ref().map_or(0.0, |boundary| boundary.log_inside(seen));
            log_improvement(belief, self.incumbent)
                + inside
                + self.belief * self.fit.input_warp.log_prior(row)
        };
        self.posterior.at(&seen).into_iter().zip(rows.iter().zip(&seen)).map(one).collect()
    }
}
