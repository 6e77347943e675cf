//! Two studies side by side: on one colour scale, and paired where they share points and seeds.

mod document;
mod facts;
mod merge;
mod words;

pub use document::compare_document;
pub use facts::{BestPair, CompareFacts, Counted, Overall, PointPair, Side, compare_facts};
pub use merge::{CompareError, Compared, Difference, merged};
pub use words::compare_sentences;
pub(crate) use words::in_brief;

/// The axis of the merged study that tells the two apart.
pub const STUDY: &str = "study";
