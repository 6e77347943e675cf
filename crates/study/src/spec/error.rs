//! What can be wrong with a specification.

use crate::AxisError;

/// An error in a specification.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SpecError {
    /// An axis, with a caret under the fault.
    #[error(transparent)]
    Axis(#[from] AxisError),
    /// The text is not valid TOML.
    #[error("{0}")]
    Toml(String),
    /// Anything else: what is wrong and what to type instead.
    #[error("{0}")]
    Other(String),
}
