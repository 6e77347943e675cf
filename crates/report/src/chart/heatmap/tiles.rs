//! The tiles of a heatmap: one for each measured cell, at its place, never interpolated.

use super::layout::{DOT, LINE, Layout, Needs, TileText};
use super::panel::Panel;
use super::ridge;
use crate::chart::draw::colour::on;
use crate::chart::draw::font;
use crate::chart::draw::marks;
use crate::chart::draw::scene::{Anchor, GREY, INK, PALE, Rect, Rgb, Scene, WHITE};
use crate::chart::draw::view::{Spot, View};
use crate::facts::{Cell, Facts, Figure, Side, State};
use crate::format;

/// What the tiles must hold: their widest value and its lines.
pub fn needs(facts: &Facts, view: &View) -> Needs {
    let values = || view.spots.iter().filter_map(|spot| facts.cells.get(spot.cell)).filter_map(Cell::result);
    let lines = || values().flat_map(|figure| lines(facts, figure));
    let widest = lines().map(|line| font::width(&line, 1.0)).fold(font::width("2/3", 1.0), f64::max);
    Needs {
        width: widest,
        lines: if values().any(|figure| figure.stderr.is_some()) { 2 } else { 1 },
        arrows_left: facts.best_per_batch.iter().any(|row| row.edge.contains(&Side::Low)),
        ridge: ridge::has_ridge(facts, view),
    }
}

/// The value in a tile, its standard error under it.
fn lines(facts: &Facts, figure: Figure) -> Vec<String> {
    match format::value_and_error(facts, figure.value, figure.stderr) {
        (value, None) => vec![value],
        (value, Some(stderr)) => vec![value, format!("± {stderr}")],
    }
}

/// Draws the tiles of one panel.
pub fn tiles(scene: &mut Scene, panel: &Panel<'_>) {
    let &Panel { facts, layout, .. } = panel;
    let own: Vec<(&Spot, &Cell, Rect)> = panel
        .spots()
        .filter_map(|spot| Some((spot, facts.cells.get(spot.cell)?, panel.tile(spot.across, spot.up))))
        .collect();
    for (spot, cell, tile) in &own {
        scene.cells.push((spot.cell, *tile));
        self::tile(scene, panel, spot.cell, cell, tile.inset(1.0));
    }
    let tied: Vec<((i64, i64), Rect)> = own
        .iter()
        .filter(|(_, cell, _)| cell.tied)
        .map(|(spot, _, tile)| ((spot.across as i64, spot.up as i64), *tile))
        .collect();
    marks::outline(scene, &tied, 4.0);
    for (spot, cell, tile) in &own {
        let best = facts.best_per_batch.iter().find(|row| row.cell == Some(spot.cell));
        if dotted(facts, spot.cell) {
            dot(scene, layout, cell, tile.inset(1.0));
        }
        let middle = tile.centre().1;
        for side in best.iter().flat_map(|row| &row.edge) {
            match side {
                Side::Low => marks::arrow(scene, (tile.left, middle), -1.0),
                Side::High => marks::arrow(scene, (tile.right, middle), 1.0),
            }
        }
    }
}

/// Whether a tile has the dot of a best one.
fn dotted(facts: &Facts, cell: usize) -> bool {
    let mut rows = facts.best_per_batch.iter();
    let overall = || facts.best.as_ref().is_some_and(|best| best.cell == cell);
    rows.any(|row| row.cell == Some(cell)) || (facts.best_per_batch.is_empty() && overall())
}

/// The dot of a best one: over the value, else before it, in the middle of a tile without one.
fn dot(scene: &mut Scene, layout: &Layout, cell: &Cell, tile: Rect) {
    let body = body(layout, tile);
    let (x, y) = body.centre();
    match layout.text {
        None => marks::dot(scene, tile.centre()),
        Some(text) if roomy(text, cell, &body) => {
            marks::dot(scene, (x, y - high(text, cell) / 2.0 - 0.6 * DOT));
        }
        Some(text) if text.dot_over => marks::dot(scene, (x, body.top + 0.6 * DOT)),
        Some(_) => marks::small_dot(scene, (body.left + 0.55 * DOT, y)),
    }
}

/// The height of the text of a cell.
fn high(text: TileText, cell: &Cell) -> f64 {
    if cell.stderr.is_some() { 2.0 * text.size * LINE } else { text.size * LINE }
}

