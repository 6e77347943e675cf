//! Deep Q-learning (Mnih et al. 2015): a network that predicts the return of every action. It learns from transitions
//! replayed at random, with targets from a copy of itself that stays fixed between updates of the copy.
//!
//! For each update the agent takes a few environment steps, ε-greedy, into the replay memory, and learns from B
//! transitions drawn from it.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use sweep_settings::{Kind, Length, Scale, Setting, SettingError, Settings, stream};

use super::cartpole::{ACTIONS, After, CartPole, OBSERVED};
use super::epoch_loss::EpochLoss;
use super::evaluation::{Evaluation, best, stuck};
use super::exploration::Exploration;
use super::loss::q_loss;
use super::network::{Ends, Network, NetworkSpec};
use super::replay::{Replay, Transition};
use crate::data::{Dataset, Part};
use crate::learner::{Learned, Learner, Pace};
use crate::model::Block;
use crate::reading::Metrics;
use crate::room::Room;
use crate::schedule::Progress;
use crate::state::{StateMismatch, Writer, reader};

pub(super) const GAMMA: Setting =
    Setting::new("dqn.gamma", Kind::SHARE, "discount factor per step for later rewards")
        .or("0.99")
        .on(Scale::OneMinus)
        .under("agent", &["dqn"]);

pub(super) const BUFFER: Setting = Setting::new(
    "dqn.buffer",
    Kind::Int { low: 1, high: 100_000_000 },
    "capacity of the replay memory, in transitions",
)
.or("20000")
.under("agent", &["dqn"]);

pub(super) const LEARNING_STARTS: Setting = Setting::new(
    "dqn.learning_starts",
    Kind::Int { low: 0, high: i64::MAX },
    "random environment steps before the first update; they count as examples",
)
.or("1000")
.under("agent", &["dqn"]);

pub(super) const TRAIN_EVERY: Setting =
    Setting::new("dqn.train_every", Kind::Int { low: 1, high: 1 << 30 }, "environment steps per update")
        .or("4")
        .under("agent", &["dqn"]);

pub(super) const TARGET_EVERY: Setting = Setting::new(
    "dqn.target_every",
    Kind::Length,
    "interval at which the online network is copied to the target network",
)
.or("50st")
.under("agent", &["dqn"]);

pub(super) const EXPLORATION: Setting = Setting::new(
    "dqn.exploration",
    Kind::Length,
    "length over which epsilon, the share of random actions, falls from 1 to dqn.epsilon_end",
)
.or("30%")
.under("agent", &["dqn"]);

pub(super) const EPSILON_END: Setting =
    Setting::new("dqn.epsilon_end", Kind::SHARE, "final epsilon: share of random actions once it has fallen")
        .or("0.05")
        .under("agent", &["dqn"]);

/// The checked specification of deep Q-learning.
#[derive(Clone, Debug)]
pub struct DqnSpec {
    network: NetworkSpec,
    /// Transitions replayed per update, at the start.
    batch: usize,
    gamma: f32,
    /// Capacity of the replay memory in transitions.
    buffer: usize,
    starts_after: u64,
    train_every: u64,
    target_every: Length,
    exploration: Exploration,
    /// Episodes of an evaluation.
    episodes: usize,
}

impl DqnSpec {
    /// The agent that `settings` describe in the environment `data`, replaying `batch` transitions per update.
    ///
    /// # Errors
    /// A value that is out of range; a batch that is larger than the replay memory.
    pub fn read(settings: &Settings, data: &Dataset, batch: usize) -> Result<DqnSpec, SettingError> {
        let length = |setting| Ok(settings.length(setting)?.unwrap_or(Length::Steps(0.0)));
        let network = NetworkSpec::read(settings)?;
        let buffer = settings.count(&BUFFER)?;
        if buffer < batch {
            let why = format!("is smaller than a batch of {batch} transitions");
            return Err(settings.error(&BUFFER, why));
        }
        let target_every = length(&TARGET_EVERY)?;
        if target_every.is_zero() {
            return Err(settings.error(&TARGET_EVERY, "must be longer than 0: write 100st (updates)"));
        }
        Ok(DqnSpec {
            network,
            batch,
            gamma: settings.required(&GAMMA)? as f32,
            buffer,
            starts_after: settings.required(&LEARNING_STARTS)? as u64,
            train_every: settings.required(&TRAIN_EVERY)? as u64,
            target_every,
            exploration: Exploration { last: settings.required(&EPSILON_END)?, over: length(&EXPLORATION)? },
            episodes: data.count(Part::Validation),
        })
    }
}

