//! Where a place lies relative to the laws and to the groups, and how far from the laws there were runs.

use serde::Serialize;
use sweep_stats::linear;

use super::super::power::PowerLaw;
use super::super::runs::{Location, Run};
use super::column::Local;

/// A variable of the groups as the surface sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scaled {
    /// Its name.
    pub name: String,
    /// The mean of its logarithm over the runs.
    pub mean: f64,
    /// The standard deviation of its logarithm.
    pub spread: f64,
    /// How many values it takes.
    pub values: usize,
    /// Its place among the variables of the laws.
    #[serde(skip)]
    at: usize,
}

/// What a surface measures places against.
#[derive(Clone, Debug, Serialize)]
pub struct Frame {
    /// The variables; without those that follow from the ones before them.
    pub variables: Vec<Scaled>,
    /// The unit of x, which is ln η less that of the law of the learning rate.
    pub x: f64,
    /// The unit of y, which is ln B less that of the law of the batch size.
    pub y: f64,
    #[serde(skip)]
    lr: PowerLaw,
    #[serde(skip)]
    batch: PowerLaw,
    #[serde(skip)]
    reach: Reach,
}

/// The ellipse about the mean of x and y that just holds all runs, with axes as their covariance has them.
#[derive(Clone, Debug, Default)]
struct Reach {
    mean: [f64; 2],
    inverse: [f64; 3],
    farthest: f64,
}

impl Reach {
    fn of(places: &[(f64, f64)]) -> Reach {
        let n = places.len() as f64;
        let mean_of = |value: &dyn Fn(&(f64, f64)) -> f64| places.iter().map(value).sum::<f64>() / n;
        let (x, y) = (mean_of(&|at| at.0), mean_of(&|at| at.1));
        let xx = mean_of(&|at| (at.0 - x).powi(2));
        let yy = mean_of(&|at| (at.1 - y).powi(2));
        let xy = mean_of(&|at| (at.0 - x) * (at.1 - y));
        let determinant = xx * yy - xy * xy;
        let inverse = [yy / determinant, -xy / determinant, xx / determinant];
        let all = Reach { mean: [x, y], inverse, farthest: 0.0 };
        let farthest = places.iter().map(|at| all.distance(*at)).fold(0.0, f64::max);
        Reach { farthest, ..all }
    }

    fn distance(&self, (x, y): (f64, f64)) -> f64 {
        let (dx, dy) = (x - self.mean[0], y - self.mean[1]);
        self.inverse[0] * dx * dx + 2.0 * self.inverse[1] * dx * dy + self.inverse[2] * dy * dy
    }
}

impl Frame {
    /// The frame of `runs` about the laws of the variables `names`. `None` where all have the η or all have the B of the
    /// laws.
    pub fn of(runs: &[&Run], names: &[String], lr: &PowerLaw, batch: &PowerLaw) -> Option<Frame> {
        let n = runs.len() as f64;
        let scaled = |at: usize| {
            let values = || runs.iter().map(|run| run.at.variables[at]);
            let mean = values().sum::<f64>() / n;
            let spread = (values().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt();
            let mut known: Vec<f64> = values().collect();
            known.sort_by(f64::total_cmp);
            known.dedup();
            Scaled { name: names[at].clone(), mean, spread, values: known.len(), at }
        };
        let variables = independent(runs, names.len()).into_iter().map(scaled).collect();
        let (lr, batch) = (lr.clone(), batch.clone());
        let mut frame = Frame { variables, x: 1.0, y: 1.0, lr, batch, reach: Reach::default() };
        let places: Vec<(f64, f64)> = runs.iter().map(|run| frame.off(&run.at)).collect();
        let root = |sum: f64| (sum / n).sqrt();
        frame.x = root(places.iter().map(|at| at.0 * at.0).sum());
        frame.y = root(places.iter().map(|at| at.1 * at.1).sum());
        frame.reach = Reach::of(&places);
        (frame.x > 0.0 && frame.y > 0.0).then_some(frame)
    }

    /// How far a place lies from the laws: in ln η at its batch size, and in ln B.
    fn off(&self, at: &Location) -> (f64, f64) {
        let with_batch: Vec<f64> = at.variables.iter().copied().chain([at.batch]).collect();
        (at.lr - self.lr.at(&with_batch).y, at.batch - self.batch.at(&at.variables).y)
    }

    /// The place as columns see it.
    pub fn local(&self, at: &Location) -> Local {
        let (x, y) = self.off(at);
        let variables: Vec<f64> = self.variables.iter().map(|one| at.variables[one.at] - one.mean).collect();
        let scaled = variables.iter().zip(&self.variables).map(|(value, one)| value / one.spread).collect();
        Local { x: x / self.x, y: y / self.y, variables, scaled }
    }

    /// The variables that take at least this many values.
    pub fn with_values(&self, fewest: usize) -> Vec<usize> {
        (0..self.variables.len()).filter(|at| self.variables[*at].values >= fewest).collect()
    }

    /// Whether the place lies as near to the laws as runs did.
    pub fn holds(&self, at: &Location) -> bool {
        self.reach.distance(self.off(at)) <= self.reach.farthest
    }
}

/// The variables without those that are a linear function of the ones before.
fn independent(runs: &[&Run], variables: usize) -> Vec<usize> {
    let ones = vec![1.0; runs.len()];
    (0..variables).fold(Vec::new(), |mut kept, new| {
        let row = |run: &&Run| {
            let own = kept.iter().chain([&new]).map(|at: &usize| run.at.variables[*at]);
            std::iter::once(1.0).chain(own).collect::<Vec<f64>>()
        };
        let rows: Vec<Vec<f64>> = runs.iter().map(row).collect();
        if linear::fit(&rows, &ones, &ones).is_some() {
            kept.push(new);
        }
        kept
    })
}
