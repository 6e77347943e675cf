//! Points that a study runs in addition to those of its sampler.

use serde::{Deserialize, Serialize};

use crate::Point;

/// Replicates from this number on are confirmations: they use seeds that no point had when the best was chosen, because
/// no study has that many replicates.
pub const FRESH: u32 = 1000;

/// Points added to a study, with their replicates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Extra {
    /// The points.
    pub points: Vec<Point>,
    /// The first replicate; from [`FRESH`] on these are confirmations, not part of the search.
    pub first: u32,
    /// The number of replicates.
    pub count: u32,
}
