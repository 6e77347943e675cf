//! The policy gradient with a value baseline: an advantage actor-critic (Mnih et al. 2016, without its asynchrony).
//!
//! For each update the current policy takes B environment steps, in a few parallel environments. Actions that did
//! better than the baseline predicted become more likely, and the baseline learns the observed returns. Policy and
//! baseline are two networks of the same shape.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use sweep_settings::{Kind, Scale, Setting, SettingError, Settings, stream};

use super::cartpole::{ACTIONS, CartPole, OBSERVED};
use super::epoch_loss::EpochLoss;
use super::evaluation::{Evaluation, stuck};
use super::loss::{log_softmax, policy_loss, value_loss};
use super::network::{Ends, Network, NetworkSpec};
use super::rollout::Rollout;
use crate::data::{Dataset, Part};
use crate::kernels::exp;
use crate::learner::{Learned, Learner, Pace};
use crate::model::Block;
use crate::reading::Metrics;
use crate::room::Room;
use crate::schedule::Progress;
use crate::state::{StateMismatch, Writer, reader};

pub(super) const GAMMA: Setting =
    Setting::new("policy_gradient.gamma", Kind::SHARE, "discount factor per step for later rewards")
        .or("0.99")
        .on(Scale::OneMinus)
        .under("agent", &["policy_gradient"]);

pub(super) const LAMBDA: Setting = Setting::new(
    "policy_gradient.lambda",
    Kind::SHARE,
    "how far advantages look ahead: 0 to the baseline of the next step, 1 to the end of the rollout",
)
.or("0.95")
.under("agent", &["policy_gradient"]);

pub(super) const ENTROPY: Setting = Setting::new(
    "policy_gradient.entropy",
    Kind::FROM_ZERO,
    "weight of the entropy bonus, which keeps the policy exploring",
)
.or("0.01")
.under("agent", &["policy_gradient"]);

pub(super) const VALUE: Setting = Setting::new(
    "policy_gradient.value",
    Kind::FROM_ZERO,
    "weight of the baseline's loss relative to the policy's",
)
.or("0.5")
.under("agent", &["policy_gradient"]);

pub(super) const ENVIRONMENTS: Setting = Setting::new(
    "policy_gradient.environments",
    Kind::Int { low: 1, high: 256 },
    "number of environments, stepped in turn; at most batch",
)
.or("8")
.under("agent", &["policy_gradient"]);

/// The checked specification of a policy gradient.
#[derive(Clone, Debug)]
pub struct PolicyGradientSpec {
    network: NetworkSpec,
    /// Environment steps per update, at the start.
    batch: usize,
    gamma: f32,
    lambda: f32,
    entropy: f32,
    /// The weight of the baseline's loss.
    weight: f32,
    environments: usize,
    /// Episodes of an evaluation.
    episodes: usize,
}

impl PolicyGradientSpec {
    /// The agent that `settings` describe in the environment `data`, with updates by `batch` environment steps.
    ///
    /// # Errors
    /// A value that is out of range.
    pub fn read(
        settings: &Settings,
        data: &Dataset,
        batch: usize,
    ) -> Result<PolicyGradientSpec, SettingError> {
        Ok(PolicyGradientSpec {
            network: NetworkSpec::read(settings)?,
            batch,
            gamma: settings.required(&GAMMA)? as f32,
            lambda: settings.required(&LAMBDA)? as f32,
            entropy: settings.required(&ENTROPY)? as f32,
            weight: settings.required(&VALUE)? as f32,
            environments: settings.count(&ENVIRONMENTS)?.min(batch),
            episodes: data.count(Part::Validation),
        })
    }
}

/// A policy, its baseline, and the environments that it acts in.
pub(crate) struct PolicyGradient {
    policy: Network,
    value: Network,
    blocks: Vec<Block>,
    gamma: f32,
    lambda: f32,
    entropy: f32,
    weight: f32,
    environments: Vec<CartPole>,
    rollout: Rollout,
    /// The random streams for the starts of episodes and the actions.
    starts: ChaCha8Rng,
    actions: ChaCha8Rng,
    evaluation: Evaluation,
    epoch_loss: EpochLoss,
}

