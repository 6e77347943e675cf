//! End-to-end tests of the built program, each from the outside: commands, files, exit codes.

mod determinism;
mod first_run;
mod house;
mod messages;
mod resume;
mod support;
