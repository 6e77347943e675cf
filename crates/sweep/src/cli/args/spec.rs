//! Options that specify a study.

use clap::Args;
use sweep_study::SpecFile;

use super::command::CommandArgs;
use crate::cli::choices;

/// Options that are keys of a study file: a typed value replaces that of the file.
macro_rules! key_args {
    ($(#[$about:meta])* $name:ident { $($(#[$attribute:meta])* $key:ident: $type:ty,)* }) => {
        $(#[$about])*
        #[derive(Args, Clone)]
        pub struct $name {
            $($(#[$attribute])* pub $key: Option<$type>,)*
        }

        impl $name {
            /// The typed keys; what was not typed is taken from `base`.
            pub fn over(self, base: SpecFile) -> SpecFile {
                SpecFile { $($key: self.$key.or(base.$key),)* ..base }
            }
        }
    };
}

key_args! {
    /// The data to train on.
    DataArgs {
        /// Data: mnist, moby-dick, movie-reviews, the environment cartpole, a folder of IDX files, a .npz file, a .csv
        /// table or a .txt text [default: mnist]
        #[arg(long, value_name = "DATA")]
        data: String,
        /// Column of a table that holds the label
        #[arg(long, value_name = "COLUMN")]
        label: String,
        /// What to make of the label column: classify, or regress to predict its numbers [default: whole numbers are
        /// classes unless most of them differ]
        #[arg(long, value_name = "TASK")]
        task: String,
        /// Column of a table that holds texts
        #[arg(long, value_name = "COLUMN")]
        text: String,
        /// Tokens of a text: char or word [default: char for a text, word for labelled texts]
        #[arg(long, value_name = "TOKENS")]
        tokens: String,
        /// Sequence length in tokens (the maximum for labelled texts) [default: 64; 256 for labelled texts of
        /// characters]
        #[arg(long, value_name = "N")]
        length: u64,
        /// Split: holdout, or textbook to train on the whole training file and validate on the test set [default:
        /// holdout]
        #[arg(long, value_name = "SPLIT")]
        split: String,
    }
}

key_args! {
    /// Sampling, pruning and replicates.
    PlanArgs {
        /// Proposal n may use the results of points up to n − N; async: of everything finished so far [default: 8]
        #[arg(long, value_name = "N")]
        lag: String,
        /// Pruner, which stops unpromising trials early
        #[arg(long, value_name = "NAME", value_parser = choices::pruners())]
        pruner: String,
        /// Fraction of the pruned trials to run to their end, to measure how often pruning is wrong
        #[arg(long, value_name = "SHARE")]
        audit: f64,
        /// Number of runs per point, with the same seeds at every point [default: 1]
        #[arg(long, value_name = "N")]
        replicates: u64,
        /// Seed of the study [default: 0]
        #[arg(long, value_name = "N")]
        seed: u64,
        /// Reading by which a trial is ranked, last or best [default: last]
        #[arg(long, value_name = "WHICH")]
        rank: String,
        /// Lowest value that the minimized metric can reach; values are compared by their excess over it [default:
        /// estimated where seeds show it, else 0]
        #[arg(long, value_name = "VALUE", allow_negative_numbers = true)]
        floor: f64,
        /// Name of the study and of its folder
        #[arg(long)]
        name: String,
    }
}

/// The specification of a study.
#[derive(Args)]
pub struct SpecArgs {
    /// Axes and settings: lr=1e-3..1e-1 (or lr=@find: the range comes from a range test), batch=16,32,64,
    /// schedule=constant,cosine, momentum=0.9; or a formula of other axes: lr=0.1*batch/256
    #[arg(value_name = "NAME=VALUES")]
    pub axes: Vec<String>,
    /// Budget of a trial in epochs; with --until, the limit [default: 3]
    #[arg(long, value_name = "N", visible_alias = "cap-epochs")]
    epochs: Option<String>,
    /// Budget of a trial in optimizer steps; with --until, the limit
    #[arg(long, value_name = "N", visible_alias = "cap-steps")]
    steps: Option<String>,
    /// Budget of a trial in training examples; with --until, the limit
    #[arg(long, value_name = "N", visible_alias = "cap-examples")]
    examples: Option<String>,
    /// End a trial once a metric reaches this value, such as val_loss=0.15; trials are then ranked by steps needed
    #[arg(long, value_name = "METRIC=VALUE")]
    until: Option<String>,
    /// Interval of readings: 1ep (epochs), 100st (steps), or x1.05 for steps growing by 5 % [default: 1ep]
    #[arg(long, value_name = "EVERY")]
    report_every: Option<String>,
    /// Interval at which to measure the gradient noise scale as a metric, such as 50st or every=50
    #[arg(long, value_name = "EVERY")]
    noise_scale: Option<String>,
    /// Interval at which to measure the largest Hessian eigenvalue as a metric, such as 100st or every=100
    #[arg(long, value_name = "EVERY")]
    sharpness: Option<String>,
    /// Bound that the best trial must satisfy, such as 'seconds<60'; repeatable
    #[arg(long, value_name = "BOUND")]
    subject_to: Vec<String>,
    /// Point to try first, such as 'lr=0.1 batch=32'; repeatable
    #[arg(long, value_name = "POINT")]
    enqueue: Vec<String>,
    /// Warm-start the search with another study's trials inside these ranges (same metric); repeatable
    #[arg(long, value_name = "STUDY")]
    from: Vec<String>,
    /// Setting of the pruner, such as eta=3; repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    pruner_set: Vec<String>,
    #[command(flatten)]
    pub plan: PlanArgs,
    #[command(flatten)]
    source: DataArgs,
    /// Metric to minimize [default: val_loss, if there are examples]; with several, such as val_loss,seconds, the first
    /// guides the search and the report shows the Pareto front of all
    #[arg(long, value_name = "METRIC")]
    minimize: Vec<String>,
    /// Metric to maximize, such as val_accuracy [default: return, for an agent]; together with --minimize it adds a
    /// metric
    #[arg(long, value_name = "METRIC")]
    maximize: Vec<String>,
    #[command(flatten)]
    command: CommandArgs,
}

impl SpecArgs {
    /// Takes the words of the command that were typed.
    pub fn take_command(&mut self) -> Vec<String> {
        self.command.take_words()
    }

    /// The specification typed; what was not typed stays as `base` has it.
    pub fn over(self, base: SpecFile) -> SpecFile {
        let mut spec = self.command.over(self.plan.over(self.source.over(base)));
        spec.subject_to.extend(self.subject_to);
        spec.enqueue.extend(self.enqueue);
        spec.from.extend(self.from);
        spec.pruner_set.extend(pairs(self.pruner_set));
        if !self.minimize.is_empty() || !self.maximize.is_empty() {
            // Typed metrics replace those of the file, whatever their direction.
            let list = |metrics: Vec<String>| (!metrics.is_empty()).then(|| metrics.join(","));
            (spec.minimize, spec.maximize) = (list(self.minimize), list(self.maximize));
        }
        let budgets = [("epochs", self.epochs), ("steps", self.steps), ("examples", self.examples)];
        if budgets.iter().any(|(_, value)| value.is_some()) {
            // A typed budget replaces the file's, whatever its unit.
            spec.settings.retain(|(name, _)| !sweep_settings::names::BUDGETS.contains(&name.as_str()));
        }
        if self.until.is_some() {
            spec.settings.retain(|(name, _)| name != sweep_settings::names::UNTIL);
        }
        let typed = budgets.into_iter().chain([
            (sweep_settings::names::UNTIL, self.until),
            ("report_every", self.report_every),
            ("noise_scale", self.noise_scale.map(steps)),
            ("sharpness", self.sharpness.map(steps)),
        ]);
        spec.settings.extend(typed.filter_map(|(name, value)| Some((name.to_owned(), value?))));
        spec.axes.extend(self.axes);
        spec
    }
}

/// Words as names and values; a word without `=` gets an empty value, which is refused where it is read.
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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use sweep_study::Study;

    use crate::catalogue;
    use crate::study::reproduce::command;

    #[derive(Parser)]
    struct Typed {
        #[arg(long)]
        sampler: String,
        #[arg(long)]
        trials: Option<u64>,
        #[command(flatten)]
        spec: SpecArgs,
    }

    fn resolved(words: &[String]) -> Study {
        let typed = Typed::parse_from(words);
        let base = SpecFile { sampler: Some(typed.sampler), trials: typed.trials, ..SpecFile::default() };
        let spec = typed.spec.over(base);
        spec.resolve(&catalogue::for_data(spec.data.as_deref())).unwrap()
    }

    #[test]
    fn a_command_means_the_study_it_was_made_from() {
        let typed = [
            "lr=1e-3..1e-1 batch=16,32,64 --sampler grid",
            "lr=0.01..1 schedule=constant,cosine --sampler grid --replicates 3 --seed 7 --steps 500",
            "lr=1e-4..1 batch=8..512 momentum=0..0.99 --sampler random --trials 12 --lag async",
            "lr=0.1,1 batch=64 --sampler grid --until val_loss=0.15 --cap-steps 4000 --report-every x1.05",
            "lr=0.1 batch=32 --sampler grid --maximize val_accuracy --rank best --split textbook --epochs 2",
            "lr=0.1,1 --sampler grid --minimize val_loss --minimize seconds --maximize val_accuracy",
            "lr=0.1,1 --sampler grid --minimize steps_to_target,seconds --until val_loss=0.15 --cap-steps 40",
            "lr=1e-4..1 batch=8..512 --sampler gp --enqueue 'lr=0.1 batch=32' --from quick --from other",
            "lr=1e-3..1e-1 agent=policy_gradient,dqn --sampler grid --data cartpole",
        ];
        for typed in typed {
            let words = |text: &str| shlex::split(text).unwrap();
            let study = resolved(&words(&format!("search {typed}")));
            let again = command(&study);
            let words: Vec<String> = words(&again)[1..].to_vec();
            let mut same = resolved(&words);
            // A range has become a list of levels; the points are the same.
            for (axis, typed) in same.space.parameters.iter_mut().zip(&study.space.parameters) {
                assert_eq!(axis.domain.levels(), typed.domain.levels(), "{again}");
                axis.domain = typed.domain.clone();
            }
            assert_eq!(Study { name: study.name.clone(), ..same }, study, "{again}");
        }
    }

    #[test]
    fn words_with_blanks_are_quoted() {
        let study = resolved(&shlex::split("search lr=0.1 --sampler grid").unwrap());
        let text = command(&Study { data: "my data.csv".into(), ..study });
        assert!(text.contains("--data 'my data.csv'"), "{text}");
    }
}
