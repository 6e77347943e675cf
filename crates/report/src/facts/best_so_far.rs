//! How the best value found came about, trial by trial.

use serde::Serialize;

use super::cells::Cell;
use super::measure::Measure;

/// A point that was better than all before it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BestSoFar {
    /// Trials proposed up to it, its own included.
    pub trials: usize,
    /// Its value.
    pub value: f64,
    /// Its cell, an index into the cells.
    pub cell: usize,
}

/// The points that were better than all proposed before them; `cells` in the order in which they were tried. Empty for
/// a grid, whose order has no meaning.
pub fn best_so_far(sampler: &str, cells: &[Cell], measure: &Measure) -> Vec<BestSoFar> {
    let (mut found, mut trials) = (Vec::<BestSoFar>::new(), 0);
    for (cell, own) in cells.iter().enumerate().filter(|_| sampler != "grid") {
        trials += own.n;
        let Some(value) = own.value else { continue };
        if found.last().is_none_or(|best| measure.better(value, best.value)) {
            found.push(BestSoFar { trials, value, cell });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::fixtures::{Made, diverged};

    #[test]
    fn each_better_point_is_a_step() {
        let record = Made::new(&["lr=1e-3..1"])
            .sampler("random")
            .replicates(2)
            .outcomes("lr=0.9", vec![diverged(3), diverged(4)])
            .trial("lr=0.1", &[0.4, 0.4])
            .trial("lr=0.2", &[0.5, 0.5])
            .trial("lr=0.3", &[0.2, 0.2])
            .record();
        let steps: Vec<(usize, f64, usize)> = crate::facts(&record)
            .best_so_far
            .iter()
            .map(|step| (step.trials, (step.value * 1e6).round() / 1e6, step.cell))
            .collect();
        assert_eq!(steps, [(4, 0.4, 1), (8, 0.2, 3)]);
        assert_eq!(crate::facts(&Made::new(&["lr=0.1,1"]).trial("lr=0.1", &[0.4]).record()).best_so_far, []);
    }
}
