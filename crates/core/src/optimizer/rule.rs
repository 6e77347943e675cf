//! The rule of an optimizer: which one, with its hyperparameters.

use std::ops::Range;

use sweep_settings::{Setting, SettingError, Settings};

use super::adadelta::Adadelta;
use super::adagrad::Adagrad;
use super::adam::Adam;
use super::adamax::Adamax;
use super::lamb::Lamb;
use super::lars::Lars;
use super::lion::Lion;
use super::memory::Memory;
use super::nadam::Nadam;
use super::prodigy::Prodigy;
use super::radam::Radam;
use super::rmsprop::Rmsprop;
use super::schedule_free::{Divisor, ScheduleFree};
use super::sgd::Sgd;
use super::table;
use crate::schedule;

/// An update rule.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rule {
    Sgd(Sgd),
    Adam(Adam),
    Nadam(Nadam),
    Radam(Radam),
    Adamax(Adamax),
    Rmsprop(Rmsprop),
    Adagrad(Adagrad),
    Adadelta(Adadelta),
    Lion(Lion),
    Lars(Lars),
    Lamb(Lamb),
    ScheduleFree(ScheduleFree),
    Prodigy(Prodigy),
}

impl Rule {
    /// The name and the rule that `settings` describe.
    pub fn read(settings: &Settings) -> Result<(&'static str, Rule), SettingError> {
        let choices: Vec<_> = table::NAMES.iter().map(|name| (*name, *name)).collect();
        let name = settings.choice(&table::OPTIMIZER, &choices)?;
        let read = Reader { settings, name };
        let rule = match name {
            "sgd" => Rule::Sgd(read.sgd()?),
            "adam" => Rule::Adam(read.adam(false)?),
            "adamw" => Rule::Adam(read.adam(true)?),
            "nadam" => Rule::Nadam(read.nadam()?),
            "radam" => Rule::Radam(read.radam()?),
            "adamax" => Rule::Adamax(read.adamax()?),
            "rmsprop" => Rule::Rmsprop(read.rmsprop()?),
            "adagrad" => Rule::Adagrad(read.adagrad()?),
            "adadelta" => Rule::Adadelta(read.adadelta()?),
            "lion" => Rule::Lion(read.lion()?),
            "lars" => Rule::Lars(read.lars()?),
            "lamb" => Rule::Lamb(read.lamb()?),
            "schedule_free_sgd" | "schedule_free_adamw" => Rule::ScheduleFree(read.schedule_free()?),
            _ => Rule::Prodigy(read.prodigy()?),
        };
        Ok((name, rule))
    }

    /// Buffers as long as the parameters that the rule needs.
    pub fn buffers(&self) -> usize {
        match self {
            Rule::Sgd(sgd) => usize::from(sgd.buffered),
            Rule::Adam(adam) => adam.buffers(),
            Rule::Rmsprop(rmsprop) => rmsprop.buffers(),
            Rule::ScheduleFree(free) => free.buffers(),
            Rule::Adagrad(_) | Rule::Lion(_) | Rule::Lars(_) => 1,
            Rule::Nadam(_) | Rule::Radam(_) | Rule::Adamax(_) | Rule::Adadelta(_) | Rule::Lamb(_) => 2,
            Rule::Prodigy(_) => Prodigy::BUFFERS,
        }
    }

    /// One update; `memory.step` counts it already.
    #[inline(always)]
    pub fn step(
        &self,
        memory: &mut Memory,
        blocks: &[Range<usize>],
        params: &mut [f32],
        gradient: &mut [f32],
        rate: f64,
    ) {
        match self {
            Rule::Sgd(rule) => rule.step(memory, params, gradient, rate),
            Rule::Adam(rule) => rule.step(memory, params, gradient, rate),
            Rule::Nadam(rule) => rule.step(memory, params, gradient, rate),
            Rule::Radam(rule) => rule.step(memory, params, gradient, rate),
            Rule::Adamax(rule) => rule.step(memory, params, gradient, rate),
            Rule::Rmsprop(rule) => rule.step(memory, params, gradient, rate),
            Rule::Adagrad(rule) => rule.step(memory, params, gradient, rate),
            Rule::Adadelta(rule) => rule.step(memory, params, gradient, rate),
            Rule::Lion(rule) => rule.step(memory, params, gradient, rate),
            Rule::Lars(rule) => rule.step(memory, blocks, params, gradient, rate),
            Rule::Lamb(rule) => rule.step(memory, blocks, params, gradient, rate),
            Rule::ScheduleFree(rule) => rule.step(memory, params, gradient, rate),
            Rule::Prodigy(rule) => rule.step(memory, params, gradient, rate),
        }
    }

