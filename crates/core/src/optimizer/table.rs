//! The table of the optimizers' settings.

use sweep_settings::{Kind, Scale, Setting, names};

/// The optimizers by name.
pub const NAMES: &[&str] = &[
    "sgd",
    "adam",
    "adamw",
    "nadam",
    "radam",
    "adamax",
    "rmsprop",
    "adagrad",
    "adadelta",
    "lion",
    "lars",
    "lamb",
    "schedule_free_sgd",
    "schedule_free_adamw",
    "prodigy",
];

/// Optimizers whose updates grow with the gradient, and those whose updates do not.
const BY_GRADIENT: &[&str] = &["sgd"];
const BY_SIGN: &[&str] = &["adam", "adamw", "nadam", "radam", "adamax", "lion"];

/// Whether the updates of the optimizer of a name do not grow with the gradient; `None` where neither is so.
pub(super) fn by_sign(name: &str) -> Option<bool> {
    let sign = BY_SIGN.contains(&name);
    (sign || BY_GRADIENT.contains(&name)).then_some(sign)
}

/// The optimizers of which that is known.
pub(crate) fn names_with_known_scale() -> Vec<&'static str> {
    NAMES.iter().copied().filter(|name| by_sign(name).is_some()).collect()
}

/// An entry of the table: a setting that applies under the optimizers `under`.
const fn entry(
    name: &'static str,
    kind: Kind,
    default: Option<&'static str>,
    under: &'static [&'static str],
    help: &'static str,
) -> Setting {
    Setting { default, ..Setting::new(name, kind, help).under(names::OPTIMIZER, under) }
}

/// The entry with a scale on which it is searched.
const fn on(scale: Scale, of: Setting) -> Setting {
    Setting { scale: Some(scale), ..of }
}

pub(crate) const OPTIMIZER: Setting =
    Setting::new(names::OPTIMIZER, Kind::Choice(NAMES), "the rule that turns gradients into updates")
        .or("sgd");
pub(super) const MOMENTUM: Setting = on(
    Scale::OneMinus,
    entry(
        "momentum",
        Kind::BELOW_ONE,
        Some("0"),
        &["sgd", "rmsprop", "lars"],
        "share of the last update that is kept",
    ),
);
pub(super) const NESTEROV: Setting =
    entry("nesterov", Kind::Flag, Some("false"), &["sgd"], "Nesterov's momentum, which looks ahead");
pub(super) const DAMPENING: Setting = entry(
    "dampening",
    Kind::BELOW_ONE,
    Some("0"),
    &["sgd"],
    "share of the gradient that momentum does not take up",
);
pub(super) const WEIGHT_DECAY: Setting = Setting::new(
    names::WEIGHT_DECAY,
    Kind::FROM_ZERO,
    "pull of the weights towards 0: decoupled in adamw, lion, lamb, schedule_free_adamw and prodigy, else \
           added to the gradient; 0 unless given, but 0.01 for adamw",
)
.on(Scale::Log);
const MOMENTS: &[&str] = &[
    "adam",
    "adamw",
    "nadam",
    "radam",
    "adamax",
    "lion",
    "lamb",
    "schedule_free_sgd",
    "schedule_free_adamw",
    "prodigy",
];
const SECOND_MOMENTS: &[&str] =
    &["adam", "adamw", "nadam", "radam", "adamax", "lion", "lamb", "schedule_free_adamw", "prodigy"];
pub(super) const BETA1: Setting = on(
    Scale::OneMinus,
    entry("beta1", Kind::BELOW_ONE, Some("0.9"), MOMENTS, "decay of the mean of gradients"),
);
pub(super) const BETA2: Setting = on(
    Scale::OneMinus,
    entry(
        "beta2",
        Kind::BELOW_ONE,
        None,
        SECOND_MOMENTS,
        "decay of the mean of squared gradients; 0.999 unless given, but 0.99 for lion",
    ),
);
pub(super) const BETAS: Setting =
    entry("betas", Kind::List, None, SECOND_MOMENTS, "beta1/beta2 in one, such as 0.9/0.999");
