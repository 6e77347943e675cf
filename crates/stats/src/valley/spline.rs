//! A smooth curve through the levels of a row, under every assumption about its roughness.
//!
//! The curve is a parabola plus a departure whose third derivative is white noise (a quintic smoothing spline; G. Wahba,
//! Spline Models for Observational Data, 1990, chapter 1). Two numbers describe the departure: how rough it is against
//! the noise of a run, and how fast its roughness grows along the axis, since a valley of losses is smooth towards low
//! learning rates and ends at a cliff towards high ones. Neither is fixed: each pair has its evidence.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};

use crate::distribution::student_below;

/// Roughness against noise: the variance of the third derivative in one spacing of levels, for noise of variance 1.
const ROUGHNESS: [f64; 19] =
    [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 1e2, 3e2, 1e3, 3e3, 1e4, 3e4, 1e5];

/// By how many natural logarithms the roughness grows in one unit of the axis.
const GROWTH: [f64; 4] = [0.0, 1.0, 2.0, 3.5];

/// The most by which roughness differs from that at the lowest level, in natural logarithms.
const MOST_GROWTH: f64 = 12.0;

/// Nodes at which the third derivative is kicked.
const NODES: usize = 120;

/// Shares of the evidence below this are left out.
const NEGLIGIBLE: f64 = 3e-4;

/// The assumptions about a departure, in the order of [`Evidence`].
fn assumptions() -> impl Iterator<Item = (f64, usize)> {
    (0..GROWTH.len()).flat_map(|growth| ROUGHNESS.map(move |roughness| (roughness, growth)))
}

/// What the data of one or more rows say about each assumption.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The weighted sum of squares of what the curve leaves, with the scatter of runs about their level's mean.
    pub squares: Vec<f64>,
    /// The logarithm of the determinants that belong to it.
    pub determinant: Vec<f64>,
    /// Degrees of freedom of the squares.
    pub dof: f64,
}

impl Evidence {
    /// Nothing known.
    pub fn none() -> Evidence {
        let count = ROUGHNESS.len() * GROWTH.len();
        Evidence { squares: vec![0.0; count], determinant: vec![0.0; count], dof: 0.0 }
    }

    /// Adds `share` of another's.
    pub fn add(&mut self, other: &Evidence, share: f64) {
        for (sum, more) in self.squares.iter_mut().zip(&other.squares) {
            *sum += share * more;
        }
        for (sum, more) in self.determinant.iter_mut().zip(&other.determinant) {
            *sum += share * more;
        }
        self.dof += share * other.dof;
    }

    /// The weight of each assumption, with the variance of the noise unknown (prior 1/σ²) and all assumptions alike
    /// beforehand; they sum to 1.
    pub fn weights(&self) -> Vec<f64> {
        let least = self.squares.iter().copied().fold(f64::INFINITY, f64::min).max(f64::MIN_POSITIVE);
        let of = |(squares, determinant): (&f64, &f64)| {
            -determinant - self.dof / 2.0 * (squares.max(f64::MIN_POSITIVE) / least).ln()
        };
        let logs: Vec<f64> = self.squares.iter().zip(&self.determinant).map(of).collect();
        let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = logs.iter().map(|log| (log - most).exp()).collect();
        let sum: f64 = weights.iter().sum();
        weights.iter().map(|weight| weight / sum).collect()
    }

    /// The variance of a run, over all assumptions.
    pub fn variance(&self) -> f64 {
        self.weights().iter().zip(&self.squares).map(|(weight, squares)| weight * squares).sum::<f64>()
            / self.dof
    }
}

/// A level as the spline sees it: its place, the mean of its runs and how many there are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Knot {
    /// Its place.
    pub x: f64,
    /// The mean.
    pub y: f64,
    /// The number of runs.
    pub n: f64,
}

