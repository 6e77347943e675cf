//! A command as typed, and how it becomes one that can run.

use std::collections::BTreeMap;

use sweep_settings::{Catalogue, Kind, Role, Setting, names};

use super::error::SpecError;
use super::toml_value::{scalar, word};
use crate::study::command::{Command, Cwd, Style};
use crate::study::wandb::Wandb;

/// A command as typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CommandFile {
    /// The program and its arguments, placeholders such as `{lr}` among them.
    pub run: Vec<String>,
    /// `flags` (default), `hydra` or `env`.
    pub style: Option<String>,
    /// The command's own names of parameters, by the study's names.
    pub map: Vec<(String, String)>,
    /// The parameter that has the role `lr` or `batch`, by role.
    pub roles: Vec<(String, String)>,
    /// Patterns for the command's output: a metric's name and a regular expression with one group.
    pub read: Vec<(String, String)>,
    /// The effective batch size, as an expression of parameters: `per_device*accumulate`.
    pub batch_is: Option<String>,
    /// What ends a trial as diverged: `train_loss is nan or val_loss > 20`.
    pub diverged_if: Option<String>,
    /// Optimizer steps of an epoch, for commands that report epochs alone.
    pub steps_per_epoch: Option<u64>,
    /// Training examples of an epoch, likewise.
    pub examples_per_epoch: Option<u64>,
    /// Where a trial's program starts: `start` (default), the folder in which the study is started, or `trial`.
    pub cwd: Option<String>,
    /// Whether trials of a Python script may share the process that makes its imports (default true).
    pub warm: Option<bool>,
    /// The command's name of the parameter that is the seed of a replicate, if that was given as an axis.
    pub seed: Option<String>,
    /// How a W&B sweep passes parameters on, if the command belongs to one.
    pub wandb: Option<Wandb>,
}

/// Settings of the built-in trainer that a command does not understand.
const NATIVE_ONLY: [&str; 3] = ["report_every", "noise_scale", "sharpness"];

impl CommandFile {
    /// Reads `command` of a study file: a line of words, a list of them, or a table whose `run` is one of these.
    ///
    /// # Errors
    /// An unknown key, a value of the wrong type, a line with unmatched quotes.
    pub(crate) fn from_toml(value: &toml::Value) -> Result<CommandFile, SpecError> {
        let Some(table) = value.as_table() else {
            return Ok(CommandFile { run: words(value)?, ..CommandFile::default() });
        };
        let mut command = CommandFile::default();
        for (key, value) in table {
            match key.as_str() {
                "run" => command.run = words(value)?,
                "style" => command.style = Some(word("command.style", value)?),
                "map" => command.map = pairs("command.map", value)?,
                "roles" => command.roles = pairs("command.roles", value)?,
                "read" => command.read = pairs("command.read", value)?,
                "batch_is" => command.batch_is = Some(word("command.batch_is", value)?),
                "diverged_if" => command.diverged_if = Some(word("command.diverged_if", value)?),
                "steps_per_epoch" => {
                    command.steps_per_epoch = Some(amount("command.steps_per_epoch", value)?)
                }
                "examples_per_epoch" => {
                    command.examples_per_epoch = Some(amount("command.examples_per_epoch", value)?);
                }
                "cwd" => command.cwd = Some(word("command.cwd", value)?),
                "warm" => command.warm = Some(flag("command.warm", value)?),
                _ => {
                    let there = "run, style, map, roles, read, batch_is, diverged_if, steps_per_epoch, examples_per_epoch, cwd and warm";
                    return Err(SpecError::Other(format!(
                        "there is no key command.{key}; the keys are {there}"
                    )));
                }
            }
        }
        Ok(command)
    }

