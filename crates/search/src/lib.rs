//! Where to look next, and how long: samplers and pruners.
//!
//! Each answers one question, and its answer depends only on its arguments, so a resumed study proposes what it would
//! have proposed. A [`Plan`] combines both, step by step. There are no threads, files or clocks here.

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
pub use planner::{Decision, Limits, Plan, Rules, Segment, TrialReport, plan};
pub use pruner::{Exploit, Pruner, Standing, Verdict};
pub use sampler::{Ask, Sampler};
pub use stratum::Stratum;
