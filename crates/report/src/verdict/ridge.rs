//! How the best learning rate moves with the batch size.

use crate::facts::{Estimate, Exponent, Facts, Growth, Model, Ridge};
use crate::format::{brief, interval};
use crate::text;

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
        (Model::Power, _, _) => format!(
            "{name}The best learning rate grows as {}: {}.",
            exponent(&ridge.exponent),
            grown(ridge.growth, &ridge.remaining)
        ),
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
            let local = |local: &Exponent| {
                let word = grown(local.growth, &[]);
                format!("{} from B={} to {} ({word})", exponent(&local.exponent), local.from, local.to)
            };
            let local: Vec<String> = ridge.local.iter().map(local).collect();
            format!("{name}The best learning rate grows as {}.", text::list(&local))
        }
    }
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
