//! The best value found against the trials proposed, and against the seconds of training that they took.

use std::collections::BTreeMap;

use sweep_study::{SECONDS, StudyRecord};

use super::Chart;
use super::draw::plot::{BEYOND, Look, Plot, Range};
use super::draw::range::logarithmic;
use super::draw::scene::{Rgb, Scene};
use super::draw::sheet::{Needs, Sheet};
use super::draw::title::{heading, title};
use crate::facts::Facts;
use crate::text;
use crate::thin::thinned;

/// The chart.
pub const CHART: Chart = Chart {
    name: "best_so_far",
    caption: "The best value so far: against the number of trials proposed, and against their total seconds of \
              training.",
    shows: |_, facts| facts.best_so_far.len() > 1,
    needs_curves: false,
    scene,
};

/// Where the panels begin.
const LEFT: f64 = 150.0;
/// The most dots of a panel.
const MOST_DOTS: usize = 1000;
/// The colour of the line.
const BLUE: Rgb = Rgb(59, 82, 139);
/// The colour of a point.
const POINT: Rgb = Rgb(176, 182, 196);

/// A line through the best values, a pale dot per completed point. Seconds are the sum of training times, as if the
/// trials had run one after another.
fn scene(record: &StudyRecord, facts: &Facts, sheet: Sheet) -> Scene {
    let mut scene = sheet.scene();
    let values = || facts.cells.iter().filter_map(|cell| cell.value);
    let up = Range::around_most(values(), logarithmic(facts));
    let metric = text::metric_name(&facts.metric);
    let left_out = if up.leaves_out(values()) { BEYOND } else { "" };
    let subtitle = format!("Best {metric} so far; dots: completed points{left_out}");
    let end = heading(&mut scene, sheet.margin(LEFT), &title(&record.study, facts), &subtitle);
    let (trials, seconds) = amounts(record, facts);
    let mut sides = vec![("trials", trials)];
    if let Some(seconds) = seconds {
        sides.push(("seconds of training, all trials added up", seconds));
    }
    let grid = sheet.grid(Needs {
        top: end + 26.0,
        count: sides.len(),
        abreast: 2,
        tall: 590.0,
        left: LEFT,
        gap: 60.0,
        over: 12.0,
        under: 104.0,
        key: 0.0,
    });
    for (index, ((words, amounts), rect)) in sides.iter().zip(&grid.panels).enumerate() {
        let high = 1.02 * amounts.last().copied().unwrap_or(1.0).max(f64::MIN_POSITIVE);
        let plot = Plot { rect: *rect, across: Range { low: 0.0, high, log: false }, up };
        plot.axes(&mut scene, grid.first(index));
        let points = amounts.iter().zip(&facts.cells);
        let points: Vec<(f64, f64)> = points.filter_map(|(at, cell)| Some((*at, cell.value?))).collect();
        for point in thinned(&points, MOST_DOTS) {
            plot.dot(&mut scene, point, 5.0, POINT);
        }
        let look = Look { colour: BLUE, width: 4.0, dots: false };
        plot.line(&mut scene, &steps(facts, amounts), None, look);
        plot.name_across(&mut scene, words);
        if index == 0 {
            plot.name_up(&mut scene, grid.beside(), &metric);
        }
    }
    scene.height = grid.bottom.ceil();
    scene
}

/// The trials, and the seconds where all were timed, up to each cell, its own included.
fn amounts(record: &StudyRecord, facts: &Facts) -> (Vec<f64>, Option<Vec<f64>>) {
    let took: BTreeMap<u64, f64> = record
        .trials
        .iter()
        .filter_map(|trial| Some((trial.number, trial.metrics.get(SECONDS).copied()?)))
        .collect();
    let (mut trials, mut seconds) = ((0.0, Vec::new()), (0.0, Vec::new()));
    for cell in &facts.cells {
        trials.0 += cell.n as f64;
        trials.1.push(trials.0);
        seconds.0 += cell.trials.iter().filter_map(|number| took.get(number)).sum::<f64>();
        seconds.1.push(seconds.0);
    }
    (trials.1, (seconds.0 > 0.0).then_some(seconds.1))
}

/// The corners of the line: level until the next better point.
fn steps(facts: &Facts, amounts: &[f64]) -> Vec<(f64, f64)> {
    let mut corners: Vec<(f64, f64)> = Vec::new();
    for step in &facts.best_so_far {
        let x = amounts.get(step.cell).copied().unwrap_or(0.0);
        corners.extend(corners.last().map(|last| (x, last.1)));
        corners.push((x, step.value));
    }
    corners.extend(corners.last().zip(amounts.last()).map(|(last, end)| (*end, last.1)));
    corners
}
