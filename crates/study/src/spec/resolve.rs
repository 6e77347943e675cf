//! How a study as typed becomes the study as run: names checked, defaults filled in, contradictions refused.

use std::collections::BTreeMap;

use super::budget::{one_budget, target};
use super::derived::Rule;
use super::enqueue;
use super::misspelt;
use super::rules::{derive, once};
use super::twice::twice;
use crate::space::axis::{Values, typed_name};
use crate::space::foreign;
use crate::space::levels::domain;
use crate::study::{Rank, Split};
use crate::{
    Axis, AxisError, Catalogue, Constraint, Derived, Earlier, Lag, Parameter, SECONDS, Space, SpecError,
    SpecFile, Study, Value,
};
use sweep_settings::names::BUDGETS;
use sweep_settings::{Entry, Goal, Kind, nearest};

/// Default number of points for samplers that do not end by themselves.
pub const DEFAULT_TRIALS: u64 = 30;

impl SpecFile {
    /// The resolved study: names checked against `catalogue`, defaults filled in.
    ///
    /// # Errors
    /// Unknown names, values out of bounds, contradictions.
    pub fn resolve(&self, catalogue: &Catalogue) -> Result<Study, SpecError> {
        match self.seeds_as_replicates(catalogue)? {
            Some(spec) => spec.resolve_axes(catalogue),
            None => self.resolve_axes(catalogue),
        }
    }

    fn resolve_axes(&self, catalogue: &Catalogue) -> Result<Study, SpecError> {
        let mut settings = BTreeMap::new();
        let mut parameters: Vec<Parameter> = Vec::new();
        let mut rules: Vec<Rule> = Vec::new();
        let mut typed = Vec::new();
        self.settings.iter().try_for_each(|(name, _)| spelt(catalogue, name))?;
        let axes = self.axes_and_batch();
        for text in &axes {
            unfamiliar(catalogue, text)?;
            if let Some(rule) = Rule::read(text, &axes, catalogue)? {
                typed.push(typed_name(text).to_owned());
                rules.push(rule);
                continue;
            }
            let axis = Axis::read(text)?;
            typed.push(axis.name.clone());
            let entry = entry(catalogue, &axis.name).map_err(|why| axis.fail(0, why))?;
            if parameters.iter().any(|other| other.name == entry.name) || settings.contains_key(&entry.name) {
                return Err(axis.fail(0, twice(&entry.name, &typed, catalogue)).into());
            }
            let domain = domain(&axis, &entry)?;
            match (&axis.values, domain.levels()) {
                (Values::List(_), [only]) if BUDGETS.contains(&entry.name.as_str()) => {
                    settings.insert(entry.name, only.clone());
                }
                _ => parameters.push(Parameter { name: entry.name, domain, when: entry.setting.condition() }),
            }
        }
        for (name, text) in &self.settings {
            typed.push(name.clone());
            let entry = entry(catalogue, name).map_err(SpecError::Other)?;
            let value = fixed(&entry, text)?;
            if parameters.iter().any(|axis| axis.name == entry.name) || settings.contains_key(&entry.name) {
                return Err(other(twice(&entry.name, &typed, catalogue)));
            }
            settings.insert(entry.name, value);
        }
        self.take_known(catalogue, (&mut parameters, &mut settings), &mut typed)?;
        once(&rules, (&parameters, &settings), &typed, catalogue)?;
        if catalogue.find("epochs").is_some() && !catalogue.open {
            target(catalogue, &mut settings, &mut parameters)?;
        }
        one_budget(catalogue, &mut settings, &parameters)?;
        conditions(catalogue, &mut parameters, &settings)?;
        defaults(catalogue, &mut settings, &parameters);
        let derived = derive(rules, catalogue, &parameters, &mut settings)?;
        let mut study = self.assemble(settings, Space::new(parameters), derived)?;
        self.take_command(&typed, catalogue, &mut study)?;
        study.subject_to = self.bounds(catalogue)?;
        study.enqueue = enqueue::read(&self.enqueue, &study.space, catalogue)?;
        let mut goals = self.goals(catalogue, study.target().is_some())?;
        study.goal = goals.remove(0);
        study.also = goals;
        study.name = self.name.clone().unwrap_or_else(|| study.default_name());
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        if study.name.is_empty() || study.name.starts_with('.') || !study.name.chars().all(plain) {
            let why = "a name is letters, digits, - _ and . (not first), since it is also a folder";
            return Err(other(format!("name={} cannot be used: {why}", study.name)));
        }
        // After the name, which depends only on what was typed.
        study.note_batch_growth(catalogue);
        Ok(study)
    }

