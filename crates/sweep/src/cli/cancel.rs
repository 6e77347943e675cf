//! `sweep cancel`: stops a study that another process or a cluster runs.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::Args;

use super::args::PlaceArgs;
use crate::executor::slurm::{Cluster, JobOptions};
use crate::store::lock;
use crate::study::study_dir;
use crate::{files, output};

/// Longest wait for the running process to end, and for its jobs to leave the queue.
const PATIENCE: Duration = Duration::from_secs(60);

/// Stops the process that runs a study, if it runs on this machine, and removes the study's jobs from the queue.
#[derive(Args)]
pub struct Cancel {
    /// Study [default: the one changed last]
    study: Option<String>,
    #[command(flatten)]
    place: PlaceArgs,
}

impl Cancel {
    /// Cancels the study; finished trials are kept.
    pub fn run(self) -> Result<ExitCode> {
        let folder = study_dir::find(&self.place.results, self.study.as_deref())?;
        // Held so that nothing is submitted meanwhile.
        let _lock = lock::take_over(&folder, PATIENCE)?;
        let jobs = Cluster::new(&folder, &JobOptions::default())?.empty(PATIENCE)?;
        let name = files::stem(&folder).unwrap_or_default();
        if self.place.json {
            output::println(&serde_json::json!({ "study": name, "cancelled": jobs }).to_string());
        } else {
            output::println(&format!(
                "{name} is stopped and has no jobs in the queue; continue it with: sweep resume {name}"
            ));
        }
        Ok(ExitCode::SUCCESS)
    }
}
