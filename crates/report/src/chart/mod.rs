//! The pictures of a study, as bytes of PNG or SVG.
//!
//! A chart lays facts out as a `scene` of shapes; `ink` makes a file of it. Pictures need no fonts on the
//! machine, and equal records give equal bytes.

mod axes;
mod batches;
mod best_so_far;
mod budgets;
mod catalogue;
mod colour;
mod colourbar;
mod compare;
mod critical;
mod curves;
mod heatmap;
mod horizon;
mod importance;
mod ink;
mod key;
mod layout;
mod legend;
mod losses;
mod marks;
mod parallel;
mod pareto;
mod plot;
mod points;
mod range_test;
mod rates;
mod regret;
mod replay;
mod ridge;
mod rules;
mod scene;
mod series;
mod side;
mod slices;
mod text;
mod throughput;
mod ticks;
mod tiles;
mod timeline;
mod title;
mod view;
mod workers;

pub use catalogue::{Chart, Drawn};
pub use compare::compare;
pub use range_test::range_test;
pub use rates::{Rates, schedule};
pub use replay::replay;
pub use rules::rules;
pub use scene::Rect;
pub use title::subject;

/// A file format for pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Pixels, 1600 wide.
    Png,
    /// Vectors, with text as text.
    Svg,
}

/// Why a picture could not be drawn.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// The drawing library refused.
    #[error("the picture cannot be drawn: {0}")]
    Draw(String),
    /// The pixels could not be encoded.
    #[error("the picture cannot be encoded: {0}")]
    Encode(#[from] png::EncodingError),
}

#[cfg(test)]
mod gallery;