pub(super) const EPS: Setting = on(
    Scale::Log,
    entry(
        "eps",
        Kind::POSITIVE,
        None,
        &[
            "adam",
            "adamw",
            "nadam",
            "radam",
            "adamax",
            "rmsprop",
            "adagrad",
            "adadelta",
            "lamb",
            "schedule_free_adamw",
            "prodigy",
        ],
        "keeps divisors from 0; 1e-8 unless given, but 1e-10 for adagrad, 1e-6 for adadelta and lamb",
    ),
);
pub(super) const AMSGRAD: Setting = entry(
    "amsgrad",
    Kind::Flag,
    Some("false"),
    &["adam", "adamw"],
    "divide by the largest second moment so far",
);
pub(super) const CENTERED: Setting = entry(
    "centered",
    Kind::Flag,
    Some("false"),
    &["rmsprop"],
    "divide by the deviation from the mean gradient",
);
pub(super) const ALPHA: Setting = on(
    Scale::OneMinus,
    entry("optimizer.rmsprop.alpha", Kind::BELOW_ONE, Some("0.99"), &["rmsprop"], "decay of the mean square"),
);
pub(super) const RHO: Setting = on(
    Scale::OneMinus,
    entry(
        "optimizer.adadelta.rho",
        Kind::BELOW_ONE,
        Some("0.9"),
        &["adadelta"],
        "decay of both mean squares",
    ),
);
pub(super) const LR_DECAY: Setting = entry(
    "optimizer.adagrad.lr_decay",
    Kind::FROM_ZERO,
    Some("0"),
    &["adagrad"],
    "the rate at step t is lr/(1 + lr_decay·t)",
);
pub(super) const INITIAL: Setting = entry(
    "optimizer.adagrad.initial_accumulator_value",
    Kind::FROM_ZERO,
    Some("0"),
    &["adagrad"],
    "what the sum of squares begins with",
);
pub(super) const MOMENTUM_DECAY: Setting = entry(
    "optimizer.nadam.momentum_decay",
    Kind::FROM_ZERO,
    Some("0.004"),
    &["nadam"],
    "how fast the momentum rises to beta1",
);
pub(super) const TRUST: Setting = on(
    Scale::Log,
    entry(
        "optimizer.lars.trust",
        Kind::POSITIVE,
        Some("0.001"),
        &["lars"],
        "rate of a layer over its norm's ratio",
    ),
);
const SCHEDULE_FREE: &[&str] = &["schedule_free_sgd", "schedule_free_adamw"];
pub(super) const POWER: Setting = entry(
    "optimizer.schedule_free.weight_lr_power",
    Kind::FROM_ZERO,
    Some("2"),
    SCHEDULE_FREE,
    "power of the rate in the weight of a step in the mean",
);
pub(super) const STEP_POWER: Setting = entry(
    "optimizer.schedule_free.r",
    Kind::FROM_ZERO,
    Some("0"),
    SCHEDULE_FREE,
    "power of the step's number in its weight in the mean",
);
pub(super) const BETA3: Setting = entry(
    "optimizer.prodigy.beta3",
    Kind::BELOW_ONE,
    None,
    &["prodigy"],
    "decay of the sums that the rate is estimated from; the root of beta2 unless given",
);
pub(super) const D0: Setting = on(
    Scale::Log,
    entry("optimizer.prodigy.d0", Kind::POSITIVE, Some("1e-6"), &["prodigy"], "first estimate of the rate"),
);
pub(super) const D_COEF: Setting = on(
    Scale::Log,
    entry("optimizer.prodigy.d_coef", Kind::POSITIVE, Some("1"), &["prodigy"], "factor on the estimate"),
);
pub(super) const GROWTH: Setting = entry(
    "optimizer.prodigy.growth_rate",
    Kind::Float { low: 1.0, high: f64::INFINITY, closed: (false, false) },
    None,
    &["prodigy"],
    "largest factor by which the estimate grows in a step; any unless given",
);
pub(super) const CORRECTION: Setting = entry(
    "optimizer.prodigy.use_bias_correction",
    Kind::Flag,
    Some("false"),
    &["prodigy"],
    "Adam's correction of the first steps",
);
pub(super) const SAFEGUARD: Setting = entry(
    "optimizer.prodigy.safeguard_warmup",
    Kind::Flag,
    Some("false"),
    &["prodigy"],
    "keep a warmup out of the estimate",
);
/// The largest norm of a gradient.
pub(super) const CLIP_NORM: Setting = Setting::new(
    "clip_norm",
    Kind::POSITIVE,
    "norm to which longer gradients are scaled down; none unless given",
)
.on(Scale::Log);
/// The decay of the moving average of the weights.
pub(super) const EMA: Setting = Setting::new(
    "ema",
    Kind::BELOW_ONE,
    "evaluate a moving average of the weights with this decay; none unless given",
)
.on(Scale::OneMinus);

/// The settings of this module.
pub const SETTINGS: &[Setting] = &[
    OPTIMIZER,
    MOMENTUM,
    NESTEROV,
    DAMPENING,
    WEIGHT_DECAY,
    BETA1,
    BETA2,
    BETAS,
    EPS,
    AMSGRAD,
    CENTERED,
    ALPHA,
    RHO,
    LR_DECAY,
    INITIAL,
    MOMENTUM_DECAY,
    TRUST,
    POWER,
    STEP_POWER,
    BETA3,
    D0,
    D_COEF,
    GROWTH,
    CORRECTION,
    SAFEGUARD,
    CLIP_NORM,
    EMA,
];
