//! `sweep best`: the best point, for people and for programs.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, ValueEnum};
use sweep_study::{Point, Study, Value};

use super::args::Place;
use super::loaded;
use crate::output;

/// Prints the best point.
#[derive(Args)]
pub struct Best {
    /// The study [default: the latest]
    study: Option<String>,
    /// How to print it
    #[arg(long = "as", value_enum, value_name = "FORM", default_value = "text")]
    form: Form,
    #[command(flatten)]
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// The point and its figures
    Text,
    /// Arguments for `sweep train` or a script: lr=0.1 batch=32
    Args,
    /// PyTorch code
    Torch,
    /// Keras code
    Keras,
}

impl Best {
    /// Prints the best point; exit code 3 when no trial is usable.
    pub fn run(self) -> Result<ExitCode> {
        let record = loaded(&self.place, self.study.as_deref())?;
        let facts = sweep_report::facts(&record);
        let Some(best) = &facts.best else {
            if self.place.json {
                output::say("null");
            }
            output::complain("no trial of this study has a usable result");
            return Ok(ExitCode::from(3));
        };
        if self.place.json {
            output::say(&serde_json::to_string_pretty(best)?);
            return Ok(ExitCode::SUCCESS);
        }
        if !facts.extend.is_empty() {
            output::complain("the best lies on the border of the space; `sweep extend` looks beyond it");
        }
        output::say(&match self.form {
            Form::Text => format!("{}  {} {:.4}", best.params, best.metric, best.value),
            Form::Args => best.params.to_string(),
            Form::Torch => torch(&record.study, &best.params),
            Form::Keras => keras(&record.study, &best.params),
        });
        Ok(ExitCode::SUCCESS)
    }
}

/// A setting as text; `none` where it is neither given nor has a default.
fn text(study: &Study, point: &Point, name: &str) -> String {
    study.setting(point, name).map_or("none".to_owned(), Value::to_string)
}

/// The settings that the pasted code does not spell out, as a comment.
fn remaining(study: &Study, point: &Point) -> String {
    let settings = study.settings_at(point);
    let spelled = ["lr", "batch", "momentum", "nesterov", "weight_decay", "report_every"];
    let rest = settings.iter().filter(|(name, _)| !spelled.contains(&name.as_str()));
    let rest: Vec<String> = rest.map(|(name, value)| format!("{name}={value}")).collect();
    format!("# as found with {}", rest.join(" "))
}

fn flag(study: &Study, point: &Point, name: &str) -> &'static str {
    if text(study, point, name) == "true" { "True" } else { "False" }
}

fn torch(study: &Study, point: &Point) -> String {
    let get = |name: &str| text(study, point, name);
    format!(
        "{}\nloader = torch.utils.data.DataLoader(dataset, batch_size={}, shuffle=True)\n\
         optimizer = torch.optim.SGD(model.parameters(), lr={}, momentum={}, nesterov={}, weight_decay={})",
        remaining(study, point),
        batch(study, point, "len(dataset)"),
        get("lr"),
        get("momentum"),
        flag(study, point, "nesterov"),
        get("weight_decay")
    )
}

fn keras(study: &Study, point: &Point) -> String {
    let get = |name: &str| text(study, point, name);
    format!(
        "{}\nmodel.compile(keras.optimizers.SGD(learning_rate={}, momentum={}, nesterov={}), loss=\"sparse_categorical_crossentropy\")\n\
         model.fit(x, y, batch_size={}, epochs={})",
        remaining(study, point),
        get("lr"),
        get("momentum"),
        flag(study, point, "nesterov"),
        batch(study, point, "len(x)"),
        get("epochs")
    )
}

fn batch(study: &Study, point: &Point, full: &str) -> String {
    let batch = text(study, point, "batch");
    if batch == "full" { full.to_owned() } else { batch }
}
