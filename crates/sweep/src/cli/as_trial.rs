//! Options that set what a trial runs, for a study of imported runs.

use clap::Args;
use sweep_study::SpecFile;

use super::args::command::CommandArgs;
use super::args::spec::DataArgs;

/// A command or a model for the trials of a study of imported runs.
#[derive(Args)]
pub struct AsTrial {
    /// For imported runs: the model for the built-in trainer, if no command is given
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    /// For imported runs without a recorded budget: the budget of a trial in epochs
    #[arg(long, value_name = "N")]
    epochs: Option<String>,
    /// For imported runs without a recorded budget: the budget of a trial in optimizer steps
    #[arg(long, value_name = "N", conflicts_with = "epochs")]
    steps: Option<String>,
    #[command(flatten)]
    source: DataArgs,
    #[command(flatten)]
    command: CommandArgs,
}

impl AsTrial {
    /// The typed specification; what was not typed is taken from `base`.
    pub fn over(&self, base: SpecFile) -> SpecFile {
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