/// A network of action values, the environment that it acts in and the memory that it learns from.
pub(crate) struct Dqn {
    network: Network,
    /// Parameters of the target network.
    target: Vec<f32>,
    gamma: f32,
    starts_after: u64,
    train_every: u64,
    target_every: Length,
    exploration: Exploration,
    environment: CartPole,
    replay: Replay,
    batch: Minibatch,
    /// The random streams for the starts of episodes, the actions and the replay.
    starts: ChaCha8Rng,
    actions: ChaCha8Rng,
    draws: ChaCha8Rng,
    evaluation: Evaluation,
    epoch_loss: EpochLoss,
}

/// Transitions gathered for the network, as many as it processes at once.
struct Minibatch {
    before: Vec<f32>,
    after: Vec<f32>,
    actions: Vec<u8>,
    terminated: Vec<bool>,
    targets: Vec<f32>,
}

impl Dqn {
    /// The agent of `spec` with buffers from `room`; `seed` feeds the streams `environment`, `actions` and `replay`,
    /// and those of the evaluation.
    pub fn build(spec: &DqnSpec, seed: u64, room: &mut Room) -> Dqn {
        let DqnSpec { batch, episodes, .. } = *spec;
        let capacity = batch.clamp(episodes, episodes.max(256));
        let ends = Ends { inputs: OBSERVED, outputs: ACTIONS, prefix: "" };
        let network = Network::build(&spec.network, ends, 0, capacity, room);
        let mut starts = stream(seed, "environment");
        Dqn {
            target: room.floats(network.end()),
            gamma: spec.gamma,
            starts_after: spec.starts_after,
            train_every: spec.train_every,
            target_every: spec.target_every,
            exploration: spec.exploration,
            environment: CartPole::start(&mut starts),
            replay: Replay::new(spec.buffer, room),
            batch: Minibatch {
                before: room.floats(capacity * OBSERVED),
                after: room.floats(capacity * OBSERVED),
                actions: room.filled(0, capacity),
                terminated: room.filled(false, capacity),
                targets: room.floats(capacity),
            },
            network,
            starts,
            actions: stream(seed, "actions"),
            draws: stream(seed, "replay"),
            evaluation: Evaluation::new(seed, episodes, room),
            epoch_loss: EpochLoss::default(),
        }
    }

    /// Takes one step, at random with probability `epsilon`, into the memory.
    fn act(&mut self, parameters: &[f32], epsilon: f64) {
        let (mut before, mut after) = ([0.0; OBSERVED], [0.0; OBSERVED]);
        self.environment.observe(&mut before);
        let action = if self.actions.random::<f64>() < epsilon {
            self.actions.random_range(0..ACTIONS)
        } else {
            best(self.network.forward(parameters, &before))
        };
        let end = self.environment.step(action);
        self.environment.observe(&mut after);
        let terminated = end == After::Terminated;
        self.replay.push(Transition { before: &before, action: action as u8, after: &after, terminated });
        if end.over() {
            self.environment = CartPole::start(&mut self.starts);
        }
    }

    /// Draws transitions from the memory and sets the targets r + γ·max Q(after) of the target network, without the
    /// second term if the episode ended.
    fn replay(&mut self, count: usize) {
        let batch = &mut self.batch;
        for row in 0..count {
            let drawn = self.replay.get(self.draws.random_range(0..self.replay.len()));
            batch.before[row * OBSERVED..(row + 1) * OBSERVED].copy_from_slice(drawn.before);
            batch.after[row * OBSERVED..(row + 1) * OBSERVED].copy_from_slice(drawn.after);
            batch.actions[row] = drawn.action;
            batch.terminated[row] = drawn.terminated;
        }
        let q = self.network.forward(&self.target, &batch.after[..count * OBSERVED]);
        for (row, q) in q.chunks_exact(ACTIONS).enumerate() {
            let follows = if batch.terminated[row] { 0.0 } else { q[best(q)] };
            batch.targets[row] = 1.0 + self.gamma * follows;
        }
    }

    /// Adds the gradient of the loss of the first `count` transitions gathered, times `scale`. Returns the sum of the
    /// losses.
    fn learn(&mut self, parameters: &[f32], count: usize, scale: f32, gradient: &mut [f32]) -> f64 {
        let x = &self.batch.before[..count * OBSERVED];
        let q = self.network.forward(parameters, x);
        let loss = q_loss(q, &self.batch.actions[..count], &self.batch.targets[..count], scale);
        self.network.backward(parameters, x, gradient);
        loss
    }
}

impl Learner for Dqn {
    fn blocks(&self) -> &[Block] {
        self.network.blocks()
    }

