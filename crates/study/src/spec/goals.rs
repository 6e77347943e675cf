//! The goals of a study: one metric, or several traded off against each other.

use super::resolve::other;
use crate::{Catalogue, SECONDS, SpecError, SpecFile};
use sweep_settings::names::STEPS_TO_TARGET;
use sweep_settings::{Direction, Goal};

impl SpecFile {
    /// The goals of the study. The first ranks trials and leads the search: of the metrics named, the first to
    /// minimize, otherwise the first to maximize, and `seconds` only if nothing else is named. If trials end at a
    /// `target` and no metric is named, the goal is the fewest steps to it.
    ///
    /// # Errors
    /// A metric that does not exist or is named twice; a command without any metric.
    pub(crate) fn goals(&self, catalogue: &Catalogue, target: bool) -> Result<Vec<Goal>, SpecError> {
        let mut goals = named(self.minimize.as_deref(), Direction::Minimize)?;
        goals.extend(named(self.maximize.as_deref(), Direction::Maximize)?);
        goals.sort_by_key(|goal| goal.metric == SECONDS);
        if goals.is_empty() {
            goals.push(self.default_goal(catalogue, target)?);
        }
        for (index, Goal { metric, .. }) in goals.iter().enumerate() {
            let clock = index > 0 && metric == SECONDS;
            if !catalogue.metrics.is_empty() && !catalogue.metrics.contains(metric) && !clock {
                let there = catalogue.metrics.join(", ");
                return Err(other(format!("there is no metric `{metric}`; the metrics are {there}")));
            }
            if metric == STEPS_TO_TARGET && !target {
                return Err(other(format!("{metric} needs a target: until=val_loss=0.15")));
            }
            if goals[..index].iter().any(|goal| goal.metric == *metric) {
                return Err(other(format!("{metric} is named twice; name each metric once")));
            }
        }
        Ok(goals)
    }

    fn default_goal(&self, catalogue: &Catalogue, target: bool) -> Result<Goal, SpecError> {
        if target {
            return Ok(Goal { metric: STEPS_TO_TARGET.to_owned(), direction: Direction::Minimize });
        }
        if self.command.is_some() {
            return Err(other(
                "no metric to rank trials by; name one that the command reports: --minimize val_loss, or --maximize accuracy".into(),
            ));
        }
        let loss = || Goal { metric: "val_loss".to_owned(), direction: Direction::Minimize };
        Ok(catalogue.goal.clone().unwrap_or_else(loss))
    }
}

/// The metrics of a list such as `val_loss,seconds`.
fn named(list: Option<&str>, direction: Direction) -> Result<Vec<Goal>, SpecError> {
    let Some(list) = list else { return Ok(Vec::new()) };
    let goal = |metric: &str| match metric.trim() {
        "" => Err(other(format!("`{list}` has an empty metric name; write val_loss, or val_loss,seconds"))),
        metric => Ok(Goal { metric: metric.to_owned(), direction }),
    };
    list.split(',').map(goal).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goals(minimize: Option<&str>, maximize: Option<&str>) -> Result<Vec<String>, String> {
        let metrics = ["val_loss", "val_accuracy"].map(str::to_owned).to_vec();
        let catalogue = Catalogue { metrics, ..Catalogue::default() };
        let (minimize, maximize) = (minimize.map(str::to_owned), maximize.map(str::to_owned));
        let spec = SpecFile { minimize, maximize, ..SpecFile::default() };
        let goals = spec.goals(&catalogue, false).map_err(|error| error.to_string())?;
        Ok(goals.into_iter().map(|goal| goal.metric).collect())
    }

    #[test]
    fn the_first_metric_leads_and_the_clock_never_does() {
        assert_eq!(goals(None, None).unwrap(), ["val_loss"]);
        assert_eq!(goals(Some("val_loss, seconds"), None).unwrap(), ["val_loss", "seconds"]);
        assert_eq!(goals(Some("seconds"), Some("val_accuracy")).unwrap(), ["val_accuracy", "seconds"]);
        assert_eq!(goals(Some("val_loss"), Some("val_accuracy")).unwrap(), ["val_loss", "val_accuracy"]);
    }

    #[test]
    fn unknown_metrics_are_refused() {
        let why = |minimize: &str| goals(Some(minimize), None).unwrap_err();
        assert!(
            why("seconds").contains("no metric `seconds`; the metrics are val_loss"),
            "{}",
            why("seconds")
        );
        assert!(why("val_loss,val_loss").contains("val_loss is named twice"));
        assert!(why("val_loss,,seconds").contains("empty metric name"));
        assert!(why("steps_to_target").contains("no metric"));
    }
}
