//! The charts within the page, and the places of the heatmap that can be pointed at.

use maud::{Markup, PreEscaped, html};
use sweep_study::StudyRecord;

use crate::chart::{Chart, ChartError, Drawn, Format, charts};
use crate::facts::Facts;
use crate::text;

/// A place of the heatmap: the cell it shows, as an index into those of the facts, and its left and upper edge, width
/// and height in percent of the picture.
pub type Tile = (usize, [f64; 4]);

/// The section of the charts.
pub struct Figures {
    /// Its HTML.
    pub markup: Markup,
    /// The places of the heatmap.
    pub tiles: Vec<Tile>,
}

/// Draws the charts that the study has data for.
pub fn figures(record: &StudyRecord, facts: &Facts) -> Result<Figures, ChartError> {
    let mut tiles = Vec::new();
    let mut drawn = Vec::new();
    for chart in charts(record, facts) {
        let picture = chart.draw(record, facts, Format::Svg)?;
        tiles.extend(self::tiles(&picture));
        drawn.push(figure(facts, chart, picture));
    }
    let markup = html! {
        section #charts aria-labelledby="charts-title" {
            h2 #charts-title { "Charts" }
            @if drawn.is_empty() { p { "No trial has ended with a curve yet." } }
            @for figure in drawn { (figure) }
        }
    };
    Ok(Figures { markup, tiles })
}

fn tiles(picture: &Drawn) -> Vec<Tile> {
    let (width, height) = picture.size;
    let share = |part: f64, whole: f64| (1e4 * part / whole).round() / 100.0;
    let tile = |(cell, rect): &(usize, crate::chart::Rect)| {
        let (left, top) = (share(rect.left, width), share(rect.top, height));
        (*cell, [left, top, share(rect.width(), width), share(rect.height(), height)])
    };
    picture.cells.iter().map(tile).collect()
}

/// A chart with its caption; budget and seeds, which the picture names, stand there again for who cannot see it.
fn figure(facts: &Facts, chart: &Chart, picture: Drawn) -> Markup {
    let pointed = !picture.cells.is_empty();
    let svg = String::from_utf8(picture.bytes).unwrap_or_default();
    let id = format!("figure-{}", chart.name);
    html! {
        figure {
            div .card {
                div role="img" aria-labelledby=(id) { (PreEscaped(svg)) }
                @if pointed {
                    div #tiles role="group" aria-label="Points of the heatmap: arrow keys move between them, Enter shows \
                        the learning curve" {}
                }
            }
            figcaption id=(id) {
                (chart.caption) " " (text::capital(&text::metric(facts))) ", " (text::conditions(facts, ", ")) "."
                @if pointed {
                    " Point at a tile to see its trials; click it, or press Enter, for its learning curve."
                }
            }
        }
    }
}
