//! Commands as trials: any program that can be started, given its parameters and read for its metrics.
//!
//! A trial's folder is the whole protocol (see [`folder`]): `sweep` writes what the program may read, and reads what the
//! program writes or prints. Nothing here knows how or where the program is started.

pub mod budget;
mod counters;
mod diverged_if;
mod errors;
pub mod folder;
pub mod gather;
mod imports;
mod macros;
pub mod out_of_memory;
pub mod output;
pub mod own_cwd;
pub mod program;
pub mod provenance;
pub mod python;
pub mod read;
pub mod remarks;
pub mod suggestion;
pub mod tail;
pub mod task;
pub mod template;
mod thinning;

pub use remarks::remarks;
