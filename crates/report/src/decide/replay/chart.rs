//! Searches replayed on a table: the regret of what each had chosen, against trials and against seconds.

use sweep_study::StudyRecord;

use super::{Quartiles, ReplayFacts, ReplayRecord, SamplerFacts};
use crate::chart::draw::key::{line_colour, swatches, tint};
use crate::chart::draw::plot::{Look, Plot, Range};
use crate::chart::draw::scene::{Anchor, GREY, INK, Rect, Rgb, Scene, WHITE};
use crate::chart::draw::sizes::{TICK, WIDTH};
use crate::chart::draw::title::{TWO_LINES, heading, title};
use crate::chart::draw::{marks, render};
use crate::chart::{ChartError, Format};
use crate::facts::Facts;
use crate::format::brief;
use crate::text;

/// Where the first panel begins.
const LEFT: f64 = 150.0;
/// Room between the panels, and beside the last one for the key.
const GAP: f64 = 50.0;
const KEY: f64 = 190.0;
/// Where panels begin and end down the page.
const TOP: f64 = 150.0;
const BOTTOM: f64 = 700.0;
/// How many times the first time shown the last one is: what diverges at once takes no time.
const TIME_SPAN: f64 = 300.0;
/// The largest regret shown, in percent.
const MOST: f64 = 200.0;
/// The line that marks the margin.
const MARGIN: Rgb = Rgb(130, 130, 130);

/// Draws the regret of each sampler's chosen cell: a thick line for the median over replays, thin ones for the
/// quartiles, and a dot where the median replay has come within the margin of the best.
///
/// # Errors
/// The drawing library refused, or the pixels could not be encoded.
pub fn chart(
    study: &StudyRecord,
    facts: &Facts,
    record: &ReplayRecord,
    replays: &ReplayFacts,
    format: Format,
) -> Result<Vec<u8>, ChartError> {
    render::draw(&scene(study, facts, record, replays), format)
}

fn scene(study: &StudyRecord, facts: &Facts, record: &ReplayRecord, replays: &ReplayFacts) -> Scene {
    let mut scene = Scene::new(WIDTH, BOTTOM + 110.0);
    let repeats = record.samplers.first().map_or(0, |sampler| sampler.repeats.len()) as u64;
    let subtitle = format!(
        "Median and quartiles of {} of a search; dots mark when it is within {} % of the best",
        text::count(repeats, "replay"),
        brief(100.0 * record.within),
    );
    let end = heading(&mut scene, LEFT, &title(&study.study, facts), &subtitle);
    let first = scene.shapes.len();
    let timed = replays.samplers.iter().all(|sampler| sampler.seconds.is_some());
    let panels = if timed { 2.0 } else { 1.0 };
    let wide = (WIDTH - LEFT - KEY - 40.0 - (panels - 1.0) * GAP) / panels;
    let rect = |panel: f64| {
        let left = LEFT + panel * (wide + GAP);
        Rect { left, top: TOP, right: left + wide, bottom: BOTTOM }
    };
    let up = regrets(replays);
    let longest = replays.samplers.iter().map(|sampler| sampler.regret.median.len()).max().unwrap_or(1);
    let trials = Range { low: 1.0, high: longest.max(2) as f64, log: true };
    let plot = Plot { rect: rect(0.0), across: trials, up };
    panel(&mut scene, &plot, record, "trials", true);
    for (sampler, colour) in coloured(replays) {
        let at: Vec<f64> = (1..=sampler.regret.median.len()).map(|trial| trial as f64).collect();
        lines(&mut scene, &plot, &at, &sampler.regret, colour);
    }
    for (sampler, colour) in coloured(replays) {
        found(&mut scene, &plot, record, sampler.trials.estimate, colour);
    }
    if timed {
        let times = || replays.samplers.iter().filter_map(|sampler| sampler.seconds.as_ref());
        let most = times().flat_map(|seconds| seconds.at.iter().copied()).fold(0.0, f64::max);
        let across = Range { low: most / TIME_SPAN, high: most, log: true };
        let plot = Plot { rect: rect(1.0), across, up };
        panel(&mut scene, &plot, record, "seconds of training, one trial at a time", false);
        for (sampler, colour) in coloured(replays) {
            if let Some(seconds) = &sampler.seconds {
                lines(&mut scene, &plot, &seconds.at, &seconds.regret, colour);
                found(&mut scene, &plot, record, seconds.within.estimate, colour);
            }
        }
    }
    let what = format!("regret, % of the best {}", text::metric(facts));
    plot.name_up(&mut scene, (40.0, (TOP + BOTTOM) / 2.0), &what);
    let names: Vec<(Rgb, String)> =
        coloured(replays).map(|(sampler, colour)| (colour, sampler.name.clone())).collect();
    swatches(&mut scene, &names, (WIDTH - KEY, TOP), BOTTOM - TOP);
    scene.lower(first, end - TWO_LINES);
    scene
}

