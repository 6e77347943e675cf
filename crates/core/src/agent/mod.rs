//! Reinforcement learning: agents that learn by acting, in addition to learners of examples.
//!
//! An example is one environment step. The batch size is the environment steps per update under `policy_gradient`, and
//! the transitions replayed per update under `dqn`. The metric is `return`, the mean undiscounted return of the greedy
//! policy over evaluation episodes with fixed starts; higher is better. A run diverges only if its loss is not finite,
//! since the losses of a good run may grow with its returns. It is stuck if its return is no better than that of random
//! actions.

pub mod cartpole;
mod dqn;
mod epoch_loss;
mod evaluation;
mod exploration;
mod loss;
mod network;
mod policy_gradient;
mod replay;
mod rollout;

use sweep_settings::{Kind, Setting, SettingError, Settings, names};

use crate::data::Dataset;
use crate::learner::{ACCUMULATE, Learner, WORKERS};
use crate::model::MODEL;
use crate::room::Room;
use crate::schedule::{PLATEAU_MODE, SCHEDULE};
use dqn::Dqn;
pub use dqn::DqnSpec;
use policy_gradient::PolicyGradient;
pub use policy_gradient::PolicyGradientSpec;

/// The settings of this module.
pub const SETTINGS: &[Setting] = &[
    AGENT,
    policy_gradient::GAMMA,
    policy_gradient::LAMBDA,
    policy_gradient::ENTROPY,
    policy_gradient::VALUE,
    policy_gradient::ENVIRONMENTS,
    dqn::GAMMA,
    dqn::BUFFER,
    dqn::LEARNING_STARTS,
    dqn::TRAIN_EVERY,
    dqn::TARGET_EVERY,
    dqn::EXPLORATION,
    dqn::EPSILON_END,
];

const AGENT: Setting = Setting::new(
    "agent",
    Kind::Choice(&["policy_gradient", "dqn"]),
    "agent that learns in an environment (data=cartpole): policy gradient with a baseline, or deep Q-learning",
)
.or("policy_gradient")
.under(names::DATA, &["cartpole"]);

/// The checked specification of an agent.
#[derive(Clone, Debug)]
pub enum AgentSpec {
    /// A policy gradient with a baseline.
    PolicyGradient(PolicyGradientSpec),
    /// Deep Q-learning.
    Dqn(DqnSpec),
}

impl AgentSpec {
    /// The agent that `settings` describe, with batches of `batch`, in the environment `data`.
    ///
    /// # Errors
    /// A value that is out of range or does not work with an environment, with the reason.
    pub fn read(settings: &Settings, data: &Dataset, batch: usize) -> Result<AgentSpec, SettingError> {
        let watched = matches!(settings.text(&SCHEDULE).as_str(), "plateau" | "batch_plateau");
        let needs = [
            (
                true,
                &MODEL,
                "mlp",
                "works only with data sets; the networks of an agent are perceptrons: use mlp",
            ),
            (
                true,
                &ACCUMULATE,
                "1",
                "works only with data sets; an agent learns from a whole batch at once: use 1",
            ),
            (
                true,
                &WORKERS,
                "1",
                "works only with data sets; an agent learns from a whole batch at once: use 1",
            ),
            (
                watched,
                &PLATEAU_MODE,
                "max",
                "waits for lower readings, but higher returns are better: use max",
            ),
        ];
        for (applies, setting, needed, why) in needs {
            if applies && settings.text(setting) != needed {
                return Err(settings.error(setting, why));
            }
        }
        settings.checked(&AGENT)?;
        Ok(match settings.text(&AGENT).as_str() {
            "dqn" => AgentSpec::Dqn(DqnSpec::read(settings, data, batch)?),
            _ => AgentSpec::PolicyGradient(PolicyGradientSpec::read(settings, data, batch)?),
        })
    }

    /// The agent with buffers from `room`, its streams started at `seed`.
    pub fn build(&self, seed: u64, room: &mut Room) -> Box<dyn Learner> {
        match self {
            AgentSpec::PolicyGradient(spec) => Box::new(PolicyGradient::build(spec, seed, room)),
            AgentSpec::Dqn(spec) => Box::new(Dqn::build(spec, seed, room)),
        }
    }
}

/// Refuses settings of agents if the data are not an environment.
///
/// # Errors
/// The first such setting that was given.
pub(crate) fn refuse(settings: &Settings) -> Result<(), SettingError> {
    match SETTINGS.iter().find(|setting| settings.given(setting)) {
        Some(setting) => Err(settings.error(setting, "works only with environments: use data=cartpole")),
        None => Ok(()),
    }
}
