//! A learning rate carried elsewhere, as one JSON document, its schema in `schema/transfer.schema.json`.

use serde::Serialize;
use serde_json::{Value as Json, json};
use sweep_study::StudyRecord;

use super::Transfer;
use super::text::basis;

/// The destination and the rate with its interval, then its basis in sentences.
#[derive(Serialize)]
struct WithBasis<'a> {
    #[serde(flatten)]
    transfer: &'a Transfer,
    basis: Vec<String>,
}

/// The document: the destination, the rate with its interval, and its basis.
pub fn document(record: &StudyRecord, transfer: &Transfer) -> Json {
    let transfer = WithBasis { transfer, basis: basis(record, transfer) };
    json!({ "format": "sweep-transfer", "version": 1, "study": record.study.name, "transfer": transfer })
}
