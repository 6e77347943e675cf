//! The best learning rate against the length of training, one curve per batch size.

use sweep_study::StudyRecord;

use super::Chart;
use super::draw::flow::Flow;
use super::draw::key::{beside, line_colour};
use super::draw::plot::{Plot, Range};
use super::draw::scene::{GREY, Place, Rgb, Scene, WHITE};
use super::draw::sheet::{Needs, Sheet};
use super::draw::title::{heading, title};
use super::draw::{marks, ticks};
use super::entry::differ;
use crate::facts::{Facts, Horizon, LengthBest};
use crate::format::{brief, interval};
use crate::text;

/// The chart.
pub const CHART: Chart = Chart {
    name: "horizon",
    caption: "The best learning rate at each length of training, one curve per batch size, with 95 % intervals; rings \
              are the best measured where there is no estimate.",
    shows: |_, facts| {
        let at = || facts.horizon.iter().flat_map(|horizon| &horizon.lengths);
        let known = |at: &&LengthBest| at.lr.estimate.or(at.measured).is_some();
        // Of lengths drawn at random each has one learning rate, and that is no best.
        let few = facts.horizon.iter().all(|horizon| horizon.lengths.len() <= MOST_LENGTHS);
        differ(at().filter(known).map(|at| at.length))
            && (few || differ(at().filter(|at| at.lr.estimate.is_some()).map(|at| at.length)))
    },
    needs_curves: false,
    scene,
};

/// Where the panels begin.
const LEFT: f64 = 150.0;
/// The most lengths that may be those of a grid.
const MOST_LENGTHS: usize = 30;
/// The most panels drawn.
const MOST_PANELS: usize = 3;
/// How much curves stand apart across, so that their intervals can be distinguished, in the unit of places.
const APART: f64 = 9.0;

/// A dot with a bar is a best learning rate with its interval, joined along a batch size; a ring is the best measured
/// where no best can be named. One panel per schedule.
fn scene(record: &StudyRecord, facts: &Facts, sheet: Sheet) -> Scene {
    let all = &facts.horizon;
    let mut panels: Vec<&Option<String>> = all.iter().map(|horizon| &horizon.panel).collect();
    panels.dedup();
    let mut batches: Vec<Option<f64>> = all.iter().map(|horizon| horizon.batch).collect();
    batches.sort_by(|a, b| a.unwrap_or(0.0).total_cmp(&b.unwrap_or(0.0)));
    batches.dedup();
    let colour = |batch: Option<f64>| {
        let index = batches.iter().position(|other| *other == batch).unwrap_or(0);
        (index, line_colour(index as f64 / (batches.len().max(2) - 1) as f64))
    };
    let mut scene = sheet.scene();
    let words = subtitle(all, panels.len());
    let end = heading(&mut scene, sheet.margin(LEFT), &title(&record.study, facts), &words);
    let at = || all.iter().flat_map(|horizon| &horizon.lengths);
    let across = Range::around(at().map(|at| at.length), true);
    let up = Range::around(at().flat_map(|at| [at.lr.low, at.lr.high, at.measured]).flatten(), true);
    let keyed = batches.iter().any(Option::is_some);
    let grid = sheet.grid(Needs {
        top: end + 26.0,
        count: panels.len().clamp(1, MOST_PANELS),
        abreast: MOST_PANELS,
        tall: 550.0,
        left: LEFT,
        gap: 40.0,
        over: if panels.iter().any(|panel| panel.is_some()) { 48.0 } else { 12.0 },
        under: 104.0,
        key: if keyed { 250.0 } else { 0.0 },
    });
    let unit = all.first().map_or("", |horizon| horizon.length_unit);
    for (number, (panel, rect)) in panels.iter().zip(&grid.panels).enumerate() {
        let plot = Plot { rect: *rect, across, up };
        plot.axes_up(&mut scene, grid.first(number));
        if let Some(name) = panel {
            plot.title(&mut scene, name, "");
        }
        let own: Vec<&Horizon> = all.iter().filter(|horizon| horizon.panel == **panel).collect();
        lengths(&mut scene, &plot, &own);
        let middle = batches.len().saturating_sub(1) as f64 / 2.0;
        for horizon in own {
            let (index, colour) = colour(horizon.batch);
            curve(&mut scene, &plot, horizon, colour, APART * (index as f64 - middle));
        }
        plot.name_across(&mut scene, &format!("length of training ({unit})"));
        if number == 0 {
            plot.name_up(&mut scene, grid.beside(), "best learning rate η*");
        }
    }
    let label =
        |batch: &Option<f64>| batch.map_or(String::new(), |size| text::batch_size(&record.study, size));
    let entries: Vec<(Rgb, String)> =
        batches.iter().rev().map(|batch| (colour(*batch).1, label(batch))).collect();
    let end = if keyed { beside(&mut scene, "batch size B", &entries, &grid) } else { grid.bottom };
    scene.height = footer(&mut scene, all, sheet, end + 16.0).ceil();
    scene
}

