//! Words that the verdict, the tables and the pictures share: budgets, metrics, names, lists.

use sweep_settings::{names, plain, round_significant, short};
use sweep_study::{Rank, STEPS_TO_TARGET, Study, Value};

use crate::facts::{Budget, Facts};
use crate::format::{brief, percent};

/// A count with its noun: `1 seed`, `3 seeds`.
pub fn count(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// The budget in words: `3 epochs`, `until validation loss 0.15, at most 40000 steps`; `budget unknown` for runs that
/// do not report it.
pub fn budget(budget: &Budget) -> String {
    let unit = budget.unit;
    let amount = match (budget.ran, budget.amount) {
        (Some((least, most)), _) if least < most => format!("{} to {}", plain(least), amount(most, unit)),
        (Some((_, each)), _) | (None, Some(each)) => amount(each, unit),
        (None, None) if budget.axis => format!("{unit} as an axis"),
        (None, None) => "budget unknown".to_owned(),
    };
    match &budget.until {
        Some(target) => {
            format!("until {} {}, at most {amount}", metric_name(&target.metric), plain(target.value))
        }
        None => amount,
    }
}

/// An amount with its unit: `1 epoch`, `3 epochs`.
pub fn amount(number: f64, unit: &str) -> String {
    format!("{} {}", plain(number), if number == 1.0 { unit.trim_end_matches('s') } else { unit })
}

/// Budget and seeds, which every headline names: `3 epochs, 1 seed`.
pub fn conditions(facts: &Facts, separator: &str) -> String {
    let seeds = count(u64::from(facts.replicates), "seed");
    let fresh = facts.cells.iter().filter(|cell| cell.confirmed).map(|cell| cell.n).max();
    let fresh =
        fresh.map_or(String::new(), |n| format!(", {} where confirmed", count(n as u64, "fresh seed")));
    format!("{}{separator}{seeds}{fresh}", budget(&facts.budget))
}

/// The metric of the study in words: `final validation loss`.
pub fn metric(facts: &Facts) -> String {
    if facts.metric == STEPS_TO_TARGET {
        return metric_name(&facts.metric);
    }
    let which = match facts.rank {
        Rank::Last => "final",
        Rank::Best => "best",
    };
    format!("{which} {}", metric_name(&facts.metric))
}

/// A metric's name in words, where it has one of the trainer's; else itself.
pub fn metric_name(name: &str) -> String {
    if name == STEPS_TO_TARGET {
        return "steps to target".to_owned();
    }
    let parts = [("train_", "training"), ("val_", "validation"), ("test_", "test")];
    let known = parts.iter().find_map(|(prefix, word)| Some((name.strip_prefix(prefix)?, word)));
    known.map_or(name.to_owned(), |(rest, word)| format!("{word} {rest}"))
}

/// A parameter's name in words.
pub fn parameter(name: &str) -> String {
    match name {
        names::LR => "learning rate".to_owned(),
        names::BATCH => "batch size".to_owned(),
        name => name.replace('_', " "),
    }
}

/// The batch size as it was typed: a number, or `full` where all of the training part is meant.
pub fn batch_size(study: &Study, size: f64) -> String {
    let full = Value::Text("full".to_owned());
    let axis = study.space.get(names::BATCH).map(|axis| axis.domain.levels()).unwrap_or_default();
    let typed = axis.contains(&full) || study.settings.get(names::BATCH) == Some(&full);
    if typed && size == study.train_examples as f64 { "full".to_owned() } else { plain(size) }
}

/// Words joined as a person would: `16, 32 and 64`.
pub fn list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A difference of costs in words: `1.8 %` of a loss, else in the unit of the metric.
pub fn difference(facts: &Facts, cost: f64) -> String {
    let difference = facts.difference(cost);
    if facts.measure.logarithmic() { format!("{} %", percent(difference)) } else { brief(difference) }
}

/// `, the price of 4 % more training`, of a value of the metric against the best; empty where the best has no curve that
/// tells.
pub fn price(facts: &Facts, value: f64) -> String {
    let more = facts.price.as_ref().and_then(|price| price.more_training(value, &facts.measure));
    match more.filter(|more| *more > 0.0) {
        Some(more) => format!(", the price of {} % more training", plain(round_significant(100.0 * more, 2))),
        None => String::new(),
    }
}

/// The command that moves the borders on which a best value lies; for imported runs with a placeholder for the training
/// command.
pub fn extend_command(study: &Study, facts: &Facts) -> String {
    let command = if study.runs() { "" } else { " -- COMMAND" };
    format!("sweep extend {} {}{command}", study.name, facts.extend.join(" "))
}

/// `text` with its first letter a capital.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// `B=16`, after the schedule where that is an axis.
pub fn row_name(study: &Study, panel: Option<&String>, batch: Option<f64>) -> String {
    let batch = batch.map(|size| format!("B={}", batch_size(study, size)));
    [panel.map(|panel| short(panel)), batch].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_plain() {
        assert_eq!((count(1, "seed"), count(3, "seed")), ("1 seed".into(), "3 seeds".into()));
        assert_eq!(
            budget(&Budget { unit: "epochs", amount: Some(1.0), ran: None, until: None, axis: false }),
            "1 epoch"
        );
        assert_eq!(
            budget(&Budget { unit: "steps", amount: Some(500.0), ran: None, until: None, axis: false }),
            "500 steps"
        );
        assert_eq!(metric_name("val_loss"), "validation loss");
        assert_eq!(metric_name("reward"), "reward");
        assert_eq!(list(&["1".into(), "2".into(), "3".into()]), "1, 2 and 3");
    }
}
