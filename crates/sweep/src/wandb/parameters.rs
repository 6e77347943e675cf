//! The parameters of a W&B sweep as axes and settings.

use serde_json::{Map, Value as Json};
use sweep_settings::names::{self, BUDGETS};
use sweep_study::spec::seeds_remark;
use sweep_study::{Role, Seed, SpecFile, Value, Wandb};

use super::Notes;
use super::distribution::{self, Given};
use crate::trial_folder::python;

/// Names that mean something else in a study.
const TAKEN: [&str; 4] = ["report_every", "noise_scale", "sharpness", "until"];

/// What stands before the name of a parameter whose own name means something else here.
const PREFIX: &str = "config.";

/// Adds the parameters to the study, and where each stands in W&B's `config`.
pub fn read(parameters: &Json, spec: &mut SpecFile, wandb: &mut Wandb, notes: &mut Notes) {
    match parameters.as_object().filter(|parameters| !parameters.is_empty()) {
        Some(parameters) => nested(parameters, &[], spec, wandb, notes),
        None => notes.refuse("parameters must be a mapping of names"),
    }
}

fn nested(
    parameters: &Map<String, Json>,
    parents: &[String],
    spec: &mut SpecFile,
    wandb: &mut Wandb,
    notes: &mut Notes,
) {
    for (own, parameter) in parameters {
        let mut path = parents.to_vec();
        path.push(own.clone());
        let Some(parameter) = parameter.as_object() else {
            let shown = path.join(".");
            notes.refuse(format!("{shown}: {parameter} must have value, values, or min and max"));
            continue;
        };
        if let Some(below) = parameter.get("parameters").and_then(Json::as_object) {
            nested(below, &path, spec, wandb, notes);
            continue;
        }
        if names::is_seed(own) && !parameter.contains_key("value") {
            seeds(&path, parameter, spec, wandb, notes);
            continue;
        }
        let name = free(path.join("."), spec);
        let grid = spec.sampler.as_deref() == Some("grid");
        let scale = Role::likely(&name).map(Role::scale);
        match distribution::read(&path.join("."), parameter, (grid, scale), notes) {
            Some(Given::One(only)) => spec.values.push((name.clone(), value(&only, wandb))),
            Some(Given::List(items)) => {
                let values = items.iter().map(|item| value(item, wandb)).collect();
                spec.domains.push((name.clone(), sweep_study::Domain::listed(values, scale)));
            }
            Some(Given::Range(domain)) => spec.domains.push((name.clone(), domain)),
            None => {}
        }
        wandb.paths.insert(name, path);
    }
}

/// A parameter that is the seed: each of its values is a replicate, and one that is drawn is the seed of the study.
fn seeds(
    path: &[String],
    parameter: &Map<String, Json>,
    spec: &mut SpecFile,
    wandb: &mut Wandb,
    notes: &mut Notes,
) {
    let shown = path.join(".");
    let values = parameter.get("values").and_then(Json::as_array).cloned().unwrap_or_default();
    let count = values.len().max(1) as u64;
    if wandb.seed.is_some() {
        notes.refuse(format!("{shown}: another parameter is the seed already; give one of them a value"));
    }
    notes.remark(seeds_remark(&shown, values.len()));
    // Where they are numbers, they are those of the study too.
    let seeds: Option<Vec<u64>> = values.iter().map(Json::as_u64).collect();
    spec.replicates = Some(count);
    spec.replicate_over(seeds.unwrap_or_default());
    // A cap counts runs.
    for cap in [&mut spec.cap, &mut spec.trials] {
        *cap = cap.map(|runs| runs.div_ceil(count));
    }
    wandb.seed = Some(Seed { path: path.to_vec(), values });
}

/// The name of a parameter in the study: its own, unless that means something else, or the same as one before it.
fn free(own: String, spec: &SpecFile) -> String {
    let meant = |name: &str| Role::by_custom(name).map_or(name.to_owned(), |role| role.name().to_owned());
    let given = |holds: &dyn Fn(&str) -> bool| spec.names().any(holds);
    let same = given(&|name| meant(name) == meant(&own));
    let another_budget = BUDGETS.contains(&own.as_str()) && given(&|name| BUDGETS.contains(&name));
    if same || another_budget || TAKEN.contains(&own.as_str()) { format!("{PREFIX}{own}") } else { own }
}

/// A value as a point has it; a list, a mapping or null as the words that Python prints for it.
fn value(json: &Json, wandb: &mut Wandb) -> Value {
    match json {
        Json::Bool(flag) => Value::Flag(*flag),
        Json::String(word) => Value::Text(word.clone()),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Value::Int(whole),
            (None, Some(float)) => Value::Float(float),
            (None, None) => Value::Text(number.to_string()),
        },
        Json::Null | Json::Array(_) | Json::Object(_) => {
            let words = python::text(json);
            wandb.literals.insert(words.clone(), json.clone());
            Value::Text(words)
        }
    }
}