impl PolicyGradient {
    /// The agent of `spec` with buffers from `room`; `seed` feeds the streams `environment` and `actions`, and those of
    /// the evaluation.
    pub fn build(spec: &PolicyGradientSpec, seed: u64, room: &mut Room) -> PolicyGradient {
        let PolicyGradientSpec { batch, episodes, .. } = *spec;
        let capacity = batch.clamp(episodes, episodes.max(256));
        let ends = |outputs, prefix| Ends { inputs: OBSERVED, outputs, prefix };
        let policy = Network::build(&spec.network, ends(ACTIONS, "policy."), 0, capacity, room);
        let value = Network::build(&spec.network, ends(1, "value."), policy.end(), capacity, room);
        let mut starts = stream(seed, "environment");
        PolicyGradient {
            blocks: [policy.blocks(), value.blocks()].concat(),
            policy,
            value,
            gamma: spec.gamma,
            lambda: spec.lambda,
            entropy: spec.entropy,
            weight: spec.weight,
            environments: (0..spec.environments).map(|_| CartPole::start(&mut starts)).collect(),
            rollout: Rollout::new(batch, room),
            starts,
            actions: stream(seed, "actions"),
            evaluation: Evaluation::new(seed, episodes, room),
            epoch_loss: EpochLoss::default(),
        }
    }

    /// Takes `steps` steps with the policy at `parameters`, the environments in turn.
    fn act(&mut self, parameters: &[f32], steps: usize) {
        let rollout = &mut self.rollout;
        rollout.resize(steps);
        let most = self.environments.len();
        for first in (0..steps).step_by(most) {
            let environments = &mut self.environments[..most.min(steps - first)];
            let rows = first * OBSERVED..(first + environments.len()) * OBSERVED;
            for (environment, row) in
                environments.iter().zip(rollout.before[rows.clone()].chunks_exact_mut(OBSERVED))
            {
                environment.observe(row);
            }
            let outputs = self.policy.forward(parameters, &rollout.before[rows]);
            for (index, (environment, logits)) in
                environments.iter_mut().zip(outputs.chunks_exact_mut(ACTIONS)).enumerate()
            {
                let step = first + index;
                let action = draw(logits, self.actions.random());
                let after = environment.step(action);
                environment.observe(&mut rollout.after[step * OBSERVED..(step + 1) * OBSERVED]);
                rollout.actions[step] = action as u8;
                rollout.ends[step] = after.over().then_some(after);
                if after.over() {
                    *environment = CartPole::start(&mut self.starts);
                }
            }
        }
    }

    /// Computes advantages and returns of the rollout with the baseline at `parameters`.
    fn judge(&mut self, parameters: &[f32]) {
        let (rollout, rows) = (&mut self.rollout, self.value.capacity());
        for (seen, values) in
            [(&rollout.before, &mut rollout.values), (&rollout.after, &mut rollout.next_values)]
        {
            for (x, values) in seen.chunks(rows * OBSERVED).zip(values.chunks_mut(rows)) {
                values.copy_from_slice(self.value.forward(parameters, x));
            }
        }
        rollout.judge(self.environments.len(), self.gamma, self.lambda);
    }

    /// Adds the gradient of the mean loss of the rollout, with its advantages and returns held constant. Returns the
    /// sum of the losses.
    fn learn(&mut self, parameters: &[f32], gradient: &mut [f32]) -> f64 {
        let (rollout, rows) = (&self.rollout, self.policy.capacity());
        let (steps, mut loss) = (rollout.actions.len(), 0.0);
        let scale = 1.0 / steps as f32;
        for first in (0..steps).step_by(rows) {
            let range = first..(first + rows).min(steps);
            let x = &rollout.before[range.start * OBSERVED..range.end * OBSERVED];
            let (actions, advantages) = (&rollout.actions[range.clone()], &rollout.advantages[range.clone()]);
            let logits = self.policy.forward(parameters, x);
            loss += policy_loss(logits, actions, advantages, self.entropy, scale);
            self.policy.backward(parameters, x, gradient);
            let values = self.value.forward(parameters, x);
            loss += value_loss(values, &rollout.returns[range], self.weight, scale);
            self.value.backward(parameters, x, gradient);
        }
        loss
    }
}

