//! `sweep rules`: the cost of scaling the learning rate by a rule from one batch size to another.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use sweep_report::decide::rules;

use super::args::PlaceArgs;
use crate::refusal::refuse;
use crate::study::record;
use crate::{files, output};

/// Measures the cost of rules that scale the learning rate, on a study's results.
#[derive(Args)]
#[command(after_help = "\
If η is tuned at one batch size B and used at another, how much worse is it to scale η with B, with √B, or not at all, \
than to use the best rate measured there? Costs between two measured rates are interpolated, never extrapolated. Files \
written to the study's folder: rules.json, rules.png, rules.svg.

Example:
  sweep rules critical-batch")]
pub struct Rules {
    /// Name or folder of a study of learning rate and batch size
    study: String,
    #[command(flatten)]
    place: PlaceArgs,
}

impl Rules {
    /// Computes the costs, prints one sentence per rule, and writes document and charts.
    pub fn run(self) -> Result<ExitCode> {
        let (folder, record, facts) = record::read(&self.place.results, Some(&self.study))?;
        let Some(costs) = rules::facts(&facts) else {
            return refuse(format!(
                "the study {} has fewer than two batch sizes with a best learning rate; run a grid such as lr=1e-3..1e-1 batch=16,32,64",
                record.study.name
            ));
        };
        let document = rules::document(&record, &facts, &costs);
        let draw = |format| rules::chart(&record, &facts, &costs, format);
        let written = files::write_drawn(&folder, "rules", &document, draw)?;
        if self.place.json {
            output::println(&serde_json::to_string_pretty(&document)?);
        } else {
            rules::sentences(&facts, &costs).iter().for_each(|sentence| output::println(sentence));
            written.iter().for_each(|path| output::println(&path.display().to_string()));
        }
        Ok(ExitCode::SUCCESS)
    }
}
