//! The policy gradient with a value baseline: an advantage actor-critic (Mnih et al. 2016, without its asynchrony).
//!
//! For each update the current policy takes B environment steps, in a few environments side by side. Actions that did
//! better than the baseline foretold become likelier, and the baseline learns the returns that were seen. Policy and
//! baseline are two networks of the same shape.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::cartpole::{ACTIONS, CartPole, OBSERVED};
use super::epoch_loss::EpochLoss;
use super::evaluation::{Evaluation, stuck};
use super::loss::{log_softmax, policy_loss, value_loss};
use super::network::Network;
use super::rollout::Rollout;
use crate::data::{Dataset, Part};
use crate::kernels::exp;
use crate::learner::{Learned, Learner, Pace};
use crate::model::Block;
use crate::reading::Metrics;
use crate::schedule::Progress;
use crate::settings::{Kind, Scale, Setting};
use crate::state::{StateMismatch, Writer, reader};
use crate::{SettingError, Settings, stream};

const UNDER: Option<(&str, &[&str])> = Some(("agent", &["policy_gradient"]));

const SHARE: Kind = Kind::Float { low: 0.0, high: 1.0, closed: (true, true) };

pub(super) const GAMMA: Setting = Setting {
    name: "policy_gradient.gamma",
    kind: SHARE,
    scale: Some(Scale::OneMinus),
    default: Some("0.99"),
    when: UNDER,
    help: "discount of the rewards of each later step",
};

pub(super) const LAMBDA: Setting = Setting {
    name: "policy_gradient.lambda",
    kind: SHARE,
    scale: None,
    default: Some("0.95"),
    when: UNDER,
    help: "how far advantages look: 0 to the next step's baseline, 1 to the end of the rollout",
};

pub(super) const ENTROPY: Setting = Setting {
    name: "policy_gradient.entropy",
    kind: Kind::Float { low: 0.0, high: f64::INFINITY, closed: (true, false) },
    scale: None,
    default: Some("0.01"),
    when: UNDER,
    help: "weight of the policy's entropy, which keeps it trying other actions",
};

pub(super) const VALUE: Setting = Setting {
    name: "policy_gradient.value",
    kind: Kind::Float { low: 0.0, high: f64::INFINITY, closed: (true, false) },
    scale: None,
    default: Some("0.5"),
    when: UNDER,
    help: "weight of the baseline's loss beside the policy's",
};

pub(super) const ENVIRONMENTS: Setting = Setting {
    name: "policy_gradient.environments",
    kind: Kind::Int { low: 1, high: 256 },
    scale: None,
    default: Some("8"),
    when: UNDER,
    help: "environments that take turns with their steps; no more than batch",
};

/// A policy, its baseline, and the environments that it acts in.
pub(super) struct PolicyGradient {
    policy: Network,
    value: Network,
    blocks: Vec<Block>,
    gamma: f32,
    lambda: f32,
    entropy: f32,
    weight: f32,
    environments: Vec<CartPole>,
    rollout: Rollout,
    /// Where episodes start and which actions are taken.
    starts: ChaCha8Rng,
    actions: ChaCha8Rng,
    evaluation: Evaluation,
    epoch_loss: EpochLoss,
}

impl PolicyGradient {
    /// The agent that `settings` describe; `seed` feeds the streams `environment` and `actions`, and those of the
    /// evaluation.
    ///
    /// # Errors
    /// A value that is out of range.
    pub fn build(
        settings: &Settings,
        data: &Dataset,
        batch: usize,
        seed: u64,
    ) -> Result<PolicyGradient, SettingError> {
        let episodes = data.count(Part::Validation);
        let capacity = batch.clamp(episodes, episodes.max(256));
        let policy = Network::build(settings, (OBSERVED, ACTIONS), ("policy.", 0), capacity)?;
        let value = Network::build(settings, (OBSERVED, 1), ("value.", policy.end()), capacity)?;
        let number = |of| -> Result<f64, SettingError> { Ok(settings.number(of)?.unwrap_or_default()) };
        let environments = (number(&ENVIRONMENTS)? as usize).min(batch);
        let mut starts = stream(seed, "environment");
        let mut rollout = Rollout::default();
        rollout.resize(batch);
        Ok(PolicyGradient {
            blocks: [policy.blocks(), value.blocks()].concat(),
            policy,
            value,
            gamma: number(&GAMMA)? as f32,
            lambda: number(&LAMBDA)? as f32,
            entropy: number(&ENTROPY)? as f32,
            weight: number(&VALUE)? as f32,
            environments: (0..environments).map(|_| CartPole::start(&mut starts)).collect(),
            rollout,
            starts,
            actions: stream(seed, "actions"),
            evaluation: Evaluation::new(seed, episodes),
            epoch_loss: EpochLoss::default(),
        })
    }

    /// Takes `steps` steps by the policy at `parameters`, the environments in turn.
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

    /// Judges the steps of the rollout by the baseline at `parameters`.
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

    /// Adds the gradient of the mean loss of the rollout, its advantages and returns taken as given. Returns the sum of
    /// the losses.
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

    fn bytes(&self) -> usize {
        self.policy.bytes() + self.value.bytes() + self.rollout.bytes() + self.evaluation.bytes()
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
        // More steps than go through the networks at once, and episodes that end among them.
        let mut agent = PolicyGradient::build(&settings, &data, 300, 4).unwrap();
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
