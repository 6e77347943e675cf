//! Telling faults of the words or data given (exit code 2) from faults of ours or the machine's (1).

use sweep_core::data::DataError;
use sweep_search::pruner::SettingsError;
use sweep_search::sampler::UnknownSampler;
use sweep_settings::SettingError;
use sweep_study::SpecError;

/// Words that cannot be meant; the text says what would do.
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

/// Whether what was given is at fault.
pub fn is(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.is::<Refusal>()
            || cause.is::<SpecError>()
            || cause.is::<SettingError>()
            || cause.is::<DataError>()
            || cause.is::<UnknownSampler>()
            || cause.is::<SettingsError>()
    })
}