/// Whether a dot has room over a text in the middle of its tile.
fn roomy(text: TileText, cell: &Cell, body: &Rect) -> bool {
    body.height() - high(text, cell) >= 2.3 * DOT
}

/// The part of a tile over the room for an interval.
fn body(layout: &Layout, tile: Rect) -> Rect {
    Rect { bottom: tile.bottom - layout.interval, ..tile }
}

/// The part of a tile that its text is centred in, aside from the dot of a best one where that has no room over it.
fn beside_dot(layout: &Layout, cell: &Cell, tile: Rect) -> Rect {
    let body = body(layout, tile);
    match layout.text {
        Some(text) if roomy(text, cell, &body) => body,
        Some(text) if text.dot_over => Rect { top: body.top + DOT, ..body },
        Some(_) => Rect { left: body.left + DOT, ..body },
        None => body,
    }
}

fn tile(scene: &mut Scene, panel: &Panel<'_>, index: usize, cell: &Cell, rect: Rect) {
    let font = panel.layout.text.map(|text| text.size);
    let layout = panel.layout;
    let body = if dotted(panel.facts, index) { beside_dot(layout, cell, rect) } else { body(layout, rect) };
    if let Some(figure) = cell.result() {
        let ground = panel.ramp.colour(figure.value);
        scene.fill(rect, ground);
        if let Some(font) = font {
            write(scene, body, &lines(panel.facts, figure), font, on(ground));
        }
        return;
    }
    // One state has one word on a picture, so that it is the one that fits everywhere.
    let narrowest = panel.layout.across.narrowest() * panel.rect.width();
    ground(scene, rect, cell.state);
    let word = match cell.state {
        State::Unstable => format!("{}/{}", cell.n_usable, cell.n),
        State::Missing => return,
        state => fitting(state, narrowest - 12.0, font.unwrap_or(SMALL).min(24.0)),
    };
    let Some(font) = font else { return };
    let font = font.min(24.0);
    if cell.state == State::Diverged && !word.is_empty() {
        let (x, y) = body.centre();
        let (wide, high) = (font::width(&word, font) / 2.0 + 5.0, font * 0.62);
        scene
            .fill(Rect { left: x - wide, top: y - high, right: x + wide, bottom: y + high }, marks::DIVERGED);
    }
    let colour = if cell.state == State::Diverged { GREY } else { INK };
    write(scene, body, &[word], font, colour);
}

/// The ground of a cell without a value.
pub fn ground(scene: &mut Scene, rect: Rect, state: State) {
    match state {
        State::Diverged => {
            scene.fill(rect, marks::DIVERGED);
            marks::hatch(scene, rect);
        }
        State::Stuck | State::Collapsed => scene.fill(rect, marks::STUCK),
        State::Missing => {
            scene.fill(rect, WHITE);
            scene.frame(rect, PALE, 2.0);
        }
        _ => scene.fill(rect, marks::NO_VALUE),
    }
}

/// The size below which the error is set as its value.
const LEAST: f64 = 19.0;
/// The size of a mark's word where values have none.
const SMALL: f64 = 16.0;

/// The longest word for a state that fits a width; empty when none does.
fn fitting(state: State, width: f64, font: f64) -> String {
    let words: &[&str] = match state {
        State::Diverged => &["diverged", "div."],
        State::Stuck => &["stuck"],
        State::Collapsed => &["collapsed", "coll."],
        State::Censored => &["not reached", "never", "> cap"],
        State::Infeasible => &["no memory", "mem."],
        State::Failed => &["failed"],
        State::Pruned => &["pruned"],
        State::EndedEarly => &["ended early", "early"],
        _ => &[],
    };
    let fits = |word: &&&str| font::width(word, font) <= width;
    words.iter().find(fits).map(|word| (*word).to_owned()).unwrap_or_default()
}

/// Writes lines into the middle of a tile.
fn write(scene: &mut Scene, rect: Rect, lines: &[String], font: f64, colour: Rgb) {
    let (x, y) = rect.centre();
    let first = y - (lines.len() - 1) as f64 * font * LINE / 2.0;
    for (index, line) in lines.iter().enumerate() {
        // The error is set smaller than its value.
        let size = if index == 0 { font } else { (font * 0.86).max(font.min(LEAST)) };
        scene.text((x, first + index as f64 * font * LINE), line, size, colour, Anchor::Middle);
    }
}
