//! `sweep rules`: what following a rule of thumb from one batch size to another costs.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use sweep_report::decide::rules;
use sweep_report::facts::Measure;

use super::args::PlaceArgs;
use crate::refusal::refuse;
use crate::study::record;
use crate::{files, output};

/// Prices rules of thumb for the learning rate by what a study measured.
#[derive(Args)]
#[command(after_help = "\
Tuned at one batch size, trained with another: what does it cost to scale η with B, with √B, or not at all, against the \
best rate measured there? Costs between two rates measured are interpolated; beyond them there is no figure. Written to \
the study's folder: rules.json, rules.png, rules.svg.

Example:
  sweep rules critical-batch")]
pub struct Rules {
    /// A study of learning rate and batch size, by its name or its folder
    study: String,
    #[command(flatten)]
    place: PlaceArgs,
}

impl Rules {
    /// Computes the prices, prints a sentence a rule, and writes document and charts.
    pub fn run(self) -> Result<ExitCode> {
        let (folder, record, facts) = record::read(&self.place.results, Some(&self.study))?;
        let Some(said) = rules::facts(&facts, &Measure::of(&record.study.goal)) else {
            return refuse(format!(
                "the study {} has no two batch sizes with a best learning rate; a rule is priced on a grid such as lr=1e-3..1e-1 batch=16,32,64",
                record.study.name
            ));
        };
        let document = rules::document(&record, &facts, &said);
        let draw = |format| rules::chart(&record, &facts, &said, format);
        let written = files::write_drawn(&folder, "rules", &document, draw)?;
        if self.place.json {
            output::println(&serde_json::to_string_pretty(&document)?);
        } else {
            rules::sentences(&facts, &said).iter().for_each(|sentence| output::println(sentence));
            written.iter().for_each(|path| output::println(&path.display().to_string()));
        }
        Ok(ExitCode::SUCCESS)
    }
}
