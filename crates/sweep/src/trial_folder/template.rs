//! The words of a command with the values of a trial in the places of `{lr}`, `{seed}` and so on.
//!
//! No shell comes near them: a value stays one argument, whatever it contains.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::{Map, Value as Json};
use sweep_settings::names::{BUDGETS, UNTIL};
use sweep_settings::short;
use sweep_study::{Command, Cwd, Derived, Role, Seeded, Study, Style, Value, Wandb};

use super::diverged_if::DivergedIf;
use super::macros;
use super::read::Patterns;
use crate::event::Planned;
use crate::refusal::refuse;

/// Placeholders that every command may have beside its parameters.
pub const OWN: [&str; 7] = ["trial_id", "trial_dir", "checkpoint_dir", SEED, "budget", "gpus", "nodes"];

/// That of the seed.
const SEED: &str = "seed";

/// What stands for the file of a W&B sweep's parameters.
pub const JSON_FILE: &str = "args_json_file";

/// The program that finds another one.
const ENV: &str = "/usr/bin/env";

/// A command whose placeholders are known.
#[derive(Clone, Debug)]
pub struct Template {
    command: Command,
    words: Vec<Vec<Piece>>,
    /// Whether parameters are appended, since no placeholder names one.
    appends: bool,
    /// Whether a placeholder stands for the seed.
    seeded: bool,
    patterns: Patterns,
    diverged_if: DivergedIf,
    study: Study,
}

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Text(String),
    /// A parameter or setting, by the study's name.
    Parameter(String),
    Own(String),
}

impl Template {
    /// The template of a study's command.
    ///
    /// # Errors
    /// A placeholder that names nothing, an axis that no placeholder passes on, a pattern that cannot be read.
    pub fn new(command: &Command, study: &Study) -> Result<Template> {
        let patterns = Patterns::new(&command.read).or_else(refuse)?;
        let diverged_if =
            command.diverged_if.as_deref().map_or_else(|| Ok(DivergedIf::default()), str::parse);
        let diverged_if = diverged_if.or_else(|why: String| refuse(why))?;
        if command.wandb.is_some() {
            let (command, study) = (command.clone(), study.clone());
            let (words, appends, seeded) = (Vec::new(), false, true);
            return Ok(Template { command, words, appends, seeded, patterns, diverged_if, study });
        }
        let axes: Vec<&str> = study.space.parameters.iter().map(|axis| axis.name.as_str()).collect();
        let derived = || study.derived.iter().map(Derived::name);
        let names: Vec<&str> =
            axes.iter().copied().chain(study.settings.keys().map(String::as_str)).chain(derived()).collect();
        let meant = |word: &str| {
            let own = |name: &&&str| **name == word || command.name(name) == word;
            let role = || Role::likely(word).map(Role::name).filter(|name| names.contains(name));
            names.iter().find(own).copied().or_else(role)
        };
        let mut words = Vec::new();
        let mut passed = Vec::new();
        let mut seeded = false;
        for word in &command.run {
            let mut pieces = pieces(word);
            for piece in &mut pieces {
                let Piece::Parameter(name) = piece else { continue };
                if let Some(parameter) = meant(name) {
                    passed.push(parameter);
                    *name = parameter.to_owned();
                } else if name == SEED || command.seed.as_ref() == Some(name) {
                    seeded = true;
                    *piece = Piece::Own(SEED.to_owned());
                } else if OWN.contains(&name.as_str()) {
                    *piece = Piece::Own(name.clone());
                } else {
                    let own = names.iter().map(|name| command.name(name));
                    return unknown(word, name, own.chain(command.seed.as_deref()));
                }
            }
            words.push(pieces);
        }
        // A budget may be meant for the study alone; a target and an effective batch size always are.
        let kept = |name: &str| {
            BUDGETS.contains(&name)
                || name == UNTIL
                || command.batch_is && name == Role::Batch.name() && derived().any(|other| other == name)
        };
        let appends = passed.is_empty() && command.style != Style::Env;
        if let (false, Style::Flags | Style::Hydra) = (passed.is_empty(), command.style)
            && let Some(own) = names
                .iter()
                .find(|name| !passed.contains(name) && !kept(name))
                .map(|lost| command.name(lost))
                .or(command.seed.as_deref().filter(|_| !seeded))
        {
            return refuse(format!(
                "the command has placeholders, but none for {own}; add {{{own}}}, or give --style env if it reads SWEEP_PARAMS"
            ));
        }
        let (command, study) = (command.clone(), study.clone());
        Ok(Template { command, words, appends, seeded, patterns, diverged_if, study })
    }

