//! Ticks and titles of the axes of a heatmap.

use sweep_settings::{plain, round_significant};
use sweep_study::Scale;

use super::layout::Layout;
use crate::chart::draw::labels::{self, Style};
use crate::chart::draw::scene::{Anchor, GREY, INK, Rect, Scene};
use crate::chart::draw::sizes::{ARROW, AXIS, TICK};
use crate::chart::draw::ticks;
use crate::chart::draw::view::{Levels, View};
use crate::facts::{Facts, STUDY, Side};

/// The ticks of an axis: where, on its scale, and what stands there.
fn marks(levels: &Levels) -> Vec<(f64, String)> {
    let Some((low, high)) = levels.continuous else {
        return levels
            .lines
            .iter()
            .copied()
            .zip(levels.labels.iter().map(|label| ticks::typed(label)))
            .collect();
    };
    let Some(scale) = levels.scale else { return Vec::new() };
    let values: Vec<f64> = match scale {
        Scale::Log => ticks::logarithmic(scale.value(low), scale.value(high)),
        Scale::Pow2 => {
            let (low, high) =
                (scale.value(low).log2().ceil() as i32, scale.value(high).log2().floor() as i32);
            (low..=high).map(|power| 2f64.powi(power)).collect()
        }
        Scale::Linear | Scale::OneMinus => {
            let step = |index: u32| scale.value(low + (high - low) * f64::from(index) / 4.0);
            (0..=4).map(|index| round_significant(step(index), 2)).collect()
        }
    };
    values.into_iter().map(|value| (scale.line(value), plain(value))).collect()
}

/// How labels look.
const LABELS: Style = Style { size: TICK, colour: INK };

/// Draws ticks and titles of all panels.
pub fn axes(scene: &mut Scene, facts: &Facts, view: &View, layout: &Layout) {
    let count = layout.panels.len();
    let arrows = facts.best_per_batch.iter().any(|row| row.edge.contains(&Side::Low));
    for (index, panel) in layout.panels.iter().enumerate() {
        let last = index + layout.columns >= count;
        across(scene, view, layout, panel, last);
        if index % layout.columns == 0 {
            up(scene, view, layout, panel, if arrows { ARROW } else { 0.0 });
        }
        if let (Some(axis), Some(Some(value))) = (&view.panel_axis, view.panels.get(index)) {
            let words = if axis == STUDY { value.clone() } else { format!("{axis} = {value}") };
            scene.text_within((panel.left, panel.top - 24.0), &words, AXIS, INK, panel.width());
        }
    }
}

fn across(scene: &mut Scene, view: &View, layout: &Layout, panel: &Rect, titled: bool) {
    let mut labels = Vec::new();
    for (index, (line, label)) in marks(&view.across).into_iter().enumerate() {
        let tile = layout.tile(panel, index, 0).centre().0;
        let x = if view.across.scattered() { layout.place(panel, line, 0.0).0 } else { tile };
        if view.scattered() {
            scene.line(&[(x, panel.bottom), (x, panel.bottom + 7.0)], GREY, 2.0);
        }
        labels.push(((x, panel.bottom + 26.0), label));
    }
    labels::along(scene, &labels, LABELS, Anchor::Middle);
    if titled {
        let at = (panel.centre().0, panel.bottom + 66.0);
        scene.text(at, view.across.axis_title(), AXIS, INK, Anchor::Middle);
    }
}

fn up(scene: &mut Scene, view: &View, layout: &Layout, panel: &Rect, pad: f64) {
    if view.up.name.is_none() {
        return;
    }
    let mut labels = Vec::new();
    for (index, (line, label)) in marks(&view.up).into_iter().enumerate() {
        let tile = layout.tile(panel, 0, index).centre().1;
        let y = if view.up.scattered() { layout.place(panel, 0.0, line).1 } else { tile };
        if view.scattered() {
            scene.line(&[(panel.left - 7.0, y), (panel.left, y)], GREY, 2.0);
        }
        labels.push(((panel.left - 14.0 - pad, y), label));
    }
    labels::along(scene, &labels, LABELS, Anchor::End);
    scene.text_upward((layout.up_title, panel.centre().1), view.up.axis_title(), AXIS, INK);
}