/// The samplers with their colours.
fn coloured(replays: &ReplayFacts) -> impl Iterator<Item = (&SamplerFacts, Rgb)> {
    let count = replays.samplers.len().max(2) as f64;
    replays
        .samplers
        .iter()
        .enumerate()
        .map(move |(index, sampler)| (sampler, line_colour(index as f64 / count)))
}

/// The regrets shown, in percent: from below the least that there is above 0.
fn regrets(replays: &ReplayFacts) -> Range {
    let least = 60.0 * replays.least_regret.unwrap_or(0.01);
    Range { low: least, high: MOST.max(10.0 * least), log: true }
}

/// Axes, the margin as a line, and the title of the axis across.
fn panel(scene: &mut Scene, plot: &Plot, record: &ReplayRecord, across: &str, labelled: bool) {
    plot.axes(scene, labelled);
    plot.name_across(scene, across);
    let y = plot.place(plot.across.low, 100.0 * record.within).1;
    scene.line(&[(plot.rect.left, y), (plot.rect.right, y)], MARGIN, 2.0);
    if labelled {
        let words = format!("{} % of the best", brief(100.0 * record.within));
        scene.text((plot.rect.left + 10.0, y + 18.0), words, TICK, GREY, Anchor::Start);
        // The best cell has no regret, which the logarithm puts beneath everything.
        scene.text((plot.rect.left - 12.0, plot.rect.bottom), "0", TICK, INK, Anchor::End);
    }
}

/// The median as a thick line and the quartiles as thin pale ones, where they are within the panel or below it.
fn lines(scene: &mut Scene, plot: &Plot, at: &[f64], regret: &Quartiles, colour: Rgb) {
    let pale = tint(colour);
    for (series, width, colour) in
        [(&regret.low, 2.0, pale), (&regret.high, 2.0, pale), (&regret.median, 5.0, colour)]
    {
        let points: Vec<(f64, f64)> = at
            .iter()
            .zip(series)
            .map(|(x, regret)| (*x, 100.0 * regret))
            .filter(|(x, regret)| *regret <= plot.up.high && *x >= plot.across.low)
            .collect();
        plot.line(scene, &points, None, Look { colour, width, dots: false });
    }
}

/// The dot where the median replay came within the margin.
fn found(scene: &mut Scene, plot: &Plot, record: &ReplayRecord, at: Option<f64>, colour: Rgb) {
    if let Some(at) = at {
        marks::rimmed(
            scene,
            plot.place(at, 100.0 * record.within),
            10.0,
            colour,
            marks::Rim { colour: WHITE, width: 3.0 },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::draw::labels::collisions;
    use crate::decide::replay;
    use crate::decide::replay::fixtures::{grid, record};

    #[test]
    fn replays_are_drawn_with_and_without_seconds() {
        let (study, facts) = grid();
        let mut record = record(vec![
            ("random", vec![vec![1, 1, 2], vec![1, 2, 2], vec![3, 1, 1]]),
            ("ridge", vec![vec![1, 2, 0], vec![2, 2, 0], vec![1, 0, 0]]),
        ]);
        for timed in [true, false] {
            if !timed {
                record.samplers[0].repeats[0][0].seconds = None;
            }
            let replays = replay::facts(&record, &facts).unwrap();
            assert_eq!(collisions(&scene(&study, &facts, &record, &replays)), Vec::<String>::new());
            for format in [Format::Png, Format::Svg] {
                let bytes = chart(&study, &facts, &record, &replays, format).unwrap();
                assert!(bytes.len() > 3_000, "{timed} {format:?}");
                if let (Ok(folder), Format::Png) = (std::env::var("SWEEP_GALLERY"), format) {
                    std::fs::write(format!("{folder}/replay-{timed}.png"), &bytes).unwrap();
                }
            }
        }
    }
}
