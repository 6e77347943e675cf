//! A study as typed, and how it becomes the study as run.

mod budget;
mod derived;
mod enqueue;
mod file;
mod goals;
mod known;
mod pruning;
mod resolve;
mod rules;

pub use derived::Derived;
pub use file::{SpecError, SpecFile};
pub use resolve::DEFAULT_TRIALS;

pub(crate) use enqueue::within;
pub(crate) use file::{scalar, word};
