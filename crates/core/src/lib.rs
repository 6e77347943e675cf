//! The trainer: trains one network once and records readings on the way.
//!
//! [`Settings`] (values by name) become a checked, typed specification ([`TrainSpec`]), a data set is loaded or decoded
//! once and shared, and one call trains. This crate does not depend on studies, reads no clock, starts no thread and
//! prints nothing. All training arithmetic is f32; schedules are computed in f64.

pub mod agent;
pub mod catalogue;
pub mod data;
pub mod divergence;
pub mod evaluate;
pub mod kernels;
pub mod learner;
pub mod measure;
pub mod model;
pub mod nn;
pub mod optimizer;
pub mod parametrization;
#[cfg(test)]
mod published;
pub mod range_test;
pub mod reading;
pub mod room;
pub mod schedule;
pub mod spec;
pub mod state;
pub mod train;

pub use data::{DataError, Dataset, Part, Split};
pub use optimizer::{Optimizer, OptimizerSpec};
pub use reading::{Reading, ReportEvery};
pub use room::Room;
pub use schedule::{Horizon, Progress, Schedule};
pub use spec::{Budget, Cost, TrainSpec};
pub use sweep_settings::{Length, Setting, SettingError, Settings, Target, stream};
pub use train::{Cooled, Ending, Flow, Observer, Run, Trained, train};
