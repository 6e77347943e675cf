//! The catalogue of the trainer's settings, for the specification to be checked against.

use std::sync::LazyLock;

use anyhow::Result;
use sweep_core::schedule::PLATEAU_MODE;
use sweep_core::{catalogue, data};
use sweep_settings::names::{self, STEPS_TO_TARGET};
use sweep_settings::{Catalogue, Direction, Goal, Kind, Setting};
use sweep_study::{CommandFile, SpecFile, Study};

/// The metrics a native trial reports.
const METRICS: [&str; 8] = [
    "train_loss",
    "val_loss",
    "val_accuracy",
    names::LR,
    "noise_scale",
    "noise_scale_stderr",
    "sharpness",
    STEPS_TO_TARGET,
];

/// The metrics of an agent.
const AGENT_METRICS: [&str; 3] = ["train_loss", "return", names::LR];

/// What a study of the built-in trainer on the examples of a data set may name.
pub fn native() -> Catalogue {
    Catalogue {
        settings: catalogue::settings().map(on_examples).collect(),
        metrics: METRICS.map(str::to_owned).to_vec(),
        ..Catalogue::default()
    }
}

/// What a study of the built-in trainer on `data` may name; `None` is the data that is taken where none is named.
pub fn for_data(data: Option<&str>) -> Catalogue {
    if !data.is_some_and(data::is_environment) {
        return native();
    }
    Catalogue {
        settings: catalogue::settings().map(in_environment).collect(),
        metrics: AGENT_METRICS.map(str::to_owned).to_vec(),
        goal: Some(Goal { metric: "return".to_owned(), direction: Direction::Maximize }),
        ..Catalogue::default()
    }
}

/// The settings and metrics that the study of `spec` may use.
///
/// # Errors
/// A role of a command's parameters that does not exist.
pub fn for_spec(spec: &SpecFile) -> Result<Catalogue> {
    match &spec.command {
        Some(command) => Ok(command.catalogue(spec.names())?),
        None => Ok(for_data(spec.data.as_deref())),
    }
}

/// The settings and metrics that an existing study may use.
///
/// # Errors
/// None that come from outside.
pub fn of_study(study: &Study) -> Result<Catalogue> {
    match &study.command {
        Some(command) => {
            let mut catalogue = CommandFile::default().catalogue(std::iter::empty())?;
            // Its parameters are found by the names that the command has for them.
            catalogue.aliases.extend(command.map.iter().map(|(own, its)| (its.clone(), own.clone())));
            Ok(catalogue)
        }
        None => Ok(for_data(Some(&study.data))),
    }
}

/// Where there are examples, what goes with environments has no default.
fn on_examples(setting: &Setting) -> Setting {
    let applies = setting.when.is_none_or(|(parent, _)| parent != names::DATA);
    Setting { default: setting.default.filter(|_| applies), ..*setting }
}

/// In an environment, what goes with it always applies, and a plateau watches returns, of which higher are better.
fn in_environment(setting: &Setting) -> Setting {
    let when = setting.when.filter(|(parent, _)| *parent != names::DATA);
    let default = if setting.name == PLATEAU_MODE.name { Some("max") } else { setting.default };
    Setting { default, when, ..*setting }
}

/// The settings, two lines each, for `--help`; many subcommands show them.
pub fn help() -> &'static str {
    static HELP: LazyLock<String> = LazyLock::new(written);
    &HELP
}

fn written() -> String {
    let line = |setting: &Setting| {
        let values = match setting.kind {
            Kind::Choice(words) => format!("={}", words.join("|")),
            Kind::Flag => "=true|false".to_owned(),
            _ => String::new(),
        };
        let default = setting.default.map_or(String::new(), |default| format!(" [default: {default}]"));
        format!("  {}{values}{default}\n      {}\n", setting.name, setting.help)
    };
    let lines: String = catalogue::settings().map(line).collect();
    let pruners = sweep_search::pruner::help();
    format!(
        "Pruners and their settings (--pruner-set NAME=VALUE):\n{pruners}\n\nSettings of the trainer, each of which can be an axis:\n{lines}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_grows_its_batches_under_every_schedule_that_does_so() {
        let grows = |words: &str| {
            let axes = words.split(' ').map(str::to_owned).collect();
            let spec = SpecFile { axes, ..SpecFile::default() };
            let mut study = spec.resolve(&native()).unwrap();
            let grows = study.grows(&study.space.cell(0).unwrap());
            // A study that was stored without the note learns the same from its settings.
            study.batch_growth.clear();
            study.note_batch_growth(&of_study(&study).unwrap());
            assert_eq!(study.grows(&study.space.cell(0).unwrap()), grows, "{words}");
            grows
        };
        for schedule in ["batch_growth", "batch_linear", "batch_plateau"] {
            assert!(grows(&format!("lr=0.1,0.2 schedule={schedule}")), "{schedule}");
            assert!(grows(&format!("lr=0.1,0.2 schedule={schedule},constant")), "{schedule} as an axis");
        }
        assert!(grows(
            "lr=0.1,0.2 schedule=piecewise piecewise.at=50% piecewise.factor=1/0.1 piecewise.batch=1/2"
        ));
        assert!(!grows("lr=0.1,0.2 schedule=piecewise piecewise.at=50% piecewise.factor=1/0.1"));
        assert!(!grows("lr=0.1,0.2 schedule=cosine"));
        assert!(!grows("lr=0.1,0.2 schedule=constant,batch_linear"), "the first cell has a constant rate");
    }
}
