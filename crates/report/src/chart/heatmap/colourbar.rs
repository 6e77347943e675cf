//! The colour bar beside a heatmap.

use sweep_study::Direction;

use super::layout::Layout;
use crate::chart::draw::colour::{Ramp, shade};
use crate::chart::draw::colourbar::ColourBar;
use crate::chart::draw::scene::Scene;
use crate::facts::Facts;

/// Draws the bar with the values at which its colours stand: the best at its foot where lower is better, at its top
/// where higher is.
pub fn colourbar(scene: &mut Scene, facts: &Facts, layout: &Layout, ramp: &Ramp) {
    let bar = ColourBar {
        rect: layout.bar,
        paint: shade,
        falls: facts.direction == Direction::Maximize,
        ticks: ramp.ticks(),
        titles: ramp.titles(facts).to_vec(),
    };
    bar.draw(scene);
}
