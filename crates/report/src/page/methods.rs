//! How the numbers of a report were computed, in prose: each formula with its source, and every assumption.

mod estimates;
mod run;

use maud::{Markup, html};
use sweep_study::StudyRecord;

use super::sources;
use super::sources::Source;
use crate::budget_unit::BudgetUnit;
use crate::facts::Facts;

/// A paragraph under a heading, and its sources.
struct Method {
    heading: &'static str,
    text: String,
    sources: Vec<Source>,
}

/// The section of the methods: those that this study used.
pub fn methods(record: &StudyRecord, facts: &Facts, by: Option<BudgetUnit>) -> Markup {
    let all = [
        Some(run::trained(record, facts)),
        by.map(|by| run::read(facts, by)),
        Some(run::values(facts)),
        run::confirmed(facts),
        Some(run::ends(facts)),
        run::pruning(record, facts),
        estimates::best(facts),
        estimates::ridge(facts),
        estimates::horizon(facts),
        estimates::divergence(facts),
        estimates::critical(facts),
        estimates::scaling(record, facts),
        estimates::noise(facts),
        estimates::comparisons(facts),
        estimates::equal(facts),
        estimates::regret(facts),
        estimates::importance(facts),
        estimates::pareto(facts),
        run::seconds(record, facts),
        run::thinned(record),
    ];
    let all: Vec<Method> = all.into_iter().flatten().collect();
    let cited: Vec<Source> = all.iter().flat_map(|method| method.sources.iter().copied()).collect();
    html! {
        section #methods aria-labelledby="methods-title" {
            h2 #methods-title { "Methods and assumptions" }
            @for method in &all {
                h3 { (method.heading) }
                p {
                    (method.text)
                    @if !method.sources.is_empty() {
                        " [" (method.sources.iter().map(|source| source.cited()).collect::<Vec<_>>().join("; ")) "]"
                    }
                }
            }
            (sources::list(&cited))
        }
    }
}

fn plain(heading: &'static str, text: String) -> Method {
    Method { heading, text, sources: Vec::new() }
}
