//! `sweep compare`: two studies side by side, paired on the points and seeds that they share.

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
Points that both studies ran with the same seeds are paired: give both runs the same --replicates and --seed. Differences \
are second study minus first; the verdict is better, equivalent or undecided, as in a report. Files written to the first \
study's folder: compare-SECOND.json, .png and .svg.

Example:
  sweep compare constant cosine")]
pub struct CompareStudies {
    /// Name or folder of a study
    first: String,
    /// Name or folder of another study with the same metric and data
    second: String,
    #[command(flatten)]
    place: PlaceArgs,
}

impl CompareStudies {
    /// Pairs the studies, prints the comparison, and writes its document and charts.
    pub fn run(self) -> Result<ExitCode> {
        let (folder, first, _) = record::read(&self.place.results, Some(&self.first))?;
        let (_, second, _) = record::read(&self.place.results, Some(&self.second))?;
        let both = match merged(&first, &second) {
            Ok(both) => both,
            Err(error) => return refuse(error.to_string()),
        };
        let facts = sweep_report::facts(&both.record);
        let comparison = compare::facts(&both, &facts, [&first, &second]);
        let document = compare::document(&comparison);
        let draw = |format| compare::chart(&both, &facts, &comparison, format);
        let name = format!("compare-{}", second.study.name);
        let written = files::write_drawn(&folder, &name, &document, draw)?;
        if self.place.json {
            output::println(&serde_json::to_string_pretty(&document)?);
        } else {
            compare::sentences(&comparison).iter().for_each(|sentence| output::println(sentence));
            written.iter().for_each(|path| output::println(&path.display().to_string()));
        }
        Ok(ExitCode::SUCCESS)
    }
}
