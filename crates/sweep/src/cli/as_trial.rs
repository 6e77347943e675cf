//! What a trial runs, said for a study of runs that other programs made, so that it can go on.

use anyhow::Result;
use clap::Args;
use sweep_study::{Direction, GIVEN, SpecFile, Study, Value};

use super::args::Source;
use super::command::CommandLine;
use crate::catalogue;
use crate::refusal::refuse;
use crate::study::objective::Objective;
use crate::study::reproduce;

/// A command or a model for the trials of a study of imported runs.
#[derive(Args)]
pub struct AsTrial {
    /// Of imported runs: the network that the built-in trainer is to train, where no command is given
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    /// Of imported runs that do not tell it: the budget of a trial in epochs
    #[arg(long, value_name = "N")]
    epochs: Option<String>,
    /// Of imported runs that do not tell it: the budget of a trial in optimizer steps
    #[arg(long, value_name = "N", conflicts_with = "epochs")]
    steps: Option<String>,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    command: CommandLine,
}

impl AsTrial {
    /// The study with what its trials run, and that opened.
    ///
    /// # Errors
    /// Imported runs without a word on what a trial runs, or another word than before; such a word for a study that knows
    /// what it runs; settings or a metric of the runs that the trainer or the command does not have.
    pub fn over(self, study: &Study) -> Result<(Study, Objective)> {
        let said = self.over_spec(SpecFile::default());
        if said == SpecFile::default() {
            return Ok((study.clone(), Objective::of_stored(study)?));
        }
        if study.imported.is_none() {
            return refuse(format!(
                "{} knows what its trials run; a command, --model or --data is for runs that other programs made",
                study.name
            ));
        }
        let spec = self.over_spec(as_typed(study));
        if spec.command.is_none() && study.budget().1.is_none() && !spec.names().any(is_budget) {
            return refuse(format!(
                "{} does not tell how long its runs were; say how long a trial is: --epochs or --steps",
                study.data
            ));
        }
        let resolved = spec.resolve(&catalogue::of(&spec)?)?;
        let before = study;
        let mut study = Study {
            sampler: GIVEN.to_owned(),
            imported: before.imported.clone(),
            space: before.space.clone(),
            replicates: before.replicates,
            ..resolved
        };
        if let Some(why) = before.conflict(&study).filter(|_| before.runs()) {
            return refuse(format!("{} cannot go on otherwise than it did: {why}", before.name));
        }
        let opened = Objective::open(&study)?;
        study.train_examples = opened.train_examples();
        let objective = opened.with(&study)?;
        Ok((study, objective))
    }

    fn over_spec(&self, base: SpecFile) -> SpecFile {
        let mut spec = self.command.clone().over(self.source.clone().over(base));
        let typed = [("model", &self.model), ("epochs", &self.epochs), ("steps", &self.steps)];
        for (name, value) in typed {
            if let Some(value) = value {
                spec.settings.retain(|(other, _)| other != name);
                spec.settings.push((name.to_owned(), value.clone()));
            }
        }
        spec
    }
}

fn is_budget(name: &str) -> bool {
    sweep_study::study::BUDGETS.contains(&name)
}

/// The axes, settings and goal of a study as they would be typed; its data was a file of runs.
fn as_typed(study: &Study) -> SpecFile {
    let (metric, settings) = (Some(study.goal.metric.clone()), study.settings.iter());
    let (minimize, maximize) = match study.goal.direction {
        Direction::Minimize => (metric, None),
        Direction::Maximize => (None, metric),
    };
    SpecFile {
        name: Some(study.name.clone()),
        minimize,
        maximize,
        settings: settings.map(|(name, value): (_, &Value)| (name.clone(), value.to_string())).collect(),
        axes: study.space.parameters.iter().map(reproduce::levels).collect(),
        ..SpecFile::default()
    }
}
