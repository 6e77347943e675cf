//! The documents of the commands that decide, held against their schemas.

use serde_json::{Value as Json, json};

use super::recommend::{self, Aim};
use super::rules;
use super::transfer::{self, Destination, Length};
use crate::facts::facts;
use crate::fixtures::{horizon, learning, studies};

/// Asserts that `document` follows a schema, and does not once `change` has spoilt it.
fn follows(schema: &str, document: Json, spoil: impl Fn(&mut Json)) {
    let schema: Json = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<String> =
        validator.iter_errors(&document).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{faults:#?}\n{document:#}");
    let mut spoilt = document;
    spoil(&mut spoilt);
    assert!(!validator.is_valid(&spoilt), "{spoilt:#}");
}

#[test]
fn rules_follow_their_schema() {
    let mut priced = 0;
    for (_, record) in studies() {
        let facts = facts(&record);
        let Some(costs) = rules::facts(&facts) else { continue };
        priced += 1;
        let document = rules::document(&record, &facts, &costs);
        follows(include_str!("../../schema/rules.schema.json"), document, |document| {
            document["facts"]["rules"][0]["moves"][0][0]["fate"] = json!("forgotten");
        });
    }
    assert!(priced > 3, "{priced}");
}

#[test]
fn recommendations_follow_their_schema() {
    for (_, record) in studies().into_iter().chain([("curves", learning(&["lr=0.1,0.2", "batch=8..64"]))]) {
        let facts = facts(&record);
        let aims = [Aim::Loss, Aim::Examples, Aim::Seconds, Aim::Memory];
        let rows: Vec<_> = aims.into_iter().map(|aim| recommend::facts(&record, &facts, aim)).collect();
        let document = recommend::document(&record, &facts, &rows);
        assert!(document["rows"].as_array().unwrap().len() == 3);
        follows(include_str!("../../schema/recommend.schema.json"), document, |document| {
            document["rows"][0]["aim"] = json!("joy");
        });
    }
}

#[test]
fn a_transfer_follows_its_schema() {
    let record = horizon(-0.25);
    let to = Destination { batch: Some(32.0), length: Some(Length::Times(3.0)), width: None };
    let carried = transfer::facts(&record, &facts(&record), to).unwrap();
    assert!(
        transfer::basis(&record, &carried)
            .iter()
            .any(|sentence| sentence.contains("falls with longer training")),
        "{carried:?}"
    );
    follows(
        include_str!("../../schema/transfer.schema.json"),
        transfer::document(&record, &carried),
        |document| {
            document["transfer"]["lr"]["status"] = json!("FINE");
        },
    );
}
