//! The settings that a study may name, supplied by the caller.
//!
//! This crate does not depend on a trainer. A catalogue lists the settings that the objective understands. An open
//! catalogue, for commands and ask-and-tell, accepts any name and finds the roles of learning rate and batch size by
//! their aliases.

use std::collections::BTreeMap;

use crate::{Goal, Kind, Role, Setting, Value, customary_scale, short};

/// A setting as a study names it; in an open catalogue the name is arbitrary.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its full name.
    pub name: String,
    /// The setting, without its name.
    pub setting: Setting,
}

impl Entry {
    /// Its default as a value; a float if the setting accepts any number.
    pub fn default_value(&self) -> Option<Value> {
        self.setting.default_value()
    }

    /// Why `value` cannot be its value, as a whole sentence; `None` if it can.
    pub fn refusal(&self, value: &Value) -> Option<String> {
        let kind = self.setting.kind;
        let role = Role::of(&self.name).filter(|_| matches!(kind, Kind::Any));
        let why = role.map_or_else(|| kind.refusal(value), |role| role.refusal(value))?;
        Some(format!("{}={} {why}", self.name, short(&value.to_string())))
    }
}

impl From<Setting> for Entry {
    fn from(setting: Setting) -> Entry {
        Entry { name: setting.name.to_owned(), setting }
    }
}

/// What a study may name.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// The known settings.
    pub settings: Vec<Setting>,
    /// The metrics that a trial reports; empty if any name is accepted.
    pub metrics: Vec<String>,
    /// The goal of a study that names none; `None` for the lowest `val_loss`.
    pub goal: Option<Goal>,
    /// Whether names outside `settings` are accepted.
    pub open: bool,
    /// Aliases in an open catalogue: from the typed name to the study's name.
    pub aliases: BTreeMap<String, String>,
}

impl Catalogue {
    /// The entry that `name` means: its full name, a customary name of a role (`learning_rate`, `base_lr`), or the end
    /// of a dotted name that no other entry shares (`step.gamma` for `schedule.step.gamma`).
    pub fn find(&self, name: &str) -> Option<Entry> {
        let known = |name: &str| self.settings.iter().find(|setting| setting.name == name);
        if let Some(setting) = known(name) {
            return Some((*setting).into());
        }
        if let Some(meant) = self.aliases.get(name).filter(|meant| meant.as_str() != name) {
            return self.find(meant);
        }
        if self.open {
            let scale = customary_scale(name);
            let setting = Setting { scale, ..Setting::new("", Kind::Any, "") };
            return Some(Entry { name: name.to_owned(), setting });
        }
        let of_role =
            |role: Option<Role>| role.and_then(|role| known(role.name())).map(|setting| (*setting).into());
        if let Some(entry) = of_role(Role::by_custom(name)) {
            return Some(entry);
        }
        let ending = format!(".{name}");
        let mut matching = self.settings.iter().filter(|setting| setting.name.ends_with(&ending));
        match (matching.next(), matching.next()) {
            (Some(setting), None) => Some((*setting).into()),
            (Some(_), Some(_)) => None,
            (None, _) => of_role(Role::likely(name)),
        }
    }

    /// The known name nearest to `name`, for a suggestion.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        let aliases = if self.open { &[][..] } else { &["learning_rate", "batch_size"][..] };
        nearest(name, self.settings.iter().map(|setting| setting.name).chain(aliases.iter().copied()))
    }
}

/// The candidate that `word` probably stands for: one of similar spelling, or one that starts with it.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .map(|candidate| {
            let near = strsim::jaro_winkler(word, candidate);
            (if candidate.starts_with(word) && !word.is_empty() { near + 1.0 } else { near }, candidate)
        })
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_by_alias_and_by_ending() {
        let names = ["lr", "batch", "schedule.step.gamma", "schedule.exponential.gamma"];
        let catalogue = Catalogue {
            settings: names.map(|name| Setting::new(name, Kind::Any, "")).to_vec(),
            ..Catalogue::default()
        };
        let found = |name| catalogue.find(name).map(|entry| entry.name);
        assert_eq!(found("learning_rate").as_deref(), Some("lr"));
        assert_eq!(found("step.gamma").as_deref(), Some("schedule.step.gamma"));
        assert_eq!(found("gamma"), None);
        assert_eq!(catalogue.nearest("bach"), Some("batch"));
        assert_eq!(catalogue.nearest("zzz"), None);
    }
}