    /// The names that a study of this command, which gives values to the `names`, may use: any; those that have a role,
    /// by `roles`, by custom, or as the surest of several likely ones, become `lr` and `batch`.
    ///
    /// # Errors
    /// A role that does not exist.
    pub fn catalogue<'a>(&self, names: impl Iterator<Item = &'a str>) -> Result<Catalogue, SpecError> {
        let names: Vec<&str> = names.collect();
        let mut aliases: BTreeMap<String, String> = BTreeMap::new();
        for role in Role::ALL {
            let meant = |alias: &str| (alias.to_owned(), role.name().to_owned());
            aliases.extend(role.names().iter().map(|alias| meant(alias)));
            if !names.iter().any(|name| role.names().contains(name)) {
                aliases.extend(role.among(names.iter().copied()).map(meant));
            }
        }
        for (role, name) in &self.roles {
            let Some(role) = Role::by_custom(role) else {
                return Err(SpecError::Other(format!(
                    "there is no role `{role}`; the roles are lr and batch"
                )));
            };
            // The conventional names of a role assigned by `roles` are ordinary names.
            aliases.retain(|_, meant| meant != role.name());
            aliases.insert(name.clone(), role.name().to_owned());
        }
        if self.batch_is.is_some() {
            aliases.retain(|_, meant| meant != Role::Batch.name());
        }
        let budget = |name: &'static str| {
            let kind = if name == names::EPOCHS { Kind::POSITIVE } else { Kind::COUNT };
            Setting::new(name, kind, "")
        };
        let settings = names::BUDGETS.into_iter().map(budget).collect();
        Ok(Catalogue { settings, open: true, aliases, ..Catalogue::default() })
    }

    /// The resolved command of a study whose parameters and settings were typed as `names`.
    ///
    /// # Errors
    /// A missing program, an unknown style or mapped name, a setting of the built-in trainer.
    pub fn resolve(&self, names: &[String], catalogue: &Catalogue) -> Result<Command, SpecError> {
        let other = |why: String| Err(SpecError::Other(why));
        if self.run.first().is_none_or(String::is_empty) {
            return other("the command has no program; write it after --: -- python train.py".into());
        }
        let style = match self.style.as_deref() {
            None | Some("flags") => Style::Flags,
            Some("hydra") => Style::Hydra,
            Some("env") => Style::Env,
            Some(word) => return other(format!("style={word} is not one of flags, hydra and env")),
        };
        if let Some(name) = names.iter().find(|name| NATIVE_ONLY.contains(&name.as_str())) {
            return other(format!("{name} is for the built-in trainer; a command decides when it reports"));
        }
        let meant = |name: &str| catalogue.find(name).map_or_else(|| name.to_owned(), |entry| entry.name);
        if let Some((from, to)) =
            self.map.iter().find(|(from, _)| !names.iter().any(|name| meant(name) == meant(from)))
        {
            return other(format!("map {from}={to} renames nothing: there is no parameter {from}"));
        }
        let mut map = BTreeMap::new();
        for typed in names {
            let name = meant(typed);
            let mapped = self.map.iter().find(|(from, _)| meant(from) == name).map(|(_, to)| to);
            let own = mapped.unwrap_or(typed);
            if *own != name {
                map.insert(name, own.clone());
            }
        }
        let given =
            [("steps_per_epoch", self.steps_per_epoch), ("examples_per_epoch", self.examples_per_epoch)];
        for (name, value) in given {
            if value == Some(0) {
                return other(format!("{name}=0 must be at least 1"));
            }
        }
        Ok(Command {
            run: self.run.clone(),
            style,
            map,
            read: self.read.clone(),
            diverged_if: self.diverged_if.clone(),
            steps_per_epoch: self.steps_per_epoch,
            examples_per_epoch: self.examples_per_epoch,
            batch_is: self.batch_is.is_some(),
            cwd: self.cwd()?,
            no_warm: self.warm == Some(false),
            seed: self.seed.clone(),
            wandb: self.wandb.clone(),
        })
    }

    fn cwd(&self) -> Result<Cwd, SpecError> {
        match self.cwd.as_deref() {
            None | Some("start") => Ok(Cwd::Start),
            Some("trial") => Ok(Cwd::Trial),
            Some(word) => Err(SpecError::Other(format!("cwd={word} is not one of start and trial"))),
        }
    }
}

fn words(value: &toml::Value) -> Result<Vec<String>, SpecError> {
    let bad = || SpecError::Other(format!("command.run = {value} must be a line of words or a list of them"));
    match value {
        toml::Value::String(line) => shlex::split(line).ok_or_else(bad),
        toml::Value::Array(items) => items.iter().map(|item| scalar("command.run", item)).collect(),
        _ => Err(bad()),
    }
}

fn amount(key: &str, value: &toml::Value) -> Result<u64, SpecError> {
    let number = value.as_integer().and_then(|whole| u64::try_from(whole).ok());
    number.ok_or_else(|| SpecError::Other(format!("{key} = {value} must be a whole number of at least 1")))
}

fn flag(key: &str, value: &toml::Value) -> Result<bool, SpecError> {
    value.as_bool().ok_or_else(|| SpecError::Other(format!("{key} = {value} must be true or false")))
}

