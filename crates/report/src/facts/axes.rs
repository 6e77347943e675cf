//! The role of each axis in a study: the learning rate, the batch size, the schedule, and the rest.

use sweep_settings::names;
use sweep_study::{Domain, Parameter, Point, Study};

/// The axis that separates two compared studies.
pub const STUDY: &str = "study";

/// The axes that stand apart, one panel a value; where several vary, the first of them does.
pub const PANELS: [&str; 4] = [STUDY, "agent", names::SCHEDULE, "parametrization"];

/// The parts that the axes of a study play. An axis of a single level plays none: nothing varies along it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Axes {
    /// Whether the learning rate varies.
    pub lr: bool,
    /// Whether the batch size varies.
    pub batch: bool,
    /// The axis that is split into panels, one per value: the first of [`PANELS`] that varies.
    pub panel: Option<String>,
    /// The other axes that vary.
    pub rest: Vec<String>,
}

impl Axes {
    /// Assigns the parts.
    pub fn of(study: &Study) -> Axes {
        let apart = |name: &&str| varying(study).any(|axis| axis.name == *name);
        let panel = PANELS.into_iter().find(|name| apart(name)).map(str::to_owned);
        let mut axes = Axes { panel, ..Axes::default() };
        for axis in varying(study) {
            match axis.name.as_str() {
                names::LR => axes.lr = axis.domain.scale().is_some(),
                names::BATCH => axes.batch = true,
                name if axes.panel.as_deref() == Some(name) => {}
                _ => axes.rest.push(axis.name.clone()),
            }
        }
        axes
    }

    /// The panel that a point belongs to: the value of the panel's axis.
    pub fn panel_of(&self, point: &Point) -> Option<String> {
        point.get(self.panel.as_deref()?).map(ToString::to_string)
    }
}

/// The axes of a study that have more than one value.
pub fn varying(study: &Study) -> impl Iterator<Item = &Parameter> {
    study.space.parameters.iter().filter(|axis| varies(axis))
}

/// Whether an axis has more than one value.
pub fn varies(axis: &Parameter) -> bool {
    match &axis.domain {
        Domain::Interval { low, high, .. } => low < high,
        domain => domain.levels().len() > 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::study;

    #[test]
    fn each_axis_plays_its_part() {
        let axes =
            Axes::of(&study(&["lr=0.1,1", "batch=16,32", "schedule=constant,cosine", "momentum=0,0.9"]));
        assert_eq!((axes.lr, axes.batch, axes.panel.as_deref()), (true, true, Some("schedule")));
        assert_eq!(axes.rest, ["momentum"]);
        let axes = Axes::of(&study(&["lr=0.1,1", "schedule=constant,cosine", "agent=policy_gradient,dqn"]));
        assert_eq!((axes.panel.as_deref(), axes.rest), (Some("agent"), vec!["schedule".to_owned()]));
        assert_eq!(Axes::of(&study(&["lr=0.1", "batch=32"])), Axes::default());
    }
}
