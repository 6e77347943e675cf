//! One panel of a heatmap, and all that is needed to draw it.

use super::layout::Layout;
use crate::chart::draw::colour::Ramp;
use crate::chart::draw::scene::Rect;
use crate::chart::draw::view::{Spot, View};
use crate::facts::Facts;

/// One panel: the points of one schedule, or of all.
#[derive(Clone, Copy)]
pub struct Panel<'a> {
    /// What is drawn.
    pub facts: &'a Facts,
    /// Which axes it is drawn over.
    pub view: &'a View,
    /// Where values lie within panels.
    pub layout: &'a Layout,
    /// The colours of values.
    pub ramp: &'a Ramp,
    /// Its index among the panels.
    pub index: usize,
    /// Where it stands.
    pub rect: Rect,
}

impl<'a> Panel<'a> {
    /// The points that lie in it.
    pub fn spots(&self) -> impl Iterator<Item = &'a Spot> {
        let index = self.index;
        self.view.spots.iter().filter(move |spot| spot.panel == index)
    }

    /// The tile at a level across and one up.
    pub fn tile(&self, across: usize, up: usize) -> Rect {
        self.layout.tile(&self.rect, across, up)
    }
}