fn subtitle(all: &[Horizon], panels: usize) -> String {
    let text = "Best learning rate against the length of training";
    match all {
        [only] if only.exponent.estimate.is_some() => {
            let exponent = brief(only.exponent.estimate.unwrap_or(f64::NAN));
            let power = format!("{} to the power {exponent}{}", only.length_unit, interval(&only.exponent));
            format!("{text}; {}", power.replace('-', "−"))
        }
        _ if panels > MOST_PANELS => {
            format!("{text}, with 95 % intervals; {MOST_PANELS} of {panels} panels shown")
        }
        _ => format!("{text}, with 95 % intervals"),
    }
}

/// A tick at each length tried.
fn lengths(scene: &mut Scene, plot: &Plot, all: &[&Horizon]) {
    let mut tried: Vec<f64> = all.iter().flat_map(|one| one.lengths.iter().map(|at| at.length)).collect();
    tried.sort_by(f64::total_cmp);
    tried.dedup();
    plot.ticks_at(scene, tried.into_iter().map(|length| (length, ticks::label(length))));
}

/// The curve of one batch size, shifted across by a little.
fn curve(scene: &mut Scene, plot: &Plot, horizon: &Horizon, colour: Rgb, aside: f64) {
    let place = |at: &LengthBest, lr: f64| -> Place {
        let (x, y) = plot.place(at.length, lr);
        (x + aside, y)
    };
    let named = |at: &&LengthBest| at.lr.estimate.is_some();
    let line: Vec<Place> =
        horizon.lengths.iter().filter(named).filter_map(|at| Some(place(at, at.lr.estimate?))).collect();
    if line.len() > 1 {
        scene.line(&line, colour, 3.5);
    }
    for at in &horizon.lengths {
        if let (Some(low), Some(high)) = (at.lr.low, at.lr.high) {
            let ends = [place(at, low), place(at, high)];
            scene.line(&ends, colour, 4.0);
            for (x, y) in ends {
                scene.line(&[(x - 7.0, y), (x + 7.0, y)], colour, 3.0);
            }
        }
        match (at.lr.estimate, at.measured) {
            (Some(estimate), _) => marks::rimmed(
                scene,
                place(at, estimate),
                8.5,
                colour,
                marks::Rim { colour: WHITE, width: 2.0 },
            ),
            (None, Some(measured)) => {
                marks::rimmed(scene, place(at, measured), 8.5, WHITE, marks::Rim { colour, width: 3.0 })
            }
            (None, None) => {}
        }
    }
}

/// What a ring means, where there is one; gives where the picture ends.
fn footer(scene: &mut Scene, all: &[Horizon], sheet: Sheet, y: f64) -> f64 {
    let mut flow = Flow::new(sheet.margin(LEFT), y, sheet.width() - 20.0);
    let ring = |at: &LengthBest| at.lr.estimate.is_none() && at.measured.is_some();
    if all.iter().flat_map(|horizon| &horizon.lengths).any(ring) {
        let words = "best measured, without an estimate (on the border, next to a cliff, or flat)";
        flow.entry(scene, 18.0, words, |scene, (x, y)| {
            marks::rimmed(scene, (x + 8.5, y), 8.5, WHITE, marks::Rim { colour: GREY, width: 3.0 });
        });
    }
    flow.end()
}
