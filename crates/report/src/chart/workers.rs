//! Time to the target and best batch size against the number of workers: measured solid, predicted dashed.

use sweep_study::{Network, StudyRecord};

use super::Chart;
use super::draw::key::{line_colour, swatches, tint};
use super::draw::plot::{Plot, Range};
use super::draw::scene::{Anchor, GREY, INK, PALE, Place, Rect, Rgb, Scene, WHITE};
use super::draw::sizes::{AXIS, TICK, WIDTH};
use super::draw::title::{heading, title};
use super::draw::{font, marks, ticks};
use super::entry::differ;
use crate::facts::{Estimate, Facts, Row, Scaling, scaling};
use crate::format::brief;

/// The chart.
pub const CHART: Chart = Chart {
    name: "workers",
    caption: "The time to the target with workers that share each batch, and the batch size with the shortest time: \
              discs were timed on the machine on which the study ran, rings are predicted.",
    shows: |record, facts| {
        let all = scaling(record, facts);
        let rows = all.iter().flat_map(|scaling| &scaling.rows);
        differ(rows.filter(|row| row.seconds.estimate.is_some()).map(|row| row.workers as f64))
    },
    needs_curves: false,
    scene,
};

/// Where the panels begin.
const LEFT: f64 = 150.0;
/// Room between the panels.
const GAP: f64 = 150.0;

/// What a panel shows of a number of workers.
type Shown = fn(&Row) -> &Estimate;

/// Left the seconds to the target at the best batch size, right that batch size. Discs and solid lines are numbers of
/// workers whose steps were timed, rings and dashed lines are predicted, bands are intervals. A thin line on the left
/// is the time of the fewest workers shared out without loss.
fn scene(record: &StudyRecord, facts: &Facts) -> Scene {
    let all = scaling(record, facts);
    let mut scene = Scene::new(WIDTH, 880.0);
    heading(&mut scene, LEFT, &title(&record.study, facts), &subtitle(&all));
    let rows = || all.iter().flat_map(|scaling| &scaling.rows);
    let wide = (WIDTH - LEFT - GAP - if all.len() > 1 { 260.0 } else { 60.0 }) / 2.0;
    let across = Range::around(rows().map(|row| row.workers as f64), true);
    let panels: [(f64, &str, Shown); 2] = [
        (LEFT, "seconds to target", |row| &row.seconds),
        (LEFT + wide + GAP, "best batch size B", |row| &row.batch),
    ];
    for (index, (left, name, shown)) in panels.into_iter().enumerate() {
        let rect = Rect { left, top: 190.0, right: left + wide, bottom: 760.0 };
        let ends = |estimate: &Estimate| [estimate.low, estimate.estimate, estimate.high];
        let up = Range::around(rows().flat_map(|row| ends(shown(row))).flatten(), true);
        let plot = Plot { rect, across, up };
        plot.axes_up(&mut scene, true);
        let mut powers: Vec<u64> =
            rows().map(|row| row.workers).filter(|count| count.is_power_of_two()).collect();
        powers.sort_unstable();
        powers.dedup();
        // Every other one has room for its label.
        let labelled =
            |count: u64| if count.ilog2().is_multiple_of(2) { count.to_string() } else { String::new() };
        plot.ticks_at(&mut scene, powers.iter().map(|&count| (count as f64, labelled(count))));
        match all.as_slice() {
            [only] if index == 0 => shared_out(&mut scene, &plot, only),
            _ if index == 1 => largest(&mut scene, &plot, facts),
            _ => {}
        }
        for (index, scaling) in all.iter().enumerate() {
            let colour = line_colour(index as f64 / all.len().max(2) as f64);
            curve(&mut scene, &plot, &scaling.rows, shown, colour, all.len() == 1);
        }
        scene.text((rect.centre().0, rect.bottom + 70.0), "workers", AXIS, INK, Anchor::Middle);
        scene.text_upward((left - 110.0, rect.centre().1), name, AXIS, INK);
    }
    key(&mut scene, &all, &record.pace.network, (LEFT, 146.0));
    if all.len() > 1 {
        let named = all.iter().enumerate().map(|(index, scaling)| {
            let colour = line_colour(index as f64 / all.len().max(2) as f64);
            (colour, scaling.panel.clone().unwrap_or_default())
        });
        let at = (LEFT + 2.0 * wide + GAP + 30.0, 190.0);
        swatches(&mut scene, &named.collect::<Vec<_>>(), at, 570.0);
    }
    scene
}

