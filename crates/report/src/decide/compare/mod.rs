//! Two studies side by side: on one colour scale, and paired where they share points and seeds.

mod chart;
mod document;
mod facts;
mod merge;
mod text;

pub use chart::chart;
pub use document::document;
pub use facts::{BestPair, CompareFacts, Counted, Overall, PointPair, Side, facts};
pub use merge::{CompareError, Compared, Difference, merged};
pub use text::sentences;
