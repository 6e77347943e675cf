//! The learner of a run: supervised, or an agent.

use std::sync::Arc;

use sweep_settings::{SettingError, Settings};

use crate::agent::{self, AgentSpec};
use crate::data::{Dataset, Task};
use crate::learner::{Learner, Supervised, SupervisedSpec};
use crate::room::Room;

/// The checked specification of a learner for one data set.
#[derive(Clone, Debug)]
pub enum LearnerSpec {
    /// A network that learns from examples.
    Supervised(SupervisedSpec),
    /// An agent that learns by acting.
    Agent(AgentSpec),
}

impl LearnerSpec {
    /// The learner that `settings` describe for `data` and batches of `batch` examples.
    ///
    /// # Errors
    /// A value that is out of range or does not fit the data, with the reason.
    pub fn read(settings: &Settings, data: &Dataset, batch: usize) -> Result<LearnerSpec, SettingError> {
        if let Task::Control { .. } = data.task() {
            return Ok(LearnerSpec::Agent(AgentSpec::read(settings, data, batch)?));
        }
        agent::refuse(settings)?;
        Ok(LearnerSpec::Supervised(SupervisedSpec::read(settings, data, batch)?))
    }

    /// The learner with buffers from `room`, its streams started at `seed`. `data` must be the data that the
    /// specification was read for.
    pub fn build(&self, data: &Arc<Dataset>, seed: u64, room: &mut Room) -> Box<dyn Learner> {
        match self {
            LearnerSpec::Supervised(spec) => Box::new(Supervised::build(spec, data, seed, room)),
            LearnerSpec::Agent(spec) => spec.build(seed, room),
        }
    }

    /// How many workers share a batch.
    pub fn workers(&self) -> usize {
        match self {
            LearnerSpec::Supervised(spec) => spec.workers(),
            LearnerSpec::Agent(_) => 1,
        }
    }

    /// Whether each example has a separate gradient.
    pub fn separates_examples(&self) -> bool {
        matches!(self, LearnerSpec::Supervised(spec) if spec.separates_examples())
    }
}
