//! A session in a store: every request is durable before it is answered, so that a later command can continue it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use sweep_search::sampler;
use sweep_study::{Metrics, Outcome, Study};

use super::{News, Session, Trial, TrialResult};
use crate::refusal::refuse;
use crate::store::Store;
use crate::study::study_dir;

/// The data name of a study whose trials a client runs.
pub const SESSION: &str = "ask-tell";

/// A session and its store.
pub struct Kept {
    /// The session.
    pub session: Session,
    store: Store,
    metric: String,
    seed: u64,
}

impl Kept {
    /// Starts or continues the session named as `study`; see [`Session::new`] for `typed`.
    ///
    /// # Errors
    /// Another study has that name, or the store cannot be written.
    pub fn begin(results: &Path, study: &Study, typed: &BTreeMap<String, String>) -> Result<Kept> {
        let mut store = Store::write(&results.join(&study.name))?;
        match store.load()?.revisions.last() {
            Some(before) if before == study && store.typed()? == *typed => {}
            Some(before) => {
                let what = if before.data == SESSION {
                    "a session with other axes, sampler, seed or roles"
                } else {
                    "a study that sweep runs itself"
                };
                return refuse(format!("`{}` exists and is {what}; choose another --name", study.name));
            }
            None => {
                store.add_typed(typed)?;
                store.add_revision(study)?;
            }
        }
        Kept::from_store(store)
    }

    /// Continues the session `name`.
    ///
    /// # Errors
    /// There is no such session, or its store cannot be written.
    pub fn resume(results: &Path, name: &str) -> Result<Kept> {
        let folder = study_dir::find(results, Some(name))?;
        Kept::from_store(Store::write(&folder)?)
    }

    fn from_store(store: Store) -> Result<Kept> {
        let stored = store.load()?;
        let Some(study) = stored.revisions.last().cloned().filter(|study| study.data == SESSION) else {
            return refuse(
                "sweep runs the trials of this study itself; ask and tell work only with a session of sweep ask-tell --name",
            );
        };
        let metric = study.goal.metric.clone();
        let result = |trial: &sweep_study::Trial| match trial.outcome {
            Outcome::Complete { .. } => {
                TrialResult::Value(trial.metrics.get(&metric).copied().unwrap_or(f64::NAN))
            }
            Outcome::Diverged { .. } => TrialResult::Diverged,
            _ => TrialResult::Failed,
        };
        let mut trials: BTreeMap<u64, Trial> = stored
            .trials
            .iter()
            .map(|trial| (trial.number, (trial.point.clone(), Some(result(trial)))))
            .collect();
        trials.extend(store.open_trials()?.into_iter().map(|(number, point)| (number, (point, None))));
        let sampler = sampler::find(&study.sampler)?;
        let seed = study.seed;
        let session = Session::new(study, store.typed()?, (sampler.new)(), trials.into_values().collect());
        Ok(Kept { session, store, metric, seed })
    }

    /// Stores the changes of the session since the last call.
    ///
    /// # Errors
    /// The store cannot be written.
    pub fn keep(&mut self) -> Result<()> {
        for news in self.session.news() {
            let read = |value: f64| Metrics::from([(self.metric.clone(), value)]);
            match news {
                News::Asked { number, point } => self.store.add_asked(number, &point, self.seed)?,
                News::Reported { number, step, value } => {
                    self.store.add_reading(number, step, &read(value))?
                }
                News::Ended { number, result } => {
                    let (outcome, metrics) = match result {
                        TrialResult::Value(value) if value.is_finite() => {
                            (Outcome::Complete { stuck: false }, read(value))
                        }
                        TrialResult::Value(_) | TrialResult::Diverged => {
                            (Outcome::Diverged { step: 0 }, Metrics::new())
                        }
                        TrialResult::Failed => {
                            (Outcome::Failed { reason: "reported as failed".to_owned() }, Metrics::new())
                        }
                    };
                    self.store.add_told(number, &outcome, &metrics)?;
                }
            }
        }
        Ok(())
    }
}
