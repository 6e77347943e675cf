//! Which parameters account for the spread.

use crate::facts::Facts;
use crate::format::percent;
use crate::text;

/// The smallest share of the variance that is reported.
const WORTH: f64 = 0.01;

/// Which parameters account for the spread.
pub fn importance(facts: &Facts) -> Vec<String> {
    let Some(importance) = &facts.importance else { return Vec::new() };
    let shares = importance.shares.iter().filter(|share| share.share >= WORTH).take(4);
    let named: Vec<String> = shares
        .map(|share| {
            let together = if share.parameters.len() > 1 { " together" } else { "" };
            let names: Vec<String> = share.parameters.iter().map(|name| text::parameter(name)).collect();
            format!("{}{together} {:.0} %", names.join(" and "), 100.0 * share.share)
        })
        .collect();
    if named.is_empty() {
        return Vec::new();
    }
    let penalised = match importance.penalised {
        0 => String::new(),
        count => format!("; {} without a value counted as the worst", text::count(count as u64, "point")),
    };
    let over = match &importance.surrogate {
        None => "over the grid".to_owned(),
        Some(surrogate) => format!(
            "over the region tried, by a polynomial that predicts {} % of it",
            percent(surrogate.predicted)
        ),
    };
    vec![format!("Importance (share of the variance {over}): {}{penalised}.", text::list(&named))]
}
