//! The best value that a search at random could reach, in words.

use crate::facts::{Facts, Reachable};
use crate::format;

/// The bound, how hard the search is, and what as many points more would give.
pub fn reachable(facts: &Facts) -> Vec<String> {
    let sentence = |found: &Reachable| {
        let value = |value: f64| format::with_error(facts, value, None);
        let better = if found.after == found.best {
            format!("{} more points would probably give nothing better", found.points)
        } else {
            format!("{} more points would give {} or better at even odds", found.points, value(found.after))
        };
        format!(
            "Nothing better than {} is within the ranges searched (95 %; {} effective hyperparameters near the best); {better}.",
            value(found.bound),
            format::short(sweep_settings::round_significant(found.dimensions, 2))
        )
    };
    facts.reachable.iter().map(sentence).collect()
}