    /// The bounds that trials must satisfy.
    fn bounds(&self, catalogue: &Catalogue) -> Result<Vec<Constraint>, SpecError> {
        let known = |metric: &String| {
            catalogue.metrics.is_empty() || metric == SECONDS || catalogue.metrics.contains(metric)
        };
        let bound = |text: &String| {
            let constraint: Constraint = text.parse().map_err(other)?;
            match known(&constraint.metric) {
                true => Ok(constraint),
                false => Err(other(format!(
                    "there is no metric `{}`; the metrics are {SECONDS}, {}",
                    constraint.metric,
                    catalogue.metrics.join(", ")
                ))),
            }
        };
        self.subject_to.iter().map(bound).collect()
    }

    fn assemble(
        &self,
        settings: BTreeMap<String, Value>,
        space: Space,
        derived: Vec<Derived>,
    ) -> Result<Study, SpecError> {
        let sampler = self.sampler.clone().unwrap_or_else(|| "grid".to_owned());
        let trials = match (sampler.as_str(), self.trials) {
            ("grid", None) => self.cap,
            ("grid", Some(_)) => {
                return Err(other(
                    "grid runs every cell; --trials is for samplers that draw, such as random".into(),
                ));
            }
            (_, Some(0)) => return Err(other("trials=0 would try nothing; give at least 1".into())),
            (_, trials) => Some(trials.unwrap_or(DEFAULT_TRIALS)),
        };
        let replicates = match self.replicates.unwrap_or(1) {
            count @ 1..=1000 => count as u32,
            count => return Err(other(format!("replicates={count} must be from 1 to 1000"))),
        };
        let split = choice(
            "split",
            self.split.as_deref(),
            &[("holdout", Split::Holdout), ("textbook", Split::Textbook)],
        )?;
        let rank = choice("rank", self.rank.as_deref(), &[("last", Rank::Last), ("best", Rank::Best)])?;
        if let Some(floor) = self.floor
            && (!floor.is_finite() || self.maximize.is_some() && self.minimize.is_none())
        {
            return Err(other(format!("floor={floor} must be a number below the metric that is minimized")));
        }
        let earlier = |study: &String| Earlier { study: study.clone(), trials: Vec::new() };
        Ok(Study {
            sampler,
            data: self.data.clone().unwrap_or_else(|| "mnist".to_owned()),
            label: self.label.clone(),
            task: self.task.clone(),
            text: self.text.clone(),
            tokens: self.tokens.clone(),
            length: self.length,
            split,
            settings,
            derived,
            trials,
            lag: self.lag.as_deref().map_or(Ok(Lag::default()), str::parse).map_err(other)?,
            pruning: self.pruning()?,
            replicates,
            from: self.from.iter().map(earlier).collect(),
            seed: self.seed.unwrap_or(0),
            seeds: self.seeds.clone(),
            rank,
            floor: self.floor,
            ..Study::new(space, Goal::default())
        })
    }
}

/// Refuses a setting of a study file that is probably a misspelt key.
fn spelt(catalogue: &Catalogue, name: &str) -> Result<(), SpecError> {
    let known = catalogue.settings.iter().any(|setting| setting.name == name)
        || !catalogue.open && catalogue.find(name).is_some();
    misspelt::meant(name).filter(|_| !known).map_or(Ok(()), |why| Err(other(why)))
}

/// Refuses an axis in the syntax of another tool, where its values could not be meant as they stand.
fn unfamiliar(catalogue: &Catalogue, text: &str) -> Result<(), SpecError> {
    let Some((name, values)) = text.split_once('=') else { return Ok(()) };
    let Some(why) = foreign::instead(name.trim(), values, false) else { return Ok(()) };
    let joined = catalogue.find(name.trim()).is_some_and(|entry| matches!(entry.setting.kind, Kind::List));
    let why = match values.trim().strip_prefix(['[', '(']).and_then(|inner| inner.strip_suffix([']', ')'])) {
        Some(inner) if joined => {
            let items: Vec<&str> = inner.split(',').map(str::trim).collect();
            format!("the items of one value are joined by /: {}={}", name.trim(), items.join("/"))
        }
        _ => why,
    };
    Err(AxisError { text: text.to_owned(), at: text.len() - values.len(), why }.into())
}

