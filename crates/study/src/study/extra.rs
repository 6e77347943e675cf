//! Points that a study runs beside those of its sampler.

use serde::{Deserialize, Serialize};

use crate::Point;

/// Replicates from this number on are confirmations: seeds that no point of a study had when the best was chosen, for no
/// study repeats its points so often.
pub const FRESH: u32 = 1000;

/// Points added to a study, and which repeats of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Extra {
    /// The points.
    pub points: Vec<Point>,
    /// The first repeat; from [`FRESH`] on the points are confirmed, not searched.
    pub first: u32,
    /// How many repeats.
    pub count: u32,
}
