//! Options that say what a trial runs, for a study of runs that other programs made.

use clap::Args;
use sweep_study::SpecFile;

use super::args::command::CommandArgs;
use super::args::spec::DataArgs;

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
    source: DataArgs,
    #[command(flatten)]
    command: CommandArgs,
}

impl AsTrial {
    /// The specification typed; what was not typed stays as `base` has it.
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
