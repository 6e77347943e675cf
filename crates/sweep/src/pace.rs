//! How long a step takes: steps of a run timed one by one, readings left out.

use std::time::{Duration, Instant};

use sweep_core::{Flow, Observer, Reading, Run};

/// Steps that are timed at most.
pub const STEPS: usize = 200;
/// Steps that are timed however long they take.
const FEWEST: usize = 5;
/// The time after which no more are.
const LONGEST: Duration = Duration::from_millis(500);

/// Watches a run and stops it when enough steps are timed.
pub struct Clock {
    begun: Instant,
    last: Instant,
    taken: Vec<f64>,
}

impl Clock {
    /// A clock that runs from now on.
    pub fn start() -> Clock {
        let now = Instant::now();
        Clock { begun: now, last: now, taken: Vec::with_capacity(STEPS) }
    }

    /// How many steps were timed and their lower quartile in seconds, which leaves out most of what else the machine did
    /// meanwhile; `None` where there were too few.
    pub fn quartile(mut self) -> Option<(u64, f64)> {
        self.taken.sort_by(f64::total_cmp);
        let quartile = self.taken.get(self.taken.len() / 4)?;
        (self.taken.len() >= FEWEST).then_some((self.taken.len() as u64, *quartile))
    }
}

impl Observer for Clock {
    fn reading(&mut self, _: &Reading, _: &Run) -> Flow {
        self.last = Instant::now();
        Flow::Continue
    }

    fn step(&mut self, _: u64) -> Flow {
        let now = Instant::now();
        self.taken.push((now - self.last).as_secs_f64());
        self.last = now;
        let enough = self.taken.len() >= FEWEST && now - self.begun > LONGEST;
        if enough || self.taken.len() >= STEPS { Flow::Stop } else { Flow::Continue }
    }
}