    fn pace(&self) -> Pace {
        Pace { before: self.starts_after, each: Some(self.train_every), cut: false }
    }

    fn init(&self, parameters: &mut [f32], rng: &mut ChaCha8Rng) {
        self.network.init(parameters, rng);
    }

    fn gradient(
        &mut self,
        parameters: &[f32],
        batch: usize,
        progress: &Progress,
        gradient: &mut [f32],
    ) -> Learned {
        let mut examples = self.train_every;
        if progress.step == 0 {
            (0..self.starts_after).for_each(|_| self.act(parameters, 1.0));
            examples += self.starts_after;
        }
        let per_epoch = progress.total_steps as f64 / progress.total_epochs;
        let every = self.target_every.steps(progress.total_steps, per_epoch).max(1);
        if progress.step.is_multiple_of(every) {
            self.target.copy_from_slice(parameters);
        }
        let epsilon = self.exploration.rate(progress);
        (0..self.train_every).for_each(|_| self.act(parameters, epsilon));
        gradient.fill(0.0);
        let (mut left, mut loss) = (batch, 0.0);
        while left > 0 {
            let count = left.min(self.network.capacity());
            self.replay(count);
            loss += self.learn(parameters, count, 1.0 / batch as f32, gradient);
            left -= count;
        }
        self.epoch_loss.add(progress, loss, batch);
        Learned { loss, examples: examples as usize }
    }

    fn train_loss(&self) -> f64 {
        self.epoch_loss.mean()
    }

    fn evaluate(&mut self, parameters: &[f32], part: Part) -> Metrics {
        self.evaluation.metrics(&mut self.network, parameters, part)
    }

    fn stuck(&self, reached: &Metrics) -> bool {
        stuck(reached)
    }

    fn state(&self) -> Vec<u8> {
        let mut state = Writer::default();
        [&self.starts, &self.actions, &self.draws].into_iter().for_each(|stream| state.stream(stream));
        self.environment.write(&mut state);
        self.epoch_loss.write(&mut state);
        state.floats(&self.target);
        self.replay.write(&mut state);
        state.end()
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), StateMismatch> {
        let mut state = reader(state);
        for stream in [&mut self.starts, &mut self.actions, &mut self.draws] {
            state.stream(stream)?;
        }
        self.environment.read(&mut state)?;
        self.epoch_loss.read(&mut state)?;
        state.floats(&mut self.target)?;
        self.replay.read(&mut state)?;
        state.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Options, open};
    use crate::nn::check::check_gradient;

    fn agent(words: &[(&str, &str)]) -> (Dqn, Vec<f32>) {
        let data = open("cartpole", &Options::default()).unwrap();
        let mut settings = Settings::default();
        words.iter().for_each(|&(name, value)| settings.set(name, value));
        let agent = Dqn::build(&DqnSpec::read(&settings, &data, 40).unwrap(), 2, &mut Room::default());
        let mut parameters = vec![0.0; agent.size()];
        agent.init(&mut parameters, &mut stream(2, "init"));
        (agent, parameters)
    }

    /// Just before the first update of a run of 100.
    fn start() -> Progress {
        Progress { total_steps: 100, total_examples: 400, total_epochs: 0.04, ..Progress::default() }
    }

    #[test]
    fn the_gradient_is_that_of_the_difference_quotient() {
        let (mut agent, parameters) = agent(&[("hidden", "5/3"), ("activation", "tanh")]);
        let mut gradient = vec![f32::NAN; parameters.len()];
        let learned = agent.gradient(&parameters, 40, &start(), &mut gradient);
        assert_eq!(learned.examples, 1004);
        assert!(agent.batch.terminated[..40].contains(&true));
        check_gradient("Q", &parameters, &gradient, |parameters| {
            agent.learn(parameters, 40, 1.0, &mut vec![0.0; parameters.len()]) / 40.0
        });
    }

    #[test]
    fn targets_come_from_the_fixed_copy() {
        let (mut agent, mut parameters) = agent(&[("hidden", "0"), ("dqn.target_every", "3st")]);
        let mut gradient = vec![0.0; parameters.len()];
        let first = parameters.clone();
        for step in 0..=3 {
            let progress = Progress { step, ..start() };
            agent.gradient(&parameters, 40, &progress, &mut gradient);
            assert!(if step < 3 { agent.target == first } else { agent.target == parameters }, "{step}");
            parameters[0] += 1.0;
        }
        // After the end of an episode nothing counts.
        let ended: Vec<bool> = agent.batch.targets[..40].iter().map(|&target| target == 1.0).collect();
        assert_eq!(ended, agent.batch.terminated[..40]);
    }
}
