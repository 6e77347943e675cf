//! What a checkpoint may be refused for.

/// A state that belongs to other settings or another size of network than it is given to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the saved state belongs to other settings or another size of network")]
pub struct StateMismatch;
