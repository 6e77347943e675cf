//! Parametrizations: how initial weights and learning rates depend on the width of a network.
//!
//! Under the maximal update parametrization μP the best learning rate stays the same as hidden layers grow wider (Yang
//! et al. 2022, "Tensor Programs V", table 3). Both agree at 128 units, the default.

use sweep_settings::{Kind, Setting, SettingError, Settings, names};

use crate::model::Block;
use crate::nn::init::Init;
use crate::optimizer::{self, OptimizerSpec};

/// The settings of this module.
pub const SETTINGS: &[Setting] = &[PARAMETRIZATION];

const PARAMETRIZATION: Setting = Setting::new(
    "parametrization",
    Kind::Choice(&["standard", "mup"]),
    "how weights and rates scale with the width; under mup the best lr does not change with it (both agree at 128 units)",
)
.or("standard")
.under(names::MODEL, &["mlp"]);

/// The width at which both parametrizations agree: the default of `hidden`.
const BASE_WIDTH: f64 = 128.0;

/// The factors of one tensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Factors {
    /// Factor of its initial weights.
    pub init: f64,
    /// Factor of its learning rate.
    pub rate: f64,
}

/// How weights and rates depend on the width of a network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Parametrization {
    /// They do not, except through the initialisation.
    #[default]
    Standard,
    /// The maximal update parametrization.
    Mup {
        /// Whether the updates of the optimizer do not grow with the gradient.
        by_sign: bool,
        /// How weights are drawn.
        init: Init,
    },
}

impl Parametrization {
    /// The parametrization that `settings` name, for updates by `optimizer`.
    ///
    /// # Errors
    /// An optimizer for which no such rule exists.
    pub fn read(settings: &Settings, optimizer: &OptimizerSpec) -> Result<Parametrization, SettingError> {
        if !settings.choice(&PARAMETRIZATION, &[("standard", false), ("mup", true)])? {
            return Ok(Parametrization::Standard);
        }
        let Some(by_sign) = optimizer.by_sign() else {
            let known = optimizer::names_with_known_scale().join(", ");
            let why = format!("does not support optimizer={}; it supports {known}", optimizer.name);
            return Err(settings.error(&PARAMETRIZATION, why));
        };
        Ok(Parametrization::Mup { by_sign, init: Init::read(settings)? })
    }

    /// Whether tensors have their own rates.
    pub fn scales_rates(self) -> bool {
        self != Parametrization::Standard
    }

    /// The factors of each of `blocks`; `None` under the standard parametrization.
    pub(crate) fn factors(self, blocks: &[Block]) -> Option<Vec<Factors>> {
        let Parametrization::Mup { by_sign, init } = self else { return None };
        Some(blocks.iter().map(|block| factors(block, by_sign, init)).collect())
    }
}

/// The factors of one tensor. `m` is the ratio of a width to the base width.
fn factors(block: &Block, by_sign: bool, init: Init) -> Factors {
    // The layer precedes the kind of tensor and may follow the name of a network: `policy.output.bias`.
    let layer = block.name.rsplit('.').nth(1);
    let (first, last) = (layer == Some("hidden1"), layer == Some("output"));
    let wide = |size: usize| size as f64 / BASE_WIDTH;
    let [inputs, outputs] = match *block.shape {
        [inputs, outputs] => [inputs, outputs],
        // A bias is a weight of an input that is always 1.
        [outputs] => {
            let rate = if by_sign || last { 1.0 } else { wide(outputs) };
            return Factors { init: 1.0, rate };
        }
        _ => return Factors { init: 1.0, rate: 1.0 },
    };
    if first && last {
        return Factors { init: 1.0, rate: 1.0 };
    }
    let m_in = if first { 1.0 } else { wide(inputs) };
    let m_out = if last { 1.0 } else { wide(outputs) };
    let base = |size: usize, m: f64| ((size as f64 / m).round()) as usize;
    // Variance as at the base width, then falling as 1/fan_in; that of the outputs as 1/fan_in².
    let same = init.deviation(base(inputs, m_in), base(outputs, m_out)) / init.deviation(inputs, outputs);
    let falling = if last { m_in } else { m_in.sqrt() };
    let rate = match (by_sign, last) {
        (true, _) | (false, true) => 1.0 / m_in,
        (false, false) => m_out / m_in,
    };
    Factors { init: same / falling, rate }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(name: &str, shape: &[usize]) -> Block {
        Block { name: name.to_owned(), shape: shape.to_vec(), range: 0..shape.iter().product() }
    }

    #[test]
    fn factors_are_those_of_the_table() {
        let is = |name: &str, shape: &[usize], by_sign, init: f64, rate: f64| {
            let found = factors(&block(name, shape), by_sign, Init::Torch);
            assert!(
                (found.init - init).abs() < 1e-9 && (found.rate - rate).abs() < 1e-9,
                "{name}: {found:?}"
            );
        };
        // Four times as wide as the base.
        is("hidden1.weight", &[784, 512], false, 1.0, 4.0);
        is("hidden1.weight", &[784, 512], true, 1.0, 1.0);
        is("hidden1.bias", &[512], false, 1.0, 4.0);
        is("hidden2.weight", &[512, 512], false, 1.0, 1.0);
        is("hidden2.weight", &[512, 512], true, 1.0, 0.25);
        is("output.weight", &[512, 10], false, 0.5, 0.25);
        is("output.weight", &[512, 10], true, 0.5, 0.25);
        is("policy.output.weight", &[512, 2], true, 0.5, 0.25);
        is("output.bias", &[10], false, 1.0, 1.0);
    }

    #[test]
    fn at_the_base_width_nothing_changes() {
        for init in [Init::GlorotUniform, Init::He, Init::Torch] {
            for block in [block("hidden1.weight", &[784, 128]), block("output.weight", &[128, 10])] {
                assert_eq!(factors(&block, false, init), Factors { init: 1.0, rate: 1.0 });
            }
        }
    }
}
