//! A point as lines to paste into a PyTorch or Keras program.

use anyhow::Result;
use sweep_settings::names;
use sweep_study::{Point, Study, Trial, Value};

use crate::event::Planned;
use crate::refusal::refuse;
use crate::shell::quoted;
use crate::trial_folder::template::Template;

/// An optimizer here, and its class in PyTorch and in Keras where they have it.
const CLASSES: [(&str, Option<&str>, Option<&str>); 11] = [
    ("sgd", Some("SGD"), Some("SGD")),
    ("adam", Some("Adam"), Some("Adam")),
    ("adamw", Some("AdamW"), Some("AdamW")),
    ("nadam", Some("NAdam"), Some("Nadam")),
    ("radam", Some("RAdam"), None),
    ("adamax", Some("Adamax"), Some("Adamax")),
    ("rmsprop", Some("RMSprop"), Some("RMSprop")),
    ("adagrad", Some("Adagrad"), Some("Adagrad")),
    ("adadelta", Some("Adadelta"), Some("Adadelta")),
    ("lion", None, Some("Lion")),
    ("lamb", None, Some("Lamb")),
];

/// Settings that the lines spell out or that no program needs.
const SPELLED: [&str; 9] = [
    names::LR,
    names::BATCH,
    "momentum",
    "nesterov",
    "weight_decay",
    "beta1",
    "beta2",
    "optimizer",
    "report_every",
];

/// The settings of `trial` as `sweep train` takes them: its point, or where it changed its settings on the way the schedule
/// that they make.
pub fn args(study: &Study, trial: &Trial) -> String {
    if trial.past.is_empty() {
        let words = trial.point.0.iter().map(|(name, value)| quoted(&format!("{name}={value}")));
        return words.collect::<Vec<_>>().join(" ");
    }
    let stretches = trial.past.iter().map(|past| &past.point).chain([&trial.point]);
    let values = |name: &str| -> Option<Vec<f64>> {
        let all: Option<Vec<f64>> = stretches.clone().map(|point| point.get(name)?.number()).collect();
        all.filter(|values| values.iter().any(|value| value != &values[0]))
    };
    let joined = |values: &[f64]| values.iter().map(f64::to_string).collect::<Vec<_>>().join("/");
    let at: Vec<String> = trial.past.iter().map(|past| format!("{}%", 100.0 * past.until)).collect();
    let mut point = trial.past.first().map_or(&trial.point, |past| &past.point).clone();
    let rates: Vec<f64> = stretches.clone().filter_map(|point| study.lr(point)).collect();
    let largest = rates.iter().copied().fold(0.0, f64::max);
    let factors: Vec<f64> = rates.iter().map(|rate| rate / largest).collect();
    point.0.insert(names::LR.to_owned(), Value::Float(largest));
    let mut text = format!("{point} schedule=piecewise piecewise.at={}", at.join("/"));
    text += &format!(" piecewise.factor={}", joined(&factors));
    for name in [names::BATCH, "momentum"] {
        if let Some(values) = values(name) {
            text += &format!(" piecewise.{name}={}", joined(&values));
        }
    }
    text
}

/// The line that runs `trial` of a study of a command, quoted for a shell.
///
/// # Errors
/// The study runs the built-in trainer.
pub fn command(study: &Study, trial: &Trial) -> Result<String> {
    let Some(command) = &study.command else {
        return refuse(
            "--as command is for studies of a command; this one ran the built-in trainer: use --as args",
        );
    };
    let Trial { number, point, replicate, seed, .. } = trial.clone();
    Ok(Template::new(command, study)?.example(&Planned { number, point, replicate, seed }))
}

/// The lines for PyTorch. Of a command the optimizer must be known: from a parameter `optimizer`, or as
/// `optimizer_is`.
///
/// # Errors
/// What is not known of a command.
pub fn torch(study: &Study, point: &Point, optimizer_is: Option<&str>) -> Result<String> {
    let at = At::of(study, point, optimizer_is)?;
    let betas = at.pair("beta1", "beta2").map(|(one, two)| format!("betas=({one}, {two})"));
    let decay = at.text("weight_decay").map(|decay| format!("weight_decay={decay}"));
    let arguments = at.arguments(names::LR, [betas, decay]);
    Ok(format!(
        "{}\nloader = torch.utils.data.DataLoader(dataset, batch_size={}, shuffle=True)\n\
         optimizer = torch.optim.{}(model.parameters(), {arguments})",
        at.remaining(),
        at.batch("len(dataset)"),
        at.class(|(_, torch, _)| *torch),
    ))
}