fn pairs(key: &str, value: &toml::Value) -> Result<Vec<(String, String)>, SpecError> {
    let bad = || SpecError::Other(format!("{key} = {value} must be a table of names and strings"));
    let table = value.as_table().ok_or_else(bad)?;
    table.iter().map(|(name, value)| Ok((name.clone(), word(key, value)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SpecFile, Study};

    fn resolve(axes: &[&str], command: CommandFile) -> Result<Study, String> {
        let names = axes.iter().map(|axis| crate::space::axis::typed_name(axis));
        let catalogue = command.catalogue(names).map_err(|error| error.to_string())?;
        let axes = axes.iter().map(|axis| (*axis).to_owned()).collect();
        let spec =
            SpecFile { axes, minimize: Some("loss".into()), command: Some(command), ..SpecFile::default() };
        spec.resolve(&catalogue).map_err(|error| error.to_string())
    }

    fn train() -> CommandFile {
        CommandFile { run: vec!["python".into(), "lib/train.py".into()], ..CommandFile::default() }
    }

    fn pair(from: &str, to: &str) -> Vec<(String, String)> {
        vec![(from.to_owned(), to.to_owned())]
    }

    #[test]
    fn roles_are_found_by_convention_or_by_roles() {
        let study = resolve(&["learning_rate=1e-3..1e-1", "batch_size=16..64"], train()).unwrap();
        assert_eq!(study.space.cells(), 21);
        let command = study.command.unwrap();
        assert_eq!((command.name("lr"), command.name("batch")), ("learning_rate", "batch_size"));
        assert!(study.name.starts_with("grid-train-"), "{}", study.name);
        let study = resolve(&["optim.lr=1e-3..1e-1", "bs=16..64", "alpha=0.1,0.2"], train()).unwrap();
        let command = study.command.unwrap();
        assert_eq!((command.name("lr"), command.name("batch")), ("optim.lr", "bs"));
        assert!(study.space.get("alpha").is_some(), "a surer name has the role");
        let given = CommandFile { roles: pair("lr", "alpha"), ..train() };
        let study = resolve(&["alpha=1e-3..1e-1", "eta=0.1,0.9"], given).unwrap();
        assert!(study.space.get("lr").is_some() && study.space.get("eta").is_some());
        let kept = CommandFile { roles: pair("lr", "lr"), ..train() };
        let study = resolve(&["lr=0.1,1", "eta=0.2,0.5"], kept).unwrap();
        assert!(study.space.get("lr").is_some() && study.space.get("eta").is_some());
        assert!(resolve(&["lr=0.1,1", "head_lr=0.2,0.5"], train()).is_ok(), "two rates are no contradiction");
        let mapped = CommandFile { map: pair("lr", "optim.lr"), ..train() };
        assert_eq!(resolve(&["lr=1"], mapped).unwrap().command.unwrap().name("lr"), "optim.lr");
    }

    #[test]
    fn invalid_commands_are_refused_with_the_reason() {
        for (axes, command, advice) in [
            (&["lr=1"][..], CommandFile::default(), "no program"),
            (&["lr=1"], CommandFile { style: Some("click".into()), ..train() }, "flags, hydra and env"),
            (
                &["lr=1"],
                CommandFile { cwd: Some("here".into()), ..train() },
                "cwd=here is not one of start and trial",
            ),
            (&["lr=1"], CommandFile { map: pair("x", "y"), ..train() }, "no parameter x"),
            (&["lr=1"], CommandFile { roles: pair("width", "y"), ..train() }, "no role `width`"),
            (
                &["eta=1", "lr=2"],
                train(),
                "eta and lr are both names of it; leave one out, or where only lr is",
            ),
            (&["learning_rate=1", "eta=2"], train(), "--roles lr=learning_rate"),
            (&["lr=1", "lr=2"], train(), "lr is given twice"),
            (&["eta=0.1*batch", "lr=1", "batch=16"], train(), "eta and lr are both names"),
            (&["epochs=1", "steps=2"], train(), "one budget"),
            (&["epochs=-1"], train(), "epochs"),
            (&["report_every=1ep"], train(), "built-in trainer"),
        ] {
            let error = resolve(axes, command).unwrap_err();
            assert!(error.contains(advice), "{error}");
        }
    }

    #[test]
    fn a_file_gives_the_command_as_a_line_a_list_or_a_table() {
        let read = |text: &str| SpecFile::from_toml(text).map(|spec| spec.command.unwrap());
        let list = ["python", "a b.py", "--lr={lr}"].map(str::to_owned).to_vec();
        for text in [
            r#"command = "python 'a b.py' --lr={lr}""#,
            r#"command = ["python", "a b.py", "--lr={lr}"]"#,
            "[command]\nrun = \"python 'a b.py' --lr={lr}\"\nread = { loss = 'loss ([0-9.]+)' }",
        ] {
            assert_eq!(read(text).unwrap().run, list);
        }
        let file = read("[command]\nrun = \"p\"\ncwd = \"trial\"\nwarm = false").unwrap();
        let command = resolve(&["lr=1"], file).unwrap().command.unwrap();
        assert_eq!((command.cwd, command.no_warm), (Cwd::Trial, true));
        assert!(read("[command]\nwarm = 0").unwrap_err().to_string().contains("true or false"));
        assert!(read("command = \"python 'a\"").unwrap_err().to_string().contains("command.run"));
        assert!(read("[command]\nrum = 1").unwrap_err().to_string().contains("command.rum"));
    }
}
