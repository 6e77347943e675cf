//! The laws of a table of runs: fitted, priced, and tried on the groups left out.

use serde::Serialize;
use sweep_stats::distribution::normal;
use sweep_stats::level::Level;
use sweep_stats::valley::{Profile, Valleys};
use sweep_study::StudyRecord;

use super::power::{Exponent, Observation, PowerLaw};
use crate::facts::{CONFIDENCE, Cell, Estimate, Facts, Spot, Status, parts};

/// The name of the batch size among the variables of the law of the learning rate.
pub const BATCH: &str = "B";

/// The fewest groups that make a law.
pub const FEWEST: usize = 4;

/// How far beyond the groups a law is believed, as a factor, unless said otherwise.
pub const BEYOND: f64 = 10.0;

/// A variable of the laws and the range of its values.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// The least value.
    pub low: f64,
    /// The largest value.
    pub high: f64,
}

/// The runs of one group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// Its values, in the order of the variables.
    pub at: Vec<f64>,
    /// How many runs it has.
    pub runs: usize,
    /// The best learning rate measured.
    pub lr: Option<f64>,
    /// The batch size at which it was measured.
    pub batch: Option<f64>,
    /// The value there.
    pub value: f64,
    /// The batch size at which the lowest point of the ridge lies.
    pub best_batch: Estimate,
    /// What the cell nearest to the laws loses, as a share of the best value.
    pub price: Option<f64>,
}

/// What laws lose over several groups, as shares of their best values.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Price {
    /// The mean.
    pub mean: f64,
    /// The largest.
    pub worst: f64,
    /// How many groups.
    pub groups: usize,
}

/// The laws fitted without some groups, tried on these.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LeftOut {
    /// The value of the first variable that these share.
    pub value: f64,
    /// What the laws lose there.
    pub price: Option<Price>,
    /// How many of the best learning rates there lie inside the interval predicted for them.
    pub inside: usize,
    /// Of how many.
    pub of: usize,
}

/// The laws of a table of runs.
#[derive(Clone, Debug, Serialize)]
pub struct LawFacts {
    /// The variables.
    pub variables: Vec<Variable>,
    /// The groups, by rising values.
    pub groups: Vec<Group>,
    /// The best learning rate by the variables and the batch size.
    pub lr: PowerLaw,
    /// The best batch size by the variables; `None` where too few groups have one.
    pub batch: Option<PowerLaw>,
    /// The exponents of the best learning rate along the best batch size.
    pub along: Vec<Exponent>,
    /// What the laws lose in the groups that they were fitted to.
    pub price: Option<Price>,
    /// What they lose in groups that they were not fitted to, for each value of the first variable.
    pub left_out: Vec<LeftOut>,
}

/// Why there are no laws, or no prediction.
#[derive(Clone, Debug, PartialEq)]
pub enum Refused {
    /// The table has no column of this name whose values vary.
    NoVariable(String),
    /// The variable has a value that has no logarithm.
    NotPositive(String),
    /// Too few groups have a best learning rate with an interval.
    FewGroups(usize),
    /// The prediction does not say the value of this variable.
    Missing(String),
    /// The value lies too far beyond those of the groups.
    Far {
        /// The variable and its range.
        variable: Variable,
        /// The value asked for.
        wanted: f64,
        /// The factor that is allowed.
        beyond: f64,
    },
    /// There is no law of the batch size.
    NoBatch,
}

/// The learning rate and the batch size that the laws give.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Prediction {
    /// The values of the variables.
    pub at: Vec<f64>,
    /// The batch size.
    pub batch: Estimate,
    /// The learning rate at that batch size.
    pub lr: Estimate,
    /// By which factor the furthest variable lies beyond the groups; 1 inside.
    pub beyond: f64,
}

/// A group and what the laws go through.
struct Measured {
    at: Vec<f64>,
    facts: Facts,
    runs: usize,
}

impl Measured {
    fn logs(&self) -> Vec<f64> {
        self.at.iter().map(|value| value.ln()).collect()
    }
}

