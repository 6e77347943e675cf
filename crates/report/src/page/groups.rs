//! The page of a table of runs parted into groups.

use maud::{DOCTYPE, PreEscaped, html};

use super::head;
use crate::chart::{ChartError, Format};
use crate::decide::groups::{self, GroupFacts};

/// `groups.html`: the chart of all groups, and what is best in each, as text.
///
/// # Errors
/// The chart could not be drawn.
pub fn page(facts: &GroupFacts, command: &str, version: &str) -> Result<String, ChartError> {
    let chart = groups::chart(facts, Format::Svg)?;
    let chart = String::from_utf8_lossy(&chart).into_owned();
    let lines = groups::lines(facts);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            (head(&facts.study))
            body {
                header { h1 { (facts.study) } p .second { (lines.first().map_or("", String::as_str)) } }
                main {
                    section #groups aria-labelledby="groups-title" {
                        h2 #groups-title { "Each group" }
                        pre tabindex="0" { code { (lines[1..].join("\n").trim()) } }
                        figure { div .card { (PreEscaped(chart)) } }
                    }
                    section #again aria-labelledby="again-title" {
                        h2 #again-title { "Run it again" }
                        p { "With sweep " (version) ":" }
                        pre tabindex="0" { code { (command) } }
                        p .second { "Every number on this page is in " code { "groups.json" } " beside it." }
                    }
                }
            }
        }
    };
    Ok(page.into_string())
}
