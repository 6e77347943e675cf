//! The colour bar beside a heatmap.

use sweep_study::Direction;

use crate::chart::draw::colour::{Ramp, shade};
use crate::chart::draw::colourbar::ColourBar;
use crate::chart::draw::scene::{Rect, Scene};
use crate::facts::Facts;

/// Draws the bar with the values at which its colours stand: the best at its foot where lower is better, at its top
/// where higher is.
pub fn colourbar(scene: &mut Scene, facts: &Facts, rect: Rect, ramp: &Ramp, over: bool) {
    let bar = ColourBar {
        rect,
        over,
        paint: shade,
        falls: facts.direction == Direction::Maximize,
        ticks: ramp.ticks(),
        titles: ramp.titles(facts).to_vec(),
    };
    bar.draw(scene);
}
