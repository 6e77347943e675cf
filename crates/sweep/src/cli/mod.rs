//! The command line: one file per subcommand.

mod args;
mod as_trial;
mod ask;
mod ask_tell;
mod best;
mod cancel;
mod choices;
mod compare;
mod course;
mod dashes;
mod data;
mod export;
mod extend;
mod fit_batch;
mod groups;
mod hidden;
mod law;
mod list;
mod logs;
mod lr_find;
mod network;
mod recommend;
mod refine;
mod replay;
mod report;
mod rules;
mod schedule;
mod search;
mod show;
mod train;
mod transfer;
mod trial_run;
mod trial_train;
mod tune;

use std::process::ExitCode;

use anyhow::Result;
use clap::{FromArgMatches, Parser, Subcommand};

use crate::store::Store;
use crate::study::report::Reported;
use crate::study::study_dir;

/// The whole command line.
#[derive(Parser)]
#[command(name = "sweep", version, about = None, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    #[command(flatten)]
    SearchBy(search::SearchBy),
    /// Find learning rate, batch size and schedule in a given time
    Tune(tune::Tune),
    /// Any sampler with any pruner (--sampler NAME --pruner NAME)
    #[command(after_help = crate::catalogue::help())]
    Search(search::Search),
    /// Propose points to a program in any language, in JSON lines
    AskTell(ask_tell::AskTell),
    /// Propose the next point of a stored session
    Ask(ask::Ask),
    /// Report a trial's result to a stored session
    Tell(ask::Tell),
    /// Run a study file
    Run(search::RunFile),
    /// Train once
    #[command(after_help = crate::catalogue::help())]
    Train(train::Train),
    /// Widen the axes of a study and run the missing cells
    Extend(extend::Extend),
    /// Run more points near the best, or confirm it on fresh seeds
    Refine(refine::Refine),
    /// Continue an interrupted study
    Resume(extend::Resume),
    /// Rewrite a study's report, even while it runs, or import runs
    Report(report::Report),
    /// Print the trials of a study as JSON, JSON lines or CSV
    Export(export::Export),
    /// List the studies
    List(list::List),
    /// Print or follow the output of a trial
    Logs(logs::Logs),
    /// Print a study's verdict
    Show(show::Show),
    /// Print the best point, as settings or as code to paste
    Best(best::Best),
    /// Find the range of useful learning rates per batch size
    LrFind(lr_find::LrFind),
    /// Find the largest batch size at which a command fits into memory
    FitBatch(fit_batch::FitBatch),
    /// Compare two studies side by side
    Compare(compare::CompareStudies),
    /// Replay searches on a finished grid: would one have saved time?
    Replay(replay::ReplayStudy),
    /// Recommend settings for the least loss, examples, seconds or memory
    Recommend(recommend::Recommend),
    /// Predict the best rate for a batch size, length or width not run
    Transfer(transfer::TransferStudy),
    /// Fit laws of the best rate and batch size over groups of runs
    Law(law::Law),
    /// Measure the cost of rules that scale the rate with the batch size
    Rules(rules::Rules),
    /// Print or draw a schedule before using it
    Schedule(schedule::Schedule),
    /// Export the built-in data as files for other programs
    Data(data::Data),
    /// Stop a study and remove its jobs from the cluster's queue
    Cancel(cancel::Cancel),
    /// Run one attempt at a trial by its folder
    #[command(hide = true)]
    TrialRun(trial_run::TrialRun),
    /// Train a segment of a trial by its folder
    #[command(hide = true)]
    TrialTrain(trial_train::TrialTrain),
    /// End every trial of a study when its `sweep` is gone
    #[command(hide = true)]
    Supervise(hidden::Supervise),
    /// Start a program with a limit on its memory
    #[command(hide = true)]
    Confine(hidden::Confine),
}

/// Reads the command line and runs its command.
///
/// # Errors
/// What went wrong, with what to type instead.
pub fn run() -> Result<ExitCode> {
    let typed =
        groups::grouped::<Cli>().try_get_matches().unwrap_or_else(|error| dashes::explained(error).exit());
    let cli = Cli::from_arg_matches(&typed).unwrap_or_else(|error| error.exit());
    match cli.command {
        Command::SearchBy(args) => args.run(),
        Command::Tune(args) => args.run(),
        Command::Search(args) => args.run(),
        Command::AskTell(args) => args.run(),
        Command::Ask(args) => args.run(),
        Command::Tell(args) => args.run(),
        Command::Run(args) => args.run(),
        Command::Train(args) => args.run(),
        Command::Extend(args) => args.run(),
        Command::Refine(args) => args.run(),
        Command::Resume(args) => args.run(),
        Command::Report(args) => args.run(),
        Command::Export(args) => args.run(),
        Command::List(args) => args.run(),
        Command::Logs(args) => args.run(),
        Command::Show(args) => args.run(),
        Command::Best(args) => args.run(),
        Command::LrFind(args) => args.run(),
        Command::FitBatch(args) => args.run(),
        Command::Compare(args) => args.run(),
        Command::Replay(args) => args.run(),
        Command::Recommend(args) => args.run(),
        Command::Transfer(args) => args.run(),
        Command::Law(args) => args.run(),
        Command::Rules(args) => args.run(),
        Command::Schedule(args) => args.run(),
        Command::Data(args) => args.run(),
        Command::Cancel(args) => args.run(),
        Command::TrialRun(args) => args.run(),
        Command::TrialTrain(args) => args.run(),
        Command::Supervise(args) => args.run(),
        Command::Confine(args) => args.run(),
    }
}

/// A study with its facts, for commands that only read.
fn loaded(at: &args::PlaceArgs, name: Option<&str>) -> Result<Reported> {
    let folder = study_dir::find(&at.results, name)?;
    Reported::started(&Store::read(&folder)?, &folder)
}
