//! Possible values of options, from the tables of samplers and pruners.

use clap::builder::{PossibleValue, PossibleValuesParser};
use sweep_search::{pruner, sampler};

/// The names of the samplers and their aliases.
pub fn samplers() -> PossibleValuesParser {
    let choice = |entry: &sampler::Entry| PossibleValue::new(entry.name).aliases(entry.aliases);
    PossibleValuesParser::new(sampler::TABLE.iter().map(choice))
}

/// The most trials in parallel: each has a thread here.
const MOST_JOBS: usize = 10_000;

/// How many trials run in parallel.
///
/// # Errors
/// No number, 0, or more than could be started.
pub fn jobs(text: &str) -> Result<usize, String> {
    let jobs = text.parse().ok().filter(|jobs| (1..=MOST_JOBS).contains(jobs));
    jobs.ok_or_else(|| {
        format!("give a whole number from 1 to {MOST_JOBS}, or leave it out for the number of cores")
    })
}

/// The names of the pruners.
pub fn pruners() -> PossibleValuesParser {
    PossibleValuesParser::new(pruner::names())
}
