//! End-to-end tests of the built program, each from the outside: commands, files, exit codes.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod agents;
mod ask_tell;
mod browser;
mod callbacks;
mod command;
mod decisions;
mod determinism;
mod first_run;
mod fit_batch;
mod house;
mod lr_find;
mod messages;
mod page;
mod population;
mod pruning;
mod python;
mod replay;
mod report_runs;
mod resume;
mod schedule;
mod search;
mod slurm;
mod support;
mod tune;
mod wandb;
