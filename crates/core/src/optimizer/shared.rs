//! Settings that several optimizers share, and how they are read.

use sweep_settings::{Kind, Scale, Setting, SettingError, Settings, names};

use crate::schedule;

pub(super) const MOMENTUM: Setting =
    Setting::new("momentum", Kind::BELOW_ONE, "share of the last update that is kept")
        .or("0")
        .on(Scale::OneMinus);

pub(super) const WEIGHT_DECAY: Setting = Setting::new(
    names::WEIGHT_DECAY,
    Kind::FROM_ZERO,
    "pull of the weights towards 0: decoupled in adamw, lion, lamb, schedule_free_adamw and prodigy, else \
     added to the gradient; 0 unless given, but 0.01 for adamw",
)
.on(Scale::Log);

pub(super) const BETA1: Setting =
    Setting::new("beta1", Kind::BELOW_ONE, "decay of the mean of gradients").or("0.9").on(Scale::OneMinus);

pub(super) const BETA2: Setting = Setting::new(
    "beta2",
    Kind::BELOW_ONE,
    "decay of the mean of squared gradients; 0.999 unless given, but 0.99 for lion",
)
.on(Scale::OneMinus);

pub(super) const BETAS: Setting =
    Setting::new("betas", Kind::List, "beta1 and beta2 in one, such as 0.9/0.999");

pub(super) const EPS: Setting = Setting::new(
    "eps",
    Kind::POSITIVE,
    "keeps divisors from 0; 1e-8 unless given, but 1e-10 for adagrad, 1e-6 for adadelta and lamb",
)
.on(Scale::Log);

/// The weight decay, 0 unless given.
pub(super) fn weight_decay(settings: &Settings) -> Result<f64, SettingError> {
    Ok(settings.number(&WEIGHT_DECAY)?.unwrap_or(0.0))
}

/// ε, or `own` unless given.
pub(super) fn eps(settings: &Settings, own: f64) -> Result<f64, SettingError> {
    Ok(settings.number(&EPS)?.unwrap_or(own))
}

/// Whether there is momentum, be it the schedule's.
pub(super) fn has_momentum(settings: &Settings) -> Result<bool, SettingError> {
    Ok(settings.required(&MOMENTUM)? > 0.0 || schedule::moves_momentum(settings)?)
}

/// β₁ and β₂, from `betas` or each from its own setting; β₂ is `second` unless given.
pub(super) fn betas(settings: &Settings, second: f64) -> Result<(f64, f64), SettingError> {
    if settings.value(&BETAS).is_none() {
        return Ok((settings.required(&BETA1)?, settings.number(&BETA2)?.unwrap_or(second)));
    }
    // A study gives every setting, those not typed with their defaults.
    let alone =
        |setting: &Setting| settings.given(setting) && settings.value(setting) != setting.default_value();
    if alone(&BETA1) || alone(&BETA2) {
        return Err(settings.error(&BETAS, "is given beside beta1 or beta2; give one or the other"));
    }
    match settings.list::<f64>(&BETAS)?.unwrap_or_default()[..] {
        [beta1, beta2] if (0.0..1.0).contains(&beta1) && (0.0..1.0).contains(&beta2) => Ok((beta1, beta2)),
        _ => Err(settings.error(&BETAS, "must be two numbers from 0 to below 1, as in 0.9/0.999")),
    }
}
