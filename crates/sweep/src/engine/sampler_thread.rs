//! A sampler on its own thread, so that the loop never waits for a model fit.

use std::sync::mpsc::{Sender, channel};

use sweep_search::{Ask, Observation, Sampler};
use sweep_study::{Point, Study};

/// A request for a point.
pub struct Question {
    /// Number of the requested point.
    pub number: u64,
    /// Trials whose results the sampler may use.
    pub history: Vec<Observation>,
    /// Points proposed earlier whose results it may not use yet.
    pub pending: Vec<Point>,
}

/// The answer to a request.
pub enum Answer {
    /// The point to run next.
    Try(Point),
    /// The space is used up.
    UsedUp,
    /// The expected improvement is below the requested bound.
    Enough,
}

/// Sends requests to the sampler. The thread ends when this is dropped.
pub struct SamplerThread(Sender<Question>);

impl SamplerThread {
    /// Starts the thread. It stops proposing once the expected improvement is at most the fraction `regret` of the best
    /// value. Each answer goes to `answer`, in the order of the requests.
    pub fn start(
        study: &Study,
        mut sampler: Box<dyn Sampler>,
        regret: Option<f64>,
        answer: impl Fn(Answer) + Send + 'static,
    ) -> SamplerThread {
        let (questions, inbox) = channel::<Question>();
        let (space, seed) = (study.space.clone(), study.seed);
        std::thread::spawn(move || {
            for Question { number, history, pending } in inbox {
                let ask =
                    Ask { space: &space, seed, number, history: &history, earlier: 0, pending: &pending };
                answer(match regret {
                    Some(part) if sampler.enough(&ask, part) => Answer::Enough,
                    _ => sampler.propose(&ask).map_or(Answer::UsedUp, Answer::Try),
                });
            }
        });
        SamplerThread(questions)
    }

    /// Sends a request; the answer comes later.
    pub fn ask(&self, question: Question) {
        // The thread lives as long as this sender.
        drop(self.0.send(question));
    }
}
