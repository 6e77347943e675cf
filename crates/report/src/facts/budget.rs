//! The budget of each trial.

use serde::Serialize;
use sweep_study::{SECONDS, Study, Target, Value};

/// A budget: an amount of a unit, or a target and the most that reaching it may take.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Budget {
    /// `epochs`, `steps` or `examples`; `seconds` where a study is read by them.
    pub unit: &'static str,
    /// How many; `None` where the budget is an axis of its own, or unknown.
    pub amount: Option<f64>,
    /// The target at which trials end; `None` where they use up the amount.
    pub until: Option<Target>,
    /// Whether the budget is an axis.
    #[serde(skip)]
    pub axis: bool,
}

impl Budget {
    /// The budget of a study's trials.
    pub fn of(study: &Study) -> Budget {
        let seconds = study.settings.get(SECONDS);
        let (unit, value) = seconds.map_or_else(|| study.budget(), |value| (SECONDS, Some(value)));
        let axis = study.space.get(unit).is_some();
        Budget { unit, amount: value.and_then(Value::number), until: study.target(), axis }
    }
}
