//! Runs of other programs that a study begins with.

use serde::{Deserialize, Serialize};

/// Where the first trials of a study come from, where another program ran them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// How many they are; they are numbered from 0, and those run here from a million.
    pub trials: u64,
    /// The command line that reads them again.
    pub command: String,
    /// What they were taken for, and what cannot be said for want of columns, in sentences.
    pub notes: Vec<String>,
}
