//! The value against the learning rate, one curve per batch size, with the spread over seeds and the best of each.

use sweep_study::StudyRecord;

use super::Chart;
use super::draw::flow::Flow;
use super::draw::key::{key, level_colour};
use super::draw::marks;
use super::draw::plot::{BEYOND, Plot, Range};
use super::draw::range::logarithmic;
use super::draw::scene::{GREY, Place, Rgb, Scene, WHITE};
use super::draw::sheet::{Needs, Sheet};
use super::draw::title::{heading, title};
use super::draw::view::{Spot, View};
use super::entry::differ;
use crate::facts::{BatchBest, Cell, Facts};
use crate::text;

/// The chart.
pub const CHART: Chart = Chart {
    name: "losses",
    caption: "One curve for each batch size, broken where a learning rate did not complete; bands span the seeds, and \
              bars with a dot are the best learning rates with their 95 % intervals.",
    shows: |_, facts| {
        let valued = facts.cells.iter().filter(|cell| cell.value.is_some());
        facts.axes.lr && differ(valued.filter_map(|cell| cell.lr))
    },
    needs_curves: false,
    scene,
};

/// Where the panels begin.
const LEFT: f64 = 150.0;
/// The most learning rates of a curve that have dots.
const MOST_DOTS: usize = 60;
/// The most panels drawn.
const MOST_PANELS: usize = 6;

/// The metric against the learning rate, one curve per batch size and one panel per schedule.
///
/// The band spans the seeds; a bar with a dot is the best learning rate with its interval, at the height of the best
/// measured; a curve is broken where a learning rate did not complete. Of further axes the best is shown.
fn scene(record: &StudyRecord, facts: &Facts, sheet: Sheet) -> Scene {
    let view = View::of(record, facts);
    let cells = || view.spots.iter().filter_map(|spot| facts.cells.get(spot.cell));
    let values =
        || cells().flat_map(|cell| cell.values.iter().flatten().copied().filter(|_| cell.value.is_some()));
    let across = Range::around(cells().filter(|cell| cell.value.is_some()).filter_map(|cell| cell.lr), true);
    let up = Range::around_most(values(), logarithmic(facts));
    // Intervals stand under the curves.
    let up = if facts.best_per_batch.iter().any(|row| row.lr.low.is_some()) { up.lowered(0.06) } else { up };
    let mut scene = sheet.scene();
    let left_out = if up.leaves_out(values()) { BEYOND } else { "" };
    let subtitle = subtitle(facts, &view) + left_out;
    let end = heading(&mut scene, sheet.margin(LEFT), &title(&record.study, facts), &subtitle);
    let count = view.panels.len().clamp(1, MOST_PANELS);
    let titled = view.panel_axis.is_some();
    let grid = sheet.grid(Needs {
        top: end + 26.0,
        count,
        abreast: 3,
        tall: if count > 3 { 330.0 } else { 600.0 },
        left: LEFT,
        gap: 40.0,
        over: if titled { 48.0 } else { 12.0 },
        under: 104.0,
        key: if view.up.name.is_some() { 250.0 } else { 0.0 },
    });
    for (panel, rect) in grid.panels.iter().enumerate() {
        let plot = Plot { rect: *rect, across, up };
        plot.axes(&mut scene, grid.first(panel));
        if let Some(Some(name)) = view.panels.get(panel) {
            plot.title(&mut scene, name, "");
        }
        draw(&mut scene, facts, &view, &plot, panel);
        plot.name_across(&mut scene, "learning rate η");
        if panel == 0 {
            plot.name_up(&mut scene, grid.beside(), &text::metric_name(&facts.metric));
        }
    }
    let end = key(&mut scene, &view.up, &grid);
    scene.height = footer(&mut scene, facts, &view, sheet, end + 20.0);
    scene
}

fn subtitle(facts: &Facts, view: &View) -> String {
    let mut text = format!("{} against the learning rate", text::capital(&text::metric(facts)));
    if facts.replicates > 1 {
        text += &format!("; bands span the {} seeds", facts.replicates);
    }
    if !view.over.is_empty() {
        text += &format!("; the best over {}", text::list(&view.over));
    }
    if view.panels.len() > MOST_PANELS {
        text += &format!("; {MOST_PANELS} of {} panels shown", view.panels.len());
    }
    text
}

