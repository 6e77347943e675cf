//! The table entry of a pruner, found by its name.

use std::collections::BTreeMap;

use sweep_study::{Direction, Study};

use super::{Pruner, Setting, SettingsError, TABLE, Values};

/// A pruner as a user selects it.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The name in studies.
    pub name: &'static str,
    /// What it does, in one line.
    pub help: &'static str,
    /// Help of the subcommand of its name, which tries random points under this pruner; `None` if there is no such
    /// subcommand.
    pub command: Option<&'static str>,
    /// Whether its studies have the lag `async`: no proposal waits for a trial.
    pub asynchronous: bool,
    /// Its settings.
    pub settings: &'static [Setting],
    /// Builds one.
    pub new: fn(&Values) -> Box<dyn Pruner>,
}

impl Entry {
    /// The pruner with the settings `given`, for a metric that is better in `direction`.
    ///
    /// # Errors
    /// An unknown setting, a value out of bounds, a setting without a default that is not given.
    pub fn build(
        &self,
        given: &BTreeMap<String, f64>,
        direction: Direction,
    ) -> Result<Box<dyn Pruner>, SettingsError> {
        Ok((self.new)(&Values::new(self.name, self.settings, given, direction)?))
    }

    /// Its settings with their defaults and help, in one line.
    pub fn settings_help(&self) -> String {
        let setting = |setting: &Setting| {
            let default = setting.default.map_or("…".to_owned(), |default| default.to_string());
            format!("{}={default} ({})", setting.name, setting.help)
        };
        self.settings.iter().map(setting).collect::<Vec<_>>().join("; ")
    }
}

/// The names of the pruners.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|entry| entry.name)
}

/// The pruner of a name.
///
/// # Errors
/// A name that no pruner has.
pub fn find(name: &str) -> Result<&'static Entry, SettingsError> {
    TABLE.iter().find(|entry| entry.name == name).ok_or_else(|| SettingsError::Name(name.to_owned()))
}

/// The pruner of a study.
///
/// # Errors
/// An unknown name or setting, a value out of bounds, a setting without a default that is not given.
pub fn for_study(study: &Study) -> Result<Box<dyn Pruner>, SettingsError> {
    find(&study.pruning.pruner)?.build(&study.pruning.pruner_set, study.goal.direction)
}

/// The pruners and their settings, one per line.
pub fn help() -> String {
    let line = |entry: &Entry| format!("  {:<12}{}", entry.name, entry.settings_help()).trim_end().to_owned();
    TABLE.iter().map(line).collect::<Vec<_>>().join("\n")
}
