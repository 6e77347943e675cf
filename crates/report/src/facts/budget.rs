//! The budget of each trial.

use serde::Serialize;
use sweep_study::{Lengths, SECONDS, StudyRecord, Target, Value};

/// A budget: an amount of a unit, or a target and the most that reaching it may take.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Budget {
    /// `epochs`, `steps` or `examples`; `seconds` where a study is read by them.
    pub unit: &'static str,
    /// How many; `None` where the budget is an axis of its own, or unknown.
    pub amount: Option<f64>,
    /// The least and the most that the trials ran, where most of them did not keep to the amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ran: Option<(f64, f64)>,
    /// The target at which trials end; `None` where they use up the amount.
    pub until: Option<Target>,
    /// Whether the budget is an axis.
    #[serde(skip)]
    pub axis: bool,
}

impl Budget {
    /// The budget of a study's trials.
    pub fn of(record: &StudyRecord) -> Budget {
        let study = &record.study;
        let seconds = study.settings.get(SECONDS);
        let (unit, value) = seconds.map_or_else(|| study.budget(), |value| (SECONDS, Some(value)));
        let axis = study.space.get(unit).is_some();
        let ran = match study.lengths(&record.trials) {
            Lengths::Own(least, most) => Some((least, most)),
            Lengths::Kept => None,
        };
        Budget { unit, amount: value.and_then(Value::number), ran, until: study.target(), axis }
    }
}
