//! The trainer: one network, trained once, and what was measured on the way.
//!
//! A [`Settings`] map (names and values as a person types them) becomes a checked specification, a data set is
//! loaded or decoded once and shared, and one call trains. This crate knows nothing of studies, reads no clock,
//! starts no thread and prints nothing. All training arithmetic is f32; schedules are computed in f64.

pub mod data;
pub mod divergence;
pub mod evaluate;
pub mod kernels;
pub mod learner;
pub mod length;
pub mod measure;
pub mod model;
pub mod nn;
pub mod optimizer;
pub mod parametrization;
#[cfg(test)]
mod published;
pub mod range_test;
pub mod reading;
pub mod rl;
pub mod schedule;
pub mod settings;
pub mod spec;
pub mod state;
pub mod stream;
pub mod target;
pub mod train;

pub use data::{DataError, Dataset, Part, Split};
pub use length::Length;
pub use optimizer::Optimizer;
pub use reading::{Reading, ReportEvery};
pub use schedule::{Horizon, Progress, Schedule};
pub use settings::{Setting, SettingError, Settings};
pub use spec::{Budget, Cost, TrainSpec};
pub use stream::stream;
pub use target::Target;
pub use train::{Cooled, Ending, Flow, Observer, Run, Trained, train};
