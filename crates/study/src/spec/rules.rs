//! From typed rules to derived parameters: finds variables, determines the order, checks values.

use std::collections::BTreeMap;

use sweep_settings::names;

use super::derived::{Derived, Rule};
use super::twice::twice;
use crate::{Catalogue, Parameter, SpecError, Value};

/// Maximum number of level combinations at which every rule is checked before the study begins; of larger grids only
/// the ends.
const MOST_TRIED: usize = 10_000;

/// Refuses a rule for a name that is also an axis, a setting or another rule.
///
/// # Errors
/// The names that mean the same.
pub fn once(
    rules: &[Rule],
    (parameters, settings): (&[Parameter], &BTreeMap<String, Value>),
    typed: &[String],
    catalogue: &Catalogue,
) -> Result<(), SpecError> {
    for (index, rule) in rules.iter().enumerate() {
        let name = &rule.entry.name;
        let other = rules[..index].iter().any(|other| other.entry.name == *name);
        if other || parameters.iter().any(|axis| axis.name == *name) || settings.contains_key(name) {
            return Err(rule.fail("", twice(name, typed, catalogue)).into());
        }
    }
    Ok(())
}

/// The derived parameters of `rules`, each after those that it follows from. `settings` loses their defaults.
///
/// # Errors
/// A variable that does not exist, is not a number, or applies only at some points; rules that depend on each other in
/// a circle; a value, at any of the levels, that is not finite or not allowed.
pub fn derive(
    rules: Vec<Rule>,
    catalogue: &Catalogue,
    parameters: &[Parameter],
    settings: &mut BTreeMap<String, Value>,
) -> Result<Vec<Derived>, SpecError> {
    for rule in &rules {
        settings.remove(&rule.entry.name);
    }
    let settings = &*settings;
    let mut waiting = rules;
    let mut derived: Vec<(Rule, Derived)> = Vec::new();
    while !waiting.is_empty() {
        let ready = |rule: &Rule| {
            rule.variables(catalogue)
                .iter()
                .all(|(_, full)| !waiting.iter().any(|other| other.entry.name == *full))
        };
        let Some(free) = waiting.iter().position(ready) else { return Err(circle(&waiting).into()) };
        let rule = waiting.remove(free);
        always(&rule, parameters, settings)?;
        let mut inputs = Vec::new();
        for (typed, full) in rule.variables(catalogue) {
            if !derived.iter().any(|(_, other)| other.name() == full) {
                usable(&rule, (&typed, &full), parameters, settings)?;
            }
            inputs.push(full);
        }
        if inputs.is_empty() {
            let why = format!("the rule of {} names no other axis; write its values", rule.entry.name);
            return Err(rule.fail("", why).into());
        }
        let one = rule.of(inputs);
        derived.push((rule, one));
    }
    check(&derived, parameters, settings)?;
    Ok(derived.into_iter().map(|(_, derived)| derived).collect())
}

fn circle(waiting: &[Rule]) -> crate::AxisError {
    let names: Vec<&str> = waiting.iter().map(|rule| rule.entry.name.as_str()).collect();
    let why = match names.as_slice() {
        [one] => format!("{one} cannot depend on itself"),
        _ => {
            format!("{} depend on each other in a circle; give values to one of them", names.join(" and "))
        }
    };
    waiting[0].fail("", why)
}

/// Refuses a rule for a setting that applies only at some points, or at none.
fn always(
    rule: &Rule,
    parameters: &[Parameter],
    settings: &BTreeMap<String, Value>,
) -> Result<(), SpecError> {
    let Some((parent, words)) = &rule.entry.setting.condition() else { return Ok(()) };
    let axis = parameters.iter().find(|axis| axis.name == *parent).map(|axis| axis.domain.levels());
    let mut levels = axis.unwrap_or_default().iter().chain(settings.get(parent)).peekable();
    if levels.peek().is_some() && levels.all(|level| words.contains(&level.to_string())) {
        return Ok(());
    }
    let why = format!("{} applies only where {parent} is {}", rule.entry.name, words.join(" or "));
    Err(rule.fail("", format!("{why}; only a setting that always applies can have a rule")).into())
}

/// Whether a variable is a number at every point.
fn usable(
    rule: &Rule,
    (typed, full): (&str, &str),
    parameters: &[Parameter],
    settings: &BTreeMap<String, Value>,
) -> Result<(), SpecError> {
    let number =
        |value: &Value| value.number().is_some() || (full == names::BATCH && value.to_string() == "full");
    let why = match (parameters.iter().find(|axis| axis.name == full), settings.get(full)) {
        (Some(axis), _) if axis.when.is_some() => format!("{full} applies only at some points"),
        (Some(axis), _) if axis.domain.levels().iter().all(number) => return Ok(()),
        (None, Some(value)) if number(value) => return Ok(()),
        (None, None) => format!("there is no axis or setting `{typed}`"),
        _ => format!("{full} is not a number"),
    };
    Err(rule.fail(typed, format!("{why}; the rule of {} needs one", rule.entry.name)).into())
}

