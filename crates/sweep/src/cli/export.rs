//! `sweep export`: the trials of a study for other programs.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::args::PlaceArgs;
use super::loaded;
use crate::output;
use crate::study::report::Reported;

/// Prints the trials of a study.
#[derive(Args)]
pub struct Export {
    /// Study [default: the latest]
    study: Option<String>,
    /// Format: json (all results), csv (one row per trial) or jsonl (one line per trial)
    #[arg(long, value_enum, default_value = "csv")]
    format: Form,
    #[command(flatten)]
    place: PlaceArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Json,
    Csv,
    Jsonl,
}

impl Export {
    /// Prints them on standard output.
    pub fn run(self) -> Result<ExitCode> {
        let Reported { record, facts, .. } = loaded(&self.place, self.study.as_deref())?;
        let form = if self.place.json { Form::Json } else { self.format };
        let text = match form {
            Form::Csv => sweep_report::csv(&record),
            Form::Jsonl => sweep_report::jsonl(&record),
            Form::Json => {
                serde_json::to_string_pretty(&sweep_report::results(&record, &facts, serde_json::json!({})))?
            }
        };
        output::println(text.trim_end());
        Ok(ExitCode::SUCCESS)
    }
}