/// The curves of one panel: bands first, lines over them, the best on top.
fn draw(scene: &mut Scene, facts: &Facts, view: &View, plot: &Plot, panel: usize) {
    let curves: Vec<(Rgb, Vec<Vec<&Cell>>)> = (0..view.up.labels.len())
        .map(|up| (level_colour(&view.up, up), runs(facts, view, panel, up)))
        .collect();
    // Where other parameters differ between points drawn at random, a line through them would show those.
    let joined = !view.up.scattered() && (!view.across.scattered() || view.over.is_empty());
    for (colour, runs) in curves.iter().filter(|_| joined) {
        runs.iter().for_each(|run| band(scene, plot, run, pale(*colour)));
    }
    for (colour, runs) in &curves {
        for run in runs {
            let points = || run.iter().filter_map(|cell| Some((cell.lr?, cell.value?)));
            let places: Vec<Place> = points().map(|(x, y)| plot.place(x, y)).collect();
            if places.len() > 1 && joined {
                scene.line(&places, *colour, 3.5);
            }
            if places.len() <= MOST_DOTS || !joined {
                points().for_each(|point| plot.dot(scene, point, 5.0, *colour));
            }
        }
    }
    if view.up.scattered() {
        return;
    }
    for row in &facts.best_per_batch {
        let Some(spot) = view.spots.iter().find(|spot| Some(spot.cell) == row.cell && spot.panel == panel)
        else {
            continue;
        };
        // Neighbours stand at different heights, so that bars side by side can be distinguished.
        let below = 16.0 + 10.0 * (spot.up % 3) as f64;
        best(scene, plot, row, level_colour(&view.up, spot.up), below);
    }
}

/// The cells of one curve, learning rates rising, cut where one has no value.
fn runs<'a>(facts: &'a Facts, view: &View, panel: usize, up: usize) -> Vec<Vec<&'a Cell>> {
    let own = |spot: &&Spot| spot.panel == panel && spot.up == up;
    let mut cells: Vec<&Cell> =
        view.spots.iter().filter(own).filter_map(|spot| facts.cells.get(spot.cell)).collect();
    cells.sort_by(|a, b| a.lr.unwrap_or(0.0).total_cmp(&b.lr.unwrap_or(0.0)));
    let parts = cells.split(|cell| cell.value.is_none());
    parts.filter(|run| !run.is_empty()).map(<[&Cell]>::to_vec).collect()
}

/// The span of the seeds along a curve.
fn band(scene: &mut Scene, plot: &Plot, run: &[&Cell], colour: Rgb) {
    let edge = |pick: fn(f64, f64) -> f64| -> Vec<Place> {
        let point = |cell: &&Cell| Some((cell.lr?, cell.values.iter().flatten().copied().reduce(pick)?));
        run.iter().filter_map(point).map(|(x, y)| plot.place(x, y)).collect()
    };
    let mut outline = edge(f64::max);
    outline.extend(edge(f64::min).into_iter().rev());
    if run.len() > 1 && run.iter().any(|cell| cell.values.len() > 1) {
        scene.polygon(&outline, colour);
    }
}

/// The best learning rate with its interval; an arrow where it lies on the border.
fn best(scene: &mut Scene, plot: &Plot, row: &BatchBest, colour: Rgb, below: f64) {
    let Some(value) = row.value else { return };
    if let Some(border) = row.border {
        for side in &row.edge {
            let way = if *side == crate::facts::Side::High { 1.0 } else { -1.0 };
            marks::arrow(scene, plot.place(border, value), way);
        }
    }
    let (Some(estimate), Some(low), Some(high)) = (row.lr.estimate, row.lr.low, row.lr.high) else { return };
    let at = |lr: f64| plot.place(lr, value);
    let y = at(estimate).1 + below;
    scene.line(&[(at(low).0, y), (at(high).0, y)], colour, 4.0);
    for end in [low, high] {
        scene.line(&[(at(end).0, y - 7.0), (at(end).0, y + 7.0)], colour, 3.0);
    }
    marks::rimmed(scene, (at(estimate).0, y), 8.5, colour, marks::Rim { colour: WHITE, width: 2.0 });
}

/// What the marks mean, where they occur; gives the height of the picture.
fn footer(scene: &mut Scene, facts: &Facts, view: &View, sheet: Sheet, y: f64) -> f64 {
    let left = sheet.margin(LEFT);
    let mut flow = Flow::new(left, y, sheet.width() - 20.0);
    if facts.best_per_batch.iter().any(|row| row.lr.low.is_some()) {
        let words = "best learning rate with its 95 % interval, under its curve";
        flow.entry(scene, 60.0, words, |scene, (x, y)| {
            scene.line(&[(x, y), (x + 60.0, y)], GREY, 4.0);
            marks::rimmed(scene, (x + 30.0, y), 8.5, GREY, marks::Rim { colour: WHITE, width: 2.0 });
        });
    }
    if !view.up.scattered() && facts.best_per_batch.iter().any(|row| !row.edge.is_empty()) {
        let words = "best on the border, may lie beyond";
        flow.entry(scene, 34.0, words, |scene, at| marks::arrow(scene, at, 1.0));
    }
    flow.end().ceil()
}

/// A colour mixed with four parts of white.
fn pale(colour: Rgb) -> Rgb {
    let mix = |channel: u8| (u16::from(channel) / 5 + 204).min(255) as u8;
    Rgb(mix(colour.0), mix(colour.1), mix(colour.2))
}