    /// The patterns by which its output is read.
    pub fn patterns(&self) -> &Patterns {
        &self.patterns
    }

    /// What ends a trial as diverged.
    pub fn diverged_if(&self) -> &DivergedIf {
        &self.diverged_if
    }

    /// Training examples of an epoch; 0 where they were not given.
    pub fn examples_per_epoch(&self) -> u64 {
        self.command.examples_per_epoch.unwrap_or(0)
    }

    /// Optimizer steps of an epoch at the batch size `batch`, where they follow from what was given.
    pub fn steps_an_epoch(&self, batch: Option<f64>) -> Option<f64> {
        let of_examples = || {
            let examples = self.command.examples_per_epoch? as f64;
            Some((examples / batch.filter(|batch| *batch > 0.0)?).ceil())
        };
        self.command.steps_per_epoch.map(|steps| steps as f64).or_else(of_examples)
    }

    /// Whether the program is told its budget by its arguments or the parameters in its environment.
    pub fn names_budget(&self) -> bool {
        let names = |piece: &Piece| match piece {
            Piece::Own(name) => name == "budget",
            Piece::Parameter(name) => BUDGETS.contains(&name.as_str()),
            Piece::Text(_) => false,
        };
        self.appends || self.command.style != Style::Flags || self.words.iter().flatten().any(names)
    }

    /// The folder in which the program of a trial starts.
    pub fn cwd(&self) -> Cwd {
        self.command.cwd
    }

    /// Whether trials of a Python script may share the process that makes its imports.
    pub fn may_be_warm(&self) -> bool {
        !self.command.no_warm
    }

    /// The program as typed, the one that `/usr/bin/env` is to find where that stands first.
    pub fn program(&self) -> String {
        let mut words = self.command.run.iter().filter(|word| *word != ENV);
        let word = words.next().map_or("", String::as_str);
        if self.command.wandb.is_some() { macros::with_environment(word) } else { word.to_owned() }
    }

    /// The parameters of a trial with these settings as passed to its program: by its own names, or as the nested
    /// mapping of a W&B sweep.
    pub fn parameters(&self, trial: &Planned, settings: &BTreeMap<String, Value>) -> Map<String, Json> {
        let own = self.passed(settings).map(|(name, value)| (self.command.name(name), value));
        match &self.command.wandb {
            Some(wandb) => wandb.config(own, Seeded { replicate: trial.replicate, seed: trial.seed }),
            None => {
                let seed = self.command.seed.iter().map(|name| (name.clone(), trial.seed.into()));
                own.filter_map(|(name, value)| Some((name.to_owned(), serde_json::to_value(value).ok()?)))
                    .chain(seed)
                    .collect()
            }
        }
    }

    /// How a W&B sweep passes parameters on, where the command is one's.
    pub fn wandb(&self) -> Option<&Wandb> {
        self.command.wandb.as_ref()
    }

    /// Whether a word of the command asks for the file of its parameters.
    pub fn names_a_file(&self) -> bool {
        self.command.wandb.is_some() && self.command.run.iter().any(|word| word == macros::JSON_FILE)
    }

    /// The line that runs `trial`, quoted as for a shell, with the names of what is known only when it starts.
    pub fn example(&self, trial: &Planned) -> String {
        let words = self.words(trial, &self.study.settings_at(&trial.point), &|name| {
            if name == "seed" { trial.seed.to_string() } else { format!("<{name}>") }
        });
        let words: Vec<String> = words.iter().map(|word| short(word)).collect();
        shlex::try_join(words.iter().map(String::as_str)).unwrap_or_else(|_| words.join(" "))
    }

