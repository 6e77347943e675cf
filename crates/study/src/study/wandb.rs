//! How a W&B sweep passes parameters to its command, beyond their names and values.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::Value;

/// How the parameters of a W&B sweep are passed to its program: as a nested mapping, W&B's `config`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wandb {
    /// The sweep file, from which the study can be run again.
    pub file: String,
    /// Where each parameter stands in the mapping, by its name in the study file.
    pub paths: BTreeMap<String, Vec<String>>,
    /// The values that are not numbers, flags or words (lists, mappings, null), by the words that represent them in
    /// points.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub literals: BTreeMap<String, Json>,
    /// The number of reports of the study's metric that early termination counts as a whole run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iterations: Option<u64>,
}

impl Wandb {
    /// The mapping of these settings, by the names in [`Wandb::paths`]; settings without a path are left out.
    pub fn config<'a>(&self, settings: impl Iterator<Item = (&'a str, &'a Value)>) -> Map<String, Json> {
        let mut config = Map::new();
        for (name, value) in settings {
            let Some((last, parents)) = self.paths.get(name).and_then(|path| path.split_last()) else {
                continue;
            };
            let mut place = Some(&mut config);
            for parent in parents {
                let below = place.map(|map| map.entry(parent.clone()).or_insert_with(|| Map::new().into()));
                place = below.and_then(Json::as_object_mut);
            }
            if let Some(map) = place {
                map.insert(last.clone(), self.json(value));
            }
        }
        config
    }

    fn json(&self, value: &Value) -> Json {
        let literal = match value {
            Value::Text(word) => self.literals.get(word).cloned(),
            _ => None,
        };
        // Every value of a point can be written as JSON.
        literal.or_else(|| serde_json::to_value(value).ok()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn parameters_keep_their_nesting_and_others_are_left_out() {
        let path = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let wandb = Wandb {
            file: "sweep.yaml".into(),
            paths: [
                ("batch".to_owned(), path(&["batch"])),
                ("optimizer.lr".to_owned(), path(&["optimizer", "lr"])),
                ("optimizer.nadam.beta".to_owned(), path(&["optimizer", "nadam", "beta"])),
            ]
            .into(),
            literals: [("[1, 2]".to_owned(), json!([1, 2]))].into(),
            iterations: None,
        };
        let settings = [
            ("batch", Value::Text("[1, 2]".into())),
            ("epochs", Value::Int(3)),
            ("optimizer.lr", Value::Float(0.1)),
            ("optimizer.nadam.beta", Value::Text("a/b".into())),
        ];
        let config = wandb.config(settings.iter().map(|(name, value)| (*name, value)));
        assert_eq!(
            Json::Object(config),
            json!({ "batch": [1, 2], "optimizer": { "lr": 0.1, "nadam": { "beta": "a/b" } } })
        );
    }
}
