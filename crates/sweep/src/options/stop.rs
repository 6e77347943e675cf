//! Conditions that end a study before its last trial.

use std::time::{Duration, Instant};

use anyhow::Result;
use sweep_search::{Evidence, Limits, sampler};
use sweep_study::{Study, Target};

use crate::refusal::refuse;

/// When to stop the search.
#[derive(Clone, Debug, Default)]
pub struct StopOptions {
    /// End the study when this many trials in a row bring no improvement.
    pub patience: Option<u64>,
    /// Start no more trials after this time.
    pub timeout: Option<Duration>,
    /// End the study when a trial reaches a value, as typed: `val_loss=0.1`.
    pub stop_at: Option<String>,
    /// End the study when the expected improvement is at most this part of the best value, as typed: `0.5%`.
    pub stop_regret: Option<String>,
}

impl StopOptions {
    /// The limits of a search.
    ///
    /// # Errors
    /// A value to stop at of another metric than the study's; a bound on the regret that is not a percentage, or of
    /// a sampler that has none.
    pub fn limits(&self, study: &Study) -> Result<Limits> {
        let target = self.stop_at.as_deref().map(|text| target(text, study)).transpose()?;
        let regret = self.stop_regret.as_deref().map(|text| regret(text, study)).transpose()?;
        Ok(Limits { patience: self.patience, target, regret })
    }

    /// The time limit, counted from now.
    pub fn close(&self) -> Option<Instant> {
        Instant::now().checked_add(self.timeout?)
    }
}

/// The loss of a value to stop at.
fn target(text: &str, study: &Study) -> Result<f64> {
    let goal = &study.goal;
    let target = text.parse().ok().filter(|target: &Target| target.metric == goal.metric);
    match target.and_then(|target| Evidence::from_metric(target.value, goal.direction).loss()) {
        Some(loss) => Ok(loss),
        None => refuse(format!(
            "--stop-at {text} must name a value of the study's metric, such as {}=0.1",
            goal.metric
        )),
    }
}

/// The bound on the regret, as a fraction of the best loss.
fn regret(text: &str, study: &Study) -> Result<f64> {
    let bounding = sampler::bounding_regret();
    if !bounding.contains(&study.sampler.as_str()) {
        return refuse(format!(
            "--stop-regret {text} needs a sampler whose surrogate model bounds the regret: {}, not {}",
            bounding.join(" or "),
            study.sampler
        ));
    }
    let percent = text.strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
    match percent.filter(|percent| percent.is_finite() && *percent > 0.0) {
        Some(percent) => Ok(percent / 100.0),
        None => refuse(format!("--stop-regret {text} must be a percentage of the best value, such as 0.5%")),
    }
}
