//! How long trials are looked at.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{SpecError, SpecFile};

/// The name of no pruner at all.
pub const NONE: &str = "none";

/// Which trials end before their budget is used up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pruning {
    /// How long to look: the name of the pruner, `none` by default.
    #[serde(default = "none", skip_serializing_if = "is_none")]
    pub pruner: String,
    /// The pruner's settings that are not at their defaults.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pruner_set: BTreeMap<String, f64>,
    /// The share of the pruned trials that is run to the end all the same, 0 to 1: how often was pruning wrong?
    #[serde(default, skip_serializing_if = "is_zero")]
    pub audit: f64,
}

fn none() -> String {
    NONE.to_owned()
}

fn is_none(name: &String) -> bool {
    name == NONE
}

fn is_zero(share: &f64) -> bool {
    *share == 0.0
}

impl Default for Pruning {
    fn default() -> Pruning {
        Pruning { pruner: none(), pruner_set: BTreeMap::new(), audit: 0.0 }
    }
}

impl Pruning {
    /// Whether trials may end early.
    pub fn any(&self) -> bool {
        self.pruner != NONE
    }

    /// What `spec` asks for.
    ///
    /// # Errors
    /// A value that is no number, a share outside 0 to 1, settings or an audit without a pruner.
    pub fn of(spec: &SpecFile) -> Result<Pruning, SpecError> {
        let other = |why| Err(SpecError::Other(why));
        let mut pruning = Pruning { pruner: spec.pruner.clone().unwrap_or_else(none), ..Pruning::default() };
        for (name, text) in &spec.pruner_set {
            match text.parse::<f64>() {
                Ok(value) if value.is_finite() => drop(pruning.pruner_set.insert(name.clone(), value)),
                _ => return other(format!("pruner_set.{name}={text} must be a number")),
            }
        }
        pruning.audit = spec.audit.unwrap_or(0.0);
        if !(0.0..=1.0).contains(&pruning.audit) {
            return other(format!("audit={} must be a share from 0 to 1, such as 0.1", pruning.audit));
        }
        if !pruning.any() && (pruning.audit > 0.0 || !pruning.pruner_set.is_empty()) {
            return other("audit and pruner_set need a pruner, such as pruner=asha".into());
        }
        Ok(pruning)
    }
}
