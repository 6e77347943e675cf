//! The report of a study as one HTML file that loads nothing: it opens from a disk, prints, and works in light and
//! dark, by keyboard and with a screen reader.
//!
//! The verdict comes first, then the charts, the table of trials, how it was all computed, and the command that does it
//! again. Whatever moves is in `assets/page.js`; without it everything but the table of trials can still be read.

mod data;
mod figures;
pub mod groups;
mod methods;
mod sources;
mod summary;
mod trials;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use sweep_study::StudyRecord;

use crate::budget_unit::BudgetUnit;
use crate::chart::ChartError;
use crate::facts::Facts;
use crate::text;

/// What a page needs that the record of a study does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given<'a> {
    /// The command line that runs the study again.
    pub command: &'a str,
    /// The version of the program that wrote the page.
    pub version: &'a str,
    /// What the budget is counted in, where the study is not as it was run but read by [`crate::at_equal_budget()`].
    pub by: Option<BudgetUnit>,
}

/// What the page may load: its own style and script, and nothing from anywhere.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

/// `report.html` of a study. Equal records and what is given make equal pages.
///
/// # Errors
/// A chart could not be drawn.
pub fn page(record: &StudyRecord, facts: &Facts, given: &Given<'_>) -> Result<String, ChartError> {
    let figures = figures::figures(record, facts)?;
    let study = &record.study;
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            (head(&study.name))
            body {
                a .skip href="#verdict" { "Skip to the verdict" }
                (header(record, facts))
                main {
                    (summary::summary(record, facts))
                    (figures.markup)
                    (trials::trials(record))
                    (methods::methods(record, facts, given.by))
                    (reproduce(record, given))
                }
                dialog #curve aria-labelledby="curve-title" {}
                div #tip role="tooltip" hidden {}
                script #data type="application/json" { (PreEscaped(data::json(record, facts, &figures.tiles))) }
                script { (PreEscaped(include_str!("../../assets/page.js"))) }
            }
        }
    };
    Ok(page.into_string())
}

/// The head of a page, which carries its style and says that nothing is loaded.
fn head(name: &str) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta http-equiv="Content-Security-Policy" content=(POLICY);
            link rel="icon" href="data:,";
            title { (name) " · sweep" }
            style { (PreEscaped(include_str!("../../assets/page.css"))) }
        }
    }
}

fn header(record: &StudyRecord, facts: &Facts) -> Markup {
    let done = record.trials.len() as u64;
    let trials = match record.planned {
        planned if planned > done => format!("{done} of {planned} trials"),
        _ => text::count(done, "trial"),
    };
    html! {
        header {
            h1 { (record.study.name) }
            p .second {
                (crate::subject(&record.study)) " · " (trials) " · " (text::conditions(facts, " · ")) " · by "
                (text::metric(facts))
            }
            nav aria-label="Sections" {
                ul {
                    @for (id, name) in [
                        ("verdict", "Verdict"), ("charts", "Charts"), ("table", "Trials"), ("methods", "Methods"),
                        ("again", "Run it again"),
                    ] {
                        li { a href={ "#" (id) } { (name) } }
                    }
                }
            }
        }
    }
}

fn reproduce(record: &StudyRecord, given: &Given<'_>) -> Markup {
    html! {
        section #again aria-labelledby="again-title" {
            h2 #again-title { "Run it again" }
            p {
                "With sweep " (given.version) ", on any number of cores, an interruption or not, this gives the same \
                 numbers again, but for those in seconds:"
            }
            pre tabindex="0" { code { (given.command) } }
            p .second {
                "Every number on this page is in " code { "results.json" } " beside it; the trials are also in "
                code { "trials.csv" } ". The study itself is " code { "study.sqlite" } ", name "
                code { (record.study.name) } "."
            }
        }
    }
}

#[cfg(test)]
mod tests;
