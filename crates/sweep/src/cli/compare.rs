//! `sweep compare`: two studies side by side, and paired where they share points and seeds.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use sweep_report::decide::compare::{self, merged};

use super::args::PlaceArgs;
use crate::refusal::refuse;
use crate::study::record;
use crate::{files, output};

/// Compares two studies.
#[derive(Args)]
#[command(after_help = "\
Points are paired where both studies ran them with the same seeds: run both with --replicates and one --seed. Differences \
are the second study's against the first's; a verdict is better, equivalent or undecided, as in a report. Written to the \
first study's folder: compare-SECOND.json, .png and .svg.

Example:
  sweep compare constant cosine")]
pub struct CompareStudies {
    /// A study, by its name or its folder
    first: String,
    /// Another one, of the same metric and data
    second: String,
    #[command(flatten)]
    place: PlaceArgs,
}

impl CompareStudies {
    /// Pairs the two, prints a few sentences, and writes document and charts.
    pub fn run(self) -> Result<ExitCode> {
        let (folder, first, _) = record::read(&self.place.results, Some(&self.first))?;
        let (_, second, _) = record::read(&self.place.results, Some(&self.second))?;
        let both = match merged(&first, &second) {
            Ok(both) => both,
            Err(error) => return refuse(error.to_string()),
        };
        let facts = sweep_report::facts(&both.record);
        let said = compare::facts(&both, &facts, [&first, &second]);
        let document = compare::document(&said);
        let draw = |format| compare::chart(&both, &facts, &said, format);
        let name = format!("compare-{}", second.study.name);
        let written = files::write_drawn(&folder, &name, &document, draw)?;
        if self.place.json {
            output::println(&serde_json::to_string_pretty(&document)?);
        } else {
            compare::sentences(&said).iter().for_each(|sentence| output::println(sentence));
            written.iter().for_each(|path| output::println(&path.display().to_string()));
        }
        Ok(ExitCode::SUCCESS)
    }
}
