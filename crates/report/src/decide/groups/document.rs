//! Groups as one JSON document.

use serde_json::{Value as Json, json};

use super::facts::GroupFacts;

/// The document: for each group its values, what is best in it with intervals, and what the common setting loses there.
pub fn document(groups: &GroupFacts) -> Json {
    json!({
        "format": "sweep-groups",
        "version": 1,
        "study": groups.study,
        "metric": groups.metric,
        "direction": groups.direction,
        "by": groups.by,
        "overhead_than": groups.than,
        "groups": groups.groups,
        "common": groups.common,
    })
}
