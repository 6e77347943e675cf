//! A learning-rate range test: the curves of its ramps over log η, and beneath them the places of each batch size with
//! their intervals.

use super::{BatchRange, RangeFacts, RangeRecord};
use crate::chart::draw::key::{line_colour, swatches, tint};
use crate::chart::draw::plot::{Look, Plot, Range};
use crate::chart::draw::scene::{Anchor, GREY, INK, PALE, Place, Rect, Rgb, Scene, WHITE};
use crate::chart::draw::sizes::{TICK, WIDTH};
use crate::chart::draw::title::{TWO_LINES, heading};
use crate::chart::draw::{font, marks, render};
use crate::chart::{ChartError, Format};
use crate::facts::{Estimate, Status};
use crate::text;

/// Where the panels begin and end across.
const SIDES: (f64, f64) = (170.0, 1360.0);
/// The upper panel.
const CURVES: (f64, f64) = (140.0, 620.0);
/// Where the lower panel begins.
const PLACES: f64 = 690.0;
/// The height of a batch size in the lower panel.
const ROW: f64 = 46.0;
/// How far above its start a curve is still shown, as a share of the start.
const ABOVE: f64 = 1.4;

/// A place's mark.
#[derive(Clone, Copy)]
enum Mark {
    SmallestUseful,
    Steepest,
    Edge,
}

/// Draws a range test: a thick line for the mean over seeds of each batch size, a thin one for each seed.
///
/// # Errors
/// The drawing library refused, or the pixels could not be encoded.
pub fn chart(record: &RangeRecord, facts: &RangeFacts, format: Format) -> Result<Vec<u8>, ChartError> {
    render::draw(&scene(record, facts), format)
}

fn scene(record: &RangeRecord, facts: &RangeFacts) -> Scene {
    let count = record.batches.len();
    let bottom = PLACES + ROW * count as f64 + 20.0;
    let mut scene = Scene::new(WIDTH, bottom + 170.0);
    let seeds = record.batches.iter().map(|batch| batch.replicates.len()).max().unwrap_or(0);
    let title = format!("{} · {} · {}", record.subject, ramps(record), text::count(seeds as u64, "seed"));
    let subtitle = "Learning-rate range test; training loss while η rises by a constant factor per step; thin lines: \
                    seeds";
    let end = heading(&mut scene, SIDES.0, &title, subtitle);
    let first = scene.shapes.len();
    let across = Range { low: record.lr.0, high: record.lr.1, log: true };
    let rect = Rect { left: SIDES.0, top: CURVES.0, right: SIDES.1, bottom: CURVES.1 };
    let plot = Plot { rect, across, up: up(record) };
    plot.axes(&mut scene, true);
    for (index, batch) in record.batches.iter().enumerate() {
        seeds_of(&mut scene, &plot, batch, tint(colour(index, count)));
    }
    for (index, batch) in record.batches.iter().enumerate() {
        let look = Look { colour: colour(index, count), width: 5.0, dots: false };
        plot.line(&mut scene, &shown(&plot, &mean(batch)), None, look);
    }
    plot.name_up(&mut scene, (40.0, rect.centre().1), "training loss");
    let key = record.batches.iter().enumerate();
    let key: Vec<(Rgb, String)> =
        key.map(|(index, batch)| (colour(index, count), format!("B = {}", batch.batch))).collect();
    swatches(&mut scene, &key, (SIDES.1 + 40.0, CURVES.0), CURVES.1 - CURVES.0);
    places(&mut scene, facts, across, bottom);
    legend(&mut scene, facts, bottom + 130.0);
    scene.lower(first, end - TWO_LINES);
    scene
}

/// How long the ramps are: `60 steps`, or `60 to 240 steps`.
fn ramps(record: &RangeRecord) -> String {
    let steps = || record.batches.iter().map(|batch| batch.ramp_steps);
    match (steps().min().unwrap_or(0), steps().max().unwrap_or(0)) {
        (least, most) if least == most => text::count(most, "step"),
        (least, most) => format!("{least} to {most} steps"),
    }
}

/// The losses shown: from the least to somewhat above where curves start, or all where that is nothing.
fn up(record: &RangeRecord) -> Range {
    let means: Vec<Vec<(f64, f64)>> = record.batches.iter().map(mean).collect();
    let start = means.iter().filter_map(|mean| mean.first()).map(|point| point.1).fold(f64::NAN, f64::max);
    let most = start + (ABOVE - 1.0) * start.abs();
    Range::around(means.iter().flatten().map(|point| point.1.min(most)), false)
}

/// The mean smoothed curve of a batch size, as far as all its seeds have one.
fn mean(batch: &BatchRange) -> Vec<(f64, f64)> {
    let Some(shortest) = batch.replicates.iter().min_by_key(|replicate| replicate.smoothed.len()) else {
        return Vec::new();
    };
    let count = batch.replicates.len() as f64;
    let at = |(step, &lr): (usize, &f64)| {
        let losses = batch.replicates.iter().filter_map(|replicate| replicate.smoothed.get(step));
        (lr, losses.sum::<f64>() / count)
    };
    shortest.lr.iter().enumerate().map(at).collect()
}

/// The points of a curve up to where, past its least loss, it leaves the panel: what a run that has blown up does later
/// gives no information.
fn shown(plot: &Plot, points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let least =
        points.iter().enumerate().min_by(|a, b| a.1.1.total_cmp(&b.1.1)).map_or(0, |(index, _)| index);
    let left = points.iter().skip(least).position(|point| point.1 > plot.up.high);
    points.iter().take(left.map_or(points.len(), |steps| least + steps + 1)).copied().collect()
}

