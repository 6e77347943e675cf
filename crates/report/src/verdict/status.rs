//! Why no best learning rate is named: one text for each status, wherever it is read.

use crate::facts::Status;

/// Why there is no estimate of the best learning rate; `None` where there is one.
pub fn why_none(status: Status) -> Option<&'static str> {
    match status {
        Status::Ok => None,
        Status::Edge => Some("on the border of what was tried"),
        Status::Cliff => Some("next to a rate that did not complete"),
        Status::Flat => Some("too flat or noisy around it"),
        Status::Few => Some("too few learning rates tried around it"),
        Status::Waiting => Some("not all run yet"),
        Status::None | Status::Bound => Some("no learning rate completed"),
    }
}
