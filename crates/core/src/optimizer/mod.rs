//! Optimizers: how a gradient changes the parameters.
//!
//! All parameters are one flat slice and so is every buffer of an optimizer; an update is one loop over them (two
//! where a norm is needed first) and allocates nothing. Formulas and defaults are PyTorch's, or the authors' where
//! PyTorch has none; arithmetic on parameters is f32, on scalars f64. Buffers never hold subnormal numbers.
//! Powers are those of `libm`, the same on every machine.
//!
//! What a rule takes is the gradient of the mean loss. `clip_norm` scales it first; `ema` averages the weights after.

mod adadelta;
mod adagrad;
mod adam;
mod adamax;
mod arithmetic;
mod average;
mod lamb;
mod lars;
#[cfg(test)]
mod laws;
mod lion;
mod memory;
mod nadam;
mod prodigy;
mod radam;
mod rmsprop;
mod rule;
mod schedule_free;
mod sgd;
mod shared;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use table::names_with_known_scale;
pub use table::{NAMES, settings};

use std::ops::Range;

use sweep_settings::{SettingError, Settings};

use crate::state::StateMismatch;
use average::Average;
use memory::{Memory, read_floats, write_floats};
use rule::UpdateRule;
use table::Rule;

/// An optimizer as it is to be built.
#[derive(Clone, Debug)]
pub struct OptimizerSpec {
    /// Its name, such as `adamw`.
    pub name: &'static str,
    rule: Rule,
    /// The largest norm of a gradient.
    clip_norm: Option<f64>,
    /// The decay of the moving average of the weights.
    ema: Option<f64>,
}

impl OptimizerSpec {
    /// The optimizer that `settings` describe.
    ///
    /// # Errors
    /// A value that is out of range or contradicts another, named with its reason.
    pub fn read(settings: &Settings) -> Result<OptimizerSpec, SettingError> {
        let (name, rule) = table::read(settings)?;
        let ema = settings.number(&table::EMA)?;
        if ema.is_some() && rule.evaluates_mean() {
            let why = "is one average too many: schedule-free optimizers evaluate a mean already";
            return Err(settings.error(&table::EMA, why));
        }
        Ok(OptimizerSpec { name, rule, clip_norm: settings.number(&table::CLIP_NORM)?, ema })
    }

    /// The optimizer of parameters whose tensors lie at `blocks` of the flat slice.
    pub fn build(&self, blocks: &[Range<usize>]) -> Optimizer {
        let size = blocks.iter().map(|block| block.end).max().unwrap_or(0);
        let mut memory = Memory::new(self.rule.buffers(), size);
        if self.rule.initial() != 0.0 {
            memory.fill(self.rule.initial());
        }
        let average = self.ema.map(|decay| Average { decay, weights: vec![0.0; size] });
        Optimizer {
            rule: self.rule,
            memory,
            blocks: blocks.to_vec(),
            clip_norm: self.clip_norm,
            average,
            rates: None,
        }
    }

    /// Floats of state for each parameter.
    pub fn buffers(&self) -> usize {
        self.rule.buffers() + usize::from(self.ema.is_some())
    }

    /// Whether its updates do not grow with the gradient; `None` where neither is so.
    pub fn by_sign(&self) -> Option<bool> {
        table::by_sign(self.name)
    }
}

/// An optimizer with its state.
#[derive(Clone, Debug)]
pub struct Optimizer {
    rule: Rule,
    memory: Memory,
    blocks: Vec<Range<usize>>,
    clip_norm: Option<f64>,
    average: Option<Average>,
    rates: Option<Rates>,
}

/// Learning rates of tensors, as factors of the one given.
#[derive(Clone, Debug)]
struct Rates {
    factors: Vec<f64>,
    /// The parameters before an update.
    before: Vec<f32>,
}

impl Optimizer {
    /// Gives each tensor the learning rate times its factor. Exact for rules whose change is proportional to the rate.
    pub(crate) fn scale_rates(&mut self, factors: Vec<f64>) {
        let size = self.blocks.iter().map(|block| block.end).max().unwrap_or(0);
        self.rates = Some(Rates { factors, before: vec![0.0; size] });
    }

