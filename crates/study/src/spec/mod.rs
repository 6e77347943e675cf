//! A study as typed, and how it becomes the study as run.

mod budget;
mod command;
mod derived;
mod enqueue;
mod error;
mod file;
mod goals;
mod known;
mod misspelt;
mod objective;
mod pruning;
mod resolve;
mod rules;
mod seeds;
mod toml_value;
mod twice;

pub use command::CommandFile;
pub use derived::Derived;
pub use error::SpecError;
pub use file::SpecFile;
pub use resolve::DEFAULT_TRIALS;
pub use seeds::seeds_remark;
