//! The command line that runs a study again, from the study as run.

use sweep_settings::names::BATCH;
use sweep_settings::names::BUDGETS;
use sweep_settings::names::UNTIL;
use sweep_settings::quoted;
use sweep_study::{
    Command, Cwd, Derived, Direction, Domain, Lag, Parameter, Pruning, Rank, STEPS_TO_TARGET, Scale, Setting,
    Split, Study, Style, Value, Wandb,
};

use crate::catalogue;
use crate::shell::quoted;

/// Settings that have an option of their own.
const OPTIONS: [&str; 7] =
    [BUDGETS[0], BUDGETS[1], BUDGETS[2], UNTIL, "report_every", "noise_scale", "sharpness"];

/// A command line, its words quoted for a shell where they need it, that runs the trials of `study`, or reads those
/// that were imported.
pub fn command(study: &Study) -> String {
    let wandb = study.command.as_ref().and_then(|command| command.wandb.as_ref());
    match (&study.imported, wandb) {
        (Some(imported), _) => imported.command.clone(),
        (None, Some(wandb)) => sweep_file(study, wandb),
        (None, None) => searched(study),
    }
}

fn searched(study: &Study) -> String {
    let mut words: Vec<String> = ["sweep", "search"].map(str::to_owned).to_vec();
    words.extend(study.space.parameters.iter().map(|axis| self::axis(study, axis)));
    words.extend(seeds(study));
    let rules = study.derived.iter().filter(|derived| !declared(study, derived));
    words.extend(rules.map(|derived| format!("{}={}", derived.name(), derived.rule())));
    let defaults = catalogue::for_data(Some(&study.data));
    // Of entries that share a name, one for each model, that which applies.
    let applies = |setting: &&Setting| {
        let fixed = |name: &str| study.settings.get(name).into_iter();
        let levels =
            |name: &str| study.space.get(name).map(|axis| axis.domain.levels()).unwrap_or_default().iter();
        setting.when.is_none_or(|(parent, words)| {
            fixed(parent).chain(levels(parent)).any(|value| words.contains(&value.to_string().as_str()))
        })
    };
    let default = |name: &str| {
        let named = defaults.settings.iter().filter(|setting| setting.name == name);
        named.filter(applies).find_map(|setting| setting.default_value().map(|value| value.to_string()))
    };
    let settings = || study.settings.iter().filter(|(name, value)| default(name) != Some(value.to_string()));
    let own = |name: &&String| OPTIONS.contains(&name.as_str());
    let fixed = settings().filter(|(name, _)| !own(name));
    words.extend(fixed.map(|(name, value)| format!("{name}={}", quoted::item(value))));
    let mut option = |name: &str, value: String| words.extend([format!("--{name}"), value]);
    option("sampler", study.sampler.clone());
    for (name, value) in settings().filter(|(name, _)| own(name)) {
        option(&name.replace('_', "-"), value.to_string());
    }
    match &study.command {
        Some(program) => self::program(study, program, &mut option),
        None => data(study, &mut option),
    }
    goal(study, &mut option);
    search(study, &mut option);
    option("seed", study.seed.to_string());
    if let Some(program) = &study.command {
        words.extend(flags(program));
        words.push("--".to_owned());
        words.extend(program.run.iter().cloned());
    }
    joined(&words)
}

/// The axis that was the seed: a list of seeds, or a range to draw from.
fn seeds(study: &Study) -> Option<String> {
    let own = study.command.as_ref().and_then(|command| command.seed.as_deref());
    let name = own.or((!study.seeds.is_empty()).then_some("seed"))?;
    Some(match study.seeds.as_slice() {
        [] => format!("{name}=0..1000"),
        // One value in a list would be the seed of all replicates.
        [one] => format!("{name}={one}..{one}"),
        all => format!("{name}={}", all.iter().map(u64::to_string).collect::<Vec<_>>().join(",")),
    })
}

