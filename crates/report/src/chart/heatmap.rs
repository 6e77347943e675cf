//! The heatmap: learning rate across, batch size up, one tile a measured cell, coloured by how far it falls short of
//! the best.

mod axes;
mod colourbar;
mod layout;
mod legend;
mod panel;
mod points;
mod ridge;
mod tiles;

use sweep_study::StudyRecord;

use self::layout::Layout;
use self::panel::Panel;
use super::Chart;
use super::draw::colour::Ramp;
use super::draw::scene::{Anchor, GREY, PALE, Scene};
use super::draw::sizes::WIDTH;
use super::draw::title::{heading, title};
use super::draw::view::{Spot, View};
use crate::facts::{Facts, State};
use crate::{format, text};

/// The chart.
pub const CHART: Chart = Chart {
    name: "heatmap",
    caption: "Each tile or point is a measured value; nothing is interpolated. Outlined ones cannot be distinguished \
              from the best, hatched tiles diverged, blank ones were not run.",
    shows: |record, facts| View::of(record, facts).spots.iter().filter(|spot| ran(facts, spot)).count() > 1,
    needs_curves: false,
    scene,
};

/// The heatmap of a study.
///
/// Cells that lie on levels are tiles whose edges are the midpoints between neighbours on the axis' scale; cells
/// drawn from a continuum are points at their place. Over η × B lie the ridge of the best learning rates with their
/// intervals and the edge of stability. Nothing is interpolated, and what diverged, got stuck or was
/// never run is shown as such.
fn scene(record: &StudyRecord, facts: &Facts) -> Scene {
    let view = View::of(record, facts);
    headed(record, facts, &title(&record.study, facts), &subtitle(facts, &view))
}

/// The same under another heading.
pub fn headed(record: &StudyRecord, facts: &Facts, title: &str, subtitle: &str) -> Scene {
    let view = View::of(record, facts);
    let layout = Layout::of(&view, tiles::needs(facts, &view));
    let ramp = Ramp::of(facts);
    let mut scene = Scene::new(WIDTH, 0.0);
    heading(&mut scene, layout.legend.0, title, subtitle);
    for (index, &rect) in layout.panels.iter().enumerate() {
        let panel = Panel { facts, view: &view, layout: &layout, ramp: &ramp, index, rect };
        if view.scattered() {
            scene.frame(rect, PALE, 2.0);
            points::points(&mut scene, &panel);
        } else {
            tiles::tiles(&mut scene, &panel);
        }
        ridge::ridge(&mut scene, &panel);
    }
    axes::axes(&mut scene, facts, &view, &layout);
    if facts.best.is_some() {
        colourbar::colourbar(&mut scene, facts, &layout, &ramp);
    } else {
        let middle = (layout.bar.left, layout.bar.top + 12.0);
        let words =
            if record.trials.is_empty() { ["no trial", "has ended"] } else { ["no point", "completed"] };
        scene.text(middle, words[0], 24.0, GREY, Anchor::Start);
        scene.text((middle.0, middle.1 + 32.0), words[1], 24.0, GREY, Anchor::Start);
    }
    scene.height = legend::legend(&mut scene, facts, &view, &layout).ceil();
    scene
}

/// Whether a place shows how a point ended, rather than that it was not run or failed.
fn ran(facts: &Facts, spot: &Spot) -> bool {
    let state = facts.cells.get(spot.cell).map(|cell| cell.state);
    !matches!(state, None | Some(State::Missing | State::Failed))
}

/// What is shown: the metric, its best measured value, and which axes are minimized out.
fn subtitle(facts: &Facts, view: &View) -> String {
    let mut text = text::capital(&text::metric(facts));
    if let Some(best) = &facts.best {
        text += &format!(", best measured {}", format::with_error(facts, best.value, best.stderr));
    }
    if let Some(best) = facts.best.as_ref().filter(|best| best.stderr.is_some()) {
        let fresh = facts.best_cell().is_some_and(|cell| cell.confirmed);
        text += &format!("; ± standard error over {}{} seeds", best.n, if fresh { " fresh" } else { "" });
    }
    if !view.over.is_empty() {
        let names: Vec<String> = view.over.iter().map(|name| name.replace('_', " ")).collect();
        text += &format!("; each tile is the best over {}", text::list(&names));
    }
    text
}