fn subtitle(all: &[Scaling]) -> String {
    let cost = match all {
        [only] => {
            let micros =
                |estimate: &Estimate| brief(estimate.estimate.map_or(f64::NAN, |seconds| 1e6 * seconds));
            let (step, example) = (micros(&only.seconds_a_step), micros(&only.seconds_an_example));
            format!("A step takes {step} + {example}·B/w μs, timed alone")
        }
        _ => "Steps were timed alone".to_owned(),
    };
    format!("{cost}; B is chosen for the least time; bands are 95 % intervals")
}

/// The network is assumed, and the picture states it.
fn joined(network: &Network) -> String {
    let (rate, latency) = (rate(network.bytes_per_second), brief(1e6 * network.latency_seconds));
    format!("predicted for one machine each, network {rate} and {latency} μs")
}

/// A rate of bytes as networks have it.
fn rate(bytes: f64) -> String {
    let bits = 8.0 * bytes;
    if bits >= 1e9 {
        format!("{} Gbit/s", brief(bits / 1e9))
    } else {
        format!("{} Mbit/s", brief(bits / 1e6))
    }
}

/// What discs, rings and dashes stand for.
fn key(scene: &mut Scene, all: &[Scaling], network: &Network, (left, y): Place) {
    if all.is_empty() {
        return;
    }
    let (colour, mut x) = (line_colour(0.0), left);
    for (words, predicted) in [("measured".to_owned(), false), (joined(network), true)] {
        let ends = [(x, y), (x + 60.0, y)];
        if predicted {
            dashes(scene, &ends, colour)
        } else {
            scene.line(&ends, colour, 4.0)
        }
        mark(scene, (x + 30.0, y), colour, predicted);
        x += 74.0;
        scene.text((x, y), words.clone(), TICK, INK, Anchor::Start);
        x += font::width(&words, TICK) + 50.0;
    }
    if all.len() == 1 {
        scene.line(&[(x, y), (x + 60.0, y)], PALE, 3.0);
        scene.text((x + 74.0, y), "ideal linear speed-up", TICK, INK, Anchor::Start);
    }
}

/// The time of the fewest workers divided by how many times as many there are.
fn shared_out(scene: &mut Scene, plot: &Plot, scaling: &Scaling) {
    let Some(first) = scaling.rows.iter().find(|row| !row.predicted) else { return };
    let Some(work) = first.seconds.estimate.map(|seconds| seconds * first.workers as f64) else { return };
    let along = |index: u32| {
        let share = f64::from(index) / 200.0;
        plot.across.low * (plot.across.high / plot.across.low).powf(share)
    };
    let places: Vec<Place> = (0..=200)
        .map(along)
        .filter(|workers| plot.up.holds(work / workers))
        .map(|workers| plot.place(workers, work / workers))
        .collect();
    scene.line(&places, PALE, 3.0);
}

/// The largest batch size that a run was made with: beyond it the steps, too, are predicted.
fn largest(scene: &mut Scene, plot: &Plot, facts: &Facts) {
    let tried = facts.critical_batch.iter().flat_map(|critical| &critical.per_batch).map(|at| at.batch);
    let Some(batch) = tried.reduce(f64::max).filter(|batch| plot.up.holds(*batch)) else { return };
    let y = plot.place(plot.across.low, batch).1;
    scene.line(&[(plot.rect.left, y), (plot.rect.right, y)], GREY, 2.0);
    let words = format!("largest B tried, {}", ticks::label(batch));
    scene.text((plot.rect.left + 12.0, y - 16.0), words, TICK - 2.0, GREY, Anchor::Start);
}

