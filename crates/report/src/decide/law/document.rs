//! Laws as one JSON document.

use serde_json::{Value as Json, json};
use sweep_study::StudyRecord;

use super::facts::{LawFacts, Prediction};
use super::published::PUBLISHED;

/// The document: the laws with their covariances, the groups, what the laws lose, the loss surface, a prediction if one
/// was asked for, and the published laws.
pub fn document(record: &StudyRecord, facts: &LawFacts, prediction: Option<&Prediction>) -> Json {
    json!({
        "format": "sweep-law",
        "version": 1,
        "study": record.study.name,
        "metric": record.study.goal.metric,
        "law": facts,
        "prediction": prediction,
        "published": PUBLISHED,
    })
}
