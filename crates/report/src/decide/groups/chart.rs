//! The groups as small heatmaps on common axes and one colour scale.

use super::facts::GroupFacts;
use crate::chart::draw::colour::{Gaps, shade};
use crate::chart::draw::colourbar::ColourBar;
use crate::chart::draw::plot::{Plot, Range};
use crate::chart::draw::render;
use crate::chart::draw::scene::{Anchor, GREY, INK, PALE, Rect, Scene, WHITE};
use crate::chart::draw::sheet::{Needs, Sheet};
use crate::chart::draw::sizes::AXIS;
use crate::chart::draw::title::titled;
use crate::chart::entry::differ;
use crate::chart::{ChartError, Format};
use crate::facts::{Cell, Facts, State};
use crate::format::brief;
use crate::text;

/// Where the panels begin.
const LEFT: f64 = 150.0;
/// The most panels drawn.
const MOST_PANELS: usize = 30;
/// The radius of a dot.
const DOT: f64 = 5.0;

/// A panel for each group: η across and B up, a tile a measured cell, coloured by how far it falls short of the best of
/// its group, as a share of that. Dots are the best learning rates of batch sizes; the best cell is framed.
///
/// # Errors
/// The drawing library refused, or the pixels could not be encoded.
pub fn chart(groups: &GroupFacts, format: Format) -> Result<Vec<u8>, ChartError> {
    render::draw(&scene(groups), format)
}

/// How far a cell falls short of the best of its group, as a share of that.
fn gap(facts: &Facts, cell: &Cell) -> Option<f64> {
    let best = facts.best_cell()?.value?;
    Some((cell.value? - best).abs() / best.abs()).filter(|gap| gap.is_finite())
}

/// What the panels show, by the parameters that vary.
#[derive(Clone, Copy, PartialEq)]
enum Shown {
    /// η across and B up, coloured by how far a cell falls short.
    Tiles,
    /// How far each η falls short.
    Rates,
    /// The value against B, with the curve that gives the critical batch size.
    Batches,
}

impl Shown {
    fn of(groups: &GroupFacts) -> Shown {
        let cells = || groups.facts.iter().flat_map(|facts| &facts.cells);
        let several = |of: fn(&Cell) -> Option<f64>| differ(cells().filter_map(of));
        match (several(|cell| cell.lr), several(|cell| cell.batch)) {
            (true, true) => Shown::Tiles,
            (false, true) => Shown::Batches,
            (_, false) => Shown::Rates,
        }
    }

    fn caption(self) -> &'static str {
        match self {
            Shown::Tiles => {
                "Tiles are coloured by how far they fall short of the best of their group; dots are the best learning rates, \
                 and the best cell is framed."
            }
            Shown::Rates => "How far each learning rate falls short of the best of its group.",
            Shown::Batches => {
                "Each dot is a measured value; the curve gives the critical batch size, marked by a line."
            }
        }
    }
}

/// The common axes of the panels.
struct Axes<'a> {
    across: Range,
    up: Range,
    /// What they are called.
    named: [&'a str; 2],
}

