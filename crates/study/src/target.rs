//! Studies whose trials end where a metric first reaches a target, and are ranked by the steps that took.

use sweep_settings::Target;
use sweep_settings::names::{STEPS_TO_TARGET, UNTIL};

use crate::Study;

impl Study {
    /// The target at which trials end, where the study has one for all of them.
    pub fn target(&self) -> Option<Target> {
        self.settings.get(UNTIL)?.to_string().parse().ok()
    }

    /// The metric that learning curves are of: the one by which trials are ranked or, where that is the steps to a target,
    /// the one that is to reach it.
    pub fn curve_metric(&self) -> String {
        let target = self.target().filter(|_| self.goal.metric == STEPS_TO_TARGET);
        target.map_or_else(|| self.goal.metric.clone(), |target| target.metric)
    }
}