/// The action that `chance`, uniform in [0, 1), draws from the softmax of `logits`; these become log-probabilities.
fn draw(logits: &mut [f32], chance: f32) -> usize {
    log_softmax(logits);
    let mut left = chance;
    for (action, &log_p) in logits.iter().enumerate() {
        left -= exp(log_p);
        if left < 0.0 {
            return action;
        }
    }
    logits.len() - 1
}

impl Learner for PolicyGradient {
    fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    fn pace(&self) -> Pace {
        Pace { before: 0, each: None, cut: false }
    }

    fn init(&self, parameters: &mut [f32], rng: &mut ChaCha8Rng) {
        self.policy.init(parameters, rng);
        self.value.init(parameters, rng);
    }

    fn gradient(
        &mut self,
        parameters: &[f32],
        batch: usize,
        progress: &Progress,
        gradient: &mut [f32],
    ) -> Learned {
        self.act(parameters, batch);
        self.judge(parameters);
        gradient.fill(0.0);
        let loss = self.learn(parameters, gradient);
        self.epoch_loss.add(progress, loss, batch);
        Learned { loss, examples: batch }
    }

    fn train_loss(&self) -> f64 {
        self.epoch_loss.mean()
    }

    fn evaluate(&mut self, parameters: &[f32], part: Part) -> Metrics {
        self.evaluation.metrics(&mut self.policy, parameters, part)
    }

    fn stuck(&self, reached: &Metrics) -> bool {
        stuck(reached)
    }

    fn state(&self) -> Vec<u8> {
        let mut state = Writer::default();
        state.stream(&self.starts);
        state.stream(&self.actions);
        self.environments.iter().for_each(|environment| environment.write(&mut state));
        self.epoch_loss.write(&mut state);
        state.end()
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), StateMismatch> {
        let mut state = reader(state);
        state.stream(&mut self.starts)?;
        state.stream(&mut self.actions)?;
        for environment in &mut self.environments {
            environment.read(&mut state)?;
        }
        self.epoch_loss.read(&mut state)?;
        state.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Options, open};
    use crate::nn::check::check_gradient;

    #[test]
    fn the_gradient_is_that_of_the_difference_quotient() {
        let data = open("cartpole", &Options::default()).unwrap();
        let mut settings = Settings::default();
        for (name, value) in [("hidden", "5/3"), ("activation", "tanh"), ("policy_gradient.entropy", "0.2")] {
            settings.set(name, value);
        }
        // More steps than the networks process at once, with episodes that end among them.
        let mut agent = PolicyGradient::build(
            &PolicyGradientSpec::read(&settings, &data, 300).unwrap(),
            4,
            &mut Room::default(),
        );
        let mut parameters = vec![0.0; agent.size()];
        agent.init(&mut parameters, &mut stream(4, "init"));
        let mut gradient = vec![f32::NAN; parameters.len()];
        let learned = agent.gradient(&parameters, 300, &Progress::default(), &mut gradient);
        assert!(agent.rollout.ends.iter().any(Option::is_some) && learned.examples == 300);
        check_gradient("policy and baseline", &parameters, &gradient, |parameters| {
            agent.learn(parameters, &mut vec![0.0; parameters.len()]) / 300.0
        });
    }

    #[test]
    fn actions_are_drawn_by_their_probabilities() {
        let mut taken = [0; 2];
        for chance in 0..100 {
            taken[draw(&mut [0.0, libm::logf(3.0)], chance as f32 / 100.0)] += 1;
        }
        assert_eq!(taken, [25, 75]);
    }
}
