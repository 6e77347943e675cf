//! Trials of other studies that warm-start a study.

use serde::{Deserialize, Serialize};

use crate::{Point, Study, Trial, Value};

/// The trials of another study that the sampler knows from the start. They are copied, so that the study continues
/// identically if the other one grows or is deleted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Earlier {
    /// The other study's name, as given.
    pub study: String,
    /// Those of its trials that lie in this study's space, by number.
    pub trials: Vec<EarlierTrial>,
}

/// A finished trial of another study.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EarlierTrial {
    /// Its place in the space of the study that it warm-starts.
    #[serde(rename = "params")]
    pub point: Point,
    /// The value of its metric; `None` if it diverged or could not run.
    pub value: Option<f64>,
}

impl Study {
    /// Where a trial of `other` lies in this study's space: the value of each axis that applies, from the trial's point
    /// or the settings that it ran with. `None` if a value is missing or outside its axis, or if a parameter that
    /// follows a rule here had a different value there.
    pub fn place(&self, other: &Study, trial: &Trial) -> Option<Point> {
        let settings = other.settings_at(&trial.point);
        let mut point = Point::default();
        for axis in &self.space.parameters {
            if axis.applies(&point) {
                let value = axis.domain.within(settings.get(&axis.name)?)?;
                point.0.insert(axis.name.clone(), value);
            }
        }
        let kept = |name: &str| {
            let own: Option<Value> = self.setting(&point, name);
            own.as_ref() == settings.get(name)
        };
        self.derived.iter().all(|derived| kept(derived.name())).then_some(point)
    }
}

#[cfg(test)]
mod tests {
    use crate::{Catalogue, Outcome, Point, SpecFile, Study, Trial, Value};

    fn study(axes: &[&str]) -> Study {
        let axes = axes.iter().map(|axis| (*axis).to_owned()).collect();
        let spec = SpecFile { axes, minimize: Some("loss".into()), ..SpecFile::default() };
        spec.resolve(&Catalogue { open: true, ..Catalogue::default() }).unwrap()
    }

    fn trial(values: &[(&str, Value)]) -> Trial {
        let point = Point(values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect());
        Trial::ended(0, point, (0, 0), Outcome::Complete { stuck: false })
    }

    #[test]
    fn a_trial_is_placed_by_its_point_and_its_settings() {
        let new = study(&["lr=0.01..1", "batch=16,32"]);
        let mut other = study(&["lr=0.001..10"]);
        let at = |other: &Study, lr: f64| {
            new.place(other, &trial(&[("lr", Value::Float(lr))])).map(|point| point.to_string())
        };
        assert_eq!(at(&other, 0.1), None, "no batch size is known");
        other.settings.insert("batch".into(), Value::Int(32));
        assert_eq!(at(&other, 0.1).as_deref(), Some("batch=32 lr=0.1"));
        assert_eq!(at(&other, 2.0), None, "outside the range");
        other.settings.insert("batch".into(), Value::Int(64));
        assert_eq!(at(&other, 0.1), None, "not among the levels");
    }

    #[test]
    fn a_rule_must_have_held() {
        let new = study(&["lr=0.1*batch/32", "batch=16,32"]);
        let other = study(&["lr=0.01..1", "batch=16,32"]);
        let at = |lr: f64| {
            new.place(&other, &trial(&[("lr", Value::Float(lr)), ("batch", Value::Int(32))])).is_some()
        };
        assert!(at(0.1) && !at(0.2));
    }
}