/// The laws of the runs of `record` over the axes `names`.
///
/// # Errors
/// An axis that is not there or not positive, too few groups.
pub fn facts(record: &StudyRecord, names: &[String]) -> Result<LawFacts, Refused> {
    for name in names {
        let Some(axis) = record.study.space.get(name) else { return Err(Refused::NoVariable(name.clone())) };
        let positive = |value: &sweep_study::Value| value.number().is_some_and(|number| number > 0.0);
        if !axis.domain.levels().iter().all(positive) {
            return Err(Refused::NotPositive(name.clone()));
        }
    }
    let names_of: Vec<&str> = names.iter().map(String::as_str).collect();
    let measured: Vec<Measured> = parts(record, &names_of)
        .into_iter()
        .map(|part| {
            let facts = crate::facts(&part.record);
            let at = part.at.iter().filter_map(sweep_study::Value::number).collect();
            Measured { at, facts, runs: part.record.trials.len() }
        })
        .collect();
    let batches = best_batches(&measured.iter().map(|group| &group.facts).collect::<Vec<_>>());
    let all: Vec<usize> = (0..measured.len()).collect();
    let Some((lr, batch)) = laws(&measured, &batches, &all, names) else {
        let known =
            rates(&measured, &all).iter().map(|one| one.group).collect::<std::collections::BTreeSet<_>>();
        return Err(Refused::FewGroups(known.len()));
    };
    let prices: Vec<Option<f64>> =
        measured.iter().map(|group| batch.as_ref().and_then(|batch| price(group, &lr, batch))).collect();
    let variable = |index: usize| {
        let values = measured.iter().map(|group| group.at[index]);
        Variable {
            name: names[index].clone(),
            low: values.clone().fold(f64::INFINITY, f64::min),
            high: values.fold(0.0, f64::max),
        }
    };
    let groups = measured.iter().zip(&batches).zip(&prices).filter_map(|((group, best_batch), price)| {
        let best = group.facts.best_cell()?;
        Some(Group {
            at: group.at.clone(),
            runs: group.runs,
            lr: best.lr,
            batch: best.batch,
            value: best.value?,
            best_batch: best_batch.clone(),
            price: *price,
        })
    });
    Ok(LawFacts {
        variables: (0..names.len()).map(variable).collect(),
        groups: groups.collect(),
        along: batch.as_ref().map_or_else(Vec::new, |batch| along(&lr, batch, names)),
        price: mean(prices.iter().flatten().copied()),
        left_out: left_out(&measured, &batches, names),
        lr,
        batch,
    })
}

/// The law of the learning rate and that of the batch size through some groups.
fn laws(
    measured: &[Measured],
    batches: &[Estimate],
    chosen: &[usize],
    names: &[String],
) -> Option<(PowerLaw, Option<PowerLaw>)> {
    let rates = rates(measured, chosen);
    let known: std::collections::BTreeSet<usize> = rates.iter().map(|one| one.group).collect();
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
    Some((lr, batch))
}

