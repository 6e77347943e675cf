//! The catalogue of the trainer's settings, for the specification to be checked against.

use std::sync::LazyLock;

use anyhow::Result;
use sweep_core::{data, settings};
use sweep_study::{
    Catalogue, CommandFile, Direction, Entry, Goal, Kind, STEPS_TO_TARGET, Scale, SpecFile, Study, Value,
};

/// The metrics a native trial reports.
const METRICS: [&str; 8] = [
    "train_loss",
    "val_loss",
    "val_accuracy",
    "lr",
    "noise_scale",
    "noise_scale_stderr",
    "sharpness",
    STEPS_TO_TARGET,
];

/// The metrics of an agent.
const AGENT_METRICS: [&str; 3] = ["train_loss", "return", "lr"];

/// What a study of the built-in trainer on the examples of a data set may name.
pub fn native() -> Catalogue {
    Catalogue {
        entries: settings::all().map(|setting| on_examples(entry(setting))).collect(),
        metrics: METRICS.map(str::to_owned).to_vec(),
        ..Catalogue::default()
    }
}

/// What a study of the built-in trainer on `data` may name; `None` is the data that is taken where none is named.
pub fn of_data(data: Option<&str>) -> Catalogue {
    if !data.is_some_and(data::is_environment) {
        return native();
    }
    Catalogue {
        entries: settings::all().map(|setting| in_environment(entry(setting))).collect(),
        metrics: AGENT_METRICS.map(str::to_owned).to_vec(),
        goal: Some(Goal { metric: "return".to_owned(), direction: Direction::Maximize }),
        ..Catalogue::default()
    }
}

/// What the study that `spec` describes may name.
///
/// # Errors
/// A role of a command's parameters that does not exist.
pub fn of(spec: &SpecFile) -> Result<Catalogue> {
    match &spec.command {
        Some(command) => Ok(command.catalogue()?),
        None => Ok(of_data(spec.data.as_deref())),
    }
}

/// What a study that is there already may name.
///
/// # Errors
/// None that come from outside.
pub fn of_study(study: &Study) -> Result<Catalogue> {
    match &study.command {
        Some(_) => Ok(CommandFile::default().catalogue()?),
        None => Ok(of_data(Some(&study.data))),
    }
}

/// The parent of settings that apply to some data alone, which is no setting itself.
const DATA: &str = "data";

/// Where there are examples, what goes with environments has no default.
fn on_examples(entry: Entry) -> Entry {
    let applies = entry.when.as_ref().is_none_or(|(parent, _)| parent != DATA);
    Entry { default: entry.default.filter(|_| applies), ..entry }
}

/// In an environment, what goes with it always applies, and a plateau watches returns, of which higher are better.
fn in_environment(entry: Entry) -> Entry {
    let when = entry.when.filter(|(parent, _)| parent != DATA);
    let default = match entry.name.as_str() {
        "schedule.plateau.mode" => Some(Value::Text("max".to_owned())),
        _ => entry.default,
    };
    Entry { default, when, ..entry }
}

/// The settings, two lines each, for `--help`; many subcommands show them.
pub fn help() -> &'static str {
    static HELP: LazyLock<String> = LazyLock::new(written);
    &HELP
}

fn written() -> String {
    let line = |setting: &settings::Setting| {
        let values = match setting.kind {
            settings::Kind::Choice(words) => format!("={}", words.join("|")),
            settings::Kind::Flag => "=true|false".to_owned(),
            _ => String::new(),
        };
        let default = setting.default.map_or(String::new(), |default| format!(" [default: {default}]"));
        format!("  {}{values}{default}\n      {}\n", setting.name, setting.help)
    };
    let lines: String = settings::all().map(line).collect();
    let pruners = sweep_search::pruner::help();
    format!(
        "Pruners and their settings (--pruner-set NAME=VALUE):\n{pruners}\n\nSettings of the trainer, each of which can be an axis:\n{lines}"
    )
}

fn entry(setting: &settings::Setting) -> Entry {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let kind = match setting.kind {
        settings::Kind::Float { low, high, closed } => Kind::Float { low, high, closed },
        settings::Kind::Int { low, high } => Kind::Int { low, high },
        settings::Kind::Choice(choices) => Kind::Choice(words(choices)),
        settings::Kind::Flag => Kind::Flag,
        settings::Kind::Length => Kind::Length,
        settings::Kind::Batch => Kind::Batch,
        settings::Kind::List => Kind::List,
    };
    let scale = setting.scale.map(|scale| match scale {
        settings::Scale::Linear => Scale::Linear,
        settings::Scale::Log => Scale::Log,
        settings::Scale::Pow2 => Scale::Pow2,
        settings::Scale::OneMinus => Scale::OneMinus,
    });
    let default = setting.default.map(Value::read).map(|value| match (&kind, value) {
        (Kind::Float { .. }, Value::Int(whole)) => Value::Float(whole as f64),
        (_, value) => value,
    });
    let when = setting.when.map(|(parent, on)| (parent.to_owned(), words(on)));
    Entry { name: setting.name.to_owned(), kind, scale, default, when, help: setting.help.to_owned() }
}
