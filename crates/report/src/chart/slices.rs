//! The value against each parameter alone, whatever the others were.

use sweep_study::StudyRecord;

use super::Chart;
use super::draw::marks;
use super::draw::parameter_axis::ParameterAxis;
use super::draw::plot::{Plot, Range};
use super::draw::scene::{Anchor, INK, Rect, Rgb, Scene, WHITE};
use super::draw::sizes::{AXIS, WIDTH};
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
/// Where the panels begin and end across.
const SIDES: (f64, f64) = (150.0, 1560.0);
/// The colour of a point.
const BLUE: Rgb = Rgb(59, 82, 139);

/// One panel per parameter, one dot per point, a ring around the best of all; points that did not complete have no
/// value and are not shown.
fn scene(record: &StudyRecord, facts: &Facts) -> Scene {
    let axes = varying(&record.study).take(MOST_PANELS);
    let sides: Vec<ParameterAxis> = axes.map(|axis| ParameterAxis::of(record, facts, axis)).collect();
    let columns = sides.len().clamp(1, if sides.len() == 4 { 2 } else { 3 });
    let rows = sides.len().div_ceil(columns).max(1);
    let (gap, tall) = (46.0, if rows == 1 { 560.0 } else { 360.0 });
    let wide = (SIDES.1 - SIDES.0 + gap) / columns as f64 - gap;
    let mut scene = Scene::new(WIDTH, 150.0 + rows as f64 * (tall + 124.0));
    let valued: Vec<usize> = (0..facts.cells.len()).filter(|index| value(facts, *index).is_some()).collect();
    let shown = thinned(&valued, MOST_POINTS);
    let mut subtitle = format!(
        "{} against each parameter, whatever the others were; ring: the best",
        text::capital(&text::metric(facts))
    );
    if shown.len() < valued.len() {
        subtitle += &format!("; {} of {} points shown", shown.len(), valued.len());
    }
    heading(&mut scene, SIDES.0, &title(&record.study, facts), &subtitle);
    let up =
        Range::around(valued.iter().filter_map(|index| value(facts, *index)), facts.metric.ends_with("loss"));
    for (index, side) in sides.iter().enumerate() {
        let (row, column) = (index / columns, index % columns);
        let (left, top) = (SIDES.0 + column as f64 * (wide + gap), 150.0 + row as f64 * (tall + 124.0));
        let rect = Rect { left, top, right: left + wide, bottom: top + tall };
        let plot = Plot { rect, across: Range { low: 0.0, high: 1.0, log: false }, up };
        panel(&mut scene, facts, &plot, side, &shown, column == 0);
    }
    let middle = 150.0 + (rows as f64 * (tall + 124.0) - 124.0) / 2.0;
    scene.text_upward((40.0, middle), text::metric_name(&facts.metric), AXIS, INK);
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
    let rect = plot.rect;
    plot.ticks_at(scene, side.marks());
    scene.text((rect.centre().0, rect.bottom + 68.0), side.title(), AXIS, INK, Anchor::Middle);
    let shares = side.shares(&facts.cells);
    let radius = if shown.len() > 200 { 4.0 } else { 6.0 };
    let place = |index: usize| Some(plot.place((*shares.get(index)?)?, value(facts, index)?));
    for at in shown.iter().filter_map(|index| place(*index)) {
        scene.disc(at, radius, BLUE);
    }
    if let Some(at) = facts.best.as_ref().and_then(|best| place(best.cell)) {
        marks::rimmed(scene, at, 12.0, WHITE, marks::Rim { colour: INK, width: 3.0 });
        scene.disc(at, 6.0, BLUE);
    }
}
