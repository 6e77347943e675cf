//! `sweep`: which learning rate, batch size and schedule should I train with?
//!
//! Parses, runs, and prints an error once. Exit codes: 0 done, 1 internal or machine error, 2 a wrong command line
//! or specification, 3 no trial finished, 130 interrupted and resumable.

mod ask_tell;
mod catalogue;
mod cli;
mod engine;
mod event;
mod executor;
mod files;
mod import;
mod lenient;
mod options;
mod output;
mod plan;
mod refusal;
mod shell;
mod stop;
mod store;
mod study;
mod supervisor;
mod trial_folder;
mod wandb;
mod yaml;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run() {
        Ok(code) => code,
        Err(error) => {
            output::eprintln(&format!("error: {error:#}"));
            ExitCode::from(if refusal::is_refusal(&error) { 2 } else { 1 })
        }
    }
}