    /// Puts `momentum` (or the first β) in force; rules without one stay as they are.
    pub fn set_momentum(&mut self, momentum: f64) {
        match self {
            Rule::Sgd(rule) => rule.momentum = momentum,
            Rule::Rmsprop(rule) => rule.momentum = momentum,
            Rule::Lars(rule) => rule.momentum = momentum,
            Rule::Adam(rule) => rule.beta1 = momentum,
            Rule::Nadam(rule) => rule.beta1 = momentum,
            Rule::Radam(rule) => rule.beta1 = momentum,
            Rule::Adamax(rule) => rule.beta1 = momentum,
            Rule::Lion(rule) => rule.beta1 = momentum,
            Rule::Lamb(rule) => rule.beta1 = momentum,
            Rule::Prodigy(rule) => rule.beta1 = momentum,
            Rule::Adagrad(_) | Rule::Adadelta(_) | Rule::ScheduleFree(_) => {}
        }
    }
}

/// The settings of one optimizer.
struct Reader<'a> {
    settings: &'a Settings,
    name: &'static str,
}

impl Reader<'_> {
    /// A number that has a default.
    fn number(&self, of: &Setting) -> Result<f64, SettingError> {
        self.settings.required(of)
    }

    fn flag(&self, of: &Setting) -> Result<bool, SettingError> {
        self.settings.flag(of)
    }

    fn weight_decay(&self) -> Result<f64, SettingError> {
        let own = if self.name == "adamw" { 0.01 } else { 0.0 };
        Ok(self.settings.number(&table::WEIGHT_DECAY)?.unwrap_or(own))
    }

    fn eps(&self) -> Result<f64, SettingError> {
        let own = match self.name {
            "adagrad" => 1e-10,
            "adadelta" | "lamb" => 1e-6,
            _ => 1e-8,
        };
        Ok(self.settings.number(&table::EPS)?.unwrap_or(own))
    }

    /// β₁ and β₂, from `betas` or each from its own setting.
    fn betas(&self) -> Result<(f64, f64), SettingError> {
        let own = if self.name == "lion" { 0.99 } else { 0.999 };
        if self.settings.value(&table::BETAS).is_none() {
            return Ok((self.number(&table::BETA1)?, self.settings.number(&table::BETA2)?.unwrap_or(own)));
        }
        // A study gives every setting, those not typed with their defaults.
        let alone = |setting: &Setting| {
            self.settings.given(setting) && self.settings.value(setting) != setting.default_value()
        };
        if alone(&table::BETA1) || alone(&table::BETA2) {
            let why = "is given beside beta1 or beta2; give one or the other";
            return Err(self.settings.error(&table::BETAS, why));
        }
        match self.settings.list::<f64>(&table::BETAS)?.unwrap_or_default()[..] {
            [beta1, beta2] if (0.0..1.0).contains(&beta1) && (0.0..1.0).contains(&beta2) => {
                Ok((beta1, beta2))
            }
            _ => {
                let why = "must be two numbers from 0 to below 1, as in 0.9/0.999";
                Err(self.settings.error(&table::BETAS, why))
            }
        }
    }

    fn sgd(&self) -> Result<Sgd, SettingError> {
        let rule = Sgd {
            momentum: self.number(&table::MOMENTUM)?,
            dampening: self.number(&table::DAMPENING)?,
            nesterov: self.flag(&table::NESTEROV)?,
            weight_decay: self.weight_decay()?,
            buffered: self.buffered()?,
        };
        if rule.nesterov && (!rule.buffered || rule.dampening > 0.0) {
            return Err(self.settings.error(&table::NESTEROV, "needs a momentum above 0 and no dampening"));
        }
        Ok(rule)
    }

    /// Whether there is momentum, be it the schedule's.
    fn buffered(&self) -> Result<bool, SettingError> {
        Ok(self.number(&table::MOMENTUM)? > 0.0 || schedule::moves_momentum(self.settings)?)
    }

    fn adam(&self, decoupled: bool) -> Result<Adam, SettingError> {
        let (beta1, beta2) = self.betas()?;
        let (eps, weight_decay) = (self.eps()?, self.weight_decay()?);
        Ok(Adam { beta1, beta2, eps, weight_decay, decoupled, amsgrad: self.flag(&table::AMSGRAD)? })
    }

    fn nadam(&self) -> Result<Nadam, SettingError> {
        let (beta1, beta2) = self.betas()?;
        let momentum_decay = self.number(&table::MOMENTUM_DECAY)?;
        Ok(Nadam { beta1, beta2, eps: self.eps()?, weight_decay: self.weight_decay()?, momentum_decay })
    }

    fn radam(&self) -> Result<Radam, SettingError> {
        let (beta1, beta2) = self.betas()?;
        Ok(Radam { beta1, beta2, eps: self.eps()?, weight_decay: self.weight_decay()? })
    }

    fn adamax(&self) -> Result<Adamax, SettingError> {
        let (beta1, beta2) = self.betas()?;
        Ok(Adamax { beta1, beta2, eps: self.eps()?, weight_decay: self.weight_decay()? })
    }

    fn rmsprop(&self) -> Result<Rmsprop, SettingError> {
        Ok(Rmsprop {
            alpha: self.number(&table::ALPHA)?,
            eps: self.eps()?,
            weight_decay: self.weight_decay()?,
            momentum: self.number(&table::MOMENTUM)?,
            centered: self.flag(&table::CENTERED)?,
            buffered: self.buffered()?,
        })
    }

    fn adagrad(&self) -> Result<Adagrad, SettingError> {
        Ok(Adagrad {
            eps: self.eps()?,
            weight_decay: self.weight_decay()?,
            lr_decay: self.number(&table::LR_DECAY)?,
            initial: self.number(&table::INITIAL)?,
        })
    }

    fn adadelta(&self) -> Result<Adadelta, SettingError> {
        Ok(Adadelta { rho: self.number(&table::RHO)?, eps: self.eps()?, weight_decay: self.weight_decay()? })
    }

    fn lion(&self) -> Result<Lion, SettingError> {
        let (beta1, beta2) = self.betas()?;
        Ok(Lion { beta1, beta2, weight_decay: self.weight_decay()? })
    }

    fn lars(&self) -> Result<Lars, SettingError> {
        let (momentum, trust) = (self.number(&table::MOMENTUM)?, self.number(&table::TRUST)?);
        Ok(Lars { momentum, weight_decay: self.weight_decay()?, trust })
    }

    fn lamb(&self) -> Result<Lamb, SettingError> {
        let (beta1, beta2) = self.betas()?;
        Ok(Lamb { beta1, beta2, eps: self.eps()?, weight_decay: self.weight_decay()? })
    }

    fn schedule_free(&self) -> Result<ScheduleFree, SettingError> {
        let (beta, beta2) = self.betas()?;
        if beta == 0.0 {
            let why = "must be above 0: the mean of the weights is part of where the gradient is taken";
            return Err(self.settings.error(&table::BETA1, why));
        }
        let divisor = Divisor { beta2, eps: self.eps()? };
        Ok(ScheduleFree {
            beta,
            weight_decay: self.weight_decay()?,
            weight_lr_power: self.number(&table::POWER)?,
            r: self.number(&table::STEP_POWER)?,
            divisor: (self.name == "schedule_free_adamw").then_some(divisor),
        })
    }

    fn prodigy(&self) -> Result<Prodigy, SettingError> {
        let (beta1, beta2) = self.betas()?;
        let settings = self.settings;
        Ok(Prodigy {
            beta1,
            beta2,
            beta3: settings.number(&table::BETA3)?.unwrap_or(beta2.sqrt()),
            eps: self.eps()?,
            weight_decay: self.weight_decay()?,
            d0: self.number(&table::D0)?,
            d_coef: self.number(&table::D_COEF)?,
            growth: settings.number(&table::GROWTH)?.unwrap_or(f64::INFINITY),
            bias_correction: self.flag(&table::CORRECTION)?,
            safeguard_warmup: self.flag(&table::SAFEGUARD)?,
        })
    }
}
