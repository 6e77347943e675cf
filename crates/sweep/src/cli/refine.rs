//! `sweep refine`: more runs where the answer is least sure, and confirmation of the winner on fresh seeds.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use sweep_report::facts::refinement;
use sweep_study::{Extra, FRESH, Study};

use super::args::Running;
use super::as_trial::AsTrial;
use crate::store::Store;
use crate::study::report::Reported;
use crate::study::run::{go_on, tell};
use crate::study::study_dir;
use crate::study::tune::{MOST, said};

/// Adds runs to a study.
#[derive(Args)]
#[command(after_help = "\
Examples:
  sweep refine                 learning rates beside the best of each batch size, of the latest study
  sweep refine quick --confirm 5   the best point and its rivals again, each on five fresh seeds
  sweep refine runs -- python train.py --lr {lr} --bs {batch}   beside the best of runs read by `sweep report runs.csv`
After --confirm the verdict rests on the fresh seeds alone.")]
pub struct Refine {
    /// The study [default: the latest]
    study: Option<String>,
    /// Run the best point and every rival not told apart from it, at most eight, on so many fresh seeds
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=1000))]
    confirm: Option<u32>,
    #[command(flatten)]
    trial: AsTrial,
    #[command(flatten)]
    running: Running,
}

impl Refine {
    /// Adds the runs and reports the study.
    pub fn run(self) -> Result<ExitCode> {
        let folder = study_dir::find(&self.running.output.place.results, self.study.as_deref())?;
        let store = Store::write(&folder)?;
        let Reported { study, facts, .. } = Reported::of(&store, &folder)?;
        let (study, objective) = &self.trial.over(&study)?;
        let extra = match self.confirm {
            Some(count) => Extra { points: refinement::rivals(study, &facts, MOST), first: FRESH, count },
            None => Extra { points: refinement::between(study, &facts), first: 0, count: study.replicates },
        };
        if extra.points.is_empty() {
            tell(
                &self.running,
                match self.confirm {
                    Some(_) => "no point is left to be confirmed",
                    None => "no learning rate beside a best one is left to be tried",
                },
            );
            return go_on(store, &folder, None, &self.running);
        }
        tell(&self.running, &said(&extra));
        let newest = Study { extra: Some(extra), ..study.clone() };
        go_on(store, &folder, Some((newest, objective.clone())), &self.running)
    }
}
