//! The vocabulary of `sweep`: space, parameter, point, trial, outcome, study, and how they are typed.
//!
//! Nothing here trains, searches, draws or stores. Names of settings are checked against a [`Catalogue`] that the
//! caller supplies, so this crate does not depend on a trainer.

mod pace;
pub mod record;
pub mod space;
pub mod spec;
pub mod study;
pub mod target;

pub use pace::{Network, Pace, StepTime};
pub use record::{
    COOLED, COOLED_STEPS, Curve, GIVEN, Imported, Metrics, Outcome, Past, Point, Rest, SECONDS, Span,
};
pub use record::{Lengths, StepTimes, StudyRecord, Trial, cooled, keeps};
pub use space::{Axis, AxisError, Constraint, Domain, Parameter, Space};
pub use spec::{CommandFile, Derived, SpecError, SpecFile};
pub use study::{Command, Cwd, Earlier, EarlierTrial, Extra, FRESH, Lag, Pruning, Rank};
pub use study::{Seed, Seeded, Split, Study, Style, Wandb};
pub use sweep_settings::names::{STEPS_TO_TARGET, WORKERS};
pub use sweep_settings::{Catalogue, Direction, Entry, Goal, Kind, Role, Scale, Setting, Target, Value};
