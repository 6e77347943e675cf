//! Successive halving without waiting for a rung to fill (ASHA).

use super::{Field, Pruner, Standing, Verdict};

/// The rungs of a halving by `eta`: `count` of them, the first at a share `eta`^(1 − `count`) of the budget.
pub fn rungs(eta: f64, count: usize) -> Vec<f64> {
    (0..count).rev().map(|power| eta.powi(-(power as i32))).collect()
}

/// Whether `loss` is among the best `1/eta` of `rivals`, itself among them, and at least among the best `least`.
pub fn promoted(loss: f64, rivals: &[f64], eta: f64, least: usize) -> bool {
    let kept = ((rivals.len() as f64 / eta).floor() as usize).max(least);
    loss.is_finite() && rivals.iter().filter(|other| **other < loss).count() < kept
}

/// ASHA (Li et al. 2020, MLSys, algorithm 2): a trial goes on as soon as it is among the best 1/η of those that reached
/// its rung, and waits until then. When nothing more is to come, the best of a rung goes on even where 1/η of it is less
/// than one, so that something is complete in the end.
pub struct Halving {
    eta: f64,
    rungs: Vec<f64>,
}

impl Halving {
    /// The pruner that keeps 1 of `eta` at each of `count` rungs but the last.
    pub fn new(eta: f64, count: usize) -> Halving {
        Halving { eta, rungs: rungs(eta, count) }
    }
}

/// The verdict of a halving by `eta` on a trial.
pub fn judge(trial: &Standing, field: &Field<'_>, eta: f64) -> Verdict {
    let Some((rung, loss)) = trial.rung().zip(trial.losses.last()) else { return Verdict::Continue };
    let Some(rivals) = field.rivals(trial, rung) else { return Verdict::Pause };
    if promoted(*loss, &rivals, eta, usize::from(!field.more)) { Verdict::Continue } else { Verdict::Pause }
}

impl Pruner for Halving {
    fn rungs(&self) -> &[f64] {
        &self.rungs
    }

    fn judge(&self, trial: &Standing, field: &Field<'_>) -> Verdict {
        judge(trial, field, self.eta)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rungs_and_promotions_are_those_of_successive_halving() {
        assert_eq!(rungs(3.0, 3), [1.0 / 9.0, 1.0 / 3.0, 1.0]);
        let rivals: Vec<f64> = (0..9).map(f64::from).collect();
        let kept = |eta| rivals.iter().filter(|loss| promoted(**loss, &rivals, eta, 0)).count();
        assert_eq!((kept(3.0), kept(2.0), kept(10.0)), (3, 4, 0));
        assert!(promoted(0.0, &rivals, 10.0, 1) && !promoted(f64::INFINITY, &[f64::INFINITY], 3.0, 1));
    }
}