/// The lines for Keras, as [`torch`].
///
/// # Errors
/// What is not known of a command.
pub fn keras(study: &Study, point: &Point, optimizer_is: Option<&str>) -> Result<String> {
    let at = At::of(study, point, optimizer_is)?;
    let betas = at.pair("beta1", "beta2").map(|(one, two)| format!("beta_1={one}, beta_2={two}"));
    let decay = at.text("weight_decay").map(|decay| format!("weight_decay={decay}"));
    Ok(format!(
        "{}\nmodel.compile(keras.optimizers.{}({}), loss=\"sparse_categorical_crossentropy\")\n\
         model.fit(x, y, batch_size={}, epochs={})",
        at.remaining(),
        at.class(|(_, _, keras)| *keras),
        at.arguments("learning_rate", [betas, decay]),
        at.batch("len(x)"),
        at.text("epochs").unwrap_or_else(|| "...".to_owned()),
    ))
}

/// A point of a study.
struct At<'a> {
    study: &'a Study,
    point: &'a Point,
    optimizer: String,
}

impl<'a> At<'a> {
    fn of(study: &'a Study, point: &'a Point, optimizer_is: Option<&str>) -> Result<At<'a>> {
        let at = At { study, point, optimizer: String::new() };
        let typed = optimizer_is.map(str::to_owned).or_else(|| at.text("optimizer"));
        if study.command.is_none() {
            return Ok(At { optimizer: typed.unwrap_or_else(|| "sgd".to_owned()), ..at });
        }
        let known: Vec<&str> = CLASSES.iter().map(|(own, ..)| *own).collect();
        let optimizer = typed.map(|name| name.to_lowercase()).filter(|name| known.contains(&name.as_str()));
        let missing = [
            (
                optimizer.is_none(),
                format!("its optimizer (give --optimizer-is, one of {})", known.join(", ")),
            ),
            (at.text(names::LR).is_none(), "a learning rate".to_owned()),
            (at.text(names::BATCH).is_none(), "a batch size".to_owned()),
        ];
        let missing: Vec<String> =
            missing.into_iter().filter(|(lacks, _)| *lacks).map(|(_, what)| what).collect();
        match optimizer.filter(|_| missing.is_empty()) {
            Some(optimizer) => Ok(At { optimizer, ..at }),
            None => refuse(format!(
                "of this command is not known: {}; --as command prints the line that runs it",
                missing.join(", ")
            )),
        }
    }

    /// A setting as text, if it is given or has a default.
    fn text(&self, name: &str) -> Option<String> {
        self.study.setting(self.point, name).as_ref().map(Value::to_string)
    }

    fn pair(&self, one: &str, two: &str) -> Option<(String, String)> {
        Some((self.text(one)?, self.text(two)?))
    }

    /// The class of the optimizer; its own name, which the reader has to find, where the framework has none.
    fn class(
        &self,
        of: impl Fn(&(&str, Option<&'static str>, Option<&'static str>)) -> Option<&'static str>,
    ) -> String {
        let class = CLASSES.iter().find(|(own, ..)| *own == self.optimizer).and_then(of);
        class.map_or_else(|| self.optimizer.clone(), str::to_owned)
    }

    /// The optimizer's arguments: the learning rate, the momentum of SGD, and `more`.
    fn arguments(&self, rate: &str, more: [Option<String>; 2]) -> String {
        let lr = self.text(names::LR).map(|lr| format!("{rate}={lr}"));
        let momentum = self.text("momentum").filter(|_| self.class(|(_, torch, _)| *torch) == "SGD");
        let momentum = momentum.map(|momentum| {
            let nesterov = if self.text("nesterov").as_deref() == Some("true") { "True" } else { "False" };
            format!("momentum={momentum}, nesterov={nesterov}")
        });
        let all: Vec<String> = [lr, momentum].into_iter().chain(more).flatten().collect();
        all.join(", ")
    }

    fn batch(&self, full: &str) -> String {
        self.text(names::BATCH).filter(|batch| batch != "full").unwrap_or_else(|| full.to_owned())
    }

    /// The settings that the lines do not spell out, as a comment.
    fn remaining(&self) -> String {
        let settings = self.study.settings_at(self.point);
        let rest = settings.iter().filter(|(name, _)| !SPELLED.contains(&name.as_str()));
        let rest: Vec<String> = rest.map(|(name, value)| format!("{name}={value}")).collect();
        // A line break would end the comment.
        let rest = rest.join(" ").chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
        format!("# as found with {rest}")
    }
}
