//! The gradient noise scale that the runs measured, next to the critical batch size that it is to predict.

use serde::Serialize;
use sweep_stats::distribution::student;
use sweep_study::StudyRecord;

use super::best::BatchBest;
use super::cells::Cell;
use super::critical_batch::CriticalBatch;
use super::estimate::{CONFIDENCE, Estimate, Status};

/// The metric that holds it.
const METRIC: &str = "noise_scale";

/// By how much it and the critical batch size may differ before that is worth a word.
const AGREE: f64 = 3.0;

/// B_simple at the best learning rate of one batch size, at the end of its runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NoiseScale {
    /// The panel; `None` where the schedule is not an axis.
    pub panel: Option<String>,
    /// The batch size of the runs.
    pub batch: Option<f64>,
    /// The geometric mean over seeds of the last reading.
    #[serde(flatten)]
    pub scale: Estimate,
    /// Its ratio to the critical batch size of the panel, where there is one.
    pub to_critical: Option<f64>,
    /// Whether the two differ by more than a factor of three.
    pub disagrees: bool,
}

/// The noise scale at each batch size's best cell; empty where no run measured it.
pub fn noise_scales(
    record: &StudyRecord,
    cells: &[Cell],
    rows: &[BatchBest],
    critical: &[CriticalBatch],
) -> Vec<NoiseScale> {
    let scale = |row: &BatchBest| {
        let numbers = &cells.get(row.cell?)?.trials;
        let own = record.trials.iter().filter(|trial| numbers.contains(&trial.number));
        let last = own.filter_map(|trial| trial.metrics.get(METRIC)).filter(|last| **last > 0.0);
        let logs: Vec<f64> = last.map(|last| last.ln()).collect();
        let scale = mean(&logs)?;
        let own = critical.iter().find(|critical| critical.panel == row.panel);
        let to_critical =
            own.and_then(|critical| critical.batch.estimate).zip(scale.estimate).map(|(b, scale)| scale / b);
        Some(NoiseScale {
            panel: row.panel.clone(),
            batch: row.batch,
            scale,
            to_critical,
            disagrees: to_critical.is_some_and(|ratio| !(1.0 / AGREE..=AGREE).contains(&ratio)),
        })
    };
    rows.iter().filter_map(scale).collect()
}

fn mean(logs: &[f64]) -> Option<Estimate> {
    let n = logs.len();
    let mean = (n > 0).then(|| logs.iter().sum::<f64>() / n as f64)?;
    let squares: f64 = logs.iter().map(|log| (log - mean).powi(2)).sum();
    let reach = (n > 1).then(|| {
        let error = (squares / (n - 1) as f64 / n as f64).sqrt();
        student(0.5 + CONFIDENCE / 2.0, n as f64 - 1.0) * error
    });
    Some(Estimate {
        estimate: Some(mean.exp()),
        low: reach.map(|reach| (mean - reach).exp()),
        high: reach.map(|reach| (mean + reach).exp()),
        confidence: reach.map(|_| CONFIDENCE),
        ..Estimate::none("examples", n, Status::Ok)
    })
}

#[cfg(test)]
mod tests {
    use crate::facts::facts;
    use crate::fixtures::until;

    #[test]
    fn a_noise_scale_far_from_the_critical_batch_size_is_flagged() {
        let scaled = |scale: f64| {
            let mut record = until(&["batch=8..4096", "lr=0.25,0.5,1"], 150.0);
            for trial in &mut record.trials {
                trial.metrics.insert("noise_scale".into(), scale * (1.0 + 0.1 * f64::from(trial.replicate)));
            }
            facts(&record).noise_scale.remove(3)
        };
        let near = scaled(200.0);
        assert!(!near.disagrees && near.scale.n == 3, "{near:?}");
        assert!(near.scale.low.unwrap() < near.scale.estimate.unwrap());
        assert!(scaled(900.0).disagrees && scaled(20.0).disagrees);
    }
}