pub(crate) fn other(why: String) -> SpecError {
    SpecError::Other(why)
}

/// The entry that `name` means, or a suggestion.
pub(crate) fn entry(catalogue: &Catalogue, name: &str) -> Result<Entry, String> {
    catalogue.find(name).ok_or_else(|| {
        let ending = format!(".{name}");
        let owners: Vec<&str> = catalogue
            .settings
            .iter()
            .map(|setting| setting.name)
            .filter(|full| full.ends_with(&ending))
            .collect();
        if owners.len() > 1 {
            return format!("`{name}` could be {}; write the full name", owners.join(" or "));
        }
        match catalogue.nearest(name) {
            Some(near) => format!("there is no setting `{name}`; did you mean {near}?"),
            None => format!("there is no setting `{name}`; `sweep grid --help` lists them"),
        }
    })
}

fn fixed(entry: &Entry, text: &str) -> Result<Value, SpecError> {
    let value = entry.setting.kind.read(text);
    match entry.refusal(&value) {
        Some(why) => Err(other(why)),
        None => Ok(value),
    }
}

/// Drops the condition of an axis that always applies, and refuses an axis that never does.
fn conditions(
    catalogue: &Catalogue,
    parameters: &mut [Parameter],
    settings: &BTreeMap<String, Value>,
) -> Result<(), SpecError> {
    let levels: BTreeMap<String, Vec<String>> = parameters
        .iter()
        .map(|axis| (axis.name.clone(), axis.domain.levels().iter().map(Value::to_string).collect()))
        .collect();
    for axis in parameters {
        let Some((parent, words)) = &axis.when else { continue };
        if let Some(levels) = levels.get(parent) {
            if levels.iter().all(|level| words.contains(level)) {
                axis.when = None;
            } else if !levels.iter().any(|level| words.contains(level)) {
                return Err(never(&axis.name, parent, words));
            }
            continue;
        }
        let default = || catalogue.find(parent).and_then(|entry| entry.default_value());
        let value = settings.get(parent).cloned().or_else(default);
        if value.is_some_and(|value| words.contains(&value.to_string())) {
            axis.when = None;
        } else {
            return Err(never(&axis.name, parent, words));
        }
    }
    Ok(())
}

fn never(name: &str, parent: &str, words: &[String]) -> SpecError {
    let add = words.first().map(String::as_str).unwrap_or_default();
    let add = if parent == "data" { format!("--data {add}") } else { format!("{parent}={add}") };
    other(format!("{name} applies only where {parent} is {}; add {add}", words.join(" or ")))
}

fn defaults(catalogue: &Catalogue, settings: &mut BTreeMap<String, Value>, parameters: &[Parameter]) {
    for setting in &catalogue.settings {
        let Some(default) = setting.default_value() else { continue };
        if settings.contains_key(setting.name) || parameters.iter().any(|axis| axis.name == setting.name) {
            continue;
        }
        let applies = setting.when.is_none_or(|(parent, words)| {
            let axis = parameters.iter().find(|axis| axis.name == parent);
            let levels = axis.map(|axis| axis.domain.levels()).unwrap_or_default();
            let fixed = settings.get(parent).cloned();
            let fixed = fixed.or_else(|| catalogue.find(parent).and_then(|entry| entry.default_value()));
            levels
                .iter()
                .chain(fixed.iter().filter(|_| axis.is_none()))
                .any(|value| words.contains(&value.to_string().as_str()))
        });
        if applies {
            settings.insert(setting.name.to_owned(), default);
        }
    }
}

