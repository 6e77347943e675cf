//! Why points beyond a border are run.

use sweep_settings::names;
use sweep_settings::short;
use sweep_study::{Point, Study};

use crate::facts::{BorderExtension, BorderReason, Side};
use crate::format::brief;
use crate::text;

/// What lies on which border and what is added, in one sentence.
pub fn reason(study: &Study, extension: &BorderExtension) -> String {
    let rates = values(&extension.points, names::LR);
    match &extension.reason {
        BorderReason::Rate { batch, side, lr } => {
            let whose =
                batch.map(|size| format!(" at B = {}", text::batch_size(study, size))).unwrap_or_default();
            let last = if *side == Side::High { "highest" } else { "lowest" };
            format!("The best η{whose} is the {last} tried, {}; adding {rates}.", brief(*lr))
        }
        BorderReason::Diverged { lowest } => {
            format!("Every η tried diverged, down to {}; adding {rates}.", brief(*lowest))
        }
        BorderReason::Batch { batch, side, next } => {
            let last = if *side == Side::High { "largest" } else { "smallest" };
            let rates = if rates.is_empty() { rates } else { format!(" at η = {rates}") };
            let batch = text::batch_size(study, *batch);
            format!("The best batch size is the {last} tried, {batch}; adding B = {next}{rates}.")
        }
        BorderReason::Schedule { best, others } => {
            format!("The best so far has schedule={best}; trying {} there.", text::list(others))
        }
    }
}

/// The values of a parameter at `points`.
fn values(points: &[Point], name: &str) -> String {
    let values = points.iter().filter_map(|point| point.get(name)).map(|value| short(&value.to_string()));
    text::list(&values.collect::<Vec<_>>())
}
