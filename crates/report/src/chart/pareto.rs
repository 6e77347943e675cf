//! The points of a study in several metrics at once, and the front that no other point beats.

use sweep_settings::names;
use sweep_study::{Goal, Point, SECONDS, StudyRecord};

use super::Chart;
use super::draw::flow::Flow;
use super::draw::labels::{self, Style};
use super::draw::marks;
use super::draw::plot::{Plot, Range};
use super::draw::scene::{Anchor, GREY, INK, Place, Rgb, Scene, WHITE};
use super::draw::sheet::{Needs, Sheet};
use super::draw::sizes::TICK;
use super::draw::title::{heading, title};
use crate::facts::{Facts, Pareto, Standing, Weighed};
use crate::{format, text};

/// The chart.
pub const CHART: Chart = Chart {
    name: "pareto",
    caption: "Each point in the metrics of the study, with standard errors where seeds allow; the line joins those that no \
              other beats in both, hollow ones are beaten within noise only.",
    shows: |_, facts| facts.pareto.as_ref().is_some_and(|pareto| pareto.points.len() > 1),
    needs_curves: false,
    scene,
};

/// Where the panels begin.
const LEFT: f64 = 150.0;
/// The most panels drawn, one per metric other than the first.
const MOST_PANELS: usize = 3;
/// The colour of the front.
const BLUE: Rgb = Rgb(59, 82, 139);
/// The colour of a point that is beaten.
const BEATEN: Rgb = Rgb(176, 182, 196);

/// The first metric up, another across, a panel for each other: a line through the front, hollow discs for points that
/// are beaten within noise only, pale ones for the rest, bars of one standard error.
fn scene(record: &StudyRecord, facts: &Facts, sheet: Sheet) -> Scene {
    let mut scene = sheet.scene();
    let Some(pareto) = &facts.pareto else { return scene };
    let error = if facts.replicates > 1 {
        format!("; bars: standard error over {} seeds", facts.replicates)
    } else {
        String::new()
    };
    let subtitle = format!("Means of each completed point in {} metrics{error}", pareto.metrics.len());
    let end = heading(&mut scene, sheet.margin(LEFT), &title(&record.study, facts), &subtitle);
    let grid = sheet.grid(Needs {
        top: end + 26.0,
        count: (pareto.metrics.len() - 1).min(MOST_PANELS),
        abreast: MOST_PANELS,
        tall: 630.0,
        left: LEFT,
        gap: 60.0,
        over: 12.0,
        under: 104.0,
        key: 0.0,
    });
    for (index, rect) in grid.panels.iter().enumerate() {
        let plot = Plot { rect: *rect, across: range(pareto, index + 1), up: range(pareto, 0) };
        panel(&mut scene, pareto, &plot, index + 1);
        plot.name_across(&mut scene, &pareto.metrics.get(index + 1).map(axis).unwrap_or_default());
        if index == 0 {
            plot.name_up(&mut scene, grid.beside(), &pareto.metrics.first().map(axis).unwrap_or_default());
        }
    }
    scene.height = key(&mut scene, pareto, sheet, grid.bottom + 20.0).ceil();
    scene
}

/// What the marks mean; gives where the picture ends.
fn key(scene: &mut Scene, pareto: &Pareto, sheet: Sheet, y: f64) -> f64 {
    let mut flow = Flow::new(sheet.margin(LEFT), y, sheet.width() - 20.0);
    let kinds = [
        (Standing::Front, "Pareto front: none is better in all"),
        (Standing::Undecided, "beaten, but within noise"),
        (Standing::Dominated, "beaten in all"),
    ];
    for (standing, words) in kinds {
        let count = pareto.points.iter().filter(|point| point.standing == standing).count();
        if count > 0 {
            let words = format!("{words} ({count})");
            flow.entry(scene, 20.0, &words, |scene, (x, y)| mark(scene, (x + 10.0, y), standing));
        }
    }
    flow.end()
}

