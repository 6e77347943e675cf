//! The learning rate carried to a batch size, a training length or a width that the study did not run.

mod document;
mod facts;
mod text;

pub use document::document;
pub use facts::{Basis, Destination, Length, Reason, Refused, Span, Transfer, facts};
pub use text::{basis, lines, refusal};
