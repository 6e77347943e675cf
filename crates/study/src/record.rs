//! What a study left behind, as search and report read it.

use crate::{Study, Trial};

/// What stands for the sampler of a study whose runs were made elsewhere and read as they were.
pub const GIVEN: &str = "given";

/// A study and its finished trials.
#[derive(Clone, Debug, PartialEq)]
pub struct StudyRecord {
    /// The study.
    pub study: Study,
    /// The trials that have ended, by number.
    pub trials: Vec<Trial>,
    /// How many trials the study will have when it is done.
    pub planned: u64,
    /// How often its points have been compared, counted from 1: the replicates asked for at first, and each time that more
    /// were.
    pub looks: u32,
}
