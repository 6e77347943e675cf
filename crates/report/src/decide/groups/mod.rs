//! A table of runs parted into groups, such as models of several sizes: what is best in each, and what serves them all.

mod chart;
mod document;
mod facts;
mod text;

pub use chart::chart;
pub use document::document;
pub use facts::{Common, Group, GroupFacts, facts};
pub use text::lines;
