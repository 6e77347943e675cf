//! The learning rate carried to a batch size, a training length or a width that the study did not run.

mod bound;
mod document;
mod facts;
mod refused;
mod schedule;
mod text;

pub use bound::{Carried, carried};
pub use document::document;
pub use facts::{Basis, Destination, Length, Transfer, facts};
pub use refused::{Reason, Refused, Span};
pub use schedule::to_schedule;
pub use text::{basis, lines, refusal};
