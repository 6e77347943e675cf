//! The tiles of a heatmap: one for each measured cell, at its place, never interpolated.

use super::layout::Needs;
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
        self::tile(scene, panel, cell, tile.inset(1.0));
    }
    let tied: Vec<((i64, i64), Rect)> = own
        .iter()
        .filter(|(_, cell, _)| cell.tied)
        .map(|(spot, _, tile)| ((spot.across as i64, spot.up as i64), *tile))
        .collect();
    marks::outline(scene, &tied, 4.0);
    for (spot, cell, tile) in &own {
        let best = facts.best_per_batch.iter().find(|row| row.cell == Some(spot.cell));
        let overall =
            facts.best_per_batch.is_empty() && facts.best.as_ref().is_some_and(|best| best.cell == spot.cell);
        if best.is_some() || overall {
            dot(scene, cell, *tile, layout.font);
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

/// A dot above the value where there is room, else in the corner, else a smaller one before the value.
fn dot(scene: &mut Scene, cell: &Cell, tile: Rect, font: Option<f64>) {
    let (x, y) = tile.centre();
    let lines = if cell.stderr.is_some() { 2.0 } else { 1.0 };
    let text = font.map_or(0.0, |font| lines * font * 1.25);
    let room = (tile.height() - text) / 2.0;
    let place = match font {
        None => (x, y),
        Some(_) if room >= 31.0 => (x, y - text / 2.0 - 16.0),
        Some(font) if room >= 0.3 * font => (tile.left + 13.0, tile.top + 13.0),
        Some(_) => return marks::small_dot(scene, (tile.left + 11.0, y)),
    };
    marks::dot(scene, place);
}

fn tile(scene: &mut Scene, panel: &Panel<'_>, cell: &Cell, rect: Rect) {
    let font = panel.layout.font;
    if let Some(figure) = cell.result() {
        let ground = panel.ramp.colour(figure.value);
        scene.fill(rect, ground);
        if let Some(font) = font {
            write(scene, rect, &lines(panel.facts, figure), font, on(ground));
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
        let (x, y) = rect.centre();
        let (wide, high) = (font::width(&word, font) / 2.0 + 5.0, font * 0.62);
        scene
            .fill(Rect { left: x - wide, top: y - high, right: x + wide, bottom: y + high }, marks::DIVERGED);
    }
    let colour = if cell.state == State::Diverged { GREY } else { INK };
    write(scene, rect, &[word], font, colour);
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
        _ => &[],
    };
    let fits = |word: &&&str| font::width(word, font) <= width;
    words.iter().find(fits).map(|word| (*word).to_owned()).unwrap_or_default()
}

/// Writes lines into the middle of a tile.
fn write(scene: &mut Scene, rect: Rect, lines: &[String], font: f64, colour: Rgb) {
    let (x, y) = rect.centre();
    let first = y - (lines.len() - 1) as f64 * font * 0.625;
    for (index, line) in lines.iter().enumerate() {
        // The error is set smaller than its value.
        let size = if index == 0 { font } else { font * 0.86 };
        scene.text((x, first + index as f64 * font * 1.25), line, size, colour, Anchor::Middle);
    }
}
