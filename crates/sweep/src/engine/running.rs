//! The running trials, each with the curve of its segment.

use std::collections::BTreeMap;

use sweep_study::{Curve, Trial};

use crate::event::{Ending, Event, Planned};

/// The running trials, by number.
#[derive(Default)]
pub struct Running(BTreeMap<u64, (Planned, Curve)>);

impl Running {
    /// Adds a trial whose segment starts.
    pub fn begin(&mut self, trial: Planned) {
        self.0.insert(trial.number, (trial, Curve::default()));
    }

    /// Number of running trials.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no trial runs.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Applies a worker's event; returns the trial whose segment it ends, if any.
    pub fn follow(&mut self, event: &Event) -> Option<Trial> {
        match event {
            Event::TrialStarted { .. } => None,
            Event::Reported { number, reading } => {
                let (_, curve) = self.0.get_mut(number)?;
                curve.push(reading.step, reading.epoch, &reading.metrics);
                None
            }
            Event::TrialPutBack { number } => {
                self.0.remove(number);
                None
            }
            Event::TrialEnded { number, ending, .. } => {
                let (Planned { number, point, replicate, seed }, curve) = self.0.remove(number)?;
                let Ending { outcome, steps, counted, epochs, metrics, .. } = ending.clone();
                let trial = Trial::ended(number, point, (replicate, seed), outcome);
                Some(Trial { steps, counted, epochs, metrics, curve, ..trial })
            }
        }
    }
}
