//! The verdict: what to use, how certain that is, and what to run next.

use maud::{Markup, html};
use sweep_study::StudyRecord;

use crate::facts::{BatchBest, Facts};
use crate::format::brief;
use crate::table::mean;
use crate::verdict::scarce::parted;
use crate::verdict::{Topic, rest, sentences, status};
use crate::{format, text};

/// The section of the verdict; a warning of the border comes first.
pub fn summary(record: &StudyRecord, facts: &Facts) -> Markup {
    let sentences = sentences(record, facts);
    let about = |topics: &[Topic]| -> Vec<&str> {
        let chosen = sentences.iter().filter(|sentence| topics.contains(&sentence.topic));
        chosen.map(|sentence| sentence.text.as_str()).collect()
    };
    let rest = rest(&sentences, facts);
    html! {
        section #verdict aria-labelledby="verdict-title" {
            h2 #verdict-title { "Verdict" }
            @for warning in about(&[Topic::Edge, Topic::Nothing]) {
                div .warning role="note" {
                    p { (warning) }
                    @if !facts.extend.is_empty() {
                        pre tabindex="0" {
                            code { (text::extend_command(&record.study, facts)) }
                        }
                    }
                }
            }
            @if facts.best.is_some() {
                @if facts.best_per_batch.is_empty() {
                    @for best in about(&[Topic::Best]) { p { strong { (best) } } }
                } @else {
                    (recommended(record, facts))
                    (by_batch(record, facts))
                }
            }
            @if !rest.is_empty() {
                ul { @for sentence in rest { li { (tied(&sentence)) } } }
            }
        }
    }
}

/// `text` with its numbers and their percent signs on one line.
fn tied(text: &str) -> String {
    text.replace(" %", "\u{a0}%")
}

/// The best point measured, unless its learning rate lies on a border.
fn recommended(record: &StudyRecord, facts: &Facts) -> Markup {
    let Some((best, cell)) = facts.recommended().zip(facts.best_cell()) else { return html! {} };
    let accuracy = mean(record, cell, "test_accuracy");
    html! {
        p {
            "Best point measured: " strong { (best.params) } ", "
            (text::metric(facts)) " " strong { (format::with_error(facts, best.value, best.stderr)) }
            @if let Some(accuracy) = accuracy {
                ", test accuracy " strong { (format!("{accuracy:.4}")) }
            }
            "."
        }
    }
}

fn by_batch(record: &StudyRecord, facts: &Facts) -> Markup {
    let named = facts.best_per_batch.iter().any(|row| !name(record, row).is_empty());
    let (rows, others) = parted(record, facts);
    html! {
        div .scroll {
            table {
                caption {
                    (text::capital(&text::metric(facts))) " at the best learning rate η ("
                    (text::conditions(facts, ", ")) ")"
                }
                thead {
                    tr {
                        @if named { th scope="col" { "point" } }
                        th scope="col" { "best η" }
                        th scope="col" { "95 % interval" }
                        th scope="col" { "about as good" }
                        th scope="col" { "best measured" }
                        th scope="col" { (text::metric_name(&facts.metric)) " there" }
                    }
                }
                tbody { @for row in rows { (line(record, facts, row, named)) } }
            }
        }
        @if let Some(others) = others { p { (others) "." } }
    }
}

/// `B=16`, after the schedule where that is an axis.
fn name(record: &StudyRecord, row: &BatchBest) -> String {
    text::row_name(&record.study, row.panel.as_ref(), row.batch)
}

fn line(record: &StudyRecord, facts: &Facts, row: &BatchBest, named: bool) -> Markup {
    let span = |ends: Option<(f64, f64)>| {
        ends.map_or("–".to_owned(), |(low, high)| format!("{} to {}", brief(low), brief(high)))
    };
    let measured = row.cell.and_then(|index| facts.cells.get(index)?.lr);
    let best = match (status::why_none(row.lr.status), row.lr.estimate) {
        (None, Some(estimate)) => brief(estimate),
        (why, _) => why.unwrap_or("no learning rate completed").to_owned(),
    };
    html! {
        tr {
            @if named { th scope="row" { (name(record, row)) } }
            td { (best) }
            td { (span(row.lr.low.zip(row.lr.high))) }
            td { (span(row.near.map(|near| (near.low, near.high)))) }
            td { (measured.map_or("–".to_owned(), format::short)) }
            td { (row.value.map_or("–".to_owned(), |value| format::with_error(facts, value, row.stderr))) }
        }
    }
}
