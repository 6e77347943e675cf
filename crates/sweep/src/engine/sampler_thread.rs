//! A sampler on a thread of its own, so that the loop never waits for a model to be fitted.

use std::sync::mpsc::{Sender, channel};

use sweep_search::{Ask, Observation, Sampler};
use sweep_study::{Point, Study};

/// What is asked.
pub struct Question {
    /// The number of the point that is wanted.
    pub number: u64,
    /// The trials it may know of.
    pub history: Vec<Observation>,
    /// Points proposed before of which nothing may be known yet.
    pub pending: Vec<Point>,
}

/// What a question comes to.
pub enum Answer {
    /// This point is tried next.
    Try(Point),
    /// The space is used up.
    UsedUp,
    /// Nothing is to be gained any more by as much as was asked for.
    Enough,
}

/// Where questions go. The thread ends when this is dropped.
pub struct SamplerThread(Sender<Question>);

impl SamplerThread {
    /// Starts the thread, which looks no further once nothing better by the part `regret` is to be expected; each answer goes to `answer`, in the order of the questions.
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

    /// Asks; the answer comes later.
    pub fn ask(&self, question: Question) {
        // The thread ends only with this sender.
        drop(self.0.send(question));
    }
}
