//! The budget of a trial of a command.

/// What a trial's budget is, so that a reading tells the share of it that is used.
#[derive(Clone, Debug, PartialEq)]
pub struct Budget {
    /// `epochs`, `steps` or `examples`.
    pub unit: &'static str,
    /// The amount; `None` if not given.
    pub amount: Option<f64>,
    /// Optimizer steps of an epoch, if given: epochs without a step are then counted in steps.
    pub steps_an_epoch: Option<f64>,
}
