//! Possible values of options, from the tables of samplers and pruners.

use clap::builder::{PossibleValue, PossibleValuesParser};
use sweep_search::{pruner, sampler};

/// The names of the samplers and their aliases.
pub fn samplers() -> PossibleValuesParser {
    let choice = |entry: &sampler::Entry| PossibleValue::new(entry.name).aliases(entry.aliases);
    PossibleValuesParser::new(sampler::TABLE.iter().map(choice))
}

/// The names of the pruners.
pub fn pruners() -> PossibleValuesParser {
    PossibleValuesParser::new(pruner::names())
}
