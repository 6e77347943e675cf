//! `sweep`: which learning rate, batch size and schedule should I train with?
//!
//! Parse, run, say once what went wrong. Exit codes: 0 done, 1 our fault or the machine's, 2 a wrong command line
//! or specification, 3 no trial finished, 130 interrupted and resumable.

mod ask_tell;
mod catalogue;
mod cli;
mod command;
mod earlier;
mod engine;
mod estimate;
mod executor;
mod files;
mod finish;
mod fit;
mod import;
mod kurobako;
mod lenient;
mod memory;
mod output;
mod pace;
mod paste;
mod place;
mod prepare;
mod progress;
mod range;
mod record;
mod refusal;
mod replay;
mod report;
mod reproduce;
mod run;
mod store;
mod supervisor;
mod tuning;
mod wandb;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run() {
        Ok(code) => code,
        Err(error) => {
            output::complain(&format!("error: {error:#}"));
            ExitCode::from(if refusal::is(&error) { 2 } else { 1 })
        }
    }
}
