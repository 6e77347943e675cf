//! Parallel coordinates: one line per point through all its parameters to its value.

use sweep_study::StudyRecord;

use super::Chart;
use super::draw::colour::Ramp;
use super::draw::key::line_colour;
use super::draw::labels::{self, Style};
use super::draw::parameter_axis::ParameterAxis;
use super::draw::plot::{Plot, Range};
use super::draw::range::logarithmic;
use super::draw::scene::{Anchor, GREY, INK, PALE, Place, Rect, Scene, Shape, WHITE};
use super::draw::sheet::Sheet;
use super::draw::sizes::{AXIS, TICK};
use super::draw::title::{heading, title};
use super::draw::{font, ticks};
use crate::facts::{Cell, Facts, State, varying};
use crate::text;
use crate::thin::thinned;

/// The chart.
pub const CHART: Chart = Chart {
    name: "parallel",
    caption: "Each point is a line through the values of its parameters to its result; darker is better.",
    shows: |record, facts| {
        varying(&record.study).count() > 2
            && facts.cells.iter().filter(|cell| cell.value.is_some()).count() > 1
    },
    needs_curves: false,
    scene,
};

/// The most lines drawn.
const MOST_LINES: usize = 500;
/// The most axes drawn.
const MOST_AXES: usize = 8;
/// Where the first axis stands, or further in where its labels are long.
const LEFT: f64 = 150.0;

/// One line per point, the best darkest and on top; points without a value are pale and end before it.
fn scene(record: &StudyRecord, facts: &Facts, sheet: Sheet) -> Scene {
    let axes = varying(&record.study).take(MOST_AXES);
    let sides: Vec<ParameterAxis> = axes.map(|axis| ParameterAxis::of(record, facts, axis)).collect();
    let mut scene = sheet.scene();
    let ramp = Ramp::of(facts);
    let order = order(facts, &ramp);
    let shown = thinned(&order, MOST_LINES);
    let subtitle = subtitle(facts, shown.len(), order.len());
    let end = heading(&mut scene, sheet.margin(60.0), &title(&record.study, facts), &subtitle);
    let ends = (end + 60.0, end + 630.0);
    let first = sides.first().map_or_else(Vec::new, ParameterAxis::marks);
    let widest = first.iter().map(|(_, label)| font::width(label, TICK)).fold(0.0, f64::max);
    let left = if sheet.narrow() { 90.0 } else { LEFT }.max(30.0 + widest);
    let right = sheet.width() - if sheet.narrow() { 60.0 } else { 250.0 };
    let gap = (right - left) / sides.len().max(1) as f64;
    let x = |index: usize| left + index as f64 * gap;
    let y = |share: f64| ends.1 - share * (ends.1 - ends.0);
    let values = facts.cells.iter().filter_map(|cell| cell.value);
    let up = Range::around_most(values, logarithmic(facts));
    let rect = Rect { left: right, top: ends.0, right: right + 1.0, bottom: ends.1 };
    let plot = Plot { rect, across: Range { low: 0.0, high: 1.0, log: false }, up };
    let shares: Vec<Vec<Option<f64>>> = sides.iter().map(|side| side.shares(&facts.cells)).collect();
    for index in shown.iter().rev() {
        let Some(cell) = facts.cells.get(*index) else { continue };
        let place = |(axis, shares): (usize, &Vec<Option<f64>>)| Some((x(axis), y((*shares.get(*index)?)?)));
        let mut line: Vec<Place> = shares.iter().enumerate().filter_map(place).collect();
        line.extend(cell.value.map(|value| (right, plot.place(0.0, value).1)));
        let best = facts.best.as_ref().is_some_and(|best| best.cell == *index);
        let colour = cell.value.map_or(PALE, |value| line_colour(ramp.share(value)));
        scene.line(&line, colour, if best { 6.0 } else { 2.0 });
    }
    for (index, side) in sides.iter().enumerate() {
        let marks: Vec<(f64, String)> = side.marks().into_iter().map(|(at, label)| (y(at), label)).collect();
        axis(&mut scene, x(index), ends, &marks);
        name(&mut scene, sheet, (x(index), ends.1 + 44.0), index, &side.title());
    }
    let marks: Vec<(f64, String)> =
        ticks::of(up, 6).into_iter().map(|value| (plot.place(0.0, value).1, ticks::label(value))).collect();
    axis(&mut scene, right, ends, &marks);
    let metric = up.named(&text::metric_name(&facts.metric));
    name(&mut scene, sheet, (right, ends.1 + 44.0), sides.len(), &metric);
    scene.height = match sheet {
        Sheet::Wide => {
            let rect = Rect { left: right + 80.0, right: right + 108.0, ..rect };
            ramp.bar(facts, line_colour, rect, sheet.narrow()).draw(&mut scene);
            ends.1 + 90.0
        }
        Sheet::Narrow => {
            let top = ends.1 + 110.0 + 32.0 * (sides.len() as f64 + 1.0);
            let rect = Rect { left: 20.0, top, right: 48.0, bottom: top + 300.0 };
            ramp.bar(facts, line_colour, rect, sheet.narrow()).draw(&mut scene);
            top + 360.0
        }
    };
    scene
}

