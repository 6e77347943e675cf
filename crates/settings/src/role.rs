//! The two settings that this program is about.

use crate::{Scale, names};

/// The role of a parameter in the question this program answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The learning rate, η.
    LearningRate,
    /// The batch size, B.
    Batch,
}

impl Role {
    /// Every name that conventionally has a role.
    pub const ALIASES: [&str; 6] =
        [names::LR, "learning_rate", "eta", names::BATCH, "batch_size", "per_device_train_batch_size"];

    /// The role that `name` conventionally has, if any.
    pub fn by_custom(name: &str) -> Option<Role> {
        match name {
            names::LR | "learning_rate" | "eta" => Some(Role::LearningRate),
            names::BATCH | "batch_size" | "per_device_train_batch_size" => Some(Role::Batch),
            _ => None,
        }
    }

    /// The name of the role in this project.
    pub fn name(self) -> &'static str {
        match self {
            Role::LearningRate => names::LR,
            Role::Batch => names::BATCH,
        }
    }

    /// The default spacing of a range of it.
    pub fn scale(self) -> Scale {
        match self {
            Role::LearningRate => Scale::Log,
            Role::Batch => Scale::Pow2,
        }
    }
}
