//! Arguments that subcommands share.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Result;
use bytesize::ByteSize;
use clap::Args;
use sweep_search::{Evidence, Limits};
use sweep_study::{SpecFile, Study, Target};

use crate::refusal::refuse;

use super::command::{CommandCare, CommandLine};

/// The data to train on.
#[derive(Args, Clone)]
pub struct Source {
    /// mnist, moby-dick, movie-reviews, the environment cartpole, a folder of IDX files, a .npz file, a .csv table or a
    /// .txt text [default: mnist]
    #[arg(long, value_name = "DATA")]
    data: Option<String>,
    /// The column of a table that holds the label
    #[arg(long, value_name = "COLUMN")]
    label: Option<String>,
    /// The column of a table that holds texts
    #[arg(long, value_name = "COLUMN")]
    text: Option<String>,
    /// What texts are cut into, char or word [default: char for a text, word for labelled texts]
    #[arg(long, value_name = "TOKENS")]
    tokens: Option<String>,
    /// Tokens of a window of a text, or the most of a labelled one [default: 64; 256 characters]
    #[arg(long, value_name = "N")]
    length: Option<u64>,
    /// holdout, or textbook: train on the whole training file and validate on the test set [default: holdout]
    #[arg(long, value_name = "SPLIT")]
    split: Option<String>,
}

impl Source {
    /// The data typed; what was not typed stays as `base` has it.
    pub fn over(self, base: SpecFile) -> SpecFile {
        SpecFile {
            data: self.data.or(base.data),
            label: self.label.or(base.label),
            text: self.text.or(base.text),
            tokens: self.tokens.or(base.tokens),
            length: self.length.or(base.length),
            split: self.split.or(base.split),
            ..base
        }
    }
}

/// What a study is made of.
#[derive(Args)]
pub struct Spec {
    /// Axes and settings: lr=1e-3..1e-1 (or lr=@find, by a range test), batch=16,32,64, schedule=constant,cosine, momentum=0.9; or a rule over others: lr=0.1*batch/256
    #[arg(value_name = "NAME=VALUES")]
    pub axes: Vec<String>,
    /// Budget of a trial in epochs [default: 3]
    #[arg(long, value_name = "N")]
    epochs: Option<String>,
    /// Budget of a trial in optimizer steps; with --until, the most that it may take
    #[arg(long, value_name = "N", visible_alias = "cap-steps")]
    steps: Option<String>,
    /// Budget of a trial in training examples
    #[arg(long, value_name = "N")]
    examples: Option<String>,
    /// End a trial where a metric first reaches a value, as in val_loss=0.15; trials then compete for the fewest steps
    #[arg(long, value_name = "METRIC=VALUE")]
    until: Option<String>,
    /// Readings: 1ep, 100st, or x1.05 for steps growing by 5 % [default: 1ep]
    #[arg(long, value_name = "EVERY")]
    report_every: Option<String>,
    /// Measure the gradient noise scale every so often, as in 50st or every=50: a metric
    #[arg(long, value_name = "EVERY")]
    noise_scale: Option<String>,
    /// Measure the largest Hessian eigenvalue every so often, as in 100st or every=100: a metric
    #[arg(long, value_name = "EVERY")]
    sharpness: Option<String>,
    /// Which trials a proposal knows of: of all points but the last N, or async [default: 8]
    #[arg(long, value_name = "N")]
    lag: Option<String>,
    /// Only trials that keep this bound can be best, as in 'seconds<60'; repeatable
    #[arg(long, value_name = "BOUND")]
    subject_to: Vec<String>,
    /// Try this point first, as in 'lr=0.1 batch=32'; repeatable
    #[arg(long, value_name = "POINT")]
    enqueue: Vec<String>,
    /// Let the sampler know the trials of this study from the start, those that lie in these ranges; repeatable
    #[arg(long, value_name = "STUDY")]
    from: Vec<String>,
    /// How long to look: end trials early by median, percentile, asha, hyperband, patient, threshold or wilcoxon
    #[arg(long, value_name = "NAME")]
    pub pruner: Option<String>,
    /// A setting of the pruner, as in eta=3; repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    pruner_set: Vec<String>,
    /// Run this share of the pruned trials to their end, to see how often pruning is wrong
    #[arg(long, value_name = "SHARE")]
    audit: Option<f64>,
    /// Run each point this often, with the same seeds at every point [default: 1]
    #[arg(long, value_name = "N")]
    replicates: Option<u64>,
    /// The study's seed [default: 0]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    #[command(flatten)]
    source: Source,
    /// Rank by a metric of which lower is better [default: val_loss, where there are examples]; of several, as in
    /// val_loss,seconds, the first leads the search and the report has the Pareto front of all
    #[arg(long, value_name = "METRIC")]
    minimize: Vec<String>,
    /// Rank by a metric of which higher is better, such as val_accuracy [default: return, where an agent acts]; beside
    /// --minimize it is one more metric
    #[arg(long, value_name = "METRIC")]
    maximize: Vec<String>,
    /// Which reading of a trial counts, last or best [default: last]
    #[arg(long, value_name = "WHICH")]
    rank: Option<String>,
    /// Name of the study and of its folder
    #[arg(long)]
    pub name: Option<String>,
    #[command(flatten)]
    command: CommandLine,
}

