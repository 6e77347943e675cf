//! The value against each parameter alone, whatever the others were.

use sweep_study::StudyRecord;

use super::Chart;
use super::draw::marks;
use super::draw::parameter_axis::ParameterAxis;
use super::draw::plot::{BEYOND, Plot, Range};
use super::draw::range::logarithmic;
use super::draw::scene::{INK, Rgb, Scene, WHITE};
use super::draw::sheet::{Needs, Sheet};
use super::draw::title::{heading, title};
use super::entry::differ;
use crate::facts::{Facts, varying};
use crate::text;
use crate::thin::thinned;

/// The chart.
pub const CHART: Chart = Chart {
    name: "slices",
    caption: "Each point against one parameter at a time: the lower edge shows the best that a value allows, the \
              spread above it the effect of the other parameters.",
    shows: |record, facts| {
        let axes = varying(&record.study).count();
        let some = axes > 2 || (axes > 1 && record.study.sampler != "grid");
        some && differ(facts.cells.iter().filter_map(|cell| cell.value))
    },
    needs_curves: false,
    scene,
};

/// The most points of a panel.
const MOST_POINTS: usize = 1000;
/// The most panels drawn.
const MOST_PANELS: usize = 8;
/// Where the panels begin.
const LEFT: f64 = 150.0;
/// The colour of a point.
const BLUE: Rgb = Rgb(59, 82, 139);

/// One panel per parameter, one dot per point, a ring around the best of all; points that did not complete have no
/// value and are not shown.
fn scene(record: &StudyRecord, facts: &Facts, sheet: Sheet) -> Scene {
    let axes = varying(&record.study).take(MOST_PANELS);
    let sides: Vec<ParameterAxis> = axes.map(|axis| ParameterAxis::of(record, facts, axis)).collect();
    let mut scene = sheet.scene();
    let valued: Vec<usize> = (0..facts.cells.len()).filter(|index| value(facts, *index).is_some()).collect();
    let shown = thinned(&valued, MOST_POINTS);
    let values = || valued.iter().filter_map(|index| value(facts, *index));
    let up = Range::around_most(values(), logarithmic(facts));
    let mut subtitle = format!(
        "{} against each parameter, whatever the others were; ring: the best",
        text::capital(&text::metric(facts))
    );
    if shown.len() < valued.len() {
        subtitle += &format!("; {} of {} points shown", shown.len(), valued.len());
    }
    if up.leaves_out(values()) {
        subtitle += BEYOND;
    }
    let end = heading(&mut scene, sheet.margin(LEFT), &title(&record.study, facts), &subtitle);
    let grid = sheet.grid(Needs {
        top: end + 26.0,
        count: sides.len(),
        abreast: if sides.len() == 4 { 2 } else { 3 },
        tall: if sides.len() <= 3 { 560.0 } else { 360.0 },
        left: LEFT,
        gap: 46.0,
        over: 12.0,
        under: 104.0,
        key: 0.0,
    });
    for (index, (side, rect)) in sides.iter().zip(&grid.panels).enumerate() {
        let plot = Plot { rect: *rect, across: Range { low: 0.0, high: 1.0, log: false }, up };
        panel(&mut scene, facts, &plot, side, &shown, grid.first(index));
        if index == 0 {
            plot.name_up(&mut scene, grid.beside(), &text::metric_name(&facts.metric));
        }
    }
    scene.height = grid.bottom.ceil();
    scene
}

fn value(facts: &Facts, index: usize) -> Option<f64> {
    facts.cells.get(index)?.value
}

fn panel(
    scene: &mut Scene,
    facts: &Facts,
    plot: &Plot,
    side: &ParameterAxis,
    shown: &[usize],
    labelled: bool,
) {
    plot.axes_up(scene, labelled);
    plot.ticks_at(scene, side.marks());
    plot.name_across(scene, &side.title());
    let shares = side.shares(&facts.cells);
    let radius = if shown.len() > 200 { 4.0 } else { 6.0 };
    let point = |index: usize| Some(((*shares.get(index)?)?, value(facts, index)?));
    for at in shown.iter().filter_map(|index| point(*index)) {
        plot.dot(scene, at, radius, BLUE);
    }
    if let Some(at) = facts.best.as_ref().and_then(|best| point(best.cell)).map(|(x, y)| plot.place(x, y)) {
        marks::rimmed(scene, at, 12.0, WHITE, marks::Rim { colour: INK, width: 3.0 });
        scene.disc(at, 6.0, BLUE);
    }
}
