//! Why no best learning rate is named: one text for each status, wherever it is read.

use crate::facts::Status;

/// Why an estimate of the best learning rate is none, where the best rate measured lies; `None` where it is one.
pub fn why_none(status: Status) -> Option<&'static str> {
    match status {
        Status::Ok => None,
        Status::Edge => Some("on the border of what was tried"),
        Status::Cliff => Some("next to a rate that ended badly"),
        Status::Flat => Some("too flat or noisy around it"),
        Status::Few => Some("too few rates tried around it"),
        Status::None | Status::Bound => Some("no rate ended well"),
    }
}
