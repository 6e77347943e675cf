//! The comparison as one JSON document, its schema in `schema/compare.schema.json`.

use serde_json::{Value as Json, json};

use super::facts::CompareFacts;
use super::text::sentences;

/// The document: the two studies and their comparison.
pub fn document(comparison: &CompareFacts) -> Json {
    json!({
        "format": "sweep-compare",
        "version": 1,
        "facts": comparison,
        "verdicts": sentences(comparison),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::compare::{self, merged};
    use crate::fixtures::studies;

    #[test]
    fn every_document_follows_the_schema() {
        let schema: Json = serde_json::from_str(include_str!("../../../schema/compare.schema.json")).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let all = studies();
        let of = |name: &str| &all.iter().find(|(own, _)| *own == name).unwrap().1;
        for (first, second) in
            [("edge", "wide"), ("replicates", "two-metrics"), ("random", "edge"), ("momentum", "wide")]
        {
            let both = merged(of(first), of(second)).unwrap();
            let facts = crate::facts(&both.record);
            let document = document(&compare::facts(&both, &facts, [of(first), of(second)]));
            let faults: Vec<String> =
                validator.iter_errors(&document).map(|fault| fault.to_string()).collect();
            assert!(faults.is_empty(), "{first} {second}: {faults:#?}\n{document:#}");
        }
    }
}