fn choice<T: Copy + Default>(key: &str, word: Option<&str>, choices: &[(&str, T)]) -> Result<T, SpecError> {
    let Some(word) = word else { return Ok(T::default()) };
    if let Some((_, choice)) = choices.iter().find(|(name, _)| *name == word) {
        return Ok(*choice);
    }
    let words: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
    let hint =
        nearest(word, words.iter().copied()).map_or(String::new(), |near| format!("; did you mean {near}?"));
    Err(other(format!("{key}={word} is not one of {}{hint}", words.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sweep_settings::{Scale, Setting};

    fn catalogue() -> Catalogue {
        let settings = vec![
            Setting::new("lr", Kind::POSITIVE, "").or("0.01").on(Scale::Log),
            Setting::new("batch", Kind::Batch, "").or("32"),
            Setting::new("model", Kind::Choice(&["mlp"]), "").or("mlp"),
            Setting::new("schedule", Kind::Choice(&["constant", "step"]), "").or("constant"),
            Setting::new("schedule.step.gamma", Kind::POSITIVE, "").or("0.1").under("schedule", &["step"]),
            Setting::new("epochs", Kind::POSITIVE, ""),
            Setting::new("steps", Kind::COUNT, ""),
        ];
        Catalogue { settings, metrics: vec!["val_loss".to_owned()], ..Catalogue::default() }
    }

    fn spec(axes: &[&str]) -> SpecFile {
        SpecFile { axes: axes.iter().map(|axis| (*axis).to_owned()).collect(), ..SpecFile::default() }
    }

    fn resolve(axes: &[&str]) -> Result<Study, String> {
        spec(axes).resolve(&catalogue()).map_err(|error| error.to_string())
    }

    #[test]
    fn defaults_are_filled_in_where_they_apply() {
        let study = resolve(&["lr=0.1,1"]).unwrap();
        let shown: Vec<String> =
            study.settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(shown, ["batch=32", "epochs=3", "model=mlp", "schedule=constant"]);
        assert!(study.name.starts_with("grid-mnist-mlp-"), "{}", study.name);
        let study = resolve(&["schedule=step,constant", "step.gamma=0.1,0.5"]).unwrap();
        assert_eq!(study.space.cells(), 3);
        assert!(
            resolve(&["schedule=step", "step.gamma=0.1,0.5"])
                .unwrap()
                .space
                .get("schedule.step.gamma")
                .is_some()
        );
    }

    #[test]
    fn files_and_command_lines_mean_the_same() {
        let text = "sampler = \"grid\"\nepochs = 2\nschedule = \"step\"\n[space]\nlr = \"1e-3..1e-1\"\nbatch = [16, 32]\nschedule.step.gamma = [0.1, 0.5]";
        let file = SpecFile::from_toml(text).unwrap();
        assert_eq!(file.axes, ["lr=1e-3..1e-1", "batch=16,32", "schedule.step.gamma=0.1,0.5"]);
        let study = file.resolve(&catalogue()).unwrap();
        assert_eq!(study.space.cells(), 28);
        let typed =
            resolve(&["lr=1e-3..1e-1", "batch=16,32", "step.gamma=0.1,0.5", "schedule=step", "epochs=2"]);
        let first = |study: &Study| study.settings_at(&study.space.cell(0).unwrap());
        assert_eq!(first(&typed.unwrap()), first(&study));
    }

    #[test]
    fn contradictions_are_named() {
        for (axes, advice) in [
            (&["foo=1"][..], "there is no setting `foo`"),
            (&["bacth=16"], "did you mean batch?"),
            (&["lr=1", "lr=2"], "lr is given twice"),
            (&["lr=1", "eta=2"], "lr and eta are both names of it; leave one out"),
            (&["epochs=1", "steps=100"], "one budget"),
            (&["step.gamma=0.1,0.5"], "add schedule=step"),
        ] {
            let error = resolve(axes).unwrap_err();
            assert!(error.contains(advice), "{error}");
        }
        let bad =
            SpecFile { rank: Some("lats".into()), ..spec(&["lr=1"]) }.resolve(&catalogue()).unwrap_err();
        assert!(bad.to_string().contains("did you mean last?"), "{bad}");
        let unknown = SpecFile::from_toml("epocs = 3").unwrap().resolve(&catalogue()).unwrap_err();
        assert!(unknown.to_string().contains("did you mean epochs?"), "{unknown}");
        assert!(SpecFile::from_toml("seed = -1").unwrap_err().to_string().contains("whole number"));
        assert!(SpecFile::from_toml("seed = ").is_err());
    }
}
