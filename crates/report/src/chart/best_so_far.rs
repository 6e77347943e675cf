//! The best value found against the trials proposed, and against the seconds of training that they took.

use std::collections::BTreeMap;

use sweep_study::{SECONDS, StudyRecord};

use super::Chart;
use super::draw::plot::{Look, Plot, Range};
use super::draw::scene::{Anchor, INK, Rect, Rgb, Scene};
use super::draw::sizes::{AXIS, WIDTH};
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

/// Where the panels begin and end across.
const SIDES: (f64, f64) = (150.0, 1540.0);
/// The most dots of a panel.
const MOST_DOTS: usize = 1000;
/// The colour of the line.
const BLUE: Rgb = Rgb(59, 82, 139);
/// The colour of a point.
const POINT: Rgb = Rgb(176, 182, 196);

/// A line through the best values, a pale dot per completed point. Seconds are the sum of training times, as if the
/// trials had run one after another.
fn scene(record: &StudyRecord, facts: &Facts) -> Scene {
    let mut scene = Scene::new(WIDTH, 860.0);
    let subtitle = format!("Best {} so far; dots: completed points", text::metric_name(&facts.metric));
    heading(&mut scene, SIDES.0, &title(&record.study, facts), &subtitle);
    let (trials, seconds) = amounts(record, facts);
    let mut sides = vec![("trials", trials)];
    if let Some(seconds) = seconds {
        sides.push(("seconds of training, all trials added up", seconds));
    }
    let up = Range::around(facts.cells.iter().filter_map(|cell| cell.value), facts.metric.ends_with("loss"));
    let gap = 60.0;
    let wide = (SIDES.1 - SIDES.0 + gap) / sides.len() as f64 - gap;
    for (index, (words, amounts)) in sides.iter().enumerate() {
        let left = SIDES.0 + index as f64 * (wide + gap);
        let rect = Rect { left, top: 150.0, right: left + wide, bottom: 740.0 };
        let high = 1.02 * amounts.last().copied().unwrap_or(1.0).max(f64::MIN_POSITIVE);
        let plot = Plot { rect, across: Range { low: 0.0, high, log: false }, up };
        plot.axes(&mut scene, index == 0);
        let points = amounts.iter().zip(&facts.cells);
        let points: Vec<(f64, f64)> = points.filter_map(|(at, cell)| Some((*at, cell.value?))).collect();
        for (x, y) in thinned(&points, MOST_DOTS) {
            scene.disc(plot.place(x, y), 5.0, POINT);
        }
        let look = Look { colour: BLUE, width: 4.0, dots: false };
        plot.line(&mut scene, &steps(facts, amounts), None, look);
        scene.text((rect.centre().0, rect.bottom + 70.0), *words, AXIS, INK, Anchor::Middle);
    }
    scene.text_upward((40.0, 445.0), text::metric_name(&facts.metric), AXIS, INK);
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
