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
    /// The parameter that is the seed of a replicate, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<Seed>,
    /// The words of the command, where they were typed in place of those of the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub typed: Vec<String>,
    /// The number of reports of the study's metric that early termination counts as a whole run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iterations: Option<u64>,
}

/// A parameter that is the seed of a replicate: it is no axis, since the best of several seeds is luck.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seed {
    /// Where it stands in the mapping.
    pub path: Vec<String>,
    /// The seeds of the first replicates; further ones have their own.
    pub values: Vec<Json>,
}

/// Which run of a point it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seeded {
    /// The replicate, from 0.
    pub replicate: u32,
    /// Its seed.
    pub seed: u64,
}

impl Wandb {
    /// The mapping of these settings, by the names in [`Wandb::paths`], and of the seed of a replicate; in the order of
    /// their names there. Settings without a path are left out.
    pub fn config<'a>(
        &self,
        settings: impl Iterator<Item = (&'a str, &'a Value)>,
        seeded: Seeded,
    ) -> Map<String, Json> {
        let placed = |(name, value)| Some((self.paths.get(name)?, self.json(value)));
        let mut values: BTreeMap<&Vec<String>, Json> = settings.filter_map(placed).collect();
        if let Some(parameter) = &self.seed {
            let own = parameter.values.get(seeded.replicate as usize).cloned();
            values.insert(&parameter.path, own.unwrap_or_else(|| seeded.seed.into()));
        }
        let mut config = Map::new();
        for (path, value) in values {
            insert(&mut config, path, value);
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

/// Puts `value` where `path` leads in a nested mapping.
fn insert(config: &mut Map<String, Json>, path: &[String], value: Json) {
    let Some((last, parents)) = path.split_last() else { return };
    let mut place = Some(config);
    for parent in parents {
        let below = place.map(|map| map.entry(parent.clone()).or_insert_with(|| Map::new().into()));
        place = below.and_then(Json::as_object_mut);
    }
    if let Some(map) = place {
        map.insert(last.clone(), value);
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
            seed: Some(Seed { path: path(&["train", "seed"]), values: vec![json!(7)] }),
            ..Wandb::default()
        };
        let settings = [
            ("batch", Value::Text("[1, 2]".into())),
            ("epochs", Value::Int(3)),
            ("optimizer.lr", Value::Float(0.1)),
            ("optimizer.nadam.beta", Value::Text("a/b".into())),
        ];
        let config = |replicate, seed| {
            let settings = settings.iter().map(|(name, value)| (*name, value));
            Json::Object(wandb.config(settings, Seeded { replicate, seed }))
        };
        assert_eq!(config(1, 31)["train"]["seed"], 31);
        assert_eq!(
            config(0, 30),
            json!({ "batch": [1, 2], "optimizer": { "lr": 0.1, "nadam": { "beta": "a/b" } }, "train": { "seed": 7 } })
        );
    }
}
