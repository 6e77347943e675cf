//! Why a learning rate cannot be carried to a destination, and the runs that would change this.

/// How many values a curve goes through, and between which.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// How many there are.
    pub count: usize,
    /// The least.
    pub low: f64,
    /// The largest.
    pub high: f64,
}

/// Why the study does not support the transfer, and the cheapest runs that would change this.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// The reason.
    pub reason: Reason,
    /// Three runs, as axes to type.
    pub runs: Vec<String>,
}

/// Why a learning rate cannot be carried to a destination.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reason {
    /// No point completed.
    Nothing,
    /// The best learning rate has no interval.
    NoRate,
    /// Another width was asked for, and the study does not use μP.
    NotMup,
    /// A ridge takes more batch sizes.
    FewBatches {
        /// Those whose best learning rate has an interval.
        known: usize,
    },
    /// The batch size lies too far from those tried.
    FarBatch {
        /// The batch sizes tried.
        span: Span,
        /// The batch size asked for.
        batch: f64,
    },
    /// No curve can be fitted to the batch sizes.
    NoRidge,
    /// A power law takes more lengths of training.
    FewLengths {
        /// Those at which the best learning rate of the batch size is known.
        known: usize,
        /// Their unit.
        unit: &'static str,
        /// The batch size, where there is one.
        batch: Option<f64>,
    },
    /// The length lies too far from those tried.
    FarLength {
        /// The lengths tried.
        span: Span,
        /// Their unit.
        unit: &'static str,
        /// The length asked for.
        wanted: f64,
    },
    /// No power law can be fitted to the lengths.
    NoPowerLaw,
}
