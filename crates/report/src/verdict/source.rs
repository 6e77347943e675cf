//! How the data was divided, and where imported runs were read from.

use sweep_study::{Split, StudyRecord};

/// That the figures are those of the test set.
pub fn split(record: &StudyRecord) -> Vec<String> {
    match record.study.split {
        Split::Holdout => Vec::new(),
        Split::Textbook => vec![
            "Validated on the test set, as tutorials do (split textbook): the figures of the chosen point are too \
             optimistic."
                .to_owned(),
        ],
    }
}

/// Notes made when runs were imported.
pub fn notes(record: &StudyRecord) -> Vec<String> {
    record.study.imported.iter().flat_map(|imported| imported.notes.iter().cloned()).collect()
}