/// Evaluates every rule at the levels of its inputs.
fn check(
    derived: &[(Rule, Derived)],
    parameters: &[Parameter],
    settings: &BTreeMap<String, Value>,
) -> Result<(), SpecError> {
    let used = |axis: &&Parameter| derived.iter().any(|(_, derived)| derived.inputs().contains(&axis.name));
    let axes: Vec<&Parameter> = parameters.iter().filter(used).collect();
    let cells = axes.iter().fold(1usize, |cells, axis| cells.saturating_mul(axis.domain.levels().len()));
    let tried = |axis: &Parameter| -> Vec<Value> {
        let levels = axis.domain.levels();
        let ends = levels.iter().take(1).chain(levels.iter().skip(1).last()).cloned();
        if cells <= MOST_TRIED { levels.to_vec() } else { ends.collect() }
    };
    let levels: Vec<(&str, Vec<Value>)> = axes.iter().map(|axis| (axis.name.as_str(), tried(axis))).collect();
    let count: usize = levels.iter().map(|(_, levels)| levels.len()).product();
    for index in 0..count {
        let mut rest = index;
        let mut point = settings.clone();
        let mut typed = Vec::new();
        for (name, levels) in &levels {
            let value = &levels[rest % levels.len()];
            rest /= levels.len();
            typed.push(format!("{name}={value}"));
            point.insert((*name).to_owned(), value.clone());
        }
        for (rule, derived) in derived {
            // A batch of all examples has no number yet; the trainer checks it.
            let Some(value) = derived.value(&|name| point.get(name)?.number()) else { continue };
            let finite = value.number().is_some_and(f64::is_finite);
            let why = if finite { rule.entry.refusal(&value) } else { Some("it must be finite".to_owned()) };
            if let Some(why) = why {
                let at = typed.join(" ");
                let why = format!("{}={} is {value} at {at}: {why}", derived.name(), derived.rule());
                return Err(rule.fail("", why).into());
            }
            point.insert(derived.name().to_owned(), value);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SpecFile, Study};

    fn study(axes: &[&str]) -> Result<Study, String> {
        let axes = axes.iter().map(|axis| (*axis).to_owned()).collect();
        let spec = SpecFile { axes, ..SpecFile::default() };
        spec.resolve(&Catalogue { open: true, ..Catalogue::default() }).map_err(|error| error.to_string())
    }

    #[test]
    fn rules_follow_from_axes_and_from_each_other() {
        let study =
            study(&["weight_decay=0.01*lr", "lr=0.1*batch/256", "batch=32,64", "half=batch/2", "opt=a/b"])
                .unwrap();
        assert_eq!(study.space.parameters.len(), 2, "batch and opt");
        let point = study.space.cell(0).unwrap();
        assert_eq!(
            study.params(&point).to_string(),
            "batch=32 half=16 lr=0.0125 opt=a/b weight_decay=1.25e-4"
        );
        assert_eq!(
            (study.lr(&point), study.setting(&point, "half")),
            (Some(0.0125), Some(Value::Float(16.0)))
        );
        assert_eq!(study.settings_at(&point).len(), 5);
        // A study reads back with its rules.
        let text = serde_json::to_string(&study).unwrap();
        assert_eq!(serde_json::from_str::<Study>(&text).unwrap(), study);
    }

    #[test]
    fn whole_numbers_are_rounded_to_and_functions_are_known() {
        let study = study(&["lr=0.001..1", "batch=2^(5+log10(lr))", "x=min(lr, 0.1)"]).unwrap();
        let batch = |cell| study.setting(&study.space.cell(cell).unwrap(), "batch");
        assert_eq!((batch(0), batch(9)), (Some(Value::Int(4)), Some(Value::Int(32))));
        assert_eq!(study.setting(&study.space.cell(9).unwrap(), "x"), Some(Value::Float(0.1)));
    }

    #[test]
    fn invalid_rules_are_refused() {
        for (axes, at, advice) in [
            (&["lr=0.1*btach/256", "batch=32"][..], 7, "there is no axis or setting `btach`"),
            (&["lr=0.1*opt", "opt=sgd,adam"], 7, "opt is not a number"),
            (&["lr=2*momentum", "momentum=lr/2"], 3, "in a circle"),
            (&["lr=2*lr"], 3, "cannot depend on itself"),
            (&["lr=0.1*(batch", "batch=32"], 3, "cannot be read"),
            (&["lr=1/(batch-32)", "batch=32,64"], 3, "inf at batch=32: it must be finite"),
            (&["lr=2*3", "batch=16"], 3, "names no other axis"),
            (&["lr=0.1*batch", "lr=1", "batch=16"], 3, "given twice"),
        ] {
            let error = study(axes).unwrap_err();
            let caret = error.lines().last().unwrap().find('^').unwrap();
            assert!(error.contains(advice) && caret == at + 2, "{error}");
        }
    }
}
