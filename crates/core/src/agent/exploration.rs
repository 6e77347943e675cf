//! How often an agent takes a random action.

use sweep_settings::Length;

use crate::schedule::Progress;

/// The rate ε of ε-greedy actions: it falls linearly from 1 over a length of the run, then stays constant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exploration {
    /// The final ε.
    pub last: f64,
    /// The length over which it falls.
    pub over: Length,
}

impl Exploration {
    /// ε after `progress`.
    pub fn rate(&self, progress: &Progress) -> f64 {
        let passed = match self.over {
            Length::Steps(steps) => progress.step as f64 / steps,
            Length::Epochs(epochs) => progress.epoch / epochs,
            Length::Share(share) => progress.examples as f64 / (share * progress.total_examples as f64),
        };
        // A length of 0 has passed from the start: `min` of 0/0 and 1 gives 1.
        1.0 + (self.last - 1.0) * passed.min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_falls_linearly_then_stays() {
        let at = |over: &str, examples: u64| {
            let progress = Progress {
                step: examples / 4,
                examples,
                epoch: examples as f64 / 100.0,
                total_steps: 250,
                total_examples: 1000,
                total_epochs: 10.0,
            };
            let rate = Exploration { last: 0.1, over: over.parse().unwrap() }.rate(&progress);
            (rate * 1e9).round() / 1e9
        };
        for over in ["20%", "2ep", "50st"] {
            assert_eq!(
                [0, 100, 200, 1000].map(|examples| at(over, examples)),
                [1.0, 0.55, 0.1, 0.1],
                "{over}"
            );
        }
        assert_eq!(at("0%", 0), 0.1);
    }
}
