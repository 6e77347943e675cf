//! The fork server: one Python process per study that has imported what the trials' script imports at its top, and forks
//! a process for each trial.
//!
//! Importing PyTorch takes seconds and hundreds of megabytes, per trial; a fork takes milliseconds and shares them. The
//! forked process becomes a child of the supervisor, since its parent ends at once, and then is a program like any other:
//! it is waited for, signalled and limited as one. Which imports are made beforehand, `plan.py` decides; what the trial
//! has to be given to be equal to a process of its own, `server.py` does. Whatever does not fit is started the ordinary
//! way: a [`Refusal`] is never the end of a trial.

mod python;
mod server;

pub use python::PythonCommand;
pub use server::{ForkServer, Key, Refusal};
