//! The pruning of a study.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The name for no pruning.
pub const NONE: &str = "none";

/// Which trials end before their budget is used up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pruning {
    /// The name of the pruner, `none` by default.
    #[serde(default = "none", skip_serializing_if = "is_none")]
    pub pruner: String,
    /// The pruner's settings that are not at their defaults.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pruner_set: BTreeMap<String, f64>,
    /// The share of the pruned trials that is run to the end as an audit, 0 to 1: how often was pruning wrong?
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
}
