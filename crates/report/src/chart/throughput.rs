//! Training examples a second against the batch size.

use sweep_study::StudyRecord;

use super::layout::{AXIS, WIDTH};
use super::plot::{Look, Plot, Range};
use super::scene::{Anchor, INK, Rect, Rgb, Scene};
use super::title::{heading, title};
use crate::facts::{Facts, throughput};

/// Where the panel stands.
const PANEL: Rect = Rect { left: 190.0, top: 150.0, right: 1540.0, bottom: 740.0 };
/// The colour of the line.
const BLUE: Rgb = Rgb(59, 82, 139);

/// The median of each batch size, a bar from its slowest to its fastest trial.
pub fn scene(record: &StudyRecord, facts: &Facts) -> Scene {
    let rows = throughput(record);
    let mut scene = Scene::new(WIDTH, 860.0);
    let subtitle = "Examples a second as the study ran, readings included: median over trials, bars to the slowest and fastest";
    heading(&mut scene, PANEL.left, &title(&record.study, facts), subtitle);
    let across = Range::around(rows.iter().map(|row| row.batch), true);
    let up = Range::around(rows.iter().flat_map(|row| [row.low, row.high]), true);
    let plot = Plot { rect: PANEL, across, up };
    plot.axes_of_batches(&mut scene, rows.iter().map(|row| row.batch));
    for row in &rows {
        let (x, low) = plot.place(row.batch, row.low);
        scene.line(&[(x, low), (x, plot.place(row.batch, row.high).1)], BLUE, 3.0);
    }
    let medians: Vec<(f64, f64)> = rows.iter().map(|row| (row.batch, row.median)).collect();
    plot.line(&mut scene, &medians, None, Look { colour: BLUE, width: 4.0, dots: true });
    scene.text((PANEL.centre().0, PANEL.bottom + 70.0), "batch size B", AXIS, INK, Anchor::Middle);
    scene.text_upward((40.0, PANEL.centre().1), "examples a second", AXIS, INK);
    scene
}
