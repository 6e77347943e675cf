//! How long a trial runs: the budget of a study, and the target at which a trial may end earlier.

use std::collections::BTreeMap;

use crate::{Catalogue, Parameter, SpecError, Value};
use sweep_settings::Target;
use sweep_settings::names::{BUDGETS, UNTIL};

/// Turns a target typed as an axis into a setting, and refuses one that cannot be reached or has no limit.
pub fn target(
    catalogue: &Catalogue,
    settings: &mut BTreeMap<String, Value>,
    parameters: &mut Vec<Parameter>,
) -> Result<(), SpecError> {
    if let Some(at) = parameters.iter().position(|axis| axis.name == UNTIL) {
        let axis = parameters.remove(at);
        let [only] = axis.domain.levels() else {
            return Err(SpecError::Other(format!("{UNTIL} takes one target, the same for every trial")));
        };
        settings.insert(axis.name, only.clone());
    }
    let Some(text) = settings.get(UNTIL).map(Value::to_string) else { return Ok(()) };
    let Ok(target) = text.parse::<Target>() else {
        return Err(SpecError::Other(format!("{UNTIL}={text} is not a target; write {UNTIL}=val_loss=0.15")));
    };
    if !catalogue.metrics.is_empty() && !catalogue.metrics.contains(&target.metric) {
        let metrics = catalogue.metrics.join(", ");
        return Err(SpecError::Other(format!(
            "there is no metric `{}`; the metrics are {metrics}",
            target.metric
        )));
    }
    let capped = |name: &&str| settings.contains_key(*name) || parameters.iter().any(|a| a.name == **name);
    if !BUDGETS.iter().any(capped) {
        return Err(SpecError::Other(format!(
            "{UNTIL}={text} needs a limit for trials that never reach it: cap_steps=40000"
        )));
    }
    Ok(())
}

/// At most one budget may be named; the default is three epochs if the catalogue is closed.
pub fn one_budget(
    catalogue: &Catalogue,
    settings: &mut BTreeMap<String, Value>,
    parameters: &[Parameter],
) -> Result<(), SpecError> {
    let named =
        |name: &&str| settings.contains_key(*name) || parameters.iter().any(|axis| axis.name == **name);
    let budgets: Vec<&str> = BUDGETS.into_iter().filter(named).collect();
    match budgets.as_slice() {
        [] if !catalogue.open && catalogue.find("epochs").is_some() => {
            settings.insert("epochs".to_owned(), Value::Float(3.0));
            Ok(())
        }
        [] | [_] => Ok(()),
        [one, two, ..] => {
            Err(SpecError::Other(format!("a trial has one budget, but {one} and {two} are both given")))
        }
    }
}