    /// Whether an update is θ ← θ − η·∇ and nothing else, so that a network may take it in place.
    pub(crate) fn plain(&self) -> bool {
        let alone = self.clip_norm.is_none() && self.average.is_none() && self.rates.is_none();
        alone && self.rule.plain()
    }

    /// Counts an update that was taken in place.
    pub(crate) fn count_update(&mut self) {
        self.memory.step += 1;
    }

    /// One update of `params` along `gradient` (the mean over the batch) at the learning rate `rate`. The contents
    /// of `gradient` are used up: they may be clipped or overwritten.
    pub fn step(&mut self, params: &mut [f32], gradient: &mut [f32], rate: f64) {
        pulp::Arch::new().dispatch(Update { optimizer: self, params, gradient, rate });
    }

    #[inline(always)]
    fn update(&mut self, params: &mut [f32], gradient: &mut [f32], rate: f64) {
        if let Some(largest) = self.clip_norm {
            arithmetic::clip(gradient, largest);
        }
        self.memory.step += 1;
        let first = self.memory.first();
        if let Some(rates) = &mut self.rates {
            rates.before.copy_from_slice(params);
        }
        self.rule.step(&mut self.memory, &self.blocks, params, gradient, rate);
        if let Some(Rates { factors, before }) = &self.rates {
            for (block, &factor) in self.blocks.iter().zip(factors) {
                let kept = &before[block.clone()];
                params[block.clone()]
                    .iter_mut()
                    .zip(kept)
                    .for_each(|(p, b)| *p = b + factor as f32 * (*p - b));
            }
        }
        if let Some(average) = &mut self.average {
            average.take(params, first);
        }
    }

    /// Replaces the momentum (the first β of Adam's kind) for the updates that follow, for schedules that cycle it.
    /// Without effect on rules that have none.
    pub fn set_momentum(&mut self, momentum: f64) {
        self.rule.set_momentum(momentum);
    }

    /// The parameters to evaluate and to keep: `params` themselves, except where weights are averaged.
    /// `scratch` is written only where a mean has to be computed.
    pub fn evaluation_parameters<'a>(&'a self, params: &'a [f32], scratch: &'a mut Vec<f32>) -> &'a [f32] {
        if self.memory.step == 0 {
            return params;
        }
        if self.rule.evaluates_mean() {
            self.rule.mean(&self.memory, params, scratch);
            return scratch;
        }
        self.average.as_ref().map_or(params, |average| &average.weights)
    }

    /// What a checkpoint has to keep, little-endian.
    pub fn state(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.memory.write(&mut bytes);
        if let Some(average) = &self.average {
            write_floats(&average.weights, &mut bytes);
        }
        bytes
    }

    /// Takes back what [`Optimizer::state`] gave, in an optimizer built from the same settings.
    ///
    /// # Errors
    /// A state of another optimizer or another number of parameters; nothing is changed then.
    pub fn restore(&mut self, state: &[u8]) -> Result<(), StateMismatch> {
        let mut restored = self.clone();
        let mut rest = restored.memory.read(state)?;
        if let Some(average) = &mut restored.average {
            rest = read_floats(&mut average.weights, rest)?;
        }
        if !rest.is_empty() {
            return Err(StateMismatch);
        }
        *self = restored;
        Ok(())
    }
}

/// One update, for `pulp` to compile with the widest registers of the machine. No operation changes with them, nor
/// the order of any sum, so every machine gives the same bits.
struct Update<'a> {
    optimizer: &'a mut Optimizer,
    params: &'a mut [f32],
    gradient: &'a mut [f32],
    rate: f64,
}

impl pulp::NullaryFnOnce for Update<'_> {
    type Output = ();

    // A closure would not be inlined into the function that has the registers.
    #[inline(always)]
    fn call(self) {
        self.optimizer.update(self.params, self.gradient, self.rate);
    }
}
