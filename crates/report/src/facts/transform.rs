//! On which scale the values of a study are compared, as its own values tell.

use sweep_stats::pooled;
use sweep_study::{Direction, StudyRecord};

use super::axes::Axes;
use super::cells::{Cell, cells};
use super::measure::{Kind, Measure};
use super::valleys::Valleys;

/// By how many natural logarithms of likelihood the logarithm must beat the plain values.
const CLEAR: f64 = 3.0;

/// The ratio of the largest to the smallest value from which, without replicates, the logarithm is taken.
const DECADES: f64 = 100.0;

/// The measure of a study with its cells and their rows.
///
/// The name of the metric proposes a scale: the logarithm of a loss, the logarithm of the share of wrong answers, or the
/// values as they are. Where values do not allow that one (a loss that is not positive, an accuracy above 1) they are
/// taken as they are. A metric of another name that is minimized and positive is taken by its logarithm where runs of
/// one point are far more evenly spread on it: by their likelihood as normal deviations of one width, with the change of
/// scale accounted for (G. Box and D. Cox 1964, section 3).
pub fn measured(record: &StudyRecord, axes: &Axes) -> (Measure, Vec<Cell>, Valleys) {
    let proposed = Measure::of(&record.study.goal);
    let first = cells(record, axes, &proposed);
    let positive = Measure { kind: Kind::Loss, ..proposed };
    let kind = match (proposed.kind, proposed.direction) {
        (Kind::Other, Direction::Minimize)
            if allowed(&first, &positive) && spread_in_ratios(&first, &positive) =>
        {
            Kind::Loss
        }
        (kind, _) if allowed(&first, &proposed) => kind,
        _ => Kind::Other,
    };
    let measure = Measure { kind, ..proposed };
    let cells = if measure == proposed { first } else { cells(record, axes, &measure) };
    let valleys = Valleys::of(&cells, &measure);
    (measure, cells, valleys)
}

/// The values of the runs that stand for their points.
fn values(cells: &[Cell]) -> impl Iterator<Item = f64> {
    let run = cells.iter().filter(|cell| cell.value.is_some());
    run.flat_map(|cell| cell.values.iter().flatten().copied())
}

/// Whether every value has a cost.
fn allowed(cells: &[Cell], measure: &Measure) -> bool {
    values(cells).all(|value| measure.cost(value).is_some())
}

/// Whether positive values differ between runs of one point in proportion to their size.
fn spread_in_ratios(cells: &[Cell], logarithm: &Measure) -> bool {
    let plain = Measure { kind: Kind::Other, ..*logarithm };
    let groups: Vec<&[Option<f64>]> =
        cells.iter().filter(|cell| cell.value.is_some() && cell.n > 1).map(|cell| &cell.values[..]).collect();
    let deviation = |measure: &Measure| {
        pooled(&groups.iter().filter_map(|values| measure.costs(values)).collect::<Vec<_>>())
    };
    let (Some((plain, dof)), Some((ratio, _))) = (deviation(&plain), deviation(logarithm)) else {
        let ends =
            values(cells).fold((f64::INFINITY, 0f64), |(low, high), value| (low.min(value), high.max(value)));
        return ends.1 / ends.0 >= DECADES;
    };
    let logs: Vec<f64> =
        groups.iter().flat_map(|values| values.iter().flatten()).map(|value| value.ln()).collect();
    let change = logs.iter().sum::<f64>() / logs.len() as f64;
    dof * (plain.ln() - ratio.ln() - change) > CLEAR
}

#[cfg(test)]
mod tests {
    use crate::facts::{Facts, Kind, facts};
    use crate::fixtures::Made;

    /// Eight points with four seeds each: values from 1e-4 to 1, spread in proportion or evenly.
    fn study(metric: &str, spread: impl Fn(f64) -> f64) -> Facts {
        let lrs: Vec<String> = (1..=8).map(|lr| format!("{lr}e-3")).collect();
        let mut made = Made::new(&[&format!("lr={}", lrs.join(","))]).replicates(4).minimize(metric);
        for (index, lr) in lrs.iter().enumerate() {
            let level = 10f64.powf(-4.0 + index as f64 / 2.0);
            let values = [-1.1, 0.3, 0.9, -0.2].map(|z| level + z * spread(level));
            made = made.trial(&format!("lr={lr}"), &values);
        }
        facts(&made.record())
    }

    #[test]
    fn the_spread_of_runs_tells_the_scale() {
        assert_eq!(study("val_mse", |level| 0.3 * level).measure.kind, Kind::Loss);
        assert_eq!(study("val_mse", |_| 5e-5).measure.kind, Kind::Other);
        assert_eq!(study("val_loss", |_| 5e-5).measure.kind, Kind::Loss);
        // A loss that is not positive has no logarithm.
        assert_eq!(study("val_loss", |_| 2e-4).measure.kind, Kind::Other);
    }
}
