//! `sweep best`: the best point, as text or as code.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::args::PlaceArgs;
use super::loaded;
use crate::output;
use crate::refusal::refuse;
use crate::study::report::Reported;
use crate::study::snippets;

/// Prints the best point.
#[derive(Args)]
pub struct Best {
    /// Study [default: the latest]
    study: Option<String>,
    /// Output format
    #[arg(long = "as", value_enum, value_name = "FORM", default_value = "text")]
    form: Form,
    /// Optimizer of a command, for --as torch and --as keras, such as adam
    #[arg(long, value_name = "NAME")]
    optimizer_is: Option<String>,
    #[command(flatten)]
    place: PlaceArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// The point and its result
    Text,
    /// Arguments for `sweep train` or a script: lr=0.1 batch=32
    Args,
    /// The command line of the trial, for studies of a command
    Command,
    /// PyTorch code
    Torch,
    /// Keras code
    Keras,
}

impl Best {
    /// Prints the best point; exit code 3 when no trial is usable.
    pub fn run(self) -> Result<ExitCode> {
        let Reported { record, facts, .. } = loaded(&self.place, self.study.as_deref())?;
        let Some(best) = &facts.best else {
            if self.place.json {
                output::println("null");
            }
            output::eprintln("no trial of this study has a usable result");
            return Ok(ExitCode::from(3));
        };
        if self.place.json {
            output::println(&serde_json::to_string_pretty(best)?);
            return Ok(ExitCode::SUCCESS);
        }
        if !facts.extend.is_empty() {
            output::eprintln(
                "the best point lies on the border of the space; widen the axes with `sweep extend`",
            );
        }
        let first = best.trials.first();
        let first = record.trials.iter().find(|trial| Some(&trial.number) == first);
        output::println(&match self.form {
            Form::Text => format!("{}  {} {:.4}", best.params, best.metric, best.value),
            Form::Args => {
                first.map_or_else(|| best.params.to_string(), |trial| snippets::args(&record.study, trial))
            }
            Form::Command => match first {
                Some(trial) => snippets::command(&record.study, trial)?,
                None => return refuse("no trial of the best point is stored"),
            },
            Form::Torch => snippets::torch(&record.study, &best.params, self.optimizer_is.as_deref())?,
            Form::Keras => snippets::keras(&record.study, &best.params, self.optimizer_is.as_deref())?,
        });
        Ok(ExitCode::SUCCESS)
    }
}
