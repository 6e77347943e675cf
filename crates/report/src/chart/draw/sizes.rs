//! Sizes that all pictures share.

/// The width of every picture.
pub const WIDTH: f64 = 1600.0;
/// The size of tick labels.
pub const TICK: f64 = 22.0;
/// The size of axis titles.
pub const AXIS: f64 = 26.0;
/// Room beside a panel for the arrows that point beyond a border.
pub const ARROW: f64 = 34.0;