    /// The program and its arguments for a trial with these settings; `own` answers for the placeholders in [`OWN`],
    /// and for `args_json_file`, the file of a W&B sweep's parameters.
    pub fn words(
        &self,
        trial: &Planned,
        settings: &BTreeMap<String, Value>,
        own: &dyn Fn(&str) -> String,
    ) -> Vec<String> {
        if self.command.wandb.is_some() {
            return macros::expand(&self.command.run, &self.parameters(trial, settings), &own(JSON_FILE));
        }
        let text = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Parameter(name) => settings.get(name).map_or_else(String::new, Value::to_string),
            Piece::Own(name) => own(name),
        };
        let mut words: Vec<String> =
            self.words.iter().map(|pieces| pieces.iter().map(text).collect()).collect();
        if self.appends {
            for (name, value) in self.passed(settings) {
                self.append(&mut words, self.command.name(name), &value.to_string());
            }
            if let Some(name) = self.command.seed.as_ref().filter(|_| !self.seeded) {
                self.append(&mut words, name, &own(SEED));
            }
        }
        words
    }

    /// The settings that are passed on: all but a target and an effective batch size.
    fn passed<'a>(
        &'a self,
        settings: &'a BTreeMap<String, Value>,
    ) -> impl Iterator<Item = (&'a String, &'a Value)> {
        let own = |name: &str| name == UNTIL || self.command.batch_is && name == Role::Batch.name();
        settings.iter().filter(move |(name, _)| !own(name))
    }

    fn append(&self, words: &mut Vec<String>, name: &str, value: &str) {
        match self.command.style {
            Style::Hydra => words.push(format!("{name}={value}")),
            // A value that looks like a flag must be tied to its own.
            _ if value.starts_with('-') => words.push(format!("--{name}={value}")),
            _ => words.extend([format!("--{name}"), value.to_owned()]),
        }
    }
}

/// Refuses the placeholder `name` of a word, beside which there are these `parameters`.
fn unknown<'a>(word: &str, name: &str, parameters: impl Iterator<Item = &'a str>) -> Result<Template> {
    let there: Vec<&str> = parameters.filter(|name| !OWN.contains(name)).chain(OWN).collect();
    refuse(format!(
        "{word} has the unknown placeholder {{{name}}}; known are {}; for the literal text write {{{{{name}}}}}",
        there.join(", ")
    ))
}

/// A word cut at its placeholders: `{name}`, where a name is letters, digits, `_` and `.`. `{{name}}` stands for the
/// text `{name}`, and other braces for themselves.
fn pieces(word: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = word;
    while let Some(at) = rest.find('{') {
        text += &rest[..at];
        rest = &rest[at..];
        let doubled = rest.starts_with("{{");
        let open = if doubled { 2 } else { 1 };
        let close = if doubled { "}}" } else { "}" };
        let name: &str = rest[open..].split(|c: char| !named(c)).next().unwrap_or_default();
        let starts = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
        if !(starts && rest[open + name.len()..].starts_with(close)) {
            text.push('{');
            rest = &rest[1..];
            continue;
        }
        rest = &rest[open + name.len() + close.len()..];
        if doubled {
            text += &format!("{{{name}}}");
        } else {
            if !text.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut text)));
            }
            pieces.push(Piece::Parameter(name.to_owned()));
        }
    }
    text += rest;
    if !text.is_empty() || pieces.is_empty() {
        pieces.push(Piece::Text(text));
    }
    pieces
}

