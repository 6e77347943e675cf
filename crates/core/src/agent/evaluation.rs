//! Evaluation of a policy: episodes played to their end, always with the action of the largest output.

use rand_chacha::ChaCha8Rng;
use sweep_settings::stream;

use super::cartpole::{CartPole, OBSERVED};
use super::network::Network;
use crate::data::Part;
use crate::reading::{Metrics, metric};
use crate::room::Room;

/// The mean return of the best policy that observes nothing, which acts at random: measured over 300,000 episodes, with
/// a standard error of 0.02. A policy that always pushes to one side ends after 9.3 steps.
const CHANCE_RETURN: f64 = 22.25;

/// Episodes played in parallel.
#[derive(Clone, Debug)]
pub(super) struct Evaluation {
    seed: u64,
    count: usize,
    episodes: Vec<CartPole>,
    /// Observations of the running episodes, (episodes, observed).
    seen: Vec<f32>,
}

impl Evaluation {
    /// `count` episodes, whose starts are drawn from streams of `seed`.
    pub fn new(seed: u64, count: usize, room: &mut Room) -> Evaluation {
        let seen = room.floats(count * OBSERVED);
        Evaluation { seed, count, episodes: Vec::with_capacity(count), seen }
    }

    /// The mean undiscounted return of `network` at `parameters`, over the same starts at every call for the same part.
    /// For validation the name is `return` and the stream `evaluation`; for another part the name has its prefix, and
    /// the stream has the part's own name.
    pub fn metrics(&mut self, network: &mut Network, parameters: &[f32], part: Part) -> Metrics {
        let (name, starts) = match part {
            Part::Validation => ("return".to_owned(), "evaluation"),
            _ => (format!("{}return", part.prefix()), part.prefix()),
        };
        vec![(name, self.mean_return(network, parameters, &mut stream(self.seed, starts)))]
    }

    fn mean_return(&mut self, network: &mut Network, parameters: &[f32], starts: &mut ChaCha8Rng) -> f64 {
        self.episodes.clear();
        self.episodes.extend((0..self.count).map(|_| CartPole::start(starts)));
        let mut rewards = 0;
        while !self.episodes.is_empty() {
            let running = self.episodes.len();
            let seen = &mut self.seen[..running * OBSERVED];
            for (episode, row) in self.episodes.iter().zip(seen.chunks_exact_mut(OBSERVED)) {
                episode.observe(row);
            }
            rewards += running;
            let outputs = network.forward(parameters, seen);
            let mut rows = outputs.chunks_exact(outputs.len() / running);
            self.episodes.retain_mut(|episode| !episode.step(rows.next().map_or(0, best)).over());
        }
        rewards as f64 / self.count as f64
    }
}

/// Whether an agent that `reached` such validation figures does no better than random actions.
pub(super) fn stuck(reached: &Metrics) -> bool {
    metric(reached, "return").is_none_or(|reached| reached <= CHANCE_RETURN)
}

/// The first of the largest outputs.
pub(super) fn best(outputs: &[f32]) -> usize {
    let mut best = 0;
    for (action, &output) in outputs.iter().enumerate() {
        if output > outputs[best] {
            best = action;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::super::network::{Ends, NetworkSpec};
    use super::*;
    use rand::RngExt;
    use sweep_settings::Settings;

    #[test]
    fn chance_is_what_random_actions_reach() {
        let (mut rng, episodes) = (stream(0, "chance"), 20_000);
        let mut steps = 0;
        for _ in 0..episodes {
            let mut episode = CartPole::start(&mut rng);
            while !episode.step(rng.random_range(0..2)).over() {
                steps += 1;
            }
            steps += 1;
        }
        let mean = f64::from(steps) / f64::from(episodes);
        assert!((mean / CHANCE_RETURN - 1.0).abs() < 0.02, "{mean}");
    }

    #[test]
    fn a_good_policy_balances_to_the_limit_and_a_constant_one_falls() {
        let mut settings = Settings::default();
        settings.set("hidden", "0");
        let room = &mut Room::default();
        let ends = Ends { inputs: OBSERVED, outputs: 2, prefix: "" };
        let mut network = Network::build(&NetworkSpec::read(&settings).unwrap(), ends, 0, 50, room);
        let mut evaluation = Evaluation::new(1, 50, room);
        let mut parameters = vec![0.0; network.end()];
        let of = |parameters: &[f32], network: &mut Network, evaluation: &mut Evaluation| {
            evaluation.metrics(network, parameters, Part::Validation)[0].1
        };
        let constant = of(&parameters, &mut network, &mut evaluation);
        assert!((8.5..10.0).contains(&constant), "{constant}");
        // Push to where the pole falls and the cart drifts: weights (observed, actions), the right action's.
        for (row, weight) in [0.05, 0.1, 1.0, 0.5].into_iter().enumerate() {
            parameters[2 * row + 1] = weight;
        }
        assert_eq!(of(&parameters, &mut network, &mut evaluation), 500.0);
        let test = evaluation.metrics(&mut network, &parameters, Part::Test);
        assert_eq!(test[0].0, "test_return");
    }
}
