//! The pictures of a study, as bytes of PNG or SVG.
//!
//! A chart lays facts out as a scene of shapes, with what [`draw`] offers to all of them; `draw::render` makes a file of
//! it, by plotters, whose back ends write PNG and SVG without fonts or libraries of the machine. Equal records give equal
//! bytes.

mod batches;
mod best_so_far;
mod budgets;
mod catalogue;
mod critical;
mod curves;
pub(crate) mod draw;
pub(crate) mod heatmap;
mod horizon;
mod importance;
mod losses;
mod parallel;
mod pareto;
mod rates;
mod regret;
mod slices;
mod throughput;
mod timeline;
mod workers;

pub use catalogue::{Chart, Drawn};
pub use draw::{ChartError, Format, Rect, subject};
pub use rates::{Rates, schedule};

#[cfg(test)]
mod gallery;
