//! The vocabulary of `sweep`: space, parameter, point, trial, outcome, study, and how they are typed.
//!
//! Nothing here trains, searches, draws or stores. Names of settings are checked against a [`Catalogue`] that is
//! handed in, so this crate knows no trainer.

pub mod axis;
mod budget;
pub mod catalogue;
pub mod command;
mod constraint;
mod derived;
mod earlier;
mod effective;
mod enqueue;
mod extend;
mod extra;
mod goals;
mod imported;
mod known;
mod lag;
pub mod levels;
mod pace;
pub mod pruning;
pub mod record;
pub mod resolve;
mod rules;
pub mod scale;
pub mod space;
pub mod spec_file;
pub mod study;
pub mod target;
pub mod trial;
pub mod value;
pub mod wandb;

pub use axis::{Axis, AxisError};
pub use catalogue::{Catalogue, Entry, Kind, Role};
pub use command::{Command, CommandFile, Style};
pub use constraint::Constraint;
pub use derived::Derived;
pub use earlier::{Earlier, EarlierTrial};
pub use extra::{Extra, FRESH};
pub use imported::Imported;
pub use lag::Lag;
pub use pace::{Network, Pace, StepTime, StepTimes, WORKERS};
pub use pruning::Pruning;
pub use record::{GIVEN, Span, StudyRecord};
pub use scale::Scale;
pub use space::{Domain, Parameter, Space};
pub use spec_file::{SpecError, SpecFile};
pub use study::{Direction, Goal, Rank, Split, Study};
pub use target::{STEPS_TO_TARGET, Target};
pub use trial::{COOLED, COOLED_STEPS, Curve, Metrics, Outcome, Past, Point, Rest, SECONDS, Trial, cooled};
pub use value::Value;
pub use wandb::Wandb;
