//! A learning rate carried elsewhere, as one JSON document, its schema in `schema/transfer.schema.json`.

use serde_json::{Value as Json, json};
use sweep_study::StudyRecord;

use super::Transfer;

/// The document: where the rate was carried to, the rate with its interval, and what it rests on.
pub fn document(record: &StudyRecord, told: &Transfer) -> Json {
    json!({ "format": "sweep-transfer", "version": 1, "study": record.study.name, "transfer": told })
}
