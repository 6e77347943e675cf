//! Where to look next: samplers.
//!
//! A sampler answers one question and its answer depends on its arguments alone, so a resumed study proposes what
//! it would have proposed. No threads, files or clocks here.

pub mod cube;
mod design;
mod fresh;
pub mod history;
mod model;
pub mod replay;
pub mod sampler;
mod stream;

pub use history::{Evidence, Observation};
pub use sampler::{Ask, NAMES, Sampler, build, learns, named};
