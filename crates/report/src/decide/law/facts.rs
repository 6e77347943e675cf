//! The laws of a table of runs: fitted, priced, and tried on the groups left out.

use std::collections::BTreeSet;

use serde::Serialize;
use sweep_study::StudyRecord;

use super::left_out::{LeftOut, Table};
use super::measured::{best_batches, laws, measured, positive, rates};
use super::power::{Exponent, PowerLaw};
use super::price::{Price, mean, price};
use super::runs::{self, Location};
use super::surface::Unsupported;
use super::tried::Tried;
use crate::facts::{CONFIDENCE, Estimate, Status};

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

impl Variable {
    /// The variables of these names, whose values in each group are `places`.
    pub fn all<'a>(names: &[String], places: impl Iterator<Item = &'a [f64]>) -> Vec<Variable> {
        let places: Vec<&[f64]> = places.collect();
        let variable = |(index, name): (usize, &String)| {
            let values = places.iter().map(|at| at[index]);
            let (low, high) =
                (values.clone().fold(f64::INFINITY, f64::min), values.fold(f64::NEG_INFINITY, f64::max));
            Variable { name: name.clone(), low, high }
        };
        names.iter().enumerate().map(variable).collect()
    }
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
    /// The loss by learning rate, batch size and the variables; `None` where the groups support none.
    pub surface: Option<Tried>,
    /// Why there is no surface.
    pub no_surface: Option<Unsupported>,
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
    /// Too few groups have a critical batch size.
    FewCritical(usize),
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
    /// The value of the metric that the surface predicts for a run there; `None` where no surface is believed.
    pub loss: Option<Estimate>,
    /// By which factor the furthest variable lies beyond the groups; 1 inside.
    pub beyond: f64,
}

/// The laws of the runs of `record` over the axes `names`.
///
/// # Errors
/// An axis that is not there or not positive, too few groups.
pub fn facts(record: &StudyRecord, names: &[String]) -> Result<LawFacts, Refused> {
    check(record, names)?;
    let measured = measured(record, names);
    let batches = best_batches(&measured.iter().map(|group| &group.facts).collect::<Vec<_>>());
    let all: Vec<usize> = (0..measured.len()).collect();
    let Some(fitted) = laws(&measured, &batches, &all, names) else {
        let known: BTreeSet<usize> = rates(&measured, &all).iter().map(|one| one.group).collect();
        return Err(Refused::FewGroups(known.len()));
    };
    let prices: Vec<Option<f64>> = measured.iter().map(|group| price(group, &fitted)).collect();
    let measure = runs::measure(record, &measured);
    let runs = runs::runs(&measured, &measure);
    let table = Table { names, measured: &measured, batches: &batches, runs: &runs, measure: &measure };
    let (left_out, found) = table.left_out();
    let surface = table.surface(&all, &fitted);
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
        variables: Variable::all(names, measured.iter().map(|group| group.at.as_slice())),
        groups: groups.collect(),
        along: fitted.batch.as_ref().map_or_else(Vec::new, |batch| along(&fitted.lr, batch, names)),
        price: mean(prices.iter().flatten().copied()),
        left_out,
        no_surface: surface.as_ref().err().copied(),
        surface: surface.ok().map(|surface| Tried::new(surface, &record.study.goal.metric, measure, &found)),
        lr: fitted.lr,
        batch: fitted.batch,
    })
}

/// Checks that the axes `names` are there and have positive values.
///
/// # Errors
/// One that is not or has not.
pub fn check(record: &StudyRecord, names: &[String]) -> Result<(), Refused> {
    for name in names {
        let Some(axis) = record.study.space.get(name) else { return Err(Refused::NoVariable(name.clone())) };
        if !axis.domain.levels().iter().all(|value| positive(value).is_some()) {
            return Err(Refused::NotPositive(name.clone()));
        }
    }
    Ok(())
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
    let at_batch = batch.at(&x).y;
    let variables = x.clone();
    x.push(at_batch);
    let at = Location { variables, lr: facts.lr.at(&x).y, batch: at_batch };
    let loss = facts.surface.as_ref().and_then(|surface| surface.loss(&at));
    let lr = estimate(&facts.lr, &x, "learning rate");
    Ok(Prediction { at: values, batch: size, lr, loss, beyond: furthest })
}
