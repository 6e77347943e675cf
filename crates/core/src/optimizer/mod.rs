//! Optimizers: how a gradient changes the parameters.
//!
//! All parameters are one flat slice and so is every buffer of an optimizer; a step is one loop over them and
//! allocates nothing. Formulas and defaults are PyTorch's.

use std::ops::Range;

use crate::settings::{Kind, Scale, Setting};
use crate::{SettingError, Settings};

/// The settings of this module.
pub const SETTINGS: &[Setting] = &[OPTIMIZER, MOMENTUM];

const OPTIMIZER: Setting = Setting {
    name: "optimizer",
    kind: Kind::Choice(&["sgd"]),
    scale: None,
    default: Some("sgd"),
    when: None,
    help: "the rule that turns gradients into updates",
};

const MOMENTUM: Setting = Setting {
    name: "momentum",
    kind: Kind::Float { low: 0.0, high: 1.0, closed: (true, false) },
    scale: Some(Scale::OneMinus),
    default: Some("0"),
    when: Some(("optimizer", &["sgd"])),
    help: "share of the last update that is kept",
};

/// An optimizer with its state.
#[derive(Clone, Debug)]
pub struct Optimizer {
    momentum: f32,
    velocity: Vec<f32>,
}

impl Optimizer {
    /// The optimizer that `settings` describe, for parameters whose tensors lie at `blocks` of the flat slice.
    ///
    /// # Errors
    /// A value that is out of range or contradicts another, named with its reason.
    pub fn build(settings: &Settings, blocks: &[Range<usize>]) -> Result<Optimizer, SettingError> {
        let size = blocks.iter().map(|block| block.end).max().unwrap_or(0);
        let momentum = settings.number(&MOMENTUM)?.unwrap_or(0.0) as f32;
        Ok(Optimizer { momentum, velocity: vec![0.0; size] })
    }

    /// One update of `params` along `gradient` (the mean over the batch) at the learning rate `rate`.
    pub fn step(&mut self, params: &mut [f32], gradient: &mut [f32], rate: f64) {
        let (momentum, rate) = (self.momentum, rate as f32);
        for ((p, g), v) in params.iter_mut().zip(gradient.iter()).zip(&mut self.velocity) {
            *v = momentum * *v + g;
            *p -= rate * *v;
        }
    }

    /// Replaces the momentum (the first β of Adam's kind) for the updates that follow, for schedules that cycle it.
    pub fn set_momentum(&mut self, momentum: f64) {
        self.momentum = momentum as f32;
    }

    /// The parameters to evaluate and to keep: `params` themselves, except where weights are averaged.
    /// `scratch` is written only where an average has to be computed.
    pub fn evaluation_parameters<'a>(&'a self, params: &'a [f32], _scratch: &'a mut Vec<f32>) -> &'a [f32] {
        params
    }
}