/// The levels of a row with what each assumption needs.
pub struct Spline {
    x: Vec<f64>,
    y: DVector<f64>,
    noise: DVector<f64>,
    centre: f64,
    nodes: Vec<f64>,
    departures: Vec<Departure>,
    /// What its levels say.
    pub evidence: Evidence,
}

/// The departure under one growth of roughness: the size of the kick at each node, what they do to the levels, and the
/// covariance of the levels that results.
struct Departure {
    kicks: Vec<f64>,
    features: DMatrix<f64>,
    covariance: DMatrix<f64>,
}

/// One assumption solved: the factored covariance of the levels, the parabola and the weights of the departure.
struct Solved {
    factor: Cholesky<f64, Dyn>,
    parabola: DVector<f64>,
    information: Cholesky<f64, Dyn>,
    pull: DVector<f64>,
}

impl Spline {
    /// The spline through `knots` (sorted, at least three), for levels that lie `spacing` apart. `squares` with `dof`
    /// degrees of freedom is the scatter of runs about the means of their levels. `None` where the numbers do not allow
    /// it.
    pub fn new(knots: &[Knot], spacing: f64, squares: f64, dof: f64) -> Option<Spline> {
        let (first, last) = (knots.first()?.x, knots.last()?.x);
        let lowest = knots.iter().min_by(|a, b| a.y.total_cmp(&b.y))?.x;
        let width = (last - first) / NODES as f64;
        let nodes: Vec<f64> = (0..NODES).map(|index| first + (index as f64 + 0.5) * width).collect();
        let x: Vec<f64> = knots.iter().map(|knot| knot.x).collect();
        let departure = |growth: &f64| {
            let kick = |node: &f64| {
                let grown = (growth * (node - lowest)).clamp(-MOST_GROWTH, MOST_GROWTH).exp();
                (grown * width / spacing.powi(5)).sqrt()
            };
            let kicks: Vec<f64> = nodes.iter().map(kick).collect();
            let features = kicked(&x, &nodes, &kicks, 0);
            let covariance = &features * features.transpose();
            Departure { kicks, features, covariance }
        };
        let mut spline = Spline {
            y: DVector::from_iterator(knots.len(), knots.iter().map(|knot| knot.y)),
            noise: DVector::from_iterator(knots.len(), knots.iter().map(|knot| 1.0 / knot.n)),
            centre: x.iter().sum::<f64>() / x.len() as f64,
            departures: GROWTH.iter().map(departure).collect(),
            evidence: Evidence::none(),
            nodes,
            x,
        };
        spline.evidence.dof = knots.len() as f64 - 3.0 + dof;
        for (index, (roughness, growth)) in assumptions().enumerate() {
            let solved = spline.solve(roughness, growth)?;
            let left = &spline.y - spline.powers(&spline.x, 0) * &solved.parabola;
            spline.evidence.squares[index] = left.dot(&solved.pull) + squares;
            let root = |factor: &Cholesky<f64, Dyn>| factor.l_dirty().diagonal().map(f64::ln).sum();
            spline.evidence.determinant[index] = root(&solved.factor) + root(&solved.information);
        }
        Some(spline)
    }

    /// The constant, linear and quadratic terms at `places`, or their first derivatives.
    fn powers(&self, places: &[f64], derivative: u8) -> DMatrix<f64> {
        DMatrix::from_fn(places.len(), 3, |row, power| {
            let x = places[row] - self.centre;
            match (derivative, power) {
                (0, power) => x.powi(power as i32),
                (_, 0) => 0.0,
                (_, power) => power as f64 * x.powi(power as i32 - 1),
            }
        })
    }

    /// The levels nearest to the lowest, below and above it, that lie higher than it by more than `reach` standard errors
    /// of the difference, where `reach` is in standard deviations of a run.
    pub fn higher(&self, reach: f64) -> (Option<f64>, Option<f64>) {
        let Some(lowest) = (0..self.x.len()).min_by(|a, b| self.y[*a].total_cmp(&self.y[*b])) else {
            return (None, None);
        };
        let higher = |index: &usize| {
            let error = (self.noise[*index] + self.noise[lowest]).sqrt();
            self.y[*index] - self.y[lowest] > reach * error
        };
        let place = |index: usize| self.x[index];
        ((0..lowest).rev().find(higher).map(place), (lowest + 1..self.x.len()).find(higher).map(place))
    }

