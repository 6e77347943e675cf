//! An estimate with what is known of its uncertainty.

use serde::Serialize;

/// The confidence of every interval, unless it says otherwise.
pub const CONFIDENCE: f64 = 0.95;

/// Whether an estimate may be read as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// It may.
    Ok,
    /// The best lies on the border of what was tried, so the true one may lie beyond: no estimate.
    Edge,
    /// The best lies next to a learning rate that ended badly, so that the true one lies between: no estimate.
    Cliff,
    /// The curvature around the best does not stand out from the noise: no estimate.
    Flat,
    /// What was tried reaches only one side of it: one end of an interval, and no estimate.
    Bound,
    /// Too little was measured; of a best learning rate, none that ended well lies on one side of it among those drawn at
    /// random: no estimate.
    Few,
    /// No point ended well, or there is no such number: no estimate.
    None,
}

/// An estimated quantity. What is not known is `None` (null in JSON), never a stand-in.
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
    /// How many trials it rests on.
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
