//! Steps to the target against the batch size, with the fitted curve and its two limits; and examples against steps.

use sweep_study::StudyRecord;

use super::Chart;
use super::draw::flow::Flow;
use super::draw::key::{beside, line_colour};
use super::draw::labels::{self, Style};
use super::draw::plot::{Plot, Range};
use super::draw::scene::{Anchor, GREY, INK, Rect, Rgb, Scene};
use super::draw::sheet::{Needs, Sheet};
use super::draw::sizes::TICK;
use super::draw::ticks;
use super::draw::title::{heading, title};
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
/// How names of limits look.
const SECOND: Style = Style { size: TICK, colour: GREY };
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
fn scene(record: &StudyRecord, facts: &Facts, sheet: Sheet) -> Scene {
    let all = &facts.critical_batch;
    let mut scene = sheet.scene();
    let end = heading(&mut scene, sheet.margin(LEFT), &title(&record.study, facts), &subtitle(all));
    let grid = sheet.grid(Needs {
        top: end + 26.0,
        count: 2,
        abreast: 2,
        tall: 610.0,
        left: LEFT,
        gap: GAP,
        over: 12.0,
        under: 104.0,
        key: if all.len() > 1 { 270.0 } else { 0.0 },
    });
    let at = || all.iter().flat_map(|critical| &critical.per_batch);
    let steps = || at().flat_map(|at| at.reached.iter().copied());
    let batches = Range::around(at().map(|at| at.batch), true);
    let left = Plot { rect: grid.panels[0], across: batches, up: Range::around(steps(), true) };
    let right = Plot {
        rect: grid.panels[1],
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
    left.name_across(&mut scene, "batch size B");
    right.name_across(&mut scene, "steps to target S");
    left.name_up(&mut scene, (30.0, left.rect.centre().1), "steps to target S");
    let aside = (right.rect.left - 100.0).max(24.0);
    right.name_up(&mut scene, (aside, right.rect.centre().1), "examples to target E = S·B");
    let name = |critical: &CriticalBatch| critical.panel.clone().unwrap_or_default();
    let named: Vec<(Rgb, String)> =
        all.iter().enumerate().map(|(index, critical)| (colour(index), name(critical))).collect();
    let end = if all.len() > 1 { beside(&mut scene, "", &named, &grid) } else { grid.bottom };
    let mut flow = Flow::new(sheet.margin(LEFT), end + 20.0, sheet.width() - 20.0);
    if facts.replicates > 1 {
        flow.entry(&mut scene, 10.0, "seed", |scene, (x, y)| scene.disc((x + 5.0, y), 4.0, GREY));
        let words = "geometric mean of the seeds";
        flow.entry(&mut scene, 16.0, words, |scene, (x, y)| scene.disc((x + 8.0, y), 8.0, colour(0)));
    } else {
        flow.entry(&mut scene, 16.0, "one seed", |scene, (x, y)| scene.disc((x + 8.0, y), 8.0, colour(0)));
    }
    if all.len() == 1 && all[0].batch.estimate.is_some() {
        flow.entry(&mut scene, 34.0, "95 % interval of B_crit", |scene, (x, y)| {
            scene.fill(Rect { left: x, top: y - 13.0, right: x + 34.0, bottom: y + 13.0 }, BAND);
        });
    }
    scene.height = flow.end().ceil();
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
    let top = plot.rect.top + 18.0;
    let places = [((x(high) + 12.0, top), Anchor::Start), ((x(low) - 12.0, top), Anchor::End)];
    labels::write(scene, &words, SECOND, &places, plot.rect);
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
        let along = |share: usize| slope.get(slope.len() * share / 8).copied();
        let beside = [4, 3, 5, 2].into_iter().filter_map(along);
        let places: Vec<_> = beside.map(|(x, y)| ((x - 16.0, y + 16.0), Anchor::End)).collect();
        labels::write(scene, "slope −1", SECOND, &places, left.rect);
        let words = format!("S_min = {}", brief(curve.least_steps));
        let over =
            |x: f64, anchor| floor.first().map(|(_, y)| [((x, y - 18.0), anchor), ((x, y + 18.0), anchor)]);
        let rect = left.rect;
        let places = [over(rect.left + 8.0, Anchor::Start), over(rect.right - 8.0, Anchor::End)];
        let places: Vec<_> = places.into_iter().flatten().flatten().collect();
        labels::write(scene, &words, SECOND, &places, rect);
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
    for at in &critical.per_batch {
        for steps in &at.reached {
            scene.disc(left.place(at.batch, *steps), 4.0, GREY);
        }
        scene.disc(left.place(at.batch, at.steps), 8.0, colour);
        scene.disc(right.place(at.steps, at.examples), 8.0, colour);
    }
    for at in critical.per_batch.iter().filter(|_| alone) {
        let (x, y) = right.place(at.steps, at.examples);
        let places = [
            ((x + 16.0, y - 18.0), Anchor::Start),
            ((x + 18.0, y), Anchor::Start),
            ((x, y - 28.0), Anchor::Middle),
            ((x + 8.0, y - 24.0), Anchor::End),
            ((x - 14.0, y + 20.0), Anchor::End),
            ((x, y + 26.0), Anchor::Middle),
        ];
        let style = Style { size: TICK, colour: INK };
        labels::write(scene, &format!("B={}", ticks::label(at.batch)), style, &places, right.rect);
    }
}
