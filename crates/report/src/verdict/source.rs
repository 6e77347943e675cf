//! How the data was divided, and where runs made elsewhere were read from.

use sweep_study::{Split, StudyRecord};

/// That the figures are those of the test set.
pub fn split(record: &StudyRecord) -> Vec<String> {
    match record.study.split {
        Split::Holdout => Vec::new(),
        Split::Textbook => vec![
            "Validated on the test set, as tutorials do (split textbook): the figures flatter the point chosen by them."
                .to_owned(),
        ],
    }
}

/// What was noted when runs made elsewhere were read.
pub fn notes(record: &StudyRecord) -> Vec<String> {
    record.study.imported.iter().flat_map(|imported| imported.notes.iter().cloned()).collect()
}
