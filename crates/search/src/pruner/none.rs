//! Every trial runs to its end.

use super::{Field, Pruner, Standing, Verdict};

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
