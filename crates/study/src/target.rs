//! Studies whose trials end when a metric first reaches a target, and are ranked by the steps to it.

use sweep_settings::Target;
use sweep_settings::names::{STEPS_TO_TARGET, UNTIL};

use crate::Study;

impl Study {
    /// The target at which trials end, if the study has one for all of them.
    pub fn target(&self) -> Option<Target> {
        self.settings.get(UNTIL)?.to_string().parse().ok()
    }

    /// The metric of the learning curves: the one that ranks trials or, if that is the steps to a target, the one that
    /// has to reach the target.
    pub fn curve_metric(&self) -> String {
        let target = self.target().filter(|_| self.goal.metric == STEPS_TO_TARGET);
        target.map_or_else(|| self.goal.metric.clone(), |target| target.metric)
    }
}