fn named(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use sweep_study::{CommandFile, SpecFile};

    fn study(axes: &[&str], style: Option<&str>, run: &[&str]) -> Study {
        let command = CommandFile {
            run: run.iter().map(|word| (*word).to_owned()).collect(),
            style: style.map(str::to_owned),
            ..CommandFile::default()
        };
        let typed = axes.iter().map(|axis| axis.split('=').next().unwrap());
        let catalogue = command.catalogue(typed).unwrap();
        let axes = axes.iter().map(|axis| (*axis).to_owned()).collect();
        let spec =
            SpecFile { axes, minimize: Some("loss".into()), command: Some(command), ..SpecFile::default() };
        spec.resolve(&catalogue).unwrap()
    }

    fn first(study: &Study) -> Result<Vec<String>> {
        let template = Template::new(study.command.as_ref().unwrap(), study)?;
        let point = study.space.cell(0).unwrap();
        let settings = study.settings_at(&point);
        let trial = Planned { number: 0, point, replicate: 0, seed: 0 };
        Ok(template.words(&trial, &settings, &|name| format!("<{name}>")))
    }

    #[test]
    fn placeholders_are_filled_whole() {
        let run =
            ["train", "--lr={learning_rate}", "{eta}", "a {lr} b", "{seed}/{trial_dir}", "{{lr}} {1} {", "x"];
        let words = first(&study(&["learning_rate=0.5"], None, &run)).unwrap();
        assert_eq!(words, ["train", "--lr=0.5", "0.5", "a 0.5 b", "<seed>/<trial_dir>", "{lr} {1} {", "x"]);
    }

    #[test]
    fn a_value_that_follows_a_rule_has_its_placeholder() {
        let axes = ["batch=256,512", "base_lr=0.1*batch/256"];
        assert_eq!(first(&study(&axes, None, &["p", "{base_lr}", "{batch}"])).unwrap(), ["p", "0.1", "256"]);
        assert_eq!(first(&study(&axes, None, &["p", "{lr}", "{batch}"])).unwrap(), ["p", "0.1", "256"]);
        let appended = first(&study(&axes, None, &["p"])).unwrap();
        assert_eq!(appended, ["p", "--batch", "256", "--base_lr", "0.1"]);
    }

    #[test]
    fn values_that_a_shell_would_mangle_stay_one_argument() {
        let words = first(&study(&["name=a 'b' \"c\" $(d) ;e"], None, &["p", "--name", "{name}"])).unwrap();
        assert_eq!(words, ["p", "--name", "a 'b' \"c\" $(d) ;e"]);
    }

    #[test]
    fn parameters_without_placeholders_are_appended() {
        let axes = ["learning_rate=0.5", "batch=16", "name=-x"];
        let flags = first(&study(&axes, None, &["p", "{trial_dir}"])).unwrap();
        assert_eq!(flags, ["p", "<trial_dir>", "--batch", "16", "--learning_rate", "0.5", "--name=-x"]);
        let hydra = first(&study(&axes, Some("hydra"), &["p"])).unwrap();
        assert_eq!(hydra, ["p", "batch=16", "learning_rate=0.5", "name=-x"]);
        assert_eq!(first(&study(&axes, Some("env"), &["p"])).unwrap(), ["p"]);
    }

    #[test]
    fn a_seed_that_was_an_axis_is_passed_once() {
        let axes = ["lr=0.1,1", "random_state=3,9"];
        let appended = first(&study(&axes, None, &["p"])).unwrap();
        assert_eq!(appended, ["p", "--lr", "0.1", "--random_state", "<seed>"]);
        assert_eq!(first(&study(&axes, None, &["p", "{seed}"])).unwrap(), ["p", "<seed>", "--lr", "0.1"]);
        let named = first(&study(&axes, None, &["p", "{lr}", "{random_state}"])).unwrap();
        assert_eq!(named, ["p", "0.1", "<seed>"]);
        let error = first(&study(&axes, None, &["p", "{lr}"])).unwrap_err().to_string();
        assert!(error.contains("none for random_state"), "{error}");
        let study = study(&axes, Some("env"), &["p"]);
        let template = Template::new(study.command.as_ref().unwrap(), &study).unwrap();
        let trial = Planned { number: 0, point: study.space.cell(0).unwrap(), replicate: 1, seed: 9 };
        let passed = template.parameters(&trial, &study.settings_at(&trial.point));
        assert_eq!(serde_json::to_string(&passed).unwrap(), "{\"lr\":0.1,\"random_state\":9}");
    }

    #[test]
    fn a_placeholder_too_many_or_too_few_is_named() {
        let error = first(&study(&["lr=1"], None, &["p", "{lt}"])).unwrap_err().to_string();
        assert!(error.contains("{lt}") && error.contains("{{lt}}") && error.contains("seed"), "{error}");
        let error = first(&study(&["lr=1", "batch=2"], None, &["p", "{lr}"])).unwrap_err().to_string();
        assert!(error.contains("{batch}"), "{error}");
        let error = first(&study(&["lr=0.1*batch", "batch=2"], None, &["p", "{batch}"])).unwrap_err();
        assert!(error.to_string().contains("{lr}"), "{error}");
    }
}