/// The mark of a point.
fn mark(scene: &mut Scene, at: Place, standing: Standing) {
    match standing {
        Standing::Front => scene.disc(at, 8.0, BLUE),
        Standing::Undecided => marks::rimmed(scene, at, 7.0, WHITE, marks::Rim { colour: GREY, width: 2.5 }),
        Standing::Dominated => scene.disc(at, 6.0, BEATEN),
    }
}

/// A metric with its unit and which way is better.
fn axis(goal: &Goal) -> String {
    match goal.metric.as_str() {
        SECONDS => "seconds of a trial, as the study ran".to_owned(),
        metric => text::metric_name(metric),
    }
}

/// A range around the values of a metric and their errors.
fn range(pareto: &Pareto, metric: usize) -> Range {
    let figures = pareto.points.iter().filter_map(|point| point.figures.get(metric));
    let ends = figures.flat_map(|figure| {
        let error = figure.stderr.unwrap_or(0.0);
        [figure.value - error, figure.value, figure.value + error]
    });
    let plain = pareto.metrics.get(metric).is_some_and(|goal| goal.metric.ends_with("accuracy"));
    Range::around(ends, !plain)
}

fn panel(scene: &mut Scene, pareto: &Pareto, plot: &Plot, other: usize) {
    plot.axes(scene, other == 1);
    let at = |point: &Weighed| Some((point.figures.get(other)?.value, point.figures.first()?.value));
    let draw = |scene: &mut Scene, standing: Standing, colour: Rgb| {
        for point in pareto.points.iter().filter(|point| point.standing == standing) {
            if let Some((x, y)) = at(point) {
                bars(scene, plot, point, other, colour);
                mark(scene, plot.place(x, y), standing);
            }
        }
    };
    draw(scene, Standing::Dominated, BEATEN);
    let front: Vec<(f64, f64)> = pareto.front().filter_map(at).collect();
    // The front of more than two metrics is not a line in two of them.
    if pareto.metrics.len() == 2 {
        let corners = front.windows(2).flat_map(|pair| [pair[0], (pair[0].0, pair[1].1), pair[1]]);
        let places: Vec<_> = corners.map(|(x, y)| plot.place(x, y)).collect();
        scene.line(&places, BLUE, 3.0);
    }
    draw(scene, Standing::Undecided, GREY);
    draw(scene, Standing::Front, BLUE);
    names(scene, pareto, plot, &at);
}

/// Bars of one standard error across and up.
fn bars(scene: &mut Scene, plot: &Plot, point: &Weighed, other: usize, colour: Rgb) {
    let (Some(across), Some(up)) = (point.figures.get(other), point.figures.first()) else { return };
    if let Some(error) = across.stderr {
        let end = |x: f64| plot.place(x, up.value);
        scene.line(&[end(across.value - error), end(across.value + error)], colour, 2.0);
    }
    if let Some(error) = up.stderr {
        let end = |y: f64| plot.place(across.value, y);
        scene.line(&[end(up.value - error), end(up.value + error)], colour, 2.0);
    }
}

/// Names the points of the front that have room beside them.
fn names(scene: &mut Scene, pareto: &Pareto, plot: &Plot, at: &dyn Fn(&Weighed) -> Option<(f64, f64)>) {
    for point in pareto.front() {
        let Some((x, y)) = at(point).map(|(x, y)| plot.place(x, y)) else { continue };
        // Below a front of what is minimised nothing lies, so that a name has room there, leftward first.
        let places = [
            ((x - 12.0, y + 20.0), Anchor::End),
            ((x + 14.0, y + 20.0), Anchor::Start),
            ((x + 14.0, y - 20.0), Anchor::Start),
        ];
        let style = Style { size: TICK, colour: INK };
        labels::write(scene, &short(&point.params), style, &places, plot.rect);
    }
}

/// A point in few letters: `B=32 η=0.1`.
fn short(params: &Point) -> String {
    let word = |(name, value): (&String, &sweep_study::Value)| match (name.as_str(), value.number()) {
        (names::LR, Some(lr)) => format!("η={}", format::short(lr)),
        (names::BATCH, _) => format!("B={value}"),
        _ => format!("{name}={value}"),
    };
    params.0.iter().map(word).collect::<Vec<_>>().join(" ")
}
