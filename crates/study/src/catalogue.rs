//! The settings that a study may name, handed in by whoever knows them.
//!
//! This crate knows no trainer. A catalogue lists what the objective understands; an open catalogue, for commands
//! and for ask-and-tell, takes any name and finds the roles of learning rate and batch size by their aliases.

use std::collections::BTreeMap;

use crate::{Goal, Scale, Value};

/// The role of a parameter in the question this program answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The learning rate, η.
    LearningRate,
    /// The batch size, B.
    Batch,
}

impl Role {
    /// Every name that carries a role by custom.
    pub const ALIASES: [&str; 6] =
        ["lr", "learning_rate", "eta", "batch", "batch_size", "per_device_train_batch_size"];

    /// The role that a name carries by custom, if any.
    pub fn of(name: &str) -> Option<Role> {
        match name {
            "lr" | "learning_rate" | "eta" => Some(Role::LearningRate),
            "batch" | "batch_size" | "per_device_train_batch_size" => Some(Role::Batch),
            _ => None,
        }
    }

    /// The name the role has in this project.
    pub fn name(self) -> &'static str {
        match self {
            Role::LearningRate => "lr",
            Role::Batch => "batch",
        }
    }

    /// How a range of it is spaced, where nothing is said.
    pub fn scale(self) -> Scale {
        match self {
            Role::LearningRate => Scale::Log,
            Role::Batch => Scale::Pow2,
        }
    }
}

/// What the value of a setting may be.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Anything at all (open catalogues).
    Any,
    /// A number within the bounds; an open end excludes the bound itself.
    Float {
        /// Lower bound.
        low: f64,
        /// Upper bound.
        high: f64,
        /// Whether the bounds themselves are allowed, lower then upper.
        closed: (bool, bool),
    },
    /// A whole number within the bounds, ends included.
    Int {
        /// Lower bound.
        low: i64,
        /// Upper bound.
        high: i64,
    },
    /// One word of a list.
    Choice(Vec<String>),
    /// `true` or `false`.
    Flag,
    /// A length with its unit: `500st`, `2ep`, `10%`, or 0.
    Length,
    /// A batch size: a whole number from 1, or `full`.
    Batch,
    /// Items joined by `/`.
    List,
}

/// One setting that a study may name.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its full name.
    pub name: String,
    /// What its value may be.
    pub kind: Kind,
    /// How a range of it is spaced; `None` where a wide range must say so itself.
    pub scale: Option<Scale>,
    /// Its value when nothing is said.
    pub default: Option<Value>,
    /// The setting and the values of it under which this one applies; `None` for always.
    pub when: Option<(String, Vec<String>)>,
    /// One line on what it does.
    pub help: String,
}

/// What a study may name.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// The known settings.
    pub entries: Vec<Entry>,
    /// The metrics a trial reports; empty where any name may come.
    pub metrics: Vec<String>,
    /// What a study looks for where it does not say; `None` for the least `val_loss`.
    pub goal: Option<Goal>,
    /// Whether names outside `entries` are taken as they come.
    pub open: bool,
    /// Names that mean others, in an open catalogue: the typed name and the study's.
    pub aliases: BTreeMap<String, String>,
}

impl Catalogue {
    /// The entry that `name` means: its full name, a customary alias of a role (`learning_rate`), or the end of a
    /// dotted name that no other entry shares (`step.gamma` for `schedule.step.gamma`).
    pub fn find(&self, name: &str) -> Option<Entry> {
        let known = |name: &str| self.entries.iter().find(|entry| entry.name == name).cloned();
        if let Some(entry) = known(name) {
            return Some(entry);
        }
        if let Some(meant) = self.aliases.get(name).filter(|meant| meant.as_str() != name) {
            return self.find(meant);
        }
        let role = Role::of(name);
        if self.open {
            let scale = role.map(Role::scale);
            let scale = scale.or((name == "weight_decay").then_some(Scale::Log));
            return Some(Entry {
                name: name.to_owned(),
                kind: Kind::Any,
                scale,
                default: None,
                when: None,
                help: String::new(),
            });
        }
        if let Some(entry) = role.and_then(|role| known(role.name())) {
            return Some(entry);
        }
        let ending = format!(".{name}");
        let mut matching = self.entries.iter().filter(|entry| entry.name.ends_with(&ending));
        match (matching.next(), matching.next()) {
            (Some(entry), None) => Some(entry.clone()),
            _ => None,
        }
    }

    /// The known name nearest to `name`, for a suggestion.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        let aliases = if self.open { &[][..] } else { &["learning_rate", "batch_size"][..] };
        nearest(name, self.entries.iter().map(|entry| entry.name.as_str()).chain(aliases.iter().copied()))
    }
}

/// The candidate that `word` was probably meant to be: near in spelling, or one that starts with it.
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

    fn entry(name: &str) -> Entry {
        Entry {
            name: name.into(),
            kind: Kind::Any,
            scale: None,
            default: None,
            when: None,
            help: String::new(),
        }
    }

    #[test]
    fn names_are_found_by_alias_and_by_ending() {
        let names = ["lr", "batch", "schedule.step.gamma", "schedule.exponential.gamma"];
        let catalogue = Catalogue { entries: names.map(entry).to_vec(), ..Catalogue::default() };
        let found = |name| catalogue.find(name).map(|entry| entry.name);
        assert_eq!(found("learning_rate").as_deref(), Some("lr"));
        assert_eq!(found("step.gamma").as_deref(), Some("schedule.step.gamma"));
        assert_eq!(found("gamma"), None);
        assert_eq!(catalogue.nearest("bach"), Some("batch"));
        assert_eq!(catalogue.nearest("zzz"), None);
    }
}
