//! The learning-rate range test: made for `sweep lr-find`, and for an axis `lr=@find`.

mod find;
mod test;

pub use find::{asked, filled_in};
pub use test::{Finished, Options, Test};

/// Seeds of a range test for which no number is given.
pub const REPLICATES: u32 = 5;
