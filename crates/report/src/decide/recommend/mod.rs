//! Which point to use, by what to minimise: the loss, the steps, the examples or the time.

mod document;
mod facts;
mod text;

pub use document::document;
pub use facts::{Aim, Recommendation, Second, facts};
pub use text::table;
