//! How the best learning rate moves with the batch size.

use crate::facts::{Estimate, Facts, Growth, Model, Ridge};
use crate::format::{brief, interval};
use crate::text;

/// From which factor of scatter beyond the errors a power law is said not to fit: that which chance exceeds once in
/// fifty studies of four batch sizes.
const BAD: f64 = 2.0;

/// How the best learning rate moves with the batch size.
pub fn ridge(facts: &Facts) -> Vec<String> {
    facts.ridge.iter().map(ridge_sentence).collect()
}

fn ridge_sentence(ridge: &Ridge) -> String {
    let name = ridge.panel.as_ref().map_or(String::new(), |panel| format!("{panel}: "));
    let exponent = |exponent: &Estimate| {
        format!("B^{}{}", brief(exponent.estimate.unwrap_or(f64::NAN)), interval(exponent))
    };
    match (ridge.model, ridge.knee, ridge.level) {
        (Model::Saturating, Some(knee), Some(level)) => format!(
            "{name}The best learning rate rises with the batch size up to about B={} and levels off near {}: a single \
             exponent does not fit.",
            brief(knee),
            brief(level)
        ),
        (Model::Constant, _, Some(level)) => {
            format!("{name}The best learning rate is about {} at every batch size.", brief(level))
        }
        _ => {
            let over = match (ridge.local.first(), ridge.local.last()) {
                (Some(first), Some(last)) => format!(" from B={} to {}", first.from, last.to),
                _ => String::new(),
            };
            format!(
                "{name}The best learning rate grows as {}{over}: {}.{}",
                exponent(&ridge.exponent),
                grown(ridge.growth, &ridge.remaining),
                misfit(ridge)
            )
        }
    }
}

/// That a power law does not fit, where it does not.
fn misfit(ridge: &Ridge) -> String {
    ridge.misfit.filter(|misfit| *misfit > BAD).map_or(String::new(), |misfit| {
        format!(
            " One exponent fits badly: the best rates lie {} times as far from it as their errors.",
            brief(misfit)
        )
    })
}

fn grown(growth: Growth, remaining: &[Growth]) -> String {
    let word = |growth: &Growth| match growth {
        Growth::Linear => "linear".to_owned(),
        Growth::Sqrt => "a square root".to_owned(),
        Growth::Flat => "flat".to_owned(),
        Growth::Between => "neither linear nor a square root nor flat".to_owned(),
        Growth::Undecided => "undecided".to_owned(),
    };
    match (growth, remaining.is_empty()) {
        (Growth::Undecided, false) => {
            format!("undecided, {} remain", text::list(&remaining.iter().map(word).collect::<Vec<_>>()))
        }
        _ => word(&growth),
    }
}