/// The best learning rates that have an interval, of all batch sizes of some groups.
fn rates(measured: &[Measured], chosen: &[usize]) -> Vec<Observation> {
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
        let level = |row: &crate::facts::BatchBest| {
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

/// What the measured cell nearest to the laws loses in a group.
fn price(group: &Measured, lr: &PowerLaw, batch: &PowerLaw) -> Option<f64> {
    let mut x = group.logs();
    let wanted_batch = batch.at(&x).y;
    x.push(wanted_batch);
    let wanted_lr = lr.at(&x).y;
    let best = group.facts.best_cell()?.value?;
    let far = |cell: &Cell| Some((cell.lr?.ln() - wanted_lr).hypot(cell.batch?.ln() - wanted_batch));
    let ran = group.facts.cells.iter().filter(|cell| cell.n > 0);
    let nearest = ran.filter_map(|cell| Some((far(cell)?, cell))).min_by(|(a, _), (b, _)| a.total_cmp(b))?.1;
    Some((nearest.value? - best).abs() / best.abs())
}

fn mean(prices: impl Iterator<Item = f64>) -> Option<Price> {
    let all: Vec<f64> = prices.collect();
    let worst = all.iter().copied().reduce(f64::max)?;
    Some(Price { mean: all.iter().sum::<f64>() / all.len() as f64, worst, groups: all.len() })
}

/// The exponents of the learning rate where the batch size is the best one, by the delta method.
fn along(lr: &PowerLaw, batch: &PowerLaw, names: &[String]) -> Vec<Exponent> {
    let at = names.len();
    let slope = lr.exponent(at);
    let exponent = |(index, name): (usize, &String)| {
        let estimate = lr.exponent(index) + slope * batch.exponent(index);
        let own = lr.covariance_of(index, index)
            + batch.exponent(index).powi(2) * lr.covariance_of(at, at)
            + 2.0 * batch.exponent(index) * lr.covariance_of(index, at);
        let variance = own + slope * slope * batch.covariance_of(index, index);
        let reach = lr.quantile().max(batch.quantile()) * variance.max(0.0).sqrt();
        let exponent = Estimate {
            estimate: Some(estimate),
            low: Some(estimate - reach),
            high: Some(estimate + reach),
            confidence: Some(CONFIDENCE),
            ..Estimate::none("exponent", lr.n, Status::Ok)
        };
        Exponent { name: name.clone(), exponent }
    };
    names.iter().enumerate().map(exponent).collect()
}

/// Leaves out all groups of one value of the first variable after another, refits, and tries the laws on them.
fn left_out(measured: &[Measured], batches: &[Estimate], names: &[String]) -> Vec<LeftOut> {
    let mut values: Vec<f64> = measured.iter().filter_map(|group| group.at.first().copied()).collect();
    values.dedup();
    let try_without = |value: f64| {
        let (out, kept): (Vec<usize>, Vec<usize>) =
            (0..measured.len()).partition(|group| measured[*group].at.first() == Some(&value));
        let (lr, batch) = laws(measured, batches, &kept, names)?;
        let prices = out.iter().filter_map(|group| price(&measured[*group], &lr, batch.as_ref()?));
        let there = rates(measured, &out);
        let covers = |one: &&Observation| {
            let found = lr.at(&one.x);
            (one.y - found.y).abs() <= found.reach.max(normal(0.5 + CONFIDENCE / 2.0) * one.error)
        };
        let inside = there.iter().filter(covers).count();
        Some(LeftOut { value, price: mean(prices), inside, of: there.len() })
    };
    if values.len() < 3 { Vec::new() } else { values.into_iter().filter_map(try_without).collect() }
}

/// What the laws give where the variables have these values, at most a factor of `beyond` outside the groups.
///
/// # Errors
/// A variable that is not named, one too far outside, no law of the batch size.
pub fn predict(facts: &LawFacts, at: &[(String, f64)], beyond: f64) -> Result<Prediction, Refused> {
    let mut values = Vec::new();
    let mut furthest: f64 = 1.0;
    for variable in &facts.variables {
        let Some((_, value)) = at.iter().find(|(name, _)| *name == variable.name) else {
            return Err(Refused::Missing(variable.name.clone()));
        };
        let outside = (value / variable.high).max(variable.low / value);
        if outside.is_nan() || outside > beyond {
            return Err(Refused::Far { variable: variable.clone(), wanted: *value, beyond });
        }
        furthest = furthest.max(outside);
        values.push(*value);
    }
    let Some(batch) = &facts.batch else { return Err(Refused::NoBatch) };
    let mut x: Vec<f64> = values.iter().map(|value| value.ln()).collect();
    let estimate = |law: &PowerLaw, x: &[f64], unit| {
        let found = law.at(x);
        Estimate {
            estimate: Some(found.y.exp()),
            low: Some((found.y - found.reach).exp()),
            high: Some((found.y + found.reach).exp()),
            confidence: Some(CONFIDENCE),
            ..Estimate::none(unit, law.n, Status::Ok)
        }
    };
    let size = estimate(batch, &x, "batch size");
    x.push(batch.at(&x).y);
    Ok(Prediction { at: values, batch: size, lr: estimate(&facts.lr, &x, "learning rate"), beyond: furthest })
}