fn joined(words: &[String]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// The line that runs a sweep file of W&B again.
fn sweep_file(study: &Study, wandb: &Wandb) -> String {
    let mut words = ["sweep", "run", &wandb.file].map(str::to_owned).to_vec();
    let mut option = |name: &str, value: String| words.extend([format!("--{name}"), value]);
    goal(study, &mut option);
    option("seed", study.seed.to_string());
    words.extend(study.command.iter().flat_map(flags));
    if !wandb.typed.is_empty() {
        words.push("--".to_owned());
        words.extend(wandb.typed.iter().cloned());
    }
    joined(&words)
}

/// Whether an option of its own declares the rule: that of an effective batch size.
fn declared(study: &Study, derived: &Derived) -> bool {
    derived.name() == BATCH && study.command.as_ref().is_some_and(|command| command.batch_is)
}

/// How many points are tried, in which order, and how long each.
fn search(study: &Study, option: &mut impl FnMut(&str, String)) {
    if let Some(trials) = study.trials {
        option("trials", trials.to_string());
    }
    if study.lag != Lag::default() {
        option("lag", study.lag.to_string());
    }
    if study.replicates != 1 {
        option("replicates", study.replicates.to_string());
    }
    for bound in &study.subject_to {
        option("subject-to", bound.to_string());
    }
    for point in &study.enqueue {
        option("enqueue", point.typed());
    }
    for earlier in &study.from {
        option("from", earlier.study.clone());
    }
    let Pruning { pruner, pruner_set, audit } = &study.pruning;
    if study.pruning.any() {
        option("pruner", pruner.clone());
    }
    for (name, value) in pruner_set {
        option("pruner-set", format!("{name}={value}"));
    }
    if *audit > 0.0 {
        option("audit", audit.to_string());
    }
}

/// The options without a value that say how a command starts.
fn flags(program: &Command) -> impl Iterator<Item = String> + use<> {
    let flags = [("--in-trial-dir", program.cwd == Cwd::Trial), ("--no-warm", program.no_warm)];
    flags.into_iter().filter(|(_, given)| *given).map(|(flag, _)| flag.to_owned())
}

/// How parameters reach a command and what is read of its output; its words come last.
fn program(study: &Study, program: &Command, option: &mut impl FnMut(&str, String)) {
    match program.style {
        Style::Flags => {}
        Style::Hydra => option("style", "hydra".to_owned()),
        Style::Env => option("style", "env".to_owned()),
    }
    for (own, its) in &program.map {
        option("map", format!("{own}={its}"));
    }
    for (metric, pattern) in &program.read {
        option("read", format!("{metric}={pattern}"));
    }
    if let Some(conditions) = &program.diverged_if {
        option("diverged-if", conditions.clone());
    }
    let each =
        [("steps-per-epoch", program.steps_per_epoch), ("examples-per-epoch", program.examples_per_epoch)];
    for (name, value) in each.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        option(name, value.to_string());
    }
    for derived in study.derived.iter().filter(|derived| declared(study, derived)) {
        // The rule of a declared size stands in parentheses.
        let rule = derived.rule();
        let bare = rule.strip_prefix('(').and_then(|rule| rule.strip_suffix(')'));
        option("batch-is", bare.unwrap_or(rule).to_owned());
    }
}

fn data(study: &Study, option: &mut impl FnMut(&str, String)) {
    option("data", study.data.clone());
    let columns =
        [("label", &study.label), ("task", &study.task), ("text", &study.text), ("tokens", &study.tokens)];
    for (name, value) in columns {
        if let Some(value) = value {
            option(name, value.clone());
        }
    }
    if let Some(length) = study.length {
        option("length", length.to_string());
    }
    if study.split == Split::Textbook {
        option("split", "textbook".to_owned());
    }
}

fn goal(study: &Study, option: &mut impl FnMut(&str, String)) {
    // A target ranks by the steps to it by default.
    let understood = study.goal.metric == STEPS_TO_TARGET && study.also.is_empty();
    for (name, direction) in [("minimize", Direction::Minimize), ("maximize", Direction::Maximize)] {
        let own = study.goals().filter(|goal| goal.direction == direction && !understood);
        let own: Vec<&str> = own.map(|goal| goal.metric.as_str()).collect();
        if !own.is_empty() {
            option(name, own.join(","));
        }
    }
    if study.rank == Rank::Best {
        option("rank", "best".to_owned());
    }
    if let Some(floor) = study.floor {
        option("floor", floor.to_string());
    }
}

/// An axis as it is typed, as a list of its levels.
pub fn levels(axis: &Parameter) -> String {
    let levels: Vec<String> = axis.domain.levels().iter().map(quoted::item).collect();
    format!("{}={}", axis.name, levels.join(","))
}

/// An axis as it is typed: its levels where the sampler takes those, else its ends and its scale.
fn axis(study: &Study, axis: &Parameter) -> String {
    match &axis.domain {
        Domain::Interval { low, high, scale, integer, .. } if study.sampler != "grid" => {
            let scale = match scale {
                Scale::Linear => ":lin",
                Scale::Log => ":log",
                Scale::Pow2 => ":pow2",
                // The only scale without a word: the axes that have it have no other.
                Scale::OneMinus => "",
            };
            let whole = if *integer { ":int" } else { "" };
            format!("{}={}..{}{scale}{whole}", axis.name, Value::Float(*low), Value::Float(*high))
        }
        _ => levels(axis),
    }
}
