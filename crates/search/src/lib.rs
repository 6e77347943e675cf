//! Where to look next, and how long: samplers and pruners.
//!
//! Each answers one question, and its answer depends on its arguments alone, so a resumed study proposes what it would
//! have proposed. A [`Plan`] puts both together, step by step. No threads, files or clocks here.

pub mod cube;
mod design;
mod dialogue;
mod fresh;
pub mod history;
mod model;
pub mod planner;
pub mod pruner;
pub mod replay;
pub mod sampler;
mod stratum;
mod stream;

pub use dialogue::Dialogue;
pub use history::{Evidence, Observation};
pub use planner::{Decision, Go, Heard, Limits, Plan, Rules, plan};
pub use pruner::{Pruner, Standing, Verdict};
pub use sampler::{Ask, NAMES, Sampler, bounds, build, learns, named, of};
pub use stratum::Stratum;
