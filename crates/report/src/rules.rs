//! The price of a rule in words and as one JSON document.

use serde_json::{Value as Json, json};
use sweep_study::StudyRecord;

use crate::facts::{Facts, Group, Rule, RuleFacts, RulePrices, brief};
use crate::words;

/// The document, its schema in `schema/rules.schema.json`: the batch sizes, the rate tuned at each, and the price of each move by each rule.
pub fn rules_document(record: &StudyRecord, facts: &Facts, said: &RuleFacts) -> Json {
    json!({
        "format": "sweep-rules",
        "version": 1,
        "study": record.study.name,
        "metric": facts.metric,
        "facts": said,
        "verdicts": rules_sentences(facts, said),
    })
}

/// A sentence on each rule.
pub fn rules_sentences(facts: &Facts, said: &RuleFacts) -> Vec<String> {
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
        Some(median) => format!("the median move costs {} {}", price(median), words::metric(facts)),
        None => "most moves diverge".to_owned(),
    };
    let moves = words::count(group.known as u64, "move");
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
