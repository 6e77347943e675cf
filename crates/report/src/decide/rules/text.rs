//! The price of a rule in words.

use super::{Group, Rule, RuleFacts, RulePrices};
use crate::facts::Facts;
use crate::format::brief;
use crate::text;

/// A sentence on each rule.
pub fn sentences(facts: &Facts, said: &RuleFacts) -> Vec<String> {
    said.rules.iter().map(|prices| sentence(facts, said, prices)).collect()
}

fn sentence(facts: &Facts, said: &RuleFacts, prices: &RulePrices) -> String {
    let name = match prices.rule {
        Rule::Linear => "Linear scaling (η ∝ B)",
        Rule::Sqrt => "Square-root scaling (η ∝ √B)",
        Rule::None => "No scaling",
    };
    let parts: Vec<String> = prices.groups.iter().map(|group| told(facts, said, group)).collect();
    let free = match prices.free_to.filter(|_| said.unit != "metric") {
        Some(batch) => format!("nearly free (at most 10 %) up to B={}; ", brief(batch)),
        None => String::new(),
    };
    if parts.is_empty() {
        format!("{name}: nothing was measured.")
    } else {
        format!("{name}: {free}{}.", parts.join("; "))
    }
}

fn told(facts: &Facts, said: &RuleFacts, group: &Group) -> String {
    let knee = brief(said.knee.unwrap_or(f64::NAN));
    let place = match group.beyond {
        None => "to a larger batch".to_owned(),
        Some(false) => format!("to a larger batch up to the knee, B={knee}"),
        Some(true) => "to one beyond it".to_owned(),
    };
    if group.known == 0 {
        return format!("{place}, no move has a figure");
    }
    let ratio = said.unit != "metric";
    let price = |price: f64| {
        let sign = if price >= 0.0 { "+" } else { "" };
        if ratio { format!("{sign}{} %", brief(100.0 * price)) } else { format!("{sign}{}", brief(price)) }
    };
    let median = match group.median {
        Some(median) => format!("the median move costs {} {}", price(median), text::metric(facts)),
        None => "most moves diverge".to_owned(),
    };
    let moves = text::count(group.known as u64, "move");
    let diverging = match group.diverging {
        0 => "none diverges".to_owned(),
        1 => "1 diverges".to_owned(),
        some => format!("{some} diverge"),
    };
    let unknown = match group.unknown {
        0 => String::new(),
        some => format!(", {some} more without a figure"),
    };
    format!("{place}, {median} ({moves}, {diverging}{unknown})")
}
