//! How points and trials without a value ended.

use sweep_settings::plain;

use crate::facts::{Budget, Facts, State};
use crate::{format, text};

/// How many points diverged, got stuck, are unstable or never reached the target.
pub fn divergence(facts: &Facts) -> Vec<String> {
    let number = |state: State| facts.cells.iter().filter(|cell| cell.state == state).count();
    let run = facts.cells.iter().filter(|cell| cell.state != State::Missing).count() as u64;
    if run == 0 {
        return Vec::new();
    }
    let kinds = [
        (State::Diverged, "diverged"),
        (State::Stuck, "got stuck at chance"),
        (State::Collapsed, "collapsed (far from all that learned, at a higher learning rate)"),
        (State::Unstable, "completed for some seeds only"),
        (State::Censored, "never reached the target"),
    ];
    let named: Vec<String> = kinds
        .iter()
        .map(|(state, words)| (number(*state), words))
        .filter(|(number, _)| *number > 0)
        .map(|(number, words)| format!("{number} {words}"))
        .collect();
    if named.is_empty() && run == 1 {
        return Vec::new();
    }
    if named.is_empty() {
        return vec![format!("None of {} diverged or got stuck.", text::count(run, "point"))];
    }
    let lowest = facts.divergence.per_batch.iter().filter_map(|row| row.lowest_diverged).reduce(f64::min);
    let from = lowest
        .filter(|_| facts.axes.lr)
        .map(|lr| format!("; the lowest learning rate to diverge is {}", format::short(lr)));
    vec![format!("Of {}, {}{}.", text::count(run, "point"), text::list(&named), from.unwrap_or_default())]
}

/// That the trials did not keep to their budget.
pub fn lengths(facts: &Facts) -> Vec<String> {
    let Budget { unit, amount, ran, .. } = facts.budget.clone();
    let Some((least, most)) = ran else { return Vec::new() };
    let given = amount.map_or(String::new(), |amount| format!(" of {}", text::amount(amount, unit)));
    let used = match least < most {
        true => format!("from {} to {}", plain(least), text::amount(most, unit)),
        false => text::amount(most, unit),
    };
    vec![format!(
        "Most trials did not keep to their budget{given}: they ran {used}, and are compared as they ended."
    )]
}

/// How many trials have not ended, were pruned or failed.
pub fn unfinished(facts: &Facts) -> Vec<String> {
    let counts = &facts.divergence.trials;
    let mut texts = Vec::new();
    let kinds = [
        (counts.missing, "not been run"),
        (counts.pruned, "been pruned"),
        (
            counts.ended_early,
            match counts.ended_early {
                1 => "ended of itself before its budget and is not compared",
                _ => "ended of themselves before their budget and are not compared",
            },
        ),
        (counts.infeasible, "run out of memory"),
        (counts.failed, "failed"),
    ];
    for (number, what) in kinds.into_iter().filter(|(number, _)| *number > 0) {
        let has = if number == 1 { "has" } else { "have" };
        let why = facts
            .divergence
            .first_failure
            .as_ref()
            .filter(|_| what == "failed")
            .map_or_else(String::new, |why| {
                format!("{}: {why}", if number == 1 { "" } else { ", the first of them" })
            });
        texts.push(format!("{} {has} {what}{why}.", text::count(number, "trial")));
    }
    texts
}
