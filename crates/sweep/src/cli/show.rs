//! `sweep show`: a study's verdict, without writing files.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use super::args::PlaceArgs;
use super::loaded;
use crate::output;

/// Prints the verdict of a study.
#[derive(Args)]
pub struct Show {
    /// Study [default: the latest]
    study: Option<String>,
    #[command(flatten)]
    place: PlaceArgs,
}

impl Show {
    /// Prints the verdict and the best trials, or the facts as JSON.
    pub fn run(self) -> Result<ExitCode> {
        let study = loaded(&self.place, self.study.as_deref())?;
        if self.place.json {
            output::println(&serde_json::to_string_pretty(&study.facts)?);
        } else {
            let record = &study.record;
            // A session of ask and tell has no planned number of trials.
            let planned = if record.planned == 0 { String::new() } else { format!(" of {}", record.planned) };
            output::println(&format!("{}: {}{planned} trials done", record.study.name, record.trials.len()));
            output::println(&study.spoken());
        }
        Ok(study.code())
    }
}
