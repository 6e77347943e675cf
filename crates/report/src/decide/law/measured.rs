//! The groups of a table of runs, each read as a study of its own, and the laws through some of them.

use std::collections::BTreeSet;

use sweep_settings::size;
use sweep_stats::level::Level;
use sweep_stats::valley::{Profile, Valleys};
use sweep_study::{StudyRecord, Value};

use super::optima::Optima;
use super::power::{Observation, PowerLaw};
use crate::facts::{BatchBest, CONFIDENCE, Estimate, Facts, Part, Spot, Status, parts};

/// The name of the batch size among the variables of the law of the learning rate.
pub const BATCH: &str = "B";

/// The fewest groups that make a law.
pub const FEWEST: usize = 4;

/// A group and what the laws go through.
pub struct Measured {
    /// The values of the variables.
    pub at: Vec<f64>,
    /// What its runs say.
    pub facts: Facts,
    /// How many runs it has.
    pub runs: usize,
}

impl Measured {
    /// The logarithms of the variables.
    pub fn logs(&self) -> Vec<f64> {
        self.at.iter().map(|value| value.ln()).collect()
    }
}

/// The groups of `record`: one for each combination of values on the axes `names`.
pub fn measured(record: &StudyRecord, names: &[String]) -> Vec<Measured> {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let group = |part: Part| {
        let facts = crate::facts(&part.record);
        let at = part.at.iter().filter_map(positive).collect();
        Measured { at, facts, runs: part.record.trials.len() }
    };
    parts(record, &names).into_iter().map(group).collect()
}

/// A positive number, or a size such as `85M`.
pub fn positive(value: &Value) -> Option<f64> {
    size(&value.to_string()).filter(|number| number.is_finite() && *number > 0.0)
}

/// The law of the learning rate and that of the batch size.
#[derive(Clone, Debug)]
pub struct Laws {
    /// The best learning rate by the variables and the batch size.
    pub lr: PowerLaw,
    /// The best batch size by the variables; `None` where too few groups have one.
    pub batch: Option<PowerLaw>,
}

/// The laws through some groups. `None` where too few of them have a best learning rate.
pub fn laws(measured: &[Measured], batches: &[Estimate], chosen: &[usize], names: &[String]) -> Option<Laws> {
    if let Some(optima) = Optima::of(measured) {
        return optima.laws(measured, chosen, names);
    }
    let rates = rates(measured, chosen);
    let known: BTreeSet<usize> = rates.iter().map(|one| one.group).collect();
    if known.len() < FEWEST {
        return None;
    }
    let with_batch: Vec<String> = names.iter().cloned().chain([BATCH.to_owned()]).collect();
    let lr = PowerLaw::through(&rates, &with_batch)?;
    let batch = |group: &usize| {
        let Spot(_, y, error) = Spot::of(1.0, &batches[*group])?;
        Some(Observation { group: *group, x: measured[*group].logs(), y, error })
    };
    let batches: Vec<Observation> = chosen.iter().filter_map(batch).collect();
    let batch = (batches.len() >= FEWEST).then(|| PowerLaw::through(&batches, names)).flatten();
    Some(Laws { lr, batch })
}

/// The best learning rates that have an interval, of all batch sizes of some groups; of a table of optima, those that it
/// gives.
pub fn rates(measured: &[Measured], chosen: &[usize]) -> Vec<Observation> {
    if let Some(optima) = Optima::of(measured) {
        return optima.rates(measured, chosen);
    }
    let of = |group: &usize| {
        let group = *group;
        let one = &measured[group];
        one.facts.best_per_batch.iter().filter_map(move |row| {
            let Spot(batch, y, error) = Spot::of(row.batch?, &row.lr)?;
            let x = one.logs().into_iter().chain([batch]).collect();
            Some(Observation { group, x, y, error })
        })
    };
    chosen.iter().flat_map(of).collect()
}

/// The batch size of each group at which the ridge is lowest: the valley along log₂ B through the best value of each batch
/// size whose best learning rate has an estimate. Groups are fitted together, as the rows of a study are.
pub fn best_batches(groups: &[&Facts]) -> Vec<Estimate> {
    let profile = |facts: &&Facts| {
        let known = facts.best_per_batch.iter().filter(|row| row.lr.estimate.is_some());
        let level = |row: &BatchBest| {
            let cost = facts.measure.cost(row.value?)?;
            Some(Level { x: row.batch?.log2(), y: vec![cost] })
        };
        let mut levels: Vec<Level> = known.filter_map(level).collect();
        levels.sort_by(|a, b| a.x.total_cmp(&b.x));
        Profile { levels, below: None, above: None }
    };
    let profiles: Vec<Profile> = groups.iter().map(profile).collect();
    let valleys = Valleys::fit(&profiles);
    let estimate = |(index, profile): (usize, &Profile)| {
        let none = Estimate::none("batch size", profile.levels.len(), Status::Few);
        let Some(minimum) = valleys.minimum(index, CONFIDENCE) else { return none };
        if minimum.open_below || minimum.open_above {
            return Estimate { status: Status::Edge, ..none };
        }
        Estimate {
            estimate: Some(minimum.floor.estimate.exp2()),
            low: Some(minimum.floor.low.exp2()),
            high: Some(minimum.floor.high.exp2()),
            confidence: Some(CONFIDENCE),
            status: Status::Ok,
            ..none
        }
    };
    profiles.iter().enumerate().map(estimate).collect()
}
