//! Runs of other programs, kept as the trials of a study.

use std::path::Path;

use anyhow::Result;
use sweep_study::{Study, StudyRecord, Trial};

use super::{Store, append};
use crate::event::{Ending, Event, Planned, Reading};
use crate::refusal::refuse;

impl Store {
    /// Holds the study and the trials of `record`, which were imported, in place of an earlier import.
    ///
    /// # Errors
    /// A store that holds trials run here; a file that cannot be written.
    pub fn import(&mut self, folder: &Path, record: &StudyRecord) -> Result<()> {
        let revisions = self.revisions()?;
        let own = |study: &Study| study.imported.is_none();
        if revisions.len() > 1 || revisions.iter().any(own) {
            return refuse(format!(
                "{} holds trials that were run here; choose another name for the report, such as --name {}-runs",
                folder.display(),
                record.study.name
            ));
        }
        let study = serde_json::to_string(&record.study)?;
        self.run(|connection| {
            let transaction = connection.transaction()?;
            for table in ["revision", "trial", "reading"] {
                transaction.execute(&format!("DELETE FROM {table}"), [])?;
            }
            transaction.execute("INSERT INTO revision (study) VALUES (?1)", [study])?;
            for event in record.trials.iter().flat_map(events) {
                append(&transaction, &event)?;
            }
            transaction.commit()
        })
    }
}

/// What would have happened, had the trial run here.
fn events(trial: &Trial) -> Vec<Event> {
    let Trial { number, replicate, seed, .. } = *trial;
    let planned = Planned { number, point: trial.point.clone(), replicate, seed };
    let mut events =
        vec![Event::TrialStarted { trial: planned, resumed: false, audited: false, parent: None }];
    let curve = &trial.curve;
    events.extend(curve.step.iter().zip(&curve.epoch).enumerate().map(|(index, (step, epoch))| {
        let metrics = curve.row(index);
        Event::Reported { number, reading: Reading { step: *step, epoch: *epoch, metrics } }
    }));
    let (outcome, metrics) = (trial.outcome.clone(), trial.metrics.clone());
    let ending = Ending {
        outcome,
        steps: trial.steps,
        counted: trial.counted,
        epochs: trial.epochs,
        metrics,
        checkpoint: None,
    };
    events.push(Event::TrialEnded { number, until: 1.0, ending, span: None });
    events
}
