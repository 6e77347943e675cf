//! Which trial ran when, and on which worker.

use sweep_study::StudyRecord;

use super::Chart;
use super::draw::flow::Flow;
use super::draw::plot::{Plot, Range};
use super::draw::scene::{Anchor, GREY, INK, Rect, Rgb, Scene};
use super::draw::sheet::Sheet;
use super::draw::sizes::{AXIS, TICK};
use super::draw::title::{heading, title};
use crate::facts::{Facts, Stretch, StretchEnd, Timeline, timeline};
use crate::format::brief;
use crate::text;

/// The chart.
pub const CHART: Chart = Chart {
    name: "timeline",
    caption: "Which worker ran trials when, coloured by how they ended, idle time cut out.",
    shows: |record, _| record.spans.len() > 1,
    needs_curves: false,
    scene,
};

/// Where the panel begins.
const LEFT: f64 = 150.0;
/// The height that all workers together aim at, and that of one at least and at most.
const TALL: f64 = 480.0;
const ROW: (f64, f64) = (3.0, 80.0);
/// Stretches narrower than this are drawn as one where they follow each other and ended alike.
const NARROW: f64 = 2.0;

/// How a stretch may end, with its word and colour.
const ENDS: [(StretchEnd, &str, Rgb); 7] = [
    (StretchEnd::Complete, "complete", Rgb(59, 82, 139)),
    (StretchEnd::Paused, "paused", Rgb(158, 202, 225)),
    (StretchEnd::Pruned, "ended early", Rgb(205, 205, 205)),
    (StretchEnd::Stuck, "stuck at chance", Rgb(150, 150, 150)),
    (StretchEnd::Diverged, "diverged", Rgb(213, 94, 0)),
    (StretchEnd::Infeasible, "out of memory", Rgb(170, 68, 153)),
    (StretchEnd::Failed, "failed", Rgb(34, 34, 34)),
];

/// A row a worker, a bar a stretch of a trial, coloured by how that ended; interruptions are cut out and marked.
fn scene(record: &StudyRecord, facts: &Facts, sheet: Sheet) -> Scene {
    let mut scene = sheet.scene();
    let Some(timeline) = timeline(record) else { return scene };
    let row = (TALL / timeline.workers as f64).clamp(ROW.0, ROW.1);
    let end = heading(&mut scene, sheet.margin(LEFT), &title(&record.study, facts), &subtitle(&timeline));
    let top = end + 38.0;
    let left = if sheet.narrow() { 90.0 } else { LEFT };
    let bottom = top + row * timeline.workers as f64;
    let rect = Rect { left, top, right: sheet.width() - 40.0, bottom };
    let across = Range { low: 0.0, high: 1.01 * timeline.seconds.max(1e-3), log: false };
    let plot = Plot { rect, across, up: Range { low: 0.0, high: 1.0, log: false } };
    for stretch in joined(&timeline, &plot) {
        let x = |at: f64| plot.place(timeline.worked(at), 0.0).0;
        let top = rect.top + row * f64::from(stretch.worker);
        let gap = (0.06 * row).min(3.0);
        let (left, right) = (x(stretch.start), x(stretch.end));
        // A hair of the ground parts the stretches that have room for it.
        let right = if right - left > 4.0 { right - 1.0 } else { right.max(left + 1.0) };
        let bar = Rect { left, top: top + gap, right, bottom: top + row - gap };
        scene.fill(bar, colour(stretch.ended));
    }
    for (from, _) in &timeline.interruptions {
        let x = plot.place(timeline.worked(*from), 0.0).0;
        scene.line(&[(x, rect.top - 10.0), (x, rect.bottom)], INK, 2.0);
    }
    plot.axes_across(&mut scene);
    workers(&mut scene, &timeline, rect, row);
    plot.name_across(&mut scene, "seconds of work, as the study ran");
    scene.text_upward((30.0, rect.centre().1.max(top + 50.0)), "worker", AXIS, INK);
    scene.height = key(&mut scene, &timeline, sheet, rect.bottom + 126.0).ceil();
    scene
}

fn subtitle(timeline: &Timeline) -> String {
    let interruptions = match timeline.interruptions.len() as u64 {
        0 => String::new(),
        count => format!("; {}, cut out (black lines)", text::count(count, "interruption")),
    };
    format!(
        "Trials on {}, at work {:.0} % of {} s{interruptions}",
        text::count(timeline.workers as u64, "worker"),
        100.0 * timeline.busy,
        brief(timeline.seconds)
    )
}

fn colour(end: StretchEnd) -> Rgb {
    ENDS.iter().find(|(known, ..)| *known == end).map_or(GREY, |(.., colour)| *colour)
}

/// The stretches of each worker in order, those too narrow to be seen joined with their like.
fn joined(timeline: &Timeline, plot: &Plot) -> Vec<Stretch> {
    let mut ordered = timeline.spans.clone();
    ordered.sort_by(|a, b| a.worker.cmp(&b.worker).then(a.start.total_cmp(&b.start)));
    let pixel = NARROW * plot.across.high / plot.rect.width();
    let narrow = |stretch: &Stretch| stretch.end - stretch.start < pixel;
    let mut joined: Vec<Stretch> = Vec::new();
    for next in ordered {
        match joined.last_mut() {
            Some(last)
                if (last.worker, last.ended) == (next.worker, next.ended)
                    && narrow(&next)
                    && next.start - last.end < pixel =>
            {
                last.end = last.end.max(next.end);
            }
            _ => joined.push(next),
        }
    }
    joined
}

/// The numbers of the workers, as many as have room.
fn workers(scene: &mut Scene, timeline: &Timeline, rect: Rect, row: f64) {
    let stride = (26.0 / row).ceil() as usize;
    for worker in (0..timeline.workers).step_by(stride.max(1)) {
        let y = rect.top + row * (worker as f64 + 0.5);
        scene.text((rect.left - 12.0, y), (worker + 1).to_string(), TICK, INK, Anchor::End);
    }
}

/// What the colours mean, of those that occur; gives where the picture ends.
fn key(scene: &mut Scene, timeline: &Timeline, sheet: Sheet, top: f64) -> f64 {
    let mut flow = Flow::new(sheet.margin(LEFT), top, sheet.width() - 20.0);
    for (end, word, colour) in ENDS {
        let count = timeline.spans.iter().filter(|span| span.ended == end).count();
        if count > 0 {
            flow.entry(scene, 34.0, &format!("{word} ({count})"), |scene, (x, y)| {
                scene.fill(Rect { left: x, top: y - 11.0, right: x + 34.0, bottom: y + 11.0 }, colour);
            });
        }
    }
    flow.end()
}
