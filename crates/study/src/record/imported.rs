//! Runs of other programs with which a study begins.

use serde::{Deserialize, Serialize};

/// The source of the first trials of a study, if another program ran them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// Their number; they are numbered from 0, and trials run here from a million.
    pub trials: u64,
    /// The command line that reads them again.
    pub command: String,
    /// How the columns were interpreted, and what cannot be reported because columns are missing, in sentences.
    pub notes: Vec<String>,
}
