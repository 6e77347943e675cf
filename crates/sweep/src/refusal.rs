//! Distinguishing invalid arguments or data (exit code 2) from errors of the program or the machine (1).

use sweep_core::data::DataError;
use sweep_search::pruner::SettingsError;
use sweep_search::sampler::UnknownSampler;
use sweep_settings::SettingError;
use sweep_study::SpecError;

/// Invalid input; the text says what to give instead.
#[derive(Debug)]
pub struct Refusal(pub String);

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

/// A refusal as an error.
pub fn refuse<T>(why: impl Into<String>) -> anyhow::Result<T> {
    Err(Refusal(why.into()).into())
}

/// Whether the error is a refusal of the input.
pub fn is_refusal(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.is::<Refusal>()
            || cause.is::<SpecError>()
            || cause.is::<SettingError>()
            || cause.is::<DataError>()
            || cause.is::<UnknownSampler>()
            || cause.is::<SettingsError>()
    })
}
