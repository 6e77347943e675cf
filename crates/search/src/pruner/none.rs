//! Every trial runs to its end.

use super::{Entry, Field, Pruner, Standing, Verdict};

/// The table entry.
pub const ENTRY: Entry = Entry {
    name: "none",
    help: "no pruning: every trial runs to its end",
    command: None,
    asynchronous: false,
    settings: &[],
    new: |_| Box::new(Nothing),
};

/// Prunes nothing.
pub struct Nothing;

impl Pruner for Nothing {
    fn rungs(&self) -> &[f64] {
        &[1.0]
    }

    fn judge(&self, _: &Standing, _: &Field<'_>) -> Verdict {
        Verdict::Continue
    }
}
