//! Every setting of the trainer.

use sweep_settings::Setting;

use crate::{agent, learner, measure, model, nn, optimizer, parametrization, schedule, spec};

/// Every setting of the trainer, in the order in which help lists them. Each module has its own table.
pub fn settings() -> impl Iterator<Item = &'static Setting> {
    let before = [spec::SETTINGS, learner::SETTINGS, agent::SETTINGS, measure::SETTINGS];
    let after = [
        parametrization::SETTINGS,
        optimizer::settings(),
        model::SETTINGS,
        nn::activation::SETTINGS,
        nn::init::SETTINGS,
    ];
    before.into_iter().flatten().chain(schedule::settings()).chain(after.into_iter().flatten())
}
