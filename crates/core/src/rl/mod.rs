//! Reinforcement learning: agents that learn by acting, as learners beside those of examples.
//!
//! An example is one environment step. The batch size is, under `policy_gradient`, the environment steps an update
//! and, under `dqn`, the transitions replayed an update. What is read is `return`, the mean undiscounted return of the
//! greedy policy over evaluation episodes with fixed starts; higher is better. A run diverges by a loss that is not
//! finite alone, since a sound run's losses may grow with its returns; it is stuck where its return is no better than
//! that of random actions.

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

use crate::data::Dataset;
use crate::learner::{ACCUMULATE, Learner, WORKERS};
use crate::model::MODEL;
use crate::schedule::{PLATEAU_MODE, SCHEDULE};
use crate::settings::{Kind, Setting, error};
use crate::{SettingError, Settings};

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

const AGENT: Setting = Setting {
    name: "agent",
    kind: Kind::Choice(&["policy_gradient", "dqn"]),
    scale: None,
    default: Some("policy_gradient"),
    when: Some(("data", &["cartpole"])),
    help: "what learns to act in an environment (data=cartpole): a policy gradient with a baseline, or Q-learning",
};

/// The agent that `settings` describe, with batches of `batch`, in the environment `data`.
///
/// # Errors
/// A value that is out of range or does not go with an environment, named with its reason.
pub(crate) fn build(
    settings: &Settings,
    data: &Dataset,
    batch: usize,
    seed: u64,
) -> Result<Box<dyn Learner>, SettingError> {
    let watched = matches!(settings.text(&SCHEDULE), Some("plateau" | "batch_plateau"));
    let needs = [
        (true, &MODEL, "mlp", "goes with examples; the networks of an agent are perceptrons: take mlp"),
        (true, &ACCUMULATE, "1", "goes with examples; an agent learns from a batch at once: take 1"),
        (true, &WORKERS, "1", "goes with examples; an agent learns from a batch at once: take 1"),
        (
            watched,
            &PLATEAU_MODE,
            "max",
            "waits for lower readings; of returns higher ones are better: take max",
        ),
    ];
    for (applies, setting, needed, why) in needs {
        let text = settings.text(setting).unwrap_or_default();
        if applies && text != needed {
            return Err(error(setting, text, why.into()));
        }
    }
    match settings.text(&AGENT).unwrap_or_default() {
        "policy_gradient" => {
            Ok(Box::new(policy_gradient::PolicyGradient::build(settings, data, batch, seed)?))
        }
        "dqn" => Ok(Box::new(dqn::Dqn::build(settings, data, batch, seed)?)),
        other => Err(error(&AGENT, other, "is no agent: it is policy_gradient or dqn".into())),
    }
}

/// Refuses settings of agents where there is nothing to act in.
///
/// # Errors
/// The first of them that was given.
pub(crate) fn refuse(settings: &Settings) -> Result<(), SettingError> {
    let given = |setting: &&Setting| settings.names().any(|name| name == setting.name);
    match SETTINGS.iter().find(given) {
        Some(setting) => {
            let why = "goes with environments to act in: take data=cartpole".to_owned();
            Err(error(setting, settings.text(setting).unwrap_or_default(), why))
        }
        None => Ok(()),
    }
}
