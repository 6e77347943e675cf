//! A search by ask and tell: the caller asks for points, runs the trials and reports their results in any order.

use sweep_study::{Point, Space};

use crate::{Ask, Evidence, Observation, Sampler};

/// A sampler with its proposals and the results reported so far. Every proposal sees all results reported before it.
///
/// ```
/// use sweep_search::{Dialogue, Evidence, sampler};
/// use sweep_study::{Direction, Domain, Parameter, Scale, Space};
///
/// let lr = Domain::interval(1e-4, 1.0, Scale::Log, false);
/// let space = Space::new(vec![Parameter { name: "lr".into(), domain: lr, when: None }]);
/// let mut search = Dialogue::new(space, 0, (sampler::find("tpe")?.new)());
/// for _ in 0..5 {
///     let (number, point) = search.ask().unwrap();
///     let lr = point.get("lr").and_then(|value| value.number()).unwrap();
///     search.tell(number, Evidence::from_metric((lr / 0.01).ln().powi(2), Direction::Minimize));
/// }
/// assert_eq!(search.history().len(), 5);
/// # Ok::<(), sampler::UnknownSampler>(())
/// ```
pub struct Dialogue {
    space: Space,
    seed: u64,
    sampler: Box<dyn Sampler>,
    /// The reported results, by number.
    history: Vec<Observation>,
    /// The numbers without a reported result, rising, and their points.
    pending: (Vec<u64>, Vec<Point>),
    /// Proposals so far.
    asked: u64,
}

impl Dialogue {
    /// A search of `space` by `sampler` without any proposals yet.
    pub fn new(space: Space, seed: u64, sampler: Box<dyn Sampler>) -> Dialogue {
        let (history, pending) = (Vec::new(), (Vec::new(), Vec::new()));
        Dialogue { space, seed, sampler, history, pending, asked: 0 }
    }

    /// The next proposal and its number; `None` if the space is used up.
    pub fn ask(&mut self) -> Option<(u64, Point)> {
        let (space, seed, number) = (&self.space, self.seed, self.asked);
        let ask = Ask { space, seed, number, history: &self.history, earlier: 0, pending: &self.pending.1 };
        let point = self.sampler.propose(&ask)?;
        self.take(point.clone());
        Some((number, point))
    }

    /// Records a point as the next proposal without asking the sampler for it.
    pub fn take(&mut self, point: Point) {
        self.pending.0.push(self.asked);
        self.pending.1.push(point);
        self.asked += 1;
    }

    /// Records the result of a proposal; does nothing if the proposal is not pending.
    pub fn tell(&mut self, number: u64, evidence: Evidence) {
        let Ok(at) = self.pending.0.binary_search(&number) else { return };
        self.pending.0.remove(at);
        let point = self.pending.1.remove(at);
        let at = self.history.partition_point(|known| known.number < number);
        self.history.insert(at, Observation::new(&self.space, number, point, evidence));
    }

    /// The reported results, by number.
    pub fn history(&self) -> &[Observation] {
        &self.history
    }
}
