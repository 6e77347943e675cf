//! `sweep show`: what a study says, without writing anything.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use super::args::PlaceArgs;
use super::loaded;
use crate::output;

/// Prints what a study says.
#[derive(Args)]
pub struct Show {
    /// The study [default: the latest]
    study: Option<String>,
    #[command(flatten)]
    place: PlaceArgs,
}

impl Show {
    /// Prints the verdict and the best trials, or the facts as JSON.
    pub fn run(self) -> Result<ExitCode> {
        let told = loaded(&self.place, self.study.as_deref())?;
        if self.place.json {
            output::println(&serde_json::to_string_pretty(&told.facts)?);
        } else {
            let (study, done) = (&told.record.study, told.record.trials.len());
            // In a session of ask and tell none is planned.
            let of =
                if told.record.planned == 0 { String::new() } else { format!(" of {}", told.record.planned) };
            output::println(&format!("{}: {done}{of} trials done", study.name));
            output::println(&told.spoken());
        }
        Ok(told.code())
    }
}
