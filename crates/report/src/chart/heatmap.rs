//! The heatmap: learning rate across, batch size up, one tile a measured cell, coloured by how far it falls short of
//! the best.

mod axes;
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
use super::draw::colour::{Ramp, shade};
use super::draw::scene::{Anchor, GREY, PALE, Rect, Scene};
use super::draw::sheet::Sheet;
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
fn scene(record: &StudyRecord, facts: &Facts, sheet: Sheet) -> Scene {
    let view = View::of(record, facts);
    headed(record, facts, &Headed { run: title(&record.study, facts), shown: subtitle(facts, &view), sheet })
}

/// What a heatmap is headed by, and the sheet it is on.
pub struct Headed {
    /// What was run.
    pub run: String,
    /// What is shown.
    pub shown: String,
    /// The sheet.
    pub sheet: Sheet,
}

/// The same under another heading.
pub fn headed(record: &StudyRecord, facts: &Facts, over: &Headed) -> Scene {
    let sheet = over.sheet;
    let view = View::of(record, facts);
    let needs = tiles::needs(facts, &view);
    let mut scene = sheet.scene();
    let left = sheet.margin(layout::left(&view, needs, sheet));
    let end = heading(&mut scene, left, &over.run, &over.shown);
    let layout = Layout::of(&view, needs, sheet, end + 26.0);
    let ramp = Ramp::of(facts);
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
    let end = legend::legend(&mut scene, facts, &view, &layout);
    // On a narrow sheet the bar stands under the legend.
    let bar = match sheet {
        Sheet::Wide => layout.bar,
        Sheet::Narrow => Rect { left, top: end + 40.0, right: left + 28.0, bottom: end + 340.0 },
    };
    if facts.best.is_some() {
        ramp.bar(facts, shade, bar, sheet.narrow()).draw(&mut scene);
    } else {
        let words =
            if record.trials.is_empty() { ["no trial", "has ended"] } else { ["no point", "completed"] };
        scene.text((bar.left, bar.top + 12.0), words[0], 24.0, GREY, Anchor::Start);
        scene.text((bar.left, bar.top + 44.0), words[1], 24.0, GREY, Anchor::Start);
    }
    scene.height = end.max(bar.bottom + 40.0).ceil();
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
