//! How fast the built-in trainer goes through the steps of one batch size while nothing else runs.

use std::time::{Duration, Instant};

use sweep_core::{Flow, Observer, Reading, Run};
use sweep_study::{Pace, Point};

use super::native::Native;

/// Steps that are timed.
const STEPS: usize = 200;
/// Steps before them, in which memory is touched for the first time.
const BEFORE: usize = 5;
/// The longest time spent on one batch size; slow steps are then fewer, but as many as [`FEWEST`].
const MOST: Duration = Duration::from_millis(100);
/// The fewest steps that are timed.
const FEWEST: usize = 5;

/// What trials like the one at `point` take a step; `None` where they cannot start, end before that many steps, or `stop`
/// answers true.
pub fn pace(native: &Native, point: &Point, stop: &dyn Fn() -> bool) -> Option<Pace> {
    let mut settings = native.settings(point);
    // Readings are no part of a step, and measurements on the way no part of training.
    settings.set("report_every", "1000000000st");
    ["noise_scale", "sharpness", "until"].into_iter().for_each(|name| settings.remove(name));
    let mut run = native.run_with(&settings)?;
    let mut watch = Watch { stop, begun: Instant::now(), last: Instant::now(), seconds: Vec::new() };
    run.advance(&mut watch);
    let mut seconds = watch.seconds.split_off(BEFORE.min(watch.seconds.len()));
    if seconds.len() < FEWEST || stop() {
        return None;
    }
    seconds.sort_by(f64::total_cmp);
    let quartile = |number: usize| seconds.get((seconds.len() - 1) * number / 4).copied();
    Some(Pace {
        batch: native.batch(point)?,
        seconds: quartile(2)?,
        low: quartile(1)?,
        high: quartile(3)?,
        steps: seconds.len() as u64,
        bytes: native.needs(point).bytes,
    })
}

/// Times each step, until there are enough.
struct Watch<'a> {
    stop: &'a dyn Fn() -> bool,
    begun: Instant,
    last: Instant,
    seconds: Vec<f64>,
}

impl Observer for Watch<'_> {
    fn reading(&mut self, _: &Reading, _: &Run) -> Flow {
        Flow::Stop
    }

    fn step(&mut self, _: u64) -> Flow {
        let now = Instant::now();
        self.seconds.push((now - self.last).as_secs_f64());
        let count = self.seconds.len();
        let late = now - self.begun > MOST && count >= BEFORE + FEWEST;
        if late || count >= BEFORE + STEPS || (self.stop)() {
            return Flow::Stop;
        }
        self.last = Instant::now();
        Flow::Continue
    }
}
