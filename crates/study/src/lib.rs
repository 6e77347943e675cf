//! The vocabulary of `sweep`: space, parameter, point, trial, outcome, study, and how they are typed.
//!
//! Nothing here trains, searches, draws or stores. Names of settings are checked against a [`Catalogue`] that is
//! handed in, so this crate knows no trainer.

pub mod catalogue;
mod pace;
pub mod record;
pub mod scale;
pub mod space;
pub mod spec;
pub mod study;
pub mod target;
pub mod value;

pub use catalogue::{Catalogue, Entry, Kind, Role};
pub use pace::{Network, Pace, StepTime, StepTimes, WORKERS};
pub use record::{
    COOLED, COOLED_STEPS, Curve, GIVEN, Imported, Metrics, Outcome, Past, Point, Rest, SECONDS, Span,
};
pub use record::{StudyRecord, Trial, cooled};
pub use scale::Scale;
pub use space::{Axis, AxisError, Constraint, Domain, Parameter, Space};
pub use spec::{Derived, SpecError, SpecFile};
pub use study::{
    Command, CommandFile, Direction, Earlier, EarlierTrial, Extra, FRESH, Goal, Lag, Pruning, Rank,
};
pub use study::{Split, Study, Style, Wandb};
pub use target::{STEPS_TO_TARGET, Target};
pub use value::Value;
