//! Enqueued points, then those of a sampler.

use sweep_study::Point;

use super::{Ask, Sampler};

/// A sampler after points that are tried first. A sampler that learns finds them in its history; a sampler that does
/// not learn skips them among its own points.
pub struct Queued {
    first: Vec<Point>,
    then: Box<dyn Sampler>,
    learns: bool,
    /// The number under which a sampler that does not learn proposed each further point.
    numbers: Vec<u64>,
}

impl Queued {
    /// The points `first`, and `then` a sampler, which uses results or does not.
    pub fn new(first: Vec<Point>, then: Box<dyn Sampler>, learns: bool) -> Queued {
        Queued { first, then, learns, numbers: Vec::new() }
    }
}

impl Sampler for Queued {
    fn propose(&mut self, ask: &Ask<'_>) -> Option<Point> {
        if let Some(point) = self.first.get(ask.number as usize) {
            return Some(point.clone());
        }
        if self.learns {
            return self.then.propose(ask);
        }
        let place = ask.number as usize - self.first.len();
        while self.numbers.len() <= place {
            let mut number = self.numbers.last().map_or(0, |last| last + 1);
            while self.first.contains(&self.then.propose(&Ask { number, ..*ask })?) {
                number += 1;
            }
            self.numbers.push(number);
        }
        self.then.propose(&Ask { number: self.numbers[place], ..*ask })
    }

    fn enough(&mut self, ask: &Ask<'_>, part: f64) -> bool {
        // Enqueued points are tried however little is left to gain.
        ask.number >= self.first.len() as u64 && self.then.enough(ask, part)
    }
}
