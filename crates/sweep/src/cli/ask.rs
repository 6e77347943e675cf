//! `sweep ask` and `sweep tell`: a stored session, one request per command.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde_json::Value as Json;

use super::args::PlaceArgs;
use crate::ask_tell::{Kept, TrialResult};
use crate::output;
use crate::refusal::refuse;

/// Proposes the next point of a stored session.
#[derive(Args)]
#[command(after_help = "\
Prints one line per trial: its number, then its parameters; with --json the answer of sweep ask-tell.

Example:
  sweep ask-tell --name mine lr=1e-4..1 batch=8..512 < /dev/null      starts the session
  sweep ask mine                                                      0 batch=64 lr=0.0123
  sweep tell mine 0 0.31                                              or: sweep tell mine 0 diverged")]
pub struct Ask {
    /// The session, as named by sweep ask-tell --name
    session: String,
    /// Number of points to propose
    #[arg(value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    count: u64,
    #[command(flatten)]
    place: PlaceArgs,
}

impl Ask {
    /// Prints the proposed trials.
    pub fn run(self) -> Result<ExitCode> {
        let mut kept = Kept::resume(&self.place.results, &self.session)?;
        let answer = kept.session.ask(self.count).or_else(refuse)?;
        kept.keep()?;
        if self.place.json {
            output::println(&answer.to_string());
            return Ok(ExitCode::SUCCESS);
        }
        for trial in answer["trials"].as_array().into_iter().flatten() {
            output::println(&format!("{}{}", trial["number"], params(trial)));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Reports a trial's result to a stored session.
#[derive(Args)]
pub struct Tell {
    /// The session, as named by sweep ask-tell --name
    session: String,
    /// The number of the trial
    number: u64,
    /// The trial's value; diverged (or nan) if training diverged; failed if it crashed for an unrelated reason
    #[arg(allow_hyphen_values = true)]
    value: String,
    #[command(flatten)]
    place: PlaceArgs,
}

impl Tell {
    /// Records the value and prints the best trial so far.
    pub fn run(self) -> Result<ExitCode> {
        let result = TrialResult::read(&self.value).or_else(refuse)?;
        let mut kept = Kept::resume(&self.place.results, &self.session)?;
        let answer = kept.session.tell(self.number, result).or_else(refuse)?;
        kept.keep()?;
        let best = kept.session.best();
        if self.place.json {
            output::println(&answer.to_string());
        } else if best["number"].is_null() {
            output::println("no trial has completed yet");
        } else {
            output::println(&format!(
                "best so far: {} at trial {}{}",
                best["value"],
                best["number"],
                params(&best)
            ));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// ` lr=0.1 batch=32`, a trial's parameters.
fn params(trial: &Json) -> String {
    let value = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let params = trial["params"].as_object().into_iter().flatten();
    params.map(|(name, set)| format!(" {name}={}", value(set))).collect()
}
