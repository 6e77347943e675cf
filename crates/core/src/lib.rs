//! The trainer: one network, trained once, and what was measured on the way.
//!
//! A [`Settings`] map (names and values as a person types them) becomes a checked specification, a data set is
//! loaded or decoded once and shared, and one call trains. This crate knows nothing of studies, reads no clock,
//! starts no thread and prints nothing. All training arithmetic is f32; schedules are computed in f64.

pub mod length;
pub mod optimizer;
pub mod schedule;
pub mod settings;
pub mod state;
pub mod stream;

pub use length::Length;
pub use optimizer::Optimizer;
pub use schedule::{Horizon, Progress, Schedule};
pub use settings::{Setting, SettingError, Settings};
pub use stream::stream;
