//! A loss surface in words.

use sweep_settings::round_significant;

use super::facts::{LawFacts, Prediction};
use super::left_out::LeftOut;
use super::measured::FEWEST;
use super::price::Price;
use super::surface::Unsupported;
use super::tried::{BELIEVED, Tried};
use crate::facts::CONFIDENCE;
use crate::format::{brief, percent, short};
use crate::text;

/// The surface, how it fares in groups left out, and whether it is believed; or why there is none.
pub fn lines(facts: &LawFacts) -> Vec<String> {
    let Some(tried) = &facts.surface else {
        return facts.no_surface.iter().map(|why| format!("No loss surface: {}.", reason(*why))).collect();
    };
    let name = facts.variables.first().map_or("", |variable| variable.name.as_str());
    let mut lines = vec![surface(facts, tried)];
    lines.extend(facts.left_out.iter().filter_map(|left| left_out(name, left)));
    lines.extend(doubt(tried));
    lines
}

/// The value of the metric that the surface predicts where the laws lead.
pub fn prediction(facts: &LawFacts, found: &Prediction) -> Option<String> {
    let (tried, loss) = (facts.surface.as_ref()?, found.loss.as_ref()?);
    let (value, low, high) = (short(loss.estimate?), short(loss.low?), short(loss.high?));
    let confidence = percent(CONFIDENCE);
    Some(format!(
        "Predicted {} of a run there: {value} ({confidence} % interval {low} to {high}).",
        tried.metric
    ))
}

fn surface(facts: &LawFacts, tried: &Tried) -> String {
    let names: Vec<String> = tried.surface.frame.variables.iter().map(|one| one.name.clone()).collect();
    let over = text::list(&["η".to_owned(), "B".to_owned()].into_iter().chain(names).collect::<Vec<_>>());
    let bend = match tried.surface.form.bend {
        0.0 => String::new(),
        bend => format!(", levelling off as their power −{}", round_significant(bend, 1)),
    };
    let left = facts.groups.iter().map(|group| group.runs).sum::<usize>().saturating_sub(tried.surface.runs);
    format!(
        "Loss surface over {over}: degree {} in ln η and ln B about the laws{bend}; through {} of {}, without {left} \
         that are far from the best of their group.",
        tried.surface.form.degree,
        text::count(tried.surface.runs as u64, "run"),
        text::count(tried.surface.groups as u64, "group"),
    )
}

fn left_out(name: &str, left: &LeftOut) -> Option<String> {
    let trial = left.surface.as_ref()?;
    let missing = trial.proposed - trial.regret.map_or(0, |regret| regret.groups);
    let regret = match (trial.regret, missing) {
        (None, _) => "no cell proposed has a value".to_owned(),
        (Some(regret), 0) => worse(regret),
        (Some(regret), missing) => format!("{}, and {missing} of them have no value", worse(regret)),
    };
    Some(format!(
        "Surface without {name} = {}: R² {} of the losses ({} within groups); {} of {} losses inside their {} % interval; \
         {regret}.",
        brief(left.value),
        share(trial.r2),
        share(trial.r2_within),
        trial.covered,
        trial.of,
        percent(CONFIDENCE),
    ))
}

fn worse(regret: Price) -> String {
    let share = |share: f64| format!("{:.2} %", 100.0 * share);
    format!(
        "the cells it proposes are {} worse than the best on average and {} at most",
        share(regret.mean),
        share(regret.worst)
    )
}

fn doubt(tried: &Tried) -> Option<String> {
    let trial = &tried.left_out;
    if tried.believed {
        return None;
    }
    Some(match (trial.r2, trial.r2_within) {
        (Some(all), Some(within)) => format!(
            "The surface is not believed: over all groups left out its R² is {} ({} within groups), below {BELIEVED}.",
            share(Some(all)),
            share(Some(within)),
        ),
        _ => "The surface is not believed: it could not be tried on groups left out.".to_owned(),
    })
}

/// An R², to three decimals as far as they tell it from 1.
fn share(share: Option<f64>) -> String {
    share.map_or_else(|| "unknown".to_owned(), |share| format!("{share:.3}"))
}

fn reason(why: Unsupported) -> String {
    match why {
        Unsupported::NoBatch => "it needs a law of the batch size".to_owned(),
        Unsupported::NoNoise => "no group shows how much runs of one point differ".to_owned(),
        Unsupported::Groups(groups) => {
            format!("it needs {} groups with runs near their best, and {groups} have some", FEWEST + 1)
        }
        Unsupported::Undetermined { runs, groups } => {
            format!("{runs} runs near the best of {groups} groups do not determine one")
        }
    }
}
