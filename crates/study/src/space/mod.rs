//! The space: the parameters of a study, and the cells of its grid.

pub mod axis;
mod constraint;
mod extend;
pub mod foreign;
pub mod levels;

pub use axis::{Axis, AxisError};
pub use constraint::Constraint;

use serde::{Deserialize, Serialize};

use crate::{Point, Scale, Value};

/// The values a parameter may take.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Domain {
    /// Any number from `low` to `high`, ends included; a grid takes the levels of `grid`.
    Interval {
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
        /// How the numbers are spaced.
        scale: Scale,
        /// Whole numbers only.
        integer: bool,
        /// The levels of a grid, rising.
        grid: Vec<Value>,
    },
    /// These numbers, rising; a batch of `full` may close them.
    Levels {
        /// The levels.
        values: Vec<Value>,
        /// How they are spaced.
        scale: Scale,
    },
    /// These values, without order.
    Choices {
        /// The choices.
        values: Vec<Value>,
    },
}

impl Domain {
    /// The value in the form of this domain; `None` if it lies outside.
    pub fn within(&self, value: &Value) -> Option<Value> {
        match self {
            Domain::Interval { low, high, integer, .. } => {
                let number = value.number().filter(|number| (*low..=*high).contains(number))?;
                match integer {
                    true => (number.fract() == 0.0).then_some(Value::Int(number as i64)),
                    false => Some(Value::Float(number)),
                }
            }
            Domain::Levels { values, .. } | Domain::Choices { values } => {
                let same = |level: &&Value| {
                    *level == value || level.number().is_some_and(|x| value.number() == Some(x))
                };
                values.iter().find(same).cloned()
            }
        }
    }

    /// The levels that a grid takes.
    pub fn levels(&self) -> &[Value] {
        match self {
            Domain::Interval { grid, .. } => grid,
            Domain::Levels { values, .. } | Domain::Choices { values } => values,
        }
    }

    /// Whether there are only finitely many values (the levels).
    pub fn finite(&self) -> bool {
        !matches!(self, Domain::Interval { .. })
    }

    /// How the values are spaced; `None` where they have no order.
    pub fn scale(&self) -> Option<Scale> {
        match self {
            Domain::Interval { scale, .. } | Domain::Levels { scale, .. } => Some(*scale),
            Domain::Choices { .. } => None,
        }
    }
}

/// One axis of the space.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name, the full name of the setting.
    pub name: String,
    /// The values it may take.
    pub domain: Domain,
    /// The parameter, and its values, under which this one applies; `None` for always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<(String, Vec<String>)>,
}

impl Parameter {
    /// Whether the parameter applies, given the values chosen so far in `point`.
    pub fn applies(&self, point: &Point) -> bool {
        self.when.as_ref().is_none_or(|(parent, words)| {
            point.get(parent).is_some_and(|value| words.contains(&value.to_string()))
        })
    }
}

/// The parameters of a study, each after the one that its condition depends on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Space {
    /// The parameters.
    pub parameters: Vec<Parameter>,
}

impl Space {
    /// A space of `parameters`, put in an order in which each follows the one it depends on; otherwise they keep
    /// the order given.
    pub fn new(parameters: Vec<Parameter>) -> Space {
        let mut waiting = parameters;
        let mut sorted: Vec<Parameter> = Vec::with_capacity(waiting.len());
        while !waiting.is_empty() {
            let depends = |parameter: &Parameter| {
                parameter
                    .when
                    .as_ref()
                    .is_some_and(|(parent, _)| waiting.iter().any(|other| other.name == *parent))
            };
            // Conditions never form a cycle, so one is always free; if one did, the first would be chosen.
            let free = waiting.iter().position(|parameter| !depends(parameter)).unwrap_or(0);
            sorted.push(waiting.remove(free));
        }
        Space { parameters: sorted }
    }

    /// The parameter of a name.
    pub fn get(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }

