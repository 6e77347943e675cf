//! What the marks of a heatmap mean: only those that occur.

use super::layout::Layout;
use super::ridge;
use super::tiles::ground;
use crate::chart::draw::flow::Flow;
use crate::chart::draw::marks;
use crate::chart::draw::scene::{GREY, INK, PALE, Place, Rect, Rgb, Scene, WHITE};
use crate::chart::draw::view::View;
use crate::facts::{Facts, Source, State};

/// The room of a mark.
const MARK: f64 = 40.0;

/// A mark of the legend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Best,
    Beyond,
    Tied,
    Ridge,
    Edge,
    State(State),
}

/// Draws the legend and returns where it ends.
pub fn legend(scene: &mut Scene, facts: &Facts, view: &View, layout: &Layout) -> f64 {
    let mut flow = Flow::new(layout.legend.left, layout.legend.top, layout.legend.right);
    for (mark, words) in entries(facts, view) {
        flow.entry(scene, MARK, &words, |scene, at| draw(scene, mark, at, view.scattered()));
    }
    flow.end()
}

fn entries(facts: &Facts, view: &View) -> Vec<(Mark, String)> {
    let shown = || view.spots.iter().filter_map(|spot| facts.cells.get(spot.cell));
    let mut entries = Vec::new();
    if facts.best.is_some() {
        let words =
            if facts.axes.lr && facts.axes.batch { "best measured, by batch size" } else { "best measured" };
        entries.push((Mark::Best, words.to_owned()));
    }
    if facts.best_per_batch.iter().any(|row| !row.edge.is_empty()) {
        entries.push((Mark::Beyond, "best on the border, may lie beyond".to_owned()));
    }
    if shown().filter(|cell| cell.tied).count() > 1 {
        let words = match facts.noise.source {
            Source::Constant => "within 5 % of the best (noise unknown)",
            _ => "cannot be distinguished from the best (95 %)",
        };
        entries.push((Mark::Tied, words.to_owned()));
    }
    if ridge::has_ridge(facts, view) {
        entries.push((Mark::Ridge, "best η, fitted, with its 95 % interval".to_owned()));
    }
    if ridge::has_edge(facts, view) {
        entries.push((Mark::Edge, "onset of divergence".to_owned()));
    }
    let states = [
        (State::Diverged, "diverged"),
        (State::Stuck, "stuck at chance"),
        (State::Collapsed, "collapsed"),
        (State::Unstable, "2/3: completed for 2 of 3 seeds"),
        (State::Censored, "target not reached"),
        (State::Infeasible, "out of memory"),
        (State::Failed, "failed"),
        (State::Pruned, "pruned"),
        (State::EndedEarly, "ended early"),
        (State::Missing, "not run"),
    ];
    for (state, words) in states {
        let drawn = !(view.scattered() && state == State::Missing);
        let first = shown().find(|cell| cell.state == state);
        if let Some(cell) = first.filter(|_| drawn) {
            let (usable, n) = (cell.n_usable, cell.n);
            let words = match state {
                State::Unstable => format!("{usable}/{n}: completed for {usable} of {n} seeds"),
                _ => words.to_owned(),
            };
            entries.push((Mark::State(state), words));
        }
    }
    entries
}

fn draw(scene: &mut Scene, mark: Mark, (x, y): Place, points: bool) {
    let middle = (x + MARK / 2.0, y);
    let swatch = Rect { left: x, top: y - 13.0, right: x + MARK, bottom: y + 13.0 };
    match (mark, points) {
        (Mark::Best, false) => marks::dot(scene, middle),
        (Mark::Best, true) => {
            marks::rimmed(
                scene,
                middle,
                15.0,
                Rgb(240, 240, 240),
                marks::Rim { colour: Rgb(120, 120, 120), width: 1.0 },
            );
            scene.disc(middle, 4.0, INK);
        }
        (Mark::Ridge, _) => {
            scene.line(&[(x, y), (x + MARK, y)], INK, 3.0);
            scene.disc(middle, 6.0, INK);
        }
        (Mark::Edge, _) => scene.line(&[(middle.0, y - 14.0), (middle.0, y + 14.0)], ridge::EDGE, 4.0),
        (Mark::Beyond, _) => marks::arrow(scene, (x + 2.0, y), 1.0),
        (Mark::Tied, false) => scene.frame(swatch, INK, 4.0),
        (Mark::Tied, true) => {
            marks::rimmed(scene, middle, 15.0, WHITE, marks::Rim { colour: INK, width: 4.0 })
        }
        (Mark::State(State::Diverged), true) => marks::cross(scene, middle, 9.0, GREY),
        (Mark::State(State::Stuck | State::Collapsed), true) => {
            marks::rimmed(scene, middle, 12.0, marks::STUCK, marks::Rim { colour: GREY, width: 2.0 })
        }
        (Mark::State(_), true) => marks::hollow(scene, middle),
        (Mark::State(state), false) => {
            ground(scene, swatch, state);
            if state != State::Missing {
                scene.frame(swatch, PALE, 1.0);
            }
        }
    }
}
