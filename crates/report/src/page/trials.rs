//! The table of trials. Its rows are made from the page's data, since they sort and filter.

use maud::{Markup, html};
use sweep_study::StudyRecord;

use super::data::columns;

/// The section of the table: headings that sort, a box that filters, and where the rows go.
pub fn trials(record: &StudyRecord) -> Markup {
    html! {
        section #table aria-labelledby="table-title" {
            h2 #table-title { "Trials" }
            div .filter {
                label for="filter" { "Filter" }
                input #filter type="search" autocomplete="off" spellcheck="false"
                    placeholder="such as: diverged batch=32" aria-describedby="count";
                span #count .second role="status" {}
                button #more .more type="button" hidden { "Show all" }
            }
            div .scroll tabindex="0" role="region" aria-labelledby="table-title" {
                table #trials {
                    caption { "One row per trial. Click a heading to sort by its column, or a trial's number to open \
                               its learning curve." }
                    thead {
                        tr {
                            @for column in columns(record) {
                                th scope="col" aria-sort="none" class=[column.number.then_some("number")] {
                                    button type="button" { (column.name) }
                                }
                            }
                        }
                    }
                    tbody {}
                }
            }
            noscript { p { "The rows need JavaScript; the same trials are in " code { "trials.csv" } "." } }
        }
    }
}
