//! The catalogue of the trainer's settings, for the specification to be checked against.

use sweep_core::settings;
use sweep_study::{Catalogue, Entry, Kind, STEPS_TO_TARGET, Scale, Value};

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

/// What a study of the built-in trainer may name.
pub fn native() -> Catalogue {
    Catalogue {
        entries: settings::all().map(entry).collect(),
        metrics: METRICS.map(str::to_owned).to_vec(),
        open: false,
    }
}

/// The settings, two lines each, for `--help`.
pub fn help() -> String {
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
    format!("Settings of the trainer, each of which can be an axis:\n{lines}")
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