impl Spec {
    /// The specification typed; what was not typed stays as `base` has it.
    pub fn over(self, base: SpecFile) -> SpecFile {
        let mut spec = self.command.over(self.source.over(base));
        spec.name = self.name.or(spec.name);
        spec.lag = self.lag.or(spec.lag);
        spec.pruner = self.pruner.or(spec.pruner);
        spec.audit = self.audit.or(spec.audit);
        spec.subject_to.extend(self.subject_to);
        spec.enqueue.extend(self.enqueue);
        spec.from.extend(self.from);
        spec.pruner_set.extend(pairs(self.pruner_set));
        spec.seed = self.seed.or(spec.seed);
        spec.replicates = self.replicates.or(spec.replicates);
        if !self.minimize.is_empty() || !self.maximize.is_empty() {
            // Metrics typed replace those of the file, whichever way these are better.
            let list = |metrics: Vec<String>| (!metrics.is_empty()).then(|| metrics.join(","));
            (spec.minimize, spec.maximize) = (list(self.minimize), list(self.maximize));
        }
        spec.rank = self.rank.or(spec.rank);
        let budgets = [("epochs", self.epochs), ("steps", self.steps), ("examples", self.examples)];
        if budgets.iter().any(|(_, value)| value.is_some()) {
            // A budget typed replaces the one of the file, whichever it is.
            spec.settings.retain(|(name, _)| !sweep_study::study::BUDGETS.contains(&name.as_str()));
        }
        if self.until.is_some() {
            spec.settings.retain(|(name, _)| name != sweep_study::target::UNTIL);
        }
        let typed = budgets.into_iter().chain([
            (sweep_study::target::UNTIL, self.until),
            ("report_every", self.report_every),
            ("noise_scale", self.noise_scale.map(steps)),
            ("sharpness", self.sharpness.map(steps)),
        ]);
        spec.settings.extend(typed.filter_map(|(name, value)| Some((name.to_owned(), value?))));
        spec.axes.extend(self.axes);
        spec
    }
}

/// Words as names and values; a word without `=` has no value, which is refused where it is read.
pub fn pairs(words: Vec<String>) -> Vec<(String, String)> {
    let pair = |text: String| match text.split_once('=') {
        Some((name, value)) => (name.to_owned(), value.to_owned()),
        None => (text, String::new()),
    };
    words.into_iter().map(pair).collect()
}

/// `every=50` and `50` mean 50 steps.
fn steps(every: String) -> String {
    let length = every.strip_prefix("every=").unwrap_or(&every);
    if length.chars().all(|letter| letter.is_ascii_digit()) {
        format!("{length}st")
    } else {
        length.to_owned()
    }
}

/// How a study is run; no part of its specification.
#[derive(Args)]
pub struct Running {
    /// Trials at once [default: all cores]; one of several workers spreads over cores that others leave
    #[arg(long, short, value_name = "N")]
    pub jobs: Option<usize>,
    /// Start anew beside a study of the same name
    #[arg(long)]
    pub fresh: bool,
    /// Run failed trials again
    #[arg(long)]
    pub retry_failed: bool,
    /// Keep the weights of the best trial as a NumPy archive, best.npz in the study's folder
    #[arg(long)]
    pub save_best: bool,
    /// Print the plan, its time and its memory, and run nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Refuse points that, with all jobs at work, would need more memory than this, such as 2GB
    #[arg(long, value_name = "SIZE")]
    pub max_memory: Option<ByteSize>,
    /// Refuse studies of more trials than this
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    pub max_trials: u64,
    #[command(flatten)]
    pub limits: Enough,
    #[command(flatten)]
    pub output: Output,
    #[command(flatten)]
    pub care: CommandCare,
}

