//! End-to-end tests of the built program, each from the outside: commands, files, exit codes.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod agents;
mod arrays;
mod ask_tell;
mod browser;
mod callbacks;
mod command;
mod compare;
mod decisions;
mod determinism;
mod faults;
mod first_run;
mod fit_batch;
mod fork_server;
mod house;
mod imported;
mod lengths;
mod lr_find;
mod messages;
mod metrics;
mod models;
mod page;
mod population;
mod pruning;
mod published;
mod python;
mod pytorch;
mod readings;
mod readme;
mod recipes;
mod replay;
mod report_runs;
mod rerun;
mod resume;
mod scale;
mod schedule;
mod search;
mod skipped;
mod slurm;
mod spelling;
mod support;
mod tune;
mod wandb;
mod warm;
mod workers;
