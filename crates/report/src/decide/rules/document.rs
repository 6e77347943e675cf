//! The prices of the rules as one JSON document.

use serde_json::{Value as Json, json};
use sweep_study::StudyRecord;

use super::facts::RuleFacts;
use super::text::sentences;
use crate::facts::Facts;

/// The document, its schema in `schema/rules.schema.json`: the batch sizes, the rate tuned at each, and the price of
/// each move by each rule.
pub fn document(record: &StudyRecord, facts: &Facts, rules: &RuleFacts) -> Json {
    json!({
        "format": "sweep-rules",
        "version": 1,
        "study": record.study.name,
        "metric": facts.metric,
        "facts": rules,
        "verdicts": sentences(facts, rules),
    })
}
