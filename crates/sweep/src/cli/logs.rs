//! `sweep logs`: what a trial printed.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use sweep_study::Outcome;

use crate::output;
use crate::refusal::refuse;
use crate::store::Store;
use crate::study::study_dir;
use crate::trial_folder::folder::{Attempt, Folder};
use crate::trial_folder::tail::Tail;

/// How often a log that is followed is read.
const PULSE: Duration = Duration::from_millis(200);

/// Prints the output of a trial.
#[derive(Args)]
#[command(after_help = "\
Without a trial: of the first one that failed, else of the last. The files are stdout.log and stderr.log of the trial's last \
attempt, under results/<study>/trials/.

Examples:
  sweep logs
  sweep logs quick 3 --follow")]
pub struct Logs {
    /// Study [default: the latest]
    study: Option<String>,
    /// Number of the trial
    trial: Option<u64>,
    /// Continue to print until the trial ends
    #[arg(long, short)]
    follow: bool,
    /// Folder that holds the studies
    #[arg(long, value_name = "DIR", default_value = "results")]
    results: std::path::PathBuf,
}

impl Logs {
    /// Prints the logs; exit code 2 where the trial has none.
    pub fn run(self) -> Result<ExitCode> {
        // A number alone is a trial of the latest study, unless a study is called so.
        let (study, trial) = match (self.study.as_deref(), self.trial) {
            (Some(word), None)
                if word.parse::<u64>().is_ok() && study_dir::find(&self.results, Some(word)).is_err() =>
            {
                (None, word.parse().ok())
            }
            typed => typed,
        };
        let folder = study_dir::find(&self.results, study)?;
        let number = match trial {
            Some(number) => number,
            None => {
                let trials = Store::read(&folder)?.load()?.trials;
                let failed = trials.iter().find(|trial| matches!(trial.outcome, Outcome::Failed { .. }));
                failed.or(trials.last()).map_or(0, |trial| trial.number)
            }
        };
        let Some(attempt) = Folder::new(&folder, number).last() else {
            return refuse(format!(
                "trial {number} of {} has no log: it has not started, or the built-in trainer ran it",
                folder.display()
            ));
        };
        output::eprintln(&format!("{}", attempt.path().display()));
        let mut logs = [Tail::new(attempt.stdout()), Tail::new(attempt.stderr())];
        loop {
            let over = !self.follow || ended(&attempt);
            for log in &mut logs {
                let mut line = |line: &str| output::println(&harmless(line));
                if over { log.finish(&mut line) } else { log.read(&mut line) }
            }
            std::io::stdout().flush()?;
            if over {
                return Ok(ExitCode::SUCCESS);
            }
            std::thread::sleep(PULSE);
        }
    }
}

/// Whether the attempt has ended or another has taken its place.
fn ended(attempt: &Attempt) -> bool {
    attempt.result().is_some() || attempt.superseded()
}

/// A line without what would command a terminal.
fn harmless(line: &str) -> String {
    line.chars().filter(|c| !c.is_control() || *c == '\t').collect()
}