/// Names an axis under it; on a narrow sheet the names stand under each other, numbered as the axes are.
fn name(scene: &mut Scene, sheet: Sheet, (x, y): Place, index: usize, words: &str) {
    if !sheet.narrow() {
        return scene.text((x, y), words, AXIS - 2.0, INK, Anchor::Middle);
    }
    let number = index + 1;
    scene.text((x, y - 12.0), number.to_string(), TICK, INK, Anchor::Middle);
    let below = y + 26.0 + 32.0 * index as f64;
    scene.text((sheet.margin(0.0), below), format!("{number}: {words}"), TICK, INK, Anchor::Start);
}

/// The cells that were run, the best first and those without a value last.
fn order(facts: &Facts, ramp: &Ramp) -> Vec<usize> {
    let ran = |(_, cell): &(usize, &Cell)| cell.state != State::Missing;
    let mut order: Vec<(usize, &Cell)> = facts.cells.iter().enumerate().filter(ran).collect();
    let worth = |cell: &Cell| cell.value.map_or(f64::INFINITY, |value| ramp.share(value));
    let best = |index: usize| facts.best.as_ref().is_none_or(|best| best.cell != index);
    order.sort_by(|a, b| worth(a.1).total_cmp(&worth(b.1)).then(best(a.0).cmp(&best(b.0))));
    order.into_iter().map(|(index, _)| index).collect()
}

fn subtitle(facts: &Facts, shown: usize, all: usize) -> String {
    let mut text = format!(
        "{}: one line per point, darker is better, the thick one best",
        text::capital(&text::metric(facts))
    );
    if facts.cells.iter().any(|cell| cell.n > 0 && cell.value.is_none()) {
        text += "; pale ones have no value";
    }
    if shown < all {
        text += &format!("; {shown} of {all} shown");
    }
    text
}

/// An axis with its marks; labels stand on a light ground, since lines pass behind them.
fn axis(scene: &mut Scene, x: f64, ends: (f64, f64), marks: &[(f64, String)]) {
    scene.line(&[(x, ends.0), (x, ends.1)], GREY, 3.0);
    let mut labels: Vec<(Place, String)> = Vec::new();
    for (y, label) in marks {
        scene.line(&[(x - 7.0, *y), (x, *y)], GREY, 2.0);
        labels.push(((x - 12.0, *y), label.clone()));
    }
    let before = scene.shapes.len();
    labels::along(scene, &labels, Style { size: TICK, colour: INK }, Anchor::End);
    for shape in scene.shapes.split_off(before) {
        if let Shape::Text { at: (_, y), text, .. } = &shape {
            let left = x - 16.0 - font::width(text, TICK);
            scene.fill(Rect { left, top: y - 13.0, right: x - 8.0, bottom: y + 13.0 }, WHITE);
        }
        scene.shapes.push(shape);
    }
}
