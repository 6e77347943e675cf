//! What charts are drawn with: scenes of shapes, axes, ticks, colours, headings, and the files made of them.

pub mod colour;
pub mod colourbar;
mod error;
pub mod flow;
pub mod font;
pub mod key;
pub mod labels;
pub mod marks;
pub mod parameter_axis;
pub mod plot;
mod png;
pub mod range;
pub mod render;
pub mod scene;
pub mod series;
pub mod sheet;
pub mod sizes;
mod svg;
pub mod ticks;
pub mod title;
pub mod view;

pub use error::ChartError;
pub use render::Format;
pub use scene::Rect;
pub use title::subject;
