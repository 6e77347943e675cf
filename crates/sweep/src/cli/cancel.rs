//! `sweep cancel`: the end of a study that runs elsewhere.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::Args;

use super::args::PlaceArgs;
use crate::executor::slurm::{Cluster, JobOptions};
use crate::store::lock;
use crate::study::study_dir;
use crate::{files, output};

/// How long the process that runs the study may take to end, and its jobs to leave the queue.
const PATIENCE: Duration = Duration::from_secs(60);

/// Stops the process that runs a study, if it runs here, and takes the study's jobs out of the queue.
#[derive(Args)]
pub struct Cancel {
    /// The study [default: the one that last changed]
    study: Option<String>,
    #[command(flatten)]
    place: PlaceArgs,
}

impl Cancel {
    /// Cancels the study; what had ended is kept.
    pub fn run(self) -> Result<ExitCode> {
        let folder = study_dir::find(&self.place.results, self.study.as_deref())?;
        // Held, so that nothing is submitted meanwhile.
        let _lock = lock::take_over(&folder, PATIENCE)?;
        let jobs = Cluster::new(&folder, &JobOptions::default())?.empty(PATIENCE)?;
        let name = files::stem(&folder).unwrap_or_default();
        if self.place.json {
            output::println(&serde_json::json!({ "study": name, "cancelled": jobs }).to_string());
        } else {
            output::println(&format!(
                "{name} is stopped and has no job in the queue; go on with: sweep resume {name}"
            ));
        }
        Ok(ExitCode::SUCCESS)
    }
}
