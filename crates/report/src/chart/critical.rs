//! Steps to the target against the batch size, with the fitted curve and its two limits; and examples against steps.

use sweep_study::StudyRecord;

use super::Chart;
use super::draw::key::{line_colour, swatches};
use super::draw::plot::{Plot, Range};
use super::draw::scene::{Anchor, GREY, INK, Rect, Rgb, Scene};
use super::draw::sizes::{AXIS, TICK, WIDTH};
use super::draw::title::{heading, title};
use super::draw::{font, ticks};
use super::entry::differ;
use crate::facts::{CriticalBatch, Facts};
use crate::format::{brief, interval};

/// The chart.
pub const CHART: Chart = Chart {
    name: "critical_batch",
    caption: "Left, steps to the target against the batch size with the fitted curve and its two limits; right, the \
              price in examples of going faster. Small dots are seeds, the band is the interval of the critical batch size.",
    shows: |_, facts| {
        let at = facts.critical_batch.iter().flat_map(|critical| &critical.per_batch);
        differ(at.filter(|at| !at.reached.is_empty()).map(|at| at.batch))
    },
    needs_curves: false,
    scene,
};

/// Where the panels begin.
const LEFT: f64 = 150.0;
/// Room between the panels.
const GAP: f64 = 130.0;
/// The ground of the interval of the critical batch size.
const BAND: Rgb = Rgb(236, 236, 242);
/// The colour of the two limits.
const LIMIT: Rgb = Rgb(150, 150, 150);

/// The two panels.
struct Panels {
    /// Steps to the target against the batch size.
    left: Plot,
    /// Examples against steps.
    right: Plot,
}

/// Left, the steps to the target against the batch size, a small dot per seed and a large one for their geometric mean,
/// with the fit S = S_min (1 + B_crit/B), its limits (steps in inverse proportion to the batch size, and S_min) and the
/// interval of B_crit as a band. Right, the examples that each took against the steps: the price of going faster.
fn scene(record: &StudyRecord, facts: &Facts) -> Scene {
    let all = &facts.critical_batch;
    let mut scene = Scene::new(WIDTH, 930.0);
    heading(&mut scene, LEFT, &title(&record.study, facts), &subtitle(all));
    let wide = (WIDTH - LEFT - GAP - if all.len() > 1 { 260.0 } else { 60.0 }) / 2.0;
    let rect = |left: f64| Rect { left, top: 150.0, right: left + wide, bottom: 760.0 };
    let at = || all.iter().flat_map(|critical| &critical.per_batch);
    let steps = || at().flat_map(|at| at.reached.iter().copied());
    let batches = Range::around(at().map(|at| at.batch), true);
    let left = Plot { rect: rect(LEFT), across: batches, up: Range::around(steps(), true) };
    let right = Plot {
        rect: rect(LEFT + wide + GAP),
        across: Range::around(steps(), true),
        up: Range::around(at().flat_map(|at| at.reached.iter().map(|steps| steps * at.batch)), true),
    };
    if let [critical] = all.as_slice() {
        band(&mut scene, &left, critical);
    }
    left.axes_of_batches(&mut scene, at().map(|at| at.batch));
    right.axes(&mut scene, true);
    let panels = Panels { left, right };
    let colour = |index: usize| line_colour(index as f64 / all.len().max(2) as f64);
    for (index, critical) in all.iter().enumerate() {
        curves(&mut scene, &panels, critical, colour(index), all.len() == 1);
    }
    for (index, critical) in all.iter().enumerate() {
        dots(&mut scene, &panels, critical, colour(index), all.len() == 1);
    }
    let under = |scene: &mut Scene, plot: &Plot, words: &str| {
        scene.text((plot.rect.centre().0, plot.rect.bottom + 70.0), words, AXIS, INK, Anchor::Middle);
    };
    under(&mut scene, &left, "batch size B");
    under(&mut scene, &right, "steps to target S");
    scene.text_upward((40.0, 455.0), "steps to target S", AXIS, INK);
    scene.text_upward((right.rect.left - 100.0, 455.0), "examples to target E = S·B", AXIS, INK);
    let seeds = if facts.replicates > 1 {
        "small dots: seeds, large ones their geometric means"
    } else {
        "dots: single seeds"
    };
    let band = if all.len() == 1 && all[0].batch.estimate.is_some() {
        "; band: 95 % interval of B_crit"
    } else {
        ""
    };
    scene.text((LEFT, left.rect.bottom + 128.0), format!("{seeds}{band}"), TICK, INK, Anchor::Start);
    if all.len() > 1 {
        let name = |critical: &CriticalBatch| critical.panel.clone().unwrap_or_default();
        let named: Vec<(Rgb, String)> =
            all.iter().enumerate().map(|(index, critical)| (colour(index), name(critical))).collect();
        swatches(&mut scene, &named, (right.rect.right + 30.0, 150.0), 600.0);
    }
    scene
}