fn seeds_of(scene: &mut Scene, plot: &Plot, batch: &BatchRange, colour: Rgb) {
    for replicate in &batch.replicates {
        let points: Vec<(f64, f64)> =
            replicate.lr.iter().copied().zip(replicate.smoothed.iter().copied()).collect();
        plot.line(scene, &shown(plot, &points), None, Look { colour, width: 2.0, dots: false });
    }
}

/// The lower panel: one row per batch size, on the axis of the curves.
fn places(scene: &mut Scene, facts: &RangeFacts, across: Range, bottom: f64) {
    let rect = Rect { left: SIDES.0, top: PLACES, right: SIDES.1, bottom };
    let plot = Plot { rect, across, up: Range { low: 0.0, high: 1.0, log: false } };
    for index in 0..facts.batches.len() {
        let y = PLACES + ROW * (index as f64 + 0.5) + 10.0;
        scene.line(&[(rect.left, y), (rect.right, y)], PALE, 1.0);
    }
    plot.axes_across(scene);
    for (index, batch) in facts.batches.iter().enumerate() {
        let y = PLACES + ROW * (index as f64 + 0.5) + 10.0;
        let colour = colour(index, facts.batches.len());
        scene.text((rect.left - 14.0, y), format!("B = {}", batch.batch), TICK, INK, Anchor::End);
        if batch.steepest.status == Status::None {
            scene.text((rect.left + 14.0, y), "no descent", TICK, GREY, Anchor::Start);
        }
        for (mark, estimate) in [
            (Mark::SmallestUseful, &batch.smallest_useful),
            (Mark::Steepest, &batch.steepest),
            (Mark::Edge, &batch.edge),
        ] {
            place(scene, &|rate| (plot.place(rate, 0.0).0, y), mark, estimate, colour);
        }
    }
    plot.name_across(scene, "learning rate η");
}

/// One place with its interval; an arrow at the border where it lies beyond.
fn place(scene: &mut Scene, at: &dyn Fn(f64) -> Place, mark: Mark, estimate: &Estimate, colour: Rgb) {
    if let (Some(low), Some(high), Some(_)) = (estimate.low, estimate.high, estimate.estimate) {
        scene.line(&[at(low), at(high)], colour, 4.0);
        for end in [at(low), at(high)] {
            scene.line(&[(end.0, end.1 - 8.0), (end.0, end.1 + 8.0)], colour, 3.0);
        }
    }
    match (estimate.estimate, estimate.low, estimate.high) {
        (Some(rate), ..) => draw(scene, mark, at(rate), colour),
        (None, Some(bound), _) => marks::arrow(scene, (at(bound).0 - 34.0, at(bound).1), 1.0),
        (None, _, Some(bound)) => marks::arrow(scene, (at(bound).0 + 34.0, at(bound).1), -1.0),
        _ => {}
    }
}

fn draw(scene: &mut Scene, mark: Mark, (x, y): Place, colour: Rgb) {
    match mark {
        Mark::SmallestUseful => marks::rimmed(scene, (x, y), 12.0, WHITE, marks::Rim { colour, width: 4.0 }),
        Mark::Steepest => scene.disc((x, y), 12.0, colour),
        Mark::Edge => scene.polygon(&[(x, y - 15.0), (x + 15.0, y), (x, y + 15.0), (x - 15.0, y)], colour),
    }
}

/// What the marks mean.
fn legend(scene: &mut Scene, facts: &RangeFacts, y: f64) {
    let mut x = SIDES.0;
    let interval = facts.batches.iter().any(|batch| batch.steepest.confidence.is_some());
    for (mark, words) in [
        (Mark::SmallestUseful, "smallest useful"),
        (Mark::Steepest, "steepest descent"),
        (Mark::Edge, "edge of stability at constant η"),
    ] {
        draw(scene, mark, (x + 14.0, y), GREY);
        scene.text((x + 38.0, y), words, TICK, INK, Anchor::Start);
        x += 38.0 + font::width(words, TICK) + 44.0;
    }
    if interval {
        scene.line(&[(x, y), (x + 40.0, y)], GREY, 4.0);
        scene.text((x + 52.0, y), "95 % interval over seeds", TICK, INK, Anchor::Start);
    }
}

/// The colour of batch size `index` of `count`.
fn colour(index: usize, count: usize) -> Rgb {
    line_colour(index as f64 / (count.max(2) - 1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::draw::labels::collisions;
    use crate::decide::range::fixtures::{record, seed};
    use crate::decide::range::{Place, facts};

    #[test]
    fn every_kind_of_range_test_is_drawn() {
        let two = |steepest: f64, edge: fn(f64) -> Place| {
            vec![
                seed(0.01, steepest, edge(1.0)),
                seed(0.02, 1.5 * steepest, edge(1.3)),
                seed(0.02, steepest, edge(1.2)),
            ]
        };
        let batches =
            vec![(16, two(0.1, Place::At)), (64, two(0.2, Place::At)), (256, two(0.3, Place::Above))];
        let flat = vec![(32, vec![Err("the loss never falls".to_owned())])];
        for (name, record) in [("range", record(batches)), ("range-flat", record(flat))] {
            assert_eq!(collisions(&scene(&record, &facts(&record))), Vec::<String>::new(), "{name}");
            let bytes = chart(&record, &facts(&record), Format::Png).unwrap();
            assert!(bytes.len() > 10_000, "{name}");
            if let Ok(folder) = std::env::var("SWEEP_GALLERY") {
                std::fs::write(format!("{folder}/{name}.png"), &bytes).unwrap();
            }
        }
    }
}
