//! Recommendations as one JSON document.

use serde_json::{Value as Json, json};
use sweep_study::StudyRecord;

use super::facts::{Aim, Recommendation};
use crate::facts::Facts;

/// The document, its schema in `schema/recommend.schema.json`: a row per goal; figures that depend on seconds are in
/// `timing`.
pub fn document(record: &StudyRecord, facts: &Facts, rows: &[Recommendation]) -> Json {
    let (timed, plain): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.aim == Aim::Seconds);
    json!({
        "format": "sweep-recommend",
        "version": 1,
        "study": record.study.name,
        "metric": facts.metric,
        "rows": plain,
        "timing": { "rows": timed },
    })
}
