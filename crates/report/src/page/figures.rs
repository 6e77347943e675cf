//! The charts within the page, and the places of the heatmap that can be pointed at.

use maud::{Markup, PreEscaped, html};
use sweep_study::StudyRecord;

use crate::chart::{Chart, ChartError, Drawn, Format, Rect, Sheet, charts};
use crate::facts::Facts;
use crate::text;

/// The most bytes of a narrow picture. Larger ones are left out, so that pages of large studies still open fast; in a
/// narrow window the wide one is then scrolled sideways.
const MOST_BYTES: usize = 200_000;

/// A place of the heatmap.
pub struct Tile {
    /// The cell it shows, as an index into those of the facts.
    pub cell: usize,
    /// Its left and upper edge, width and height in percent of the picture.
    pub wide: [f64; 4],
    /// The same on the narrow picture, if there is one.
    pub narrow: Option<[f64; 4]>,
}

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
        let wide = chart.draw(record, facts, Format::Svg)?;
        let narrow = chart.draw_on(Sheet::Narrow, record, facts, Format::Svg)?;
        let narrow = Some(narrow).filter(|narrow| narrow.bytes.len() <= MOST_BYTES);
        tiles.extend(self::tiles(&wide, narrow.as_ref()));
        drawn.push(figure(facts, chart, wide, narrow));
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

fn tiles(wide: &Drawn, narrow: Option<&Drawn>) -> Vec<Tile> {
    let small = |index: usize| {
        let narrow = narrow?;
        narrow.cells.get(index).map(|(_, rect)| share(narrow, rect))
    };
    let tile = |(index, (cell, rect)): (usize, &(usize, Rect))| Tile {
        cell: *cell,
        wide: share(wide, rect),
        narrow: small(index),
    };
    wide.cells.iter().enumerate().map(tile).collect()
}

/// Left and upper edge, width and height of a place in percent of the picture.
fn share(picture: &Drawn, rect: &Rect) -> [f64; 4] {
    let (width, height) = picture.size;
    let share = |part: f64, whole: f64| (1e4 * part / whole).round() / 100.0;
    [
        share(rect.left, width),
        share(rect.top, height),
        share(rect.width(), width),
        share(rect.height(), height),
    ]
}

/// A chart, drawn for wide and narrow windows, with its caption; budget and seeds, which the picture names, stand there again for who cannot see it.
fn figure(facts: &Facts, chart: &Chart, wide: Drawn, narrow: Option<Drawn>) -> Markup {
    let pointed = !wide.cells.is_empty();
    let svg = |picture: Drawn| PreEscaped(String::from_utf8(picture.bytes).unwrap_or_default());
    let id = format!("figure-{}", chart.name);
    html! {
        figure {
            div .card {
                div .sheet .only[narrow.is_none()] {
                    div .wide role="img" aria-labelledby=(id) { (svg(wide)) }
                    @if let Some(narrow) = narrow {
                        div .narrow role="img" aria-labelledby=(id) { (svg(narrow)) }
                    }
                    @if pointed {
                        div #tiles role="group" aria-label="Points of the heatmap: arrow keys move between them, Enter \
                            shows the learning curve" {}
                    }
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
