//! An estimate with what is known of its uncertainty.

use serde::Serialize;

/// Whether an estimate may be read as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// It may.
    Ok,
    /// The best lies on the border of what was tried, so the true one may lie beyond: no estimate.
    Edge,
    /// Learning rates were drawn at random, and none that ended well lies on one side of the best: no estimate.
    Few,
    /// No point ended well: no estimate.
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
