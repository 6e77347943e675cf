//! The points that no other beats in every metric.

use crate::facts::{Facts, Standing, Weighed};
use crate::{format, text};

/// The most points of the front that are named.
const MOST_ON_FRONT: usize = 6;

/// The points that no other beats in every metric, and how many are beaten within noise only.
pub fn pareto(facts: &Facts) -> Vec<String> {
    let Some(pareto) = &facts.pareto else { return Vec::new() };
    let names: Vec<String> = pareto.metrics.iter().map(|goal| text::metric_name(&goal.metric)).collect();
    let point = |point: &Weighed| {
        let figures = point.figures.iter().map(|figure| format::figure(figure.value, figure.stderr));
        format!("{} ({})", point.params, figures.collect::<Vec<_>>().join(", "))
    };
    let front: Vec<String> = pareto.front().map(point).collect();
    let undecided = pareto.points.iter().filter(|point| point.standing == Standing::Undecided).count();
    let more = match front.len().saturating_sub(MOST_ON_FRONT) {
        0 => String::new(),
        more => format!("; {more} more"),
    };
    let noise = match undecided {
        0 => String::new(),
        1 => "; 1 more point is beaten within noise only".to_owned(),
        more => format!("; {more} more points are beaten within noise only"),
    };
    let shown: Vec<String> = front.iter().take(MOST_ON_FRONT).cloned().collect();
    vec![format!(
        "The Pareto front of {} ({}) has {} of {}: {}{more}{noise}.",
        text::list(&names),
        text::conditions(facts, ", "),
        front.len(),
        text::count(pareto.points.len() as u64, "point"),
        shown.join("; "),
    )]
}
