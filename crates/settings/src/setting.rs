//! One setting of a training run.

use crate::{Kind, Scale, Value};

/// The setting and the values of it under which another one applies.
pub type When = (&'static str, &'static [&'static str]);

/// One setting that a run may be given.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its name, dotted if it belongs to one schedule or optimizer: `schedule.step.gamma`.
    pub name: &'static str,
    /// What its value may be.
    pub kind: Kind,
    /// How a range of it is spaced; if `None`, a range with a ratio of ten or more must name its scale.
    pub scale: Option<Scale>,
    /// Its default, as typed; `None` if leaving it out has its own meaning.
    pub default: Option<&'static str>,
    /// When it applies; `None` for always.
    pub when: Option<When>,
    /// One line on what it sets, with its unit.
    pub help: &'static str,
    /// Whether the batch size changes during a run that has a value of it.
    pub grows_batch: bool,
}

impl Setting {
    /// A setting that always applies and has neither scale nor default.
    pub const fn new(name: &'static str, kind: Kind, help: &'static str) -> Setting {
        Setting { name, kind, scale: None, default: None, when: None, help, grows_batch: false }
    }

    /// The same with a default.
    pub const fn or(self, default: &'static str) -> Setting {
        Setting { default: Some(default), ..self }
    }

    /// The same on a scale.
    pub const fn on(self, scale: Scale) -> Setting {
        Setting { scale: Some(scale), ..self }
    }

    /// The same, applying only if `setting` has one of `values`.
    pub const fn under(self, setting: &'static str, values: &'static [&'static str]) -> Setting {
        Setting { when: Some((setting, values)), ..self }
    }

    /// The same, changing the batch size of a run that has a value of it.
    pub const fn growing_batch(self) -> Setting {
        Setting { grows_batch: true, ..self }
    }

    /// Its default as a value; a float if the setting accepts any number.
    pub fn default_value(&self) -> Option<Value> {
        self.default.map(|text| self.kind.read(text))
    }

    /// When it applies, in the form in which a study stores it.
    pub fn condition(&self) -> Option<(String, Vec<String>)> {
        let (parent, values) = self.when?;
        Some((parent.to_owned(), values.iter().map(|value| (*value).to_owned()).collect()))
    }
}
