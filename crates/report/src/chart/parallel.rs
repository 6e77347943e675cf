//! Parallel coordinates: one line per point through all its parameters to its value.

use sweep_study::{Direction, StudyRecord};

use super::Chart;
use super::draw::colour::Ramp;
use super::draw::colourbar::ColourBar;
use super::draw::key::line_colour;
use super::draw::parameter_axis::ParameterAxis;
use super::draw::plot::{Plot, Range};
use super::draw::scene::{Anchor, GREY, INK, PALE, Place, Rect, Scene, WHITE};
use super::draw::sizes::{AXIS, TICK, WIDTH};
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
/// Where the axis of the value stands.
const RIGHT: f64 = 1350.0;
/// The upper and the lower end of the axes.
const ENDS: (f64, f64) = (190.0, 760.0);

/// One line per point, the best darkest and on top; points without a value are pale and end before it.
fn scene(record: &StudyRecord, facts: &Facts) -> Scene {
    let axes = varying(&record.study).take(MOST_AXES);
    let sides: Vec<ParameterAxis> = axes.map(|axis| ParameterAxis::of(record, facts, axis)).collect();
    let mut scene = Scene::new(WIDTH, 850.0);
    let first = sides.first().map_or_else(Vec::new, ParameterAxis::marks);
    let widest = first.iter().map(|(_, label)| font::width(label, TICK)).fold(0.0, f64::max);
    let left = LEFT.max(40.0 + widest);
    let gap = (RIGHT - left) / sides.len().max(1) as f64;
    let x = |index: usize| left + index as f64 * gap;
    let y = |share: f64| ENDS.1 - share * (ENDS.1 - ENDS.0);
    let values = facts.cells.iter().filter_map(|cell| cell.value);
    let up = Range::around(values, facts.metric.ends_with("loss"));
    let rect = Rect { left: RIGHT, top: ENDS.0, right: RIGHT + 1.0, bottom: ENDS.1 };
    let plot = Plot { rect, across: Range { low: 0.0, high: 1.0, log: false }, up };
    let shares: Vec<Vec<Option<f64>>> = sides.iter().map(|side| side.shares(&facts.cells)).collect();
    let ramp = Ramp::of(facts);
    let order = order(facts, &ramp);
    let shown = thinned(&order, MOST_LINES);
    heading(&mut scene, 60.0, &title(&record.study, facts), &subtitle(facts, shown.len(), order.len()));
    for index in shown.iter().rev() {
        let Some(cell) = facts.cells.get(*index) else { continue };
        let place = |(axis, shares): (usize, &Vec<Option<f64>>)| Some((x(axis), y((*shares.get(*index)?)?)));
        let mut line: Vec<Place> = shares.iter().enumerate().filter_map(place).collect();
        line.extend(cell.value.map(|value| (RIGHT, plot.place(0.0, value).1)));
        let best = facts.best.as_ref().is_some_and(|best| best.cell == *index);
        let colour = cell.value.map_or(PALE, |value| line_colour(ramp.share(value)));
        scene.line(&line, colour, if best { 6.0 } else { 2.0 });
    }
    for (index, side) in sides.iter().enumerate() {
        axis(
            &mut scene,
            x(index),
            &side.title(),
            &side.marks().into_iter().map(|(at, label)| (y(at), label)).collect::<Vec<_>>(),
        );
    }
    let marks = if up.log { ticks::logarithmic(up.low, up.high) } else { ticks::linear(up.low, up.high, 6) };
    let marks: Vec<(f64, String)> =
        marks.into_iter().map(|value| (plot.place(0.0, value).1, ticks::label(value))).collect();
    axis(&mut scene, RIGHT, &text::metric_name(&facts.metric), &marks);
    let bar = ColourBar {
        rect: Rect { left: RIGHT + 70.0, top: ENDS.0, right: RIGHT + 98.0, bottom: ENDS.1 },
        paint: line_colour,
        falls: facts.direction == Direction::Maximize,
        ticks: ramp.ticks(),
        titles: ramp.titles(facts).to_vec(),
    };
    bar.draw(&mut scene);
    scene
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

/// An axis with its marks and its title; labels stand on a light ground, since lines pass behind them.
fn axis(scene: &mut Scene, x: f64, title: &str, marks: &[(f64, String)]) {
    scene.line(&[(x, ENDS.0), (x, ENDS.1)], GREY, 3.0);
    let mut free = f64::INFINITY;
    for (y, label) in marks {
        scene.line(&[(x - 7.0, *y), (x, *y)], GREY, 2.0);
        if y + 13.0 <= free {
            let wide = font::width(label, TICK);
            let (left, right) = (x - 16.0 - wide, x - 8.0);
            scene.fill(Rect { left, top: y - 13.0, right, bottom: y + 13.0 }, WHITE);
            scene.text((x - 12.0, *y), label, TICK, INK, Anchor::End);
            free = y - 13.0;
        }
    }
    scene.text((x, ENDS.1 + 44.0), title, AXIS - 2.0, INK, Anchor::Middle);
}
