//! An estimate with its uncertainty.

use serde::Serialize;

/// The confidence of every interval, unless stated otherwise.
pub const CONFIDENCE: f64 = 0.95;

/// Whether an estimate may be read as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// It may.
    Ok,
    /// The best lies on the border of what was tried, so the true one may lie beyond: no estimate.
    Edge,
    /// The best lies next to a learning rate that did not complete, so that the true one lies between: no estimate.
    Cliff,
    /// The curvature around the best does not stand out from the noise: no estimate.
    Flat,
    /// The trials that would tell have not been run yet: no estimate.
    Waiting,
    /// Only one side of it was tried: one end of an interval, and no estimate.
    Bound,
    /// Too little was measured; of a best learning rate, none that completed lies on one side of it among those drawn
    /// at random: no estimate.
    Few,
    /// No point completed, or the number does not exist: no estimate.
    None,
}

/// An estimated quantity. Unknown fields are `None` (null in JSON), never a placeholder.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The estimate; `None` unless the status is OK.
    pub estimate: Option<f64>,
    /// Lower end of the interval.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
    /// The confidence of the interval, such as 0.95.
    pub confidence: Option<f64>,
    /// The unit of the three numbers.
    pub unit: &'static str,
    /// Number of trials behind it.
    pub n: usize,
    /// Whether it may be read as an estimate.
    pub status: Status,
}

impl Estimate {
    /// No estimate, and why.
    pub fn none(unit: &'static str, n: usize, status: Status) -> Estimate {
        Estimate { estimate: None, low: None, high: None, confidence: None, unit, n, status }
    }
}