fn subtitle(all: &[CriticalBatch]) -> String {
    let sentence = |critical: &CriticalBatch| {
        let name = critical.panel.as_ref().map_or(String::new(), |panel| format!("{panel}: "));
        let batch = &critical.batch;
        match (batch.estimate, batch.low, batch.high) {
            (Some(estimate), ..) => format!(
                "{name}critical batch size {}{}, fewest steps {}",
                brief(estimate),
                interval(batch),
                brief(critical.least_steps.unwrap_or(f64::NAN))
            ),
            (None, Some(low), _) => format!("{name}critical batch size above {} (95 %)", brief(low)),
            (None, _, Some(high)) => format!("{name}critical batch size below {} (95 %)", brief(high)),
            _ => format!("{name}critical batch size not determined"),
        }
    };
    let all: Vec<String> = all.iter().map(sentence).collect();
    format!("Each batch size at its own fastest learning rate; {}", all.join("; "))
}

/// The interval of the critical batch size as a band behind everything, its estimate as a line with its name.
fn band(scene: &mut Scene, plot: &Plot, critical: &CriticalBatch) {
    let (Some(estimate), Some(low), Some(high)) =
        (critical.batch.estimate, critical.batch.low, critical.batch.high)
    else {
        return;
    };
    let x = |batch: f64| plot.place(batch, plot.up.low).0;
    scene.fill(Rect { left: x(low), right: x(high), ..plot.rect }, BAND);
    scene.line(&[(x(estimate), plot.rect.top), (x(estimate), plot.rect.bottom)], GREY, 2.0);
    let words = format!("B_crit = {}", brief(estimate));
    scene.text((x(high) + 12.0, plot.rect.top + 18.0), words, TICK, GREY, Anchor::Start);
}

/// The fitted curve in both panels; its limits on the left where it is alone.
fn curves(
    scene: &mut Scene,
    Panels { left, right }: &Panels,
    critical: &CriticalBatch,
    colour: Rgb,
    alone: bool,
) {
    let Some(curve) = &critical.curve else { return };
    let along =
        |index: u32| left.across.low * (left.across.high / left.across.low).powf(f64::from(index) / 100.0);
    let batches: Vec<f64> = (0..=100).map(along).collect();
    let inside = |plot: &Plot, points: Vec<(f64, f64)>| -> Vec<(f64, f64)> {
        let own = |point: &(f64, f64)| plot.across.holds(point.0) && plot.up.holds(point.1);
        points.into_iter().filter(own).map(|(x, y)| plot.place(x, y)).collect()
    };
    if alone {
        let ideal = |batch: f64| curve.least_steps * curve.critical.estimate / batch;
        let slope = inside(left, batches.iter().map(|batch| (*batch, ideal(*batch))).collect());
        let floor = inside(left, batches.iter().map(|batch| (*batch, curve.least_steps)).collect());
        scene.line(&slope, LIMIT, 2.0);
        scene.line(&floor, LIMIT, 2.0);
        if let Some((x, y)) = slope.get(slope.len() / 2) {
            scene.text((x - 16.0, y + 16.0), "slope −1", TICK, GREY, Anchor::End);
        }
        if let Some((x, y)) = floor.first() {
            let words = format!("S_min = {}", brief(curve.least_steps));
            scene.text((x + 8.0, y - 18.0), words, TICK, GREY, Anchor::Start);
        }
    }
    scene.line(&inside(left, batches.iter().map(|b| (*b, curve.steps(*b))).collect()), colour, 4.0);
    scene.line(
        &inside(right, batches.iter().map(|b| (curve.steps(*b), curve.steps(*b) * b)).collect()),
        colour,
        4.0,
    );
}

/// The seeds and their means; on the right the means have their batch size beside them where one panel is drawn.
fn dots(
    scene: &mut Scene,
    Panels { left, right }: &Panels,
    critical: &CriticalBatch,
    colour: Rgb,
    alone: bool,
) {
    let mut free: Option<(f64, f64)> = None;
    for at in &critical.per_batch {
        for steps in &at.reached {
            scene.disc(left.place(at.batch, *steps), 4.0, GREY);
        }
        scene.disc(left.place(at.batch, at.steps), 8.0, colour);
        let place = right.place(at.steps, at.examples);
        scene.disc(place, 8.0, colour);
        let clear = free.is_none_or(|(x, y)| (place.0 - x).abs() > 60.0 || (place.1 - y).abs() > 26.0);
        let label = format!("B={}", ticks::label(at.batch));
        if alone && clear {
            let fits = place.0 + 16.0 + font::width(&label, TICK) < right.rect.right;
            let (x, anchor) =
                if fits { (place.0 + 16.0, Anchor::Start) } else { (place.0 + 8.0, Anchor::End) };
            scene.text((x, place.1 - 18.0), label, TICK, INK, anchor);
            free = Some(place);
        }
    }
}