impl Running {
    /// The number of trials at once.
    pub fn jobs(&self) -> usize {
        // Devices that contradict each other are refused where the commands are started.
        self.care.asked(self.jobs).jobs().unwrap_or(1)
    }
}

/// When to look no further; no part of the specification.
#[derive(Args)]
pub struct Enough {
    /// End the study when the last N trials brought nothing better
    #[arg(long, value_name = "N")]
    patience: Option<u64>,
    /// Start nothing more after this time, as in 90s, 10m or 2h
    #[arg(long, value_name = "TIME")]
    timeout: Option<humantime::Duration>,
    /// End the study when a trial reaches a value, as in val_loss=0.1
    #[arg(long, value_name = "METRIC=VALUE")]
    stop_at: Option<String>,
    /// End the study when the sampler's surrogate (gp, bayes) expects nothing better by more than this part of the best value,
    /// as in 0.5%
    #[arg(long, value_name = "PERCENT")]
    stop_regret: Option<String>,
}

impl Enough {
    /// The limits of a search.
    ///
    /// # Errors
    /// A value to stop at of another metric than the study's; a bound on the regret that is no percentage, or of a sampler
    /// that has none.
    pub fn of(&self, study: &Study) -> Result<Limits> {
        let target = self.stop_at.as_deref().map(|text| target(text, study)).transpose()?;
        let regret = self.stop_regret.as_deref().map(|text| regret(text, study)).transpose()?;
        Ok(Limits { patience: self.patience, target, regret })
    }

    /// Sets the value to stop at, where there is one and none was typed.
    pub fn stop_at(&mut self, target: Option<String>) {
        self.stop_at = self.stop_at.take().or(target);
    }

    /// Sets the patience, unless it was typed.
    pub fn patient(&mut self, trials: u64) {
        self.patience.get_or_insert(trials);
    }

    /// When the time is up, from now.
    pub fn close(&self) -> Option<Instant> {
        Instant::now().checked_add(self.timeout?.into())
    }
}

/// The loss of a value to stop at.
fn target(text: &str, study: &Study) -> Result<f64> {
    let goal = &study.goal;
    let target = Target::read(text).filter(|target| target.metric == goal.metric);
    match target.and_then(|target| Evidence::told(target.value, goal.direction).loss()) {
        Some(loss) => Ok(loss),
        None => refuse(format!(
            "--stop-at {text} must name a value of the study's metric, as in {}=0.1",
            goal.metric
        )),
    }
}

/// The part of the best loss below which a regret is to fall.
fn regret(text: &str, study: &Study) -> Result<f64> {
    if !sweep_search::bounds(&study.sampler) {
        return refuse(format!(
            "--stop-regret {text} needs a sampler whose surrogate bounds the regret, gp or ridge (sweep bayes); {} has none",
            study.sampler
        ));
    }
    let percent = text.strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
    match percent.filter(|percent| percent.is_finite() && *percent > 0.0) {
        Some(percent) => Ok(percent / 100.0),
        None => refuse(format!("--stop-regret {text} must be a percentage of the best value, as in 0.5%")),
    }
}

/// The number of jobs asked for, else one a core.
pub fn jobs(asked: Option<usize>) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    asked.unwrap_or(cores).max(1)
}

/// Where results go and how they are told.
#[derive(Args)]
pub struct Output {
    #[command(flatten)]
    pub place: Place,
    /// Draw the charts as SVG too
    #[arg(long)]
    pub svg: bool,
    /// Show no progress
    #[arg(long, short)]
    pub quiet: bool,
}

/// Where studies are, and for whom to print.
#[derive(Args)]
pub struct Place {
    /// The folder that holds the studies
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub results: PathBuf,
    /// Print one JSON document instead of text
    #[arg(long)]
    pub json: bool,
}
