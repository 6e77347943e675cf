//! Hyperband: successive halving from several first rungs at once.

use super::halving::{judge, rungs};
use super::{Field, Pruner, Standing, Verdict};

/// Hyperband (Li et al. 2018, JMLR 18): a point belongs to a bracket, which says at which rung it first pauses, and each
/// bracket halves for itself. The sizes of the brackets are those of the authors' code, ⌊(s_max+1)/(s+1)⌋·ηˢ (81, 27, 9,
/// 6, 5 for a budget of 81 and η = 3; the printed formula rounds after the product); points are dealt out in these
/// proportions from the first on.
pub struct Hyperband {
    eta: f64,
    rungs: Vec<f64>,
    /// The first rung of each point of a round.
    round: Vec<usize>,
}

impl Hyperband {
    /// The pruner with `count` brackets that keep 1 of `eta` at each rung.
    pub fn new(eta: f64, count: usize) -> Hyperband {
        Hyperband { eta, rungs: rungs(eta, count), round: dealt(&sizes(eta, count)) }
    }
}

/// Points of a bracket by its first rung.
fn sizes(eta: f64, count: usize) -> Vec<usize> {
    let size = |halvings: usize| (count / (halvings + 1)) * eta.powi(halvings as i32).floor() as usize;
    (0..count).rev().map(size).collect()
}

/// A round in which each bracket comes as often as it has points, as evenly as can be.
fn dealt(sizes: &[usize]) -> Vec<usize> {
    let mut given = vec![0; sizes.len()];
    let mut round = Vec::new();
    for _ in 0..sizes.iter().sum::<usize>() {
        let due = |bracket: &usize| (given[*bracket] + 1) as f64 / sizes[*bracket] as f64;
        let next = (0..sizes.len()).min_by(|a, b| due(a).total_cmp(&due(b))).unwrap_or(0);
        given[next] += 1;
        round.push(next);
    }
    round
}

impl Pruner for Hyperband {
    fn rungs(&self) -> &[f64] {
        &self.rungs
    }

    fn first(&self, point: u64) -> usize {
        self.round.get((point % self.round.len().max(1) as u64) as usize).copied().unwrap_or(0)
    }

    fn judge(&self, trial: &Standing, field: &Field<'_>) -> Verdict {
        judge(trial, field, self.eta)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_have_the_sizes_of_the_paper() {
        assert_eq!(sizes(3.0, 5), [81, 27, 9, 6, 5]);
        let round = dealt(&sizes(3.0, 4));
        let count = |bracket| round.iter().filter(|other| **other == bracket).count();
        assert_eq!([0, 1, 2, 3].map(count), [27, 9, 6, 4]);
        assert!((0..4).all(|bracket| round[..12].contains(&bracket)), "{round:?}");
    }
}
