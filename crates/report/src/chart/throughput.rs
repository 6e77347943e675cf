//! Training examples per second, and the memory of a trial, against the batch size.

use sweep_study::StudyRecord;

use super::Chart;
use super::draw::plot::{Look, Plot, Range};
use super::draw::scene::{Rect, Rgb, Scene};
use super::draw::sheet::{Needs, Sheet};
use super::draw::title::{heading, title};
use super::entry::differ;
use crate::facts::{Facts, Throughput, throughput};
use crate::text;

/// The chart.
pub const CHART: Chart = Chart {
    name: "throughput",
    caption: "Examples per second of each batch size on the machine on which the study ran and, where it was timed \
              alone, the memory of a trial without the data.",
    shows: |record, _| differ(throughput(record).iter().filter(|row| row.high > 0.0).map(|row| row.batch)),
    needs_curves: false,
    scene,
};

/// Where the first panel begins.
const LEFT: f64 = 150.0;
/// Room between the panels.
const GAP: f64 = 170.0;
/// How many times the least memory the most must be to be drawn.
const GROWN: f64 = 1.05;
/// The colour of the lines.
const BLUE: Rgb = Rgb(59, 82, 139);

/// The median of each batch size, a bar between its quartiles or from its slowest to its fastest trial; beside it,
/// where that is known, the megabytes that a trial takes.
fn scene(record: &StudyRecord, facts: &Facts, sheet: Sheet) -> Scene {
    let rows = throughput(record);
    let mut scene = sheet.scene();
    let end = heading(&mut scene, sheet.margin(LEFT), &title(&record.study, facts), &subtitle(&rows));
    let memory = memory(&rows);
    let grid = sheet.grid(Needs {
        top: end + 26.0,
        count: if memory.is_empty() { 1 } else { 2 },
        abreast: 2,
        tall: 590.0,
        left: LEFT,
        gap: GAP,
        over: 12.0,
        under: 104.0,
        key: 0.0,
    });
    let ends = rows.iter().flat_map(|row| [row.low, row.high]);
    let medians: Vec<(f64, f64)> = rows.iter().map(|row| (row.batch, row.median)).collect();
    let plot = panel(&mut scene, grid.panels[0], &medians, Range::around(ends, true), "examples per second");
    for row in &rows {
        let (x, low) = plot.place(row.batch, row.low);
        scene.line(&[(x, low), (x, plot.place(row.batch, row.high).1)], BLUE, 3.0);
    }
    if let Some(rect) = grid.panels.get(1).filter(|_| !memory.is_empty()) {
        let up = Range::around(memory.iter().map(|(_, megabytes)| *megabytes), true);
        panel(&mut scene, *rect, &memory, up, "memory of a trial (MB)");
    }
    scene.height = grid.bottom.ceil();
    scene
}

/// The megabytes of a trial at each batch size, where they grow with it; else none, for a level line says nothing.
fn memory(rows: &[Throughput]) -> Vec<(f64, f64)> {
    let all: Vec<(f64, f64)> =
        rows.iter().filter_map(|row| Some((row.batch, row.bytes? as f64 / 1e6))).collect();
    let least = all.iter().map(|at| at.1).fold(f64::INFINITY, f64::min);
    if all.iter().any(|at| at.1 > GROWN * least) { all } else { Vec::new() }
}

fn subtitle(rows: &[Throughput]) -> String {
    let most = rows.iter().filter(|row| row.bytes.is_some()).map(|row| row.n as u64).max();
    match most {
        Some(most) => format!(
            "Timed alone at each batch size's best point, without readings: median of up to {}, bars between quartiles",
            text::count(most, "step")
        ),
        None => "Examples per second as the study ran, readings included: median over trials, bars to the slowest and \
                 fastest"
            .to_owned(),
    }
}

/// A line through `points` over the batch sizes.
fn panel(scene: &mut Scene, rect: Rect, points: &[(f64, f64)], up: Range, name: &str) -> Plot {
    let batches = || points.iter().map(|point| point.0);
    let plot = Plot { rect, across: Range::around(batches(), true), up };
    plot.axes_of_batches(scene, batches());
    plot.line(scene, points, None, Look { colour: BLUE, width: 4.0, dots: true });
    plot.name_across(scene, "batch size B");
    plot.name_up(scene, ((rect.left - 120.0).max(24.0), rect.centre().1), name);
    plot
}
