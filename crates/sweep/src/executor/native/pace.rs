//! How long a step takes: steps of a run timed one by one, readings left out.

use std::time::{Duration, Instant};

use sweep_core::{Flow, Observer, Reading, Run};

/// Steps that are timed at most.
const STEPS: usize = 200;
/// Steps before them, in which memory is touched for the first time.
const BEFORE: usize = 5;
/// Steps that a run needs for them, the last of which takes a reading.
pub const NEEDED: usize = BEFORE + STEPS + 1;
/// Steps that are timed however long they take.
const FEWEST: usize = 5;
/// The time after which no more are.
const LONGEST: Duration = Duration::from_millis(100);

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
        Clock { begun: now, last: now, taken: Vec::with_capacity(NEEDED) }
    }

    /// How many steps were timed, and the quartiles of their seconds, of which the second leaves out what the machine did
    /// between; `None` where there were too few.
    pub fn quartiles(mut self) -> Option<(u64, [f64; 3])> {
        let mut seconds = self.taken.split_off(BEFORE.min(self.taken.len()));
        seconds.sort_by(f64::total_cmp);
        let quartile = |number: usize| seconds.get(seconds.len().saturating_sub(1) * number / 4).copied();
        let quartiles = [quartile(1)?, quartile(2)?, quartile(3)?];
        (seconds.len() >= FEWEST).then_some((seconds.len() as u64, quartiles))
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
        let enough = self.taken.len() >= BEFORE + FEWEST && now - self.begun > LONGEST;
        if enough || self.taken.len() >= BEFORE + STEPS { Flow::Stop } else { Flow::Continue }
    }
}
