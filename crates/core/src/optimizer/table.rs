//! The table of the optimizers: a line for each rule, with the entries of its file.

use std::ops::Range;
use std::sync::LazyLock;

use sweep_settings::{Kind, Scale, Setting, SettingError, Settings, names};

use super::memory::Memory;
use super::rule::{Entry, UpdateRule};
use super::shared::WEIGHT_DECAY;
use super::{
    adadelta, adagrad, adam, adamax, lamb, lars, lion, nadam, prodigy, radam, rmsprop, schedule_free, sgd,
};

/// The rules as an enum, because a step through a pointer would not be compiled for the registers of the machine.
macro_rules! table {
    ($($variant:ident($rule:ty): $($entry:expr),+;)+) => {
        /// An update rule.
        #[derive(Clone, Copy, Debug)]
        pub(super) enum Rule {
            $($variant($rule)),+
        }

        /// Every optimizer, in the order in which help lists them.
        const TABLE: &[Entry<Rule>] = &[$($(Entry {
            name: $entry.name,
            settings: $entry.settings,
            by_sign: $entry.by_sign,
            read: |settings| ($entry.read)(settings).map(Rule::$variant),
        }),+),+];

        /// The optimizers by name.
        pub const NAMES: &[&str] = &[$($($entry.name),+),+];

        impl UpdateRule for Rule {
            fn buffers(&self) -> usize {
                match self { $(Rule::$variant(rule) => rule.buffers()),+ }
            }

            #[inline(always)]
            fn step(
                &self,
                memory: &mut Memory,
                blocks: &[Range<usize>],
                params: &mut [f32],
                gradient: &mut [f32],
                rate: f64,
            ) {
                match self { $(Rule::$variant(rule) => rule.step(memory, blocks, params, gradient, rate)),+ }
            }

            fn initial(&self) -> f32 {
                match self { $(Rule::$variant(rule) => rule.initial()),+ }
            }

            fn set_momentum(&mut self, momentum: f64) {
                match self { $(Rule::$variant(rule) => rule.set_momentum(momentum)),+ }
            }

            fn plain(&self) -> bool {
                match self { $(Rule::$variant(rule) => rule.plain()),+ }
            }

            fn evaluates_mean(&self) -> bool {
                match self { $(Rule::$variant(rule) => rule.evaluates_mean()),+ }
            }

            fn mean(&self, memory: &Memory, params: &[f32], mean: &mut Vec<f32>) {
                match self { $(Rule::$variant(rule) => rule.mean(memory, params, mean)),+ }
            }
        }
    };
}

table! {
    Sgd(sgd::Sgd): sgd::SGD;
    Adam(adam::Adam): adam::ADAM, adam::ADAMW;
    Nadam(nadam::Nadam): nadam::NADAM;
    Radam(radam::Radam): radam::RADAM;
    Adamax(adamax::Adamax): adamax::ADAMAX;
    Rmsprop(rmsprop::Rmsprop): rmsprop::RMSPROP;
    Adagrad(adagrad::Adagrad): adagrad::ADAGRAD;
    Adadelta(adadelta::Adadelta): adadelta::ADADELTA;
    Lion(lion::Lion): lion::LION;
    Lars(lars::Lars): lars::LARS;
    Lamb(lamb::Lamb): lamb::LAMB;
    ScheduleFree(schedule_free::ScheduleFree): schedule_free::SGD, schedule_free::ADAMW;
    Prodigy(prodigy::Prodigy): prodigy::PRODIGY;
}

const OPTIMIZER: Setting =
    Setting::new(names::OPTIMIZER, Kind::Choice(NAMES), "the rule that turns gradients into updates")
        .or("sgd");

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

/// The settings in the entries, each with the optimizers that have it.
static SHARED: LazyLock<Vec<(Setting, Vec<&'static str>)>> = LazyLock::new(|| {
    let mut shared: Vec<(Setting, Vec<&'static str>)> = Vec::new();
    for row in TABLE {
        for setting in row.settings {
            match shared.iter_mut().find(|(known, _)| known.name == setting.name) {
                Some((_, users)) => users.push(row.name),
                None => shared.push((*setting, vec![row.name])),
            }
        }
    }
    shared
});

static SETTINGS: LazyLock<Vec<Setting>> = LazyLock::new(|| {
    let owned = SHARED.iter().map(|(setting, users)| setting.under(names::OPTIMIZER, users));
    [OPTIMIZER, WEIGHT_DECAY].into_iter().chain(owned).chain([CLIP_NORM, EMA]).collect()
});

/// The settings of the optimizers; each applies under those whose entries have it.
pub fn settings() -> &'static [Setting] {
    &SETTINGS
}

/// The name and the rule that `settings` describe.
pub(super) fn read(settings: &Settings) -> Result<(&'static str, Rule), SettingError> {
    let choices: Vec<(&str, &Entry<Rule>)> = TABLE.iter().map(|row| (row.name, row)).collect();
    let row = settings.choice(&OPTIMIZER, &choices)?;
    Ok((row.name, (row.read)(settings)?))
}

/// Whether the size of the updates of the optimizer `name` is independent of the gradient's; `None` where neither holds.
pub(super) fn by_sign(name: &str) -> Option<bool> {
    TABLE.iter().find(|row| row.name == name)?.by_sign
}

/// The optimizers of which that is known.
pub(crate) fn names_with_known_scale() -> Vec<&'static str> {
    TABLE.iter().filter(|row| row.by_sign.is_some()).map(|row| row.name).collect()
}