    fn solve(&self, roughness: f64, growth: usize) -> Option<Solved> {
        let covariance =
            &self.departures[growth].covariance * roughness + DMatrix::from_diagonal(&self.noise);
        let factor = covariance.cholesky()?;
        let powers = self.powers(&self.x, 0);
        let solved = factor.solve(&powers);
        let information = (powers.transpose() * &solved).cholesky()?;
        let parabola = information.solve(&(solved.transpose() * &self.y));
        let pull = factor.solve(&(&self.y - powers * &parabola));
        Some(Solved { factor, parabola, information, pull })
    }

    /// The curve at `places` under `evidence`: its mean, and the probability that it rises there.
    ///
    /// Under each assumption the slope has Student's distribution; the probability is the mean over assumptions.
    pub fn curve(&self, places: &[f64], evidence: &Evidence) -> Option<Vec<Place>> {
        let mut curve: Vec<Place> = places.iter().map(|x| Place { x: *x, mean: 0.0, rising: 0.0 }).collect();
        let weights = evidence.weights();
        let total: f64 = weights.iter().filter(|weight| **weight > NEGLIGIBLE).sum();
        let (powers, slopes) = (self.powers(places, 0), self.powers(places, 1));
        let mut shapes: Vec<Option<(DMatrix<f64>, DMatrix<f64>)>> = GROWTH.map(|_| None).to_vec();
        for (index, (roughness, growth)) in assumptions().enumerate() {
            let weight = weights[index] / total;
            if weights[index] <= NEGLIGIBLE {
                continue;
            }
            let departure = &self.departures[growth];
            let (shape, slope) = shapes[growth].get_or_insert_with(|| {
                let at = |derivative| kicked(places, &self.nodes, &departure.kicks, derivative);
                (at(0), at(1))
            });
            let solved = self.solve(roughness, growth)?;
            let kicks = departure.features.transpose() * &solved.pull * roughness;
            let mean = &powers * &solved.parabola + &*shape * &kicks;
            let rise = &slopes * &solved.parabola + &*slope * &kicks;
            let across = &*slope * departure.features.transpose() * roughness;
            let back = solved.factor.solve(&across.transpose());
            let rest = slopes.transpose() - self.powers(&self.x, 0).transpose() * &back;
            let through = solved.information.solve(&rest);
            let scale = evidence.squares[index] / evidence.dof;
            for (at, place) in curve.iter_mut().enumerate() {
                let own = roughness * slope.row(at).norm_squared();
                let known = across.row(at).transpose().dot(&back.column(at));
                let spread = (own - known + rest.column(at).dot(&through.column(at))).max(f64::MIN_POSITIVE);
                place.mean += weight * mean[at];
                place.rising += weight * student_below(rise[at] / (spread * scale).sqrt(), evidence.dof);
            }
        }
        Some(curve)
    }
}

/// A place of a fitted curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Where it is.
    pub x: f64,
    /// The expected cost.
    pub mean: f64,
    /// The probability that the cost rises with x here, so that the minimum lies below.
    pub rising: f64,
}

/// What a kick of the third derivative at each node does to the curve (or, for `derivative` 1, to its slope) at
/// `places`.
fn kicked(places: &[f64], nodes: &[f64], kicks: &[f64], derivative: u8) -> DMatrix<f64> {
    DMatrix::from_fn(places.len(), nodes.len(), |row, column| {
        let past = (places[row] - nodes[column]).max(0.0);
        kicks[column] * if derivative == 0 { past * past / 2.0 } else { past }
    })
}
