//! `sweep list`: all studies.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::args::PlaceArgs;
use crate::store::Store;
use crate::study::report::Reported;
use crate::study::study_dir;
use crate::{files, output};

/// Lists the studies, the most recently changed first.
#[derive(Args)]
pub struct List {
    #[command(flatten)]
    place: PlaceArgs,
}

impl List {
    /// Prints one line per study.
    pub fn run(self) -> Result<ExitCode> {
        let mut rows = Vec::new();
        for folder in study_dir::all(&self.place.results) {
            // An unreadable study is printed with its error; the others are still listed.
            let read = Store::read(&folder).and_then(|store| Reported::load(&store));
            let name = files::stem(&folder).unwrap_or_default();
            match read {
                Ok(Some(Reported { record, facts, .. })) => {
                    let best = facts.best.map(|best| (best.params.to_string(), best.value));
                    rows.push((name, record.trials.len() as u64, record.planned, best));
                }
                Ok(None) => rows.push((name, 0, 0, None)),
                Err(error) => output::eprintln(&format!("{name}: {error:#}")),
            }
        }
        if self.place.json {
            let row = |(name, done, planned, best): &(String, u64, u64, Option<(String, f64)>)| {
                json!({ "name": name, "done": done, "planned": planned,
                        "best": best.as_ref().map(|best| &best.0), "value": best.as_ref().map(|best| best.1) })
            };
            output::println(&serde_json::to_string_pretty(&rows.iter().map(row).collect::<Vec<_>>())?);
            return Ok(ExitCode::SUCCESS);
        }
        let width = rows.iter().map(|row| row.0.len()).max().unwrap_or(0);
        for (name, done, planned, best) in &rows {
            let best =
                best.as_ref().map_or(String::new(), |(point, value)| format!("  best {value:.4} at {point}"));
            output::println(&format!("{name:width$}  {done}/{planned} trials{best}"));
        }
        if rows.is_empty() {
            output::println(&format!(
                "no studies in {}; start one with `sweep grid`",
                self.place.results.display()
            ));
        }
        Ok(ExitCode::SUCCESS)
    }
}
