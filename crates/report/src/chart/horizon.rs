//! The best learning rate against the length of training, one curve per batch size.

use sweep_study::StudyRecord;

use super::Chart;
use super::draw::key::{line_colour, swatches};
use super::draw::plot::{Plot, Range};
use super::draw::scene::{Anchor, GREY, INK, Place, Rect, Rgb, Scene, WHITE};
use super::draw::sizes::{AXIS, TICK, WIDTH};
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
        let at = facts.horizon.iter().flat_map(|horizon| &horizon.lengths);
        differ(at.filter(|at| at.lr.estimate.or(at.measured).is_some()).map(|at| at.length))
    },
    needs_curves: false,
    scene,
};

/// Where the panels begin.
const LEFT: f64 = 150.0;
/// Where the panels end and the key begins.
const RIGHT: f64 = 1350.0;
/// Where the panels begin and end, down the page.
const DOWN: (f64, f64) = (190.0, 740.0);
/// The most panels drawn.
const MOST_PANELS: usize = 3;
/// How much curves stand apart across, so that their intervals can be distinguished, in the unit of places.
const APART: f64 = 9.0;

/// A dot with a bar is a best learning rate with its interval, joined along a batch size; a ring is the best measured
/// where no best can be named. One panel per schedule.
fn scene(record: &StudyRecord, facts: &Facts) -> Scene {
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
    let mut scene = Scene::new(WIDTH, 890.0);
    heading(&mut scene, LEFT, &title(&record.study, facts), &subtitle(all, panels.len()));
    let at = || all.iter().flat_map(|horizon| &horizon.lengths);
    let across = Range::around(at().map(|at| at.length), true);
    let up = Range::around(at().flat_map(|at| [at.lr.low, at.lr.high, at.measured]).flatten(), true);
    let (count, gap) = (panels.len().clamp(1, MOST_PANELS), 40.0);
    let wide = (RIGHT - LEFT + gap) / count as f64 - gap;
    for (number, panel) in panels.iter().take(count).enumerate() {
        let left = LEFT + number as f64 * (wide + gap);
        let plot = Plot { rect: Rect { left, top: DOWN.0, right: left + wide, bottom: DOWN.1 }, across, up };
        plot.axes_up(&mut scene, number == 0);
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
        let unit = all.first().map_or("", |horizon| horizon.length_unit);
        let under = (plot.rect.centre().0, plot.rect.bottom + 68.0);
        scene.text(under, format!("length of training ({unit})"), AXIS, INK, Anchor::Middle);
    }
    scene.text_upward((40.0, f64::midpoint(DOWN.0, DOWN.1)), "best learning rate η*", AXIS, INK);
    if batches.iter().any(Option::is_some) {
        scene.text((RIGHT + 40.0, 176.0), "batch size B", AXIS - 2.0, INK, Anchor::Start);
        let label =
            |batch: &Option<f64>| batch.map_or(String::new(), |size| text::batch_size(&record.study, size));
        let entries: Vec<(Rgb, String)> =
            batches.iter().rev().map(|batch| (colour(*batch).1, label(batch))).collect();
        swatches(&mut scene, &entries, (RIGHT + 40.0, 206.0), 470.0);
    }
    footer(&mut scene, all, DOWN.1 + 112.0);
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

/// What a ring means, where there is one.
fn footer(scene: &mut Scene, all: &[Horizon], y: f64) {
    let ring = |at: &LengthBest| at.lr.estimate.is_none() && at.measured.is_some();
    if all.iter().flat_map(|horizon| &horizon.lengths).any(ring) {
        marks::rimmed(scene, (LEFT + 8.5, y), 8.5, WHITE, marks::Rim { colour: GREY, width: 3.0 });
        let words = "best measured, without an estimate (on the border, next to a cliff, or flat)";
        scene.text((LEFT + 30.0, y), words, TICK, INK, Anchor::Start);
    }
}
