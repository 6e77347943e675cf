//! Time to the target and best batch size against the number of workers: measured solid, predicted dashed.

use sweep_study::{Network, StudyRecord};

use super::Chart;
use super::draw::flow::Flow;
use super::draw::key::{beside, line_colour, tint};
use super::draw::labels::{self, Style};
use super::draw::plot::{Plot, Range};
use super::draw::scene::{Anchor, GREY, PALE, Place, Rgb, Scene, WHITE};
use super::draw::sheet::{Needs, Sheet};
use super::draw::sizes::TICK;
use super::draw::title::{heading, title};
use super::draw::{marks, ticks};
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
fn scene(record: &StudyRecord, facts: &Facts, sheet: Sheet) -> Scene {
    let all = scaling(record, facts);
    let mut scene = sheet.scene();
    let end = heading(&mut scene, sheet.margin(LEFT), &title(&record.study, facts), &subtitle(&all));
    let rows = || all.iter().flat_map(|scaling| &scaling.rows);
    let across = Range::around(rows().map(|row| row.workers as f64), true);
    let panels: [(&str, Shown); 2] =
        [("seconds to target", |row| &row.seconds), ("best batch size B", |row| &row.batch)];
    let grid = sheet.grid(Needs {
        top: end + 26.0,
        count: 2,
        abreast: 2,
        tall: 570.0,
        left: LEFT,
        gap: GAP,
        over: 12.0,
        under: 104.0,
        key: if all.len() > 1 { 270.0 } else { 0.0 },
    });
    let colour = |index: usize| line_colour(index as f64 / all.len().max(2) as f64);
    for (index, ((name, shown), rect)) in panels.into_iter().zip(&grid.panels).enumerate() {
        let ends = |estimate: &Estimate| [estimate.low, estimate.estimate, estimate.high];
        let up = Range::around(rows().flat_map(|row| ends(shown(row))).flatten(), true);
        let plot = Plot { rect: *rect, across, up };
        plot.axes_up(&mut scene, true);
        let mut powers: Vec<u64> =
            rows().map(|row| row.workers).filter(|count| count.is_power_of_two()).collect();
        powers.sort_unstable();
        powers.dedup();
        plot.ticks_at(&mut scene, powers.iter().map(|&count| (count as f64, ticks::label(count as f64))));
        if let ([only], 0) = (all.as_slice(), index) {
            shared_out(&mut scene, &plot, only);
        }
        for (index, scaling) in all.iter().enumerate() {
            curve(&mut scene, &plot, &scaling.rows, shown, colour(index), all.len() == 1);
        }
        if index == 1 {
            largest(&mut scene, &plot, facts);
        }
        plot.name_across(&mut scene, "workers");
        plot.name_up(&mut scene, ((rect.left - 110.0).max(24.0), rect.centre().1), name);
    }
    let named = all.iter().enumerate();
    let named: Vec<(Rgb, String)> =
        named.map(|(index, scaling)| (colour(index), scaling.panel.clone().unwrap_or_default())).collect();
    let end = if all.len() > 1 { beside(&mut scene, "", &named, &grid) } else { grid.bottom };
    scene.height = key(&mut scene, &all, &record.pace.network, sheet, end + 20.0).ceil();
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

/// What discs, rings and dashes stand for; gives where the picture ends.
fn key(scene: &mut Scene, all: &[Scaling], network: &Network, sheet: Sheet, y: f64) -> f64 {
    let mut flow = Flow::new(sheet.margin(LEFT), y, sheet.width() - 20.0);
    if all.is_empty() {
        return flow.end();
    }
    let colour = line_colour(0.0);
    for (words, predicted) in [("measured".to_owned(), false), (joined(network), true)] {
        flow.entry(scene, 60.0, &words, |scene, (x, y)| {
            let ends = [(x, y), (x + 60.0, y)];
            if predicted {
                dashes(scene, &ends, colour)
            } else {
                scene.line(&ends, colour, 4.0)
            }
            mark(scene, (x + 30.0, y), colour, predicted);
        });
    }
    if all.len() == 1 {
        flow.entry(scene, 60.0, "ideal linear speed-up", |scene, (x, y)| {
            scene.line(&[(x, y), (x + 60.0, y)], PALE, 3.0);
        });
    }
    flow.end()
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
    let x = [plot.rect.left + 12.0, plot.rect.right - 12.0];
    let places = [(x[0], Anchor::Start), (x[1], Anchor::End)]
        .map(|(x, anchor)| [((x, y - 16.0), anchor), ((x, y + 18.0), anchor)])
        .concat();
    labels::write(scene, &words, Style { size: TICK, colour: GREY }, &places, plot.rect);
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
