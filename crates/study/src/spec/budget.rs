//! How long a trial runs: the one budget of a study, and the target at which a trial may end before it.

use std::collections::BTreeMap;

use crate::{Catalogue, Parameter, SpecError, Value};
use sweep_settings::Target;
use sweep_settings::names::{BUDGETS, UNTIL};

/// Takes a target typed as an axis for the setting that it is, and refuses one that cannot be reached or never ends.
pub fn target(
    catalogue: &Catalogue,
    settings: &mut BTreeMap<String, Value>,
    parameters: &mut Vec<Parameter>,
) -> Result<(), SpecError> {
    if let Some(at) = parameters.iter().position(|axis| axis.name == UNTIL) {
        let axis = parameters.remove(at);
        let [only] = axis.domain.levels() else {
            return Err(SpecError::Other(format!("{UNTIL} names one target, the same for every trial")));
        };
        settings.insert(axis.name, only.clone());
    }
    let Some(text) = settings.get(UNTIL).map(Value::to_string) else { return Ok(()) };
    let Ok(target) = text.parse::<Target>() else {
        return Err(SpecError::Other(format!("{UNTIL}={text} is no target; write {UNTIL}=val_loss=0.15")));
    };
    if !catalogue.metrics.is_empty() && !catalogue.metrics.contains(&target.metric) {
        let metrics = catalogue.metrics.join(", ");
        return Err(SpecError::Other(format!("there is no metric `{}`; there are {metrics}", target.metric)));
    }
    let capped = |name: &&str| settings.contains_key(*name) || parameters.iter().any(|a| a.name == **name);
    if !BUDGETS.iter().any(capped) {
        return Err(SpecError::Other(format!(
            "{UNTIL}={text} needs a cap for trials that never get there: cap_steps=40000"
        )));
    }
    Ok(())
}

/// At most one budget is named; without one it is three epochs, where the catalogue is closed.
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
            Err(SpecError::Other(format!("a trial has one budget; {one} and {two} are both given")))
        }
    }
}