impl<'a> Axes<'a> {
    fn of(kind: Shown, cells: &[(&Facts, &Cell)], metric: &'a str) -> Axes<'a> {
        let rates = Range::around(cells.iter().filter_map(|(_, cell)| cell.lr), true);
        let batches = Range::around(cells.iter().filter_map(|(_, cell)| cell.batch), true);
        let (lr, batch) = ("learning rate η", "batch size B");
        match kind {
            Shown::Tiles => Axes { across: rates, up: batches, named: [lr, batch] },
            Shown::Rates => {
                let gaps = cells.iter().filter_map(|(facts, cell)| Some(100.0 * gap(facts, cell)?));
                Axes { across: rates, up: Range::around(gaps, false), named: [lr, "worse than the best, %"] }
            }
            Shown::Batches => {
                let up = Range::around(cells.iter().filter_map(|(_, cell)| cell.value), true);
                Axes { across: batches, up, named: [batch, metric] }
            }
        }
    }
}

fn colour_bar(scene: &mut Scene, scale: &Gaps, key: Rect) {
    let rect = Rect { right: key.left + 26.0, bottom: (key.top + 380.0).min(key.bottom), ..key };
    let ticks = scale.ticks().into_iter().map(|(share, gap)| (share, format!("{} %", brief(100.0 * gap))));
    let titles = vec!["worse than the best of its group".to_owned(), "worse than the best".to_owned()];
    ColourBar { rect, paint: shade, falls: true, ticks: ticks.collect(), over: false, titles }.draw(scene);
}

fn scene(groups: &GroupFacts) -> Scene {
    let sheet = Sheet::Wide;
    let kind = Shown::of(groups);
    let metric = text::capital(&text::metric_name(&groups.metric));
    let shown: Vec<(usize, &Facts)> = groups.facts.iter().enumerate().take(MOST_PANELS).collect();
    let cells = || shown.iter().flat_map(|(_, facts)| facts.cells.iter().map(move |cell| (*facts, cell)));
    let scale = Gaps::of(cells().filter_map(|(facts, cell)| gap(facts, cell)), None);
    let Axes { across, up, named } = Axes::of(kind, &cells().collect::<Vec<_>>(), &metric);
    let mut scene = sheet.scene();
    let more = groups.facts.len().saturating_sub(MOST_PANELS);
    let rest = if more > 0 { format!(" {more} more groups are not drawn.") } else { String::new() };
    let title = format!("{metric} by {}", text::list(&groups.by));
    let end = titled(&mut scene, LEFT, &title, &format!("{}{rest}", kind.caption()));
    let grid = sheet.grid(Needs {
        top: end + 26.0,
        count: shown.len(),
        abreast: if shown.len() > 8 { 4 } else { 3 },
        tall: if shown.len() > 3 { 240.0 } else { 420.0 },
        left: LEFT,
        gap: 34.0,
        over: 46.0,
        under: 56.0,
        key: if kind == Shown::Tiles { 230.0 } else { 0.0 },
    });
    for (panel, (index, facts)) in shown.iter().enumerate() {
        let plot = Plot { rect: grid.panels[panel], across, up };
        plot.axes(&mut scene, grid.first(panel));
        let name: Vec<String> = groups
            .by
            .iter()
            .zip(&groups.groups[*index].at)
            .map(|(name, value)| {
                format!("{name} {}", value.number().map_or_else(|| value.to_string(), brief))
            })
            .collect();
        plot.title(&mut scene, &name.join(", "), "");
        match kind {
            Shown::Tiles => tiles(&mut scene, facts, &plot, &scale),
            Shown::Rates => dots(&mut scene, facts, &plot),
            Shown::Batches => steps(&mut scene, facts, &plot),
        }
    }
    if let Some(first) = grid.panels.first() {
        Plot { rect: *first, across, up }.name_up(&mut scene, grid.beside(), named[1]);
    }
    if kind == Shown::Tiles {
        colour_bar(&mut scene, &scale, grid.key);
    }
    // The panels share both axes, each of which is named once.
    let right = grid.panels.iter().map(|panel| panel.right).fold(LEFT, f64::max);
    let middle = (f64::midpoint(LEFT, right), grid.bottom + 14.0);
    scene.text(middle, across.named(named[0]), AXIS, INK, Anchor::Middle);
    scene.height = grid.bottom + 44.0;
    scene
}

/// The edges of tiles around the places of levels: half-way to their neighbours.
fn edges(mut places: Vec<f64>) -> Vec<(f64, f64, f64)> {
    places.sort_by(f64::total_cmp);
    // Levels that differ in the fifth digit are one.
    places.dedup_by(|a, b| (*a - *b).abs() < 1.0);
    let narrowest = places.windows(2).map(|pair| pair[1] - pair[0]).fold(f64::INFINITY, f64::min);
    let reach = if narrowest.is_finite() { narrowest / 2.0 } else { 8.0 };
    places.iter().map(|place| (*place, place - reach, place + reach)).collect()
}

fn tiles(scene: &mut Scene, facts: &Facts, plot: &Plot, scale: &Gaps) {
    let at = |cell: &Cell| Some(plot.place(cell.lr?, cell.batch?));
    let wide = edges(facts.cells.iter().filter_map(at).map(|place| place.0).collect());
    let tall = edges(facts.cells.iter().filter_map(at).map(|place| place.1).collect());
    let rect = |cell: &Cell| {
        let (x, y) = at(cell)?;
        let near = |edges: &[(f64, f64, f64)], place: f64| {
            edges.iter().copied().min_by(|a, b| (a.0 - place).abs().total_cmp(&(b.0 - place).abs()))
        };
        let ((_, left, right), (_, top, bottom)) = (near(&wide, x)?, near(&tall, y)?);
        Some(Rect { left, top, right, bottom })
    };
    // Of further axes the best is on top.
    let mut order: Vec<&Cell> = facts.cells.iter().filter(|cell| cell.n > 0).collect();
    let short = |cell: &Cell| gap(facts, cell).unwrap_or(f64::INFINITY);
    order.sort_by(|a, b| short(b).total_cmp(&short(a)));
    for cell in order {
        let Some(rect) = rect(cell) else { continue };
        match gap(facts, cell) {
            Some(gap) => scene.fill(rect, shade(scale.share(gap))),
            None => {
                scene.fill(rect, PALE);
                if cell.state == State::Diverged || cell.state == State::Collapsed {
                    scene.line(&[(rect.left, rect.bottom), (rect.right, rect.top)], GREY, 1.5);
                }
            }
        }
    }
    if let Some(rect) = facts.best_cell().and_then(rect) {
        scene.frame(rect.inset(-1.0), WHITE, 5.0);
        scene.frame(rect.inset(-1.0), INK, 2.5);
    }
    for row in &facts.best_per_batch {
        let (Some(lr), Some(batch)) = (row.lr.estimate, row.batch) else { continue };
        let place = plot.place(lr, batch);
        scene.disc(place, 5.0, WHITE);
        scene.disc(place, 3.5, INK);
    }
}

fn dots(scene: &mut Scene, facts: &Facts, plot: &Plot) {
    for cell in &facts.cells {
        let (Some(lr), Some(gap)) = (cell.lr, gap(facts, cell)) else { continue };
        plot.dot(scene, (lr, 100.0 * gap), DOT, INK);
    }
}

fn steps(scene: &mut Scene, facts: &Facts, plot: &Plot) {
    if let Some((at, curve)) =
        facts.critical_batch.first().and_then(|found| Some((found.batch.estimate?, found.curve?)))
    {
        let (low, high) = (plot.across.low.ln(), plot.across.high.ln());
        let place = |index: u32| (low + (high - low) * f64::from(index) / 60.0).exp();
        let line: Vec<_> = (0..=60).map(place).map(|batch| plot.place(batch, curve.steps(batch))).collect();
        scene.line(&line, GREY, 2.5);
        let x = plot.place(at, plot.up.low).0;
        scene.line(&[(x, plot.rect.top), (x, plot.rect.bottom)], GREY, 1.5);
    }
    for cell in &facts.cells {
        let (Some(batch), Some(value)) = (cell.batch, cell.value) else { continue };
        plot.dot(scene, (batch, value), DOT, INK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::draw::labels::collisions;
    use crate::decide::groups;
    use crate::fixtures::Made;

    #[test]
    fn groups_are_drawn_on_common_axes() {
        let (rates, batches) = (["0.001", "0.002", "0.004", "0.008"], ["16", "32", "64"]);
        let axes = [
            format!("lr={}", rates.join(",")),
            format!("batch={}", batches.join(",")),
            "hidden=16,32,64,128".to_owned(),
        ];
        let mut made = Made::new(&axes.each_ref().map(String::as_str));
        for (level, n) in ["16", "32", "64", "128"].into_iter().enumerate() {
            for (across, rate) in rates.iter().enumerate() {
                for (up, batch) in batches.iter().enumerate() {
                    let far = (across as f64 - 1.5).powi(2) + (up as f64 - 1.0).powi(2);
                    let value = 3.0 - 0.2 * level as f64 + 0.01 * far;
                    made = made.trial(&format!("lr={rate} batch={batch} hidden={n}"), &[value]);
                }
            }
        }
        let made = made.record();
        for batched in [true, false] {
            let mut record = made.clone();
            if !batched {
                record.trials.retain(|trial| {
                    trial.point.get("batch").is_some_and(|batch| batch.number() == Some(16.0))
                });
                record.study.space.parameters.retain(|axis| axis.name != "batch");
                record.trials.iter_mut().for_each(|trial| drop(trial.point.0.remove("batch")));
            }
            let groups = groups::facts(&record, &["hidden".to_owned()], None);
            assert_eq!(collisions(&scene(&groups)), Vec::<String>::new());
            let drawn = chart(&groups, Format::Png).unwrap();
            assert!(drawn.len() > 10_000);
            if let Ok(folder) = std::env::var("SWEEP_GALLERY") {
                std::fs::write(format!("{folder}/groups-{batched}.png"), drawn).unwrap();
            }
        }
    }
}
