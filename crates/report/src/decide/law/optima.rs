//! Tables that give the best setting of each group alone, found on a grid that is not in the table.

use std::collections::BTreeSet;

use super::measured::{FEWEST, Laws, Measured};
use super::power::{Observation, PowerLaw};

/// The errors of optima as logarithms: they were rounded to a grid, whose steps are the smallest between different ones.
pub struct Optima {
    lr: f64,
    batch: Option<f64>,
}

impl Optima {
    /// `None` unless every group has one run with a learning rate, and these differ.
    pub fn of(measured: &[Measured]) -> Option<Optima> {
        if measured.iter().any(|group| group.runs != 1) {
            return None;
        }
        let lr = rounding(measured.iter().map(rate).collect::<Option<Vec<_>>>()?)?;
        let batch = measured.iter().map(batch).collect::<Option<Vec<_>>>().and_then(rounding);
        Some(Optima { lr, batch })
    }

    /// The learning rates of some groups.
    pub fn rates(&self, measured: &[Measured], chosen: &[usize]) -> Vec<Observation> {
        observations(measured, chosen, rate, self.lr)
    }

    /// The laws through some groups: those of the learning rate and the batch size that are best together.
    pub fn laws(&self, measured: &[Measured], chosen: &[usize], names: &[String]) -> Option<Laws> {
        let rates = self.rates(measured, chosen);
        let known: BTreeSet<usize> = rates.iter().map(|one| one.group).collect();
        if known.len() < FEWEST {
            return None;
        }
        let lr = PowerLaw::through(&rates, names)?;
        let batch = self
            .batch
            .and_then(|error| PowerLaw::through(&observations(measured, chosen, batch, error), names));
        Some(Laws { lr, batch })
    }
}

fn rate(group: &Measured) -> Option<f64> {
    group.facts.best_cell()?.lr.map(f64::ln)
}

fn batch(group: &Measured) -> Option<f64> {
    group.facts.best_cell()?.batch.map(f64::ln)
}

fn observations(
    measured: &[Measured],
    chosen: &[usize],
    of: fn(&Measured) -> Option<f64>,
    error: f64,
) -> Vec<Observation> {
    let one = |group: &usize| {
        let measured = &measured[*group];
        Some(Observation { group: *group, x: measured.logs(), y: of(measured)?, error })
    };
    chosen.iter().filter_map(one).collect()
}

/// The standard deviation of what is rounded to steps as large as the smallest difference between these; `None` where they
/// are all alike. Differences below a thousandth are of digits.
fn rounding(mut logs: Vec<f64>) -> Option<f64> {
    logs.sort_by(f64::total_cmp);
    let steps = logs.windows(2).map(|pair| pair[1] - pair[0]).filter(|step| *step > 1e-3);
    steps.reduce(f64::min).map(|step| step / 12f64.sqrt())
}
