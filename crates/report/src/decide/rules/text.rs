//! The price of a rule in words.

use super::{Group, Rule, RuleFacts, RulePrices};
use crate::facts::Facts;
use crate::format::brief;
use crate::text;

/// A sentence on each rule.
pub fn sentences(facts: &Facts, costs: &RuleFacts) -> Vec<String> {
    costs.rules.iter().map(|prices| sentence(facts, costs, prices)).collect()
}

fn sentence(facts: &Facts, costs: &RuleFacts, prices: &RulePrices) -> String {
    let name = match prices.rule {
        Rule::Linear => "Linear scaling (η ∝ B)",
        Rule::Sqrt => "Square-root scaling (η ∝ √B)",
        Rule::None => "No scaling",
    };
    let parts: Vec<String> = prices.groups.iter().map(|group| group_cost(facts, costs, group)).collect();
    let free = match prices.free_to {
        Some(batch) => {
            let most = text::difference(facts, facts.noise.smallest);
            format!("costs at most {most} up to B={}; ", brief(batch))
        }
        None => String::new(),
    };
    if parts.is_empty() {
        format!("{name}: nothing was measured.")
    } else {
        format!("{name}: {free}{}.", parts.join("; "))
    }
}

fn group_cost(facts: &Facts, costs: &RuleFacts, group: &Group) -> String {
    let knee = brief(costs.knee.unwrap_or(f64::NAN));
    let place = match group.beyond {
        None => "to a larger batch".to_owned(),
        Some(false) => format!("to a larger batch up to the knee, B={knee}"),
        Some(true) => "to a batch beyond it".to_owned(),
    };
    if group.known == 0 {
        return format!("{place}, no move could be priced");
    }
    let ratio = costs.unit != "metric";
    let price = |price: f64| {
        let sign = if price >= 0.0 { "+" } else { "" };
        if ratio { format!("{sign}{} %", brief(100.0 * price)) } else { format!("{sign}{}", brief(price)) }
    };
    let median = match group.median {
        Some(median) => {
            let best = facts.best.as_ref().map_or(f64::NAN, |best| best.value);
            let value = if ratio { best * (1.0 + median) } else { best + median };
            format!(
                "the median move costs {} {}{}",
                price(median),
                text::metric(facts),
                text::price(facts, value)
            )
        }
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
        some => format!(", {some} more without a price"),
    };
    format!("{place}, {median} ({moves}, {diverging}{unknown})")
}
