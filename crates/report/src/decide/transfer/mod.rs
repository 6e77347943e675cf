//! The learning rate carried to a batch size, a training length or a width that the study did not run.

mod bound;
mod document;
mod facts;
mod text;

pub use bound::{Carried, carried};
pub use document::document;
pub use facts::{Basis, Destination, Length, Reason, Refused, Span, Transfer, facts};
pub use text::{basis, lines, refusal};
