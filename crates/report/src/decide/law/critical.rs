//! The law of the critical batch size over groups of runs that were trained to a target.

use serde::Serialize;
use serde_json::{Value as Json, json};
use sweep_study::{STEPS_TO_TARGET, StudyRecord};

use super::facts::{Refused, Variable, check};
use super::measured::{FEWEST, Measured, measured};
use super::power::{Observation, PowerLaw};
use super::text::law;
use crate::facts::{Estimate, Spot};
use crate::format::{brief, interval};
use crate::text;

/// The critical batch size of a group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CriticalGroup {
    /// Its values, in the order of the variables.
    pub at: Vec<f64>,
    /// The critical batch size, b/a where the steps are a + b/B.
    pub critical_batch: Estimate,
    /// The batch size that needs a fifth more examples than the one compared with.
    pub overhead_batch: Estimate,
}

/// The laws of the critical batch size.
#[derive(Clone, Debug, Serialize)]
pub struct CriticalFacts {
    /// The variables.
    pub variables: Vec<Variable>,
    /// The batch size with which those that need a fifth more examples are compared; the smallest of each group if none
    /// was given.
    pub than: Option<f64>,
    /// The groups that have a critical batch size, by rising values.
    pub groups: Vec<CriticalGroup>,
    /// The critical batch size by the variables.
    pub critical_batch: PowerLaw,
    /// The batch size that needs a fifth more examples, by the variables.
    pub overhead_batch: PowerLaw,
}

/// The laws of the critical batch size of `record` over the axes `names`; batch sizes that need a fifth more examples are
/// compared with `than`, else with the smallest of their group.
///
/// # Errors
/// An axis that is not there or not positive; fewer than four groups that have a critical batch size.
pub fn critical(record: &StudyRecord, names: &[String], than: Option<f64>) -> Result<CriticalFacts, Refused> {
    check(record, names)?;
    let measured = measured(record, names);
    let of = |group: &Measured| {
        let found = group.facts.critical_batch.first()?;
        let than = than.or_else(|| found.per_batch.first().map(|at| at.batch))?;
        let overhead_batch = found.overhead(than)?;
        Some(CriticalGroup { at: group.at.clone(), critical_batch: found.batch.clone(), overhead_batch })
    };
    let groups: Vec<CriticalGroup> = measured.iter().filter_map(of).collect();
    let through = |estimate: fn(&CriticalGroup) -> &Estimate| {
        let one = |(index, group): (usize, &CriticalGroup)| {
            let Spot(_, y, error) = Spot::of(1.0, estimate(group))?;
            Some(Observation { group: index, x: group.at.iter().map(|value| value.ln()).collect(), y, error })
        };
        let all: Vec<Observation> = groups.iter().enumerate().filter_map(one).collect();
        (all.len() >= FEWEST).then(|| PowerLaw::through(&all, names)).flatten()
    };
    let laws = through(|group| &group.critical_batch).zip(through(|group| &group.overhead_batch));
    let Some((critical_batch, overhead_batch)) = laws else { return Err(Refused::FewCritical(groups.len())) };
    let variables = Variable::all(names, groups.iter().map(|group| group.at.as_slice()));
    Ok(CriticalFacts { variables, than, groups, critical_batch, overhead_batch })
}

/// Whether the runs of a study were trained to a target, so that the laws are those of the critical batch size.
pub fn is_critical(record: &StudyRecord) -> bool {
    record.study.goal.metric == STEPS_TO_TARGET
}

/// The laws, a line each, after the groups.
pub fn critical_lines(facts: &CriticalFacts) -> Vec<String> {
    let place = |at: &[f64]| -> String {
        let values = facts.variables.iter().zip(at);
        values
            .map(|(variable, value)| format!("{}={}", variable.name, brief(*value)))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let shown = |estimate: &Estimate| {
        format!("{}{}", estimate.estimate.map(brief).unwrap_or_default(), interval(estimate))
    };
    let than = facts.than.map_or_else(|| "the smallest one".to_owned(), |than| format!("B={}", brief(than)));
    let group = |group: &CriticalGroup| {
        format!(
            "{}: critical batch size {}; 20 % more examples than {than} at B={}.",
            place(&group.at),
            shown(&group.critical_batch),
            shown(&group.overhead_batch)
        )
    };
    let mut lines =
        vec![format!("{} with a critical batch size.", text::count(facts.groups.len() as u64, "group"))];
    lines.extend(facts.groups.iter().map(group));
    lines.push(law("Critical batch size", "B", &facts.critical_batch));
    lines.push(law(&format!("Batch size with 20 % more examples than {than}"), "B", &facts.overhead_batch));
    lines
}

/// The laws as one JSON document.
pub fn critical_document(record: &StudyRecord, facts: &CriticalFacts) -> Json {
    json!({ "format": "sweep-critical-law", "version": 1, "study": record.study.name, "law": facts })
}
