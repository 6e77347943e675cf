//! Batch sizes that did not fit into memory: what is larger, all else equal, is not tried.

use std::sync::{Mutex, PoisonError};

use sweep_settings::names::BATCH;
use sweep_study::{Outcome, Point, Study, Trial, Value};

/// What did not fit so far: a point without its batch size, and the smallest batch size of it that did not fit.
#[derive(Debug, Default)]
pub struct TooLarge(Mutex<Vec<(Point, f64)>>);

impl TooLarge {
    /// What the `known` trials of `study` say.
    pub fn new(study: &Study, known: &[Trial]) -> TooLarge {
        let all = TooLarge::default();
        for trial in known.iter().filter(|trial| matches!(trial.outcome, Outcome::Infeasible { .. })) {
            all.learn(study, &trial.point);
        }
        all
    }

    /// The trial at `point` did not fit.
    pub fn learn(&self, study: &Study, point: &Point) {
        let Some(size) = study.batch(point) else { return };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((rest(point), size));
    }

    /// Why the trial at `point` cannot fit, where that is known.
    pub fn refusal(&self, study: &Study, point: &Point) -> Option<String> {
        let size = study.batch(point)?;
        let rest = rest(point);
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, least) = known.iter().find(|(other, least)| *other == rest && *least <= size)?;
        Some(format!("out of memory: {BATCH}={} did not fit with these settings", Value::Float(*least)))
    }
}

fn rest(point: &Point) -> Point {
    let mut rest = point.clone();
    rest.0.remove(BATCH);
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use sweep_study::{CommandFile, SpecFile};

    #[test]
    fn only_larger_batches_with_equal_settings_are_refused() {
        let command = CommandFile { run: vec!["p".into()], ..CommandFile::default() };
        let catalogue = command.catalogue(std::iter::empty()).unwrap();
        let axes = vec!["lr=1,2".to_owned(), "batch_size=8,16,32".to_owned()];
        let spec =
            SpecFile { axes, minimize: Some("l".into()), command: Some(command), ..SpecFile::default() };
        let study = spec.resolve(&catalogue).unwrap();
        let at = |lr: i64, batch: i64| {
            Point([("lr".to_owned(), Value::Int(lr)), ("batch".to_owned(), Value::Int(batch))].into())
        };
        let known = TooLarge::default();
        known.learn(&study, &at(1, 16));
        let refused = |lr, batch| known.refusal(&study, &at(lr, batch)).is_some();
        assert_eq!(
            [refused(1, 8), refused(1, 16), refused(1, 32), refused(2, 32)],
            [false, true, true, false]
        );
        assert!(known.refusal(&study, &at(1, 32)).unwrap().contains("batch=16"));
    }
}
