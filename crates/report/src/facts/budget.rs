//! What each trial was given.

use serde::Serialize;
use sweep_study::{Study, Value};

/// A budget: an amount of a unit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Budget {
    /// `epochs`, `steps` or `examples`.
    pub unit: &'static str,
    /// How many; `None` where the budget is an axis of its own.
    pub amount: Option<f64>,
}

impl Budget {
    /// The budget of a study's trials.
    pub fn of(study: &Study) -> Budget {
        let (unit, value) = study.budget();
        Budget { unit, amount: value.and_then(Value::number) }
    }
}