/// One panel of facts: its band where it is alone, its line, its marks.
fn curve(scene: &mut Scene, plot: &Plot, rows: &[Row], shown: Shown, colour: Rgb, alone: bool) {
    let place = |row: &Row, number: Option<f64>| Some(plot.place(row.workers as f64, number?));
    if alone {
        let low = rows.iter().filter_map(|row| place(row, shown(row).low));
        let high = rows.iter().filter_map(|row| place(row, shown(row).high));
        let around: Vec<Place> = high.chain(low.collect::<Vec<_>>().into_iter().rev()).collect();
        if around.len() > 2 {
            scene.polygon(&around, tint(tint(colour)));
        }
    }
    let known = |row: &Row| Some((place(row, shown(row).estimate)?, row.predicted));
    let places: Vec<(Place, bool)> = rows.iter().filter_map(known).collect();
    // Dashes run on over several numbers of workers.
    for stretch in stretches(&places) {
        let line: Vec<Place> = stretch.iter().map(|(place, _)| *place).collect();
        let measured = stretch.iter().all(|(_, predicted)| !predicted);
        if measured { scene.line(&line, colour, 4.0) } else { dashes(scene, &line, colour) }
    }
    for (place, predicted) in places {
        mark(scene, place, colour, predicted);
    }
}

/// Runs of neighbours that are all measured, and the runs between them with the measured ones at their ends.
fn stretches(places: &[(Place, bool)]) -> Vec<&[(Place, bool)]> {
    let mut found = Vec::new();
    let mut from = 0;
    while from + 1 < places.len() {
        let solid = |at: usize| !places[at].1 && !places[at + 1].1;
        let kind = solid(from);
        let mut to = from + 1;
        while to + 1 < places.len() && solid(to) == kind {
            to += 1;
        }
        found.push(&places[from..=to]);
        from = to;
    }
    found
}

fn mark(scene: &mut Scene, place: Place, colour: Rgb, predicted: bool) {
    if predicted {
        marks::rimmed(scene, place, 8.0, WHITE, marks::Rim { colour, width: 3.0 });
    } else {
        scene.disc(place, 9.0, colour);
    }
}

/// A dashed line through places.
fn dashes(scene: &mut Scene, places: &[Place], colour: Rgb) {
    const DASH: f64 = 14.0;
    const PERIOD: f64 = 23.0;
    let mut walked = 0.0;
    for pair in places.windows(2) {
        let ((x, y), (to_x, to_y)) = (pair[0], pair[1]);
        let length = (to_x - x).hypot(to_y - y);
        let at = |along: f64| {
            let share = (along / length).clamp(0.0, 1.0);
            (x + share * (to_x - x), y + share * (to_y - y))
        };
        // Dashes begin at multiples of the period from the first place on, whatever the corners.
        let mut start = -(walked % PERIOD);
        while start < length {
            if start + DASH > 0.0 {
                scene.line(&[at(start), at(start + DASH)], colour, 4.0);
            }
            start += PERIOD;
        }
        walked += length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_predicted_is_dashed_from_the_last_number_measured() {
        let at = |x: f64, predicted| ((x, 0.0), predicted);
        let places = [at(0.0, false), at(1.0, false), at(2.0, false), at(3.0, true), at(4.0, true)];
        let lengths = |places: &[(Place, bool)]| {
            stretches(places).iter().map(|stretch| (stretch.len(), stretch[0].0.0)).collect::<Vec<_>>()
        };
        assert_eq!(lengths(&places), [(3, 0.0), (3, 2.0)]);
        let gap = [at(0.0, false), at(1.0, true), at(2.0, false), at(3.0, false)];
        assert_eq!(lengths(&gap), [(3, 0.0), (2, 2.0)]);
        assert!(stretches(&gap[..1]).is_empty());
    }

    #[test]
    fn rates_are_reported_in_network_units() {
        assert_eq!((rate(1.25e9).as_str(), rate(1.25e7).as_str()), ("10 Gbit/s", "100 Mbit/s"));
    }
}