    /// Whether every parameter has finitely many values.
    pub fn finite(&self) -> bool {
        self.parameters.iter().all(|parameter| parameter.domain.finite())
    }

    /// The finite space of the cells of the grid: each interval as its levels.
    pub fn grid(&self) -> Space {
        let levels = |parameter: &Parameter| match &parameter.domain {
            Domain::Interval { scale, grid, .. } => {
                let domain = Domain::Levels { values: grid.clone(), scale: *scale };
                Parameter { domain, ..parameter.clone() }
            }
            Domain::Levels { .. } | Domain::Choices { .. } => parameter.clone(),
        };
        Space { parameters: self.parameters.iter().map(levels).collect() }
    }

    /// The number of cells of the full grid, conditions respected; saturates at `u128::MAX`.
    pub fn cells(&self) -> u128 {
        self.count(0, &mut Point::default())
    }

    /// Cell `index` of the grid, the last parameter changing fastest; `None` past the end.
    pub fn cell(&self, index: u128) -> Option<Point> {
        let mut point = Point::default();
        let mut rest = index;
        for (position, parameter) in self.parameters.iter().enumerate() {
            if !parameter.applies(&point) {
                continue;
            }
            let mut chosen = None;
            for level in parameter.domain.levels() {
                point.0.insert(parameter.name.clone(), level.clone());
                let below = self.count(position + 1, &mut point);
                if rest < below {
                    chosen = Some(level);
                    break;
                }
                rest -= below;
            }
            chosen?;
        }
        (rest == 0).then_some(point)
    }

    /// The cells spanned by the parameters from `position` on, given the values chosen before.
    fn count(&self, position: usize, point: &mut Point) -> u128 {
        let Some(parameter) = self.parameters.get(position) else { return 1 };
        if !parameter.applies(point) {
            return self.count(position + 1, point);
        }
        let levels = parameter.domain.levels();
        let later = self.parameters.get(position + 1..).unwrap_or_default();
        let decides =
            later.iter().any(|other| other.when.as_ref().is_some_and(|when| when.0 == parameter.name));
        if !decides {
            return (levels.len() as u128).saturating_mul(self.count(position + 1, point));
        }
        let mut total = 0u128;
        for level in levels {
            let before = point.0.insert(parameter.name.clone(), level.clone());
            total = total.saturating_add(self.count(position + 1, point));
            match before {
                Some(before) => point.0.insert(parameter.name.clone(), before),
                None => point.0.remove(&parameter.name),
            };
        }
        total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(name: &str, values: &[&str], when: Option<(&str, &[&str])>) -> Parameter {
        let values = values.iter().map(|value| Value::read(value)).collect();
        let when =
            when.map(|(parent, on)| (parent.to_owned(), on.iter().map(|on| (*on).to_owned()).collect()));
        Parameter { name: name.into(), domain: Domain::Choices { values }, when }
    }

    #[test]
    fn every_cell_comes_once() {
        let space = Space::new(vec![
            words("gamma", &["0.1", "0.5"], Some(("schedule", &["step"]))),
            words("lr", &["1", "2", "3"], None),
            words("schedule", &["step", "cosine"], None),
        ]);
        assert_eq!(space.cells(), 9);
        let mut seen: Vec<String> = (0..9).map(|index| space.cell(index).unwrap().to_string()).collect();
        assert!(space.cell(9).is_none());
        assert_eq!(seen[0], "gamma=0.1 lr=1 schedule=step");
        assert_eq!(seen[2], "lr=1 schedule=cosine");
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 9);
    }

    #[test]
    fn huge_grids_are_counted_not_built() {
        let levels: Vec<String> = (0..1000).map(|level| level.to_string()).collect();
        let levels: Vec<&str> = levels.iter().map(String::as_str).collect();
        let space = Space::new(["a", "b", "c"].map(|name| words(name, &levels, None)).to_vec());
        assert_eq!(space.cells(), 1_000_000_000);
        assert_eq!(space.cell(999_999_999).unwrap().to_string(), "a=999 b=999 c=999");
    }
}
