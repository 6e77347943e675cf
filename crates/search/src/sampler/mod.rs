//! Samplers: one trait, one file each, one line in [`build`].

mod grid;
mod random;

use sweep_study::{Point, Space, Trial};

/// What a sampler is asked with.
pub struct Ask<'a> {
    /// Where it may look.
    pub space: &'a Space,
    /// The study's seed.
    pub seed: u64,
    /// The number of the point that is wanted, from 0.
    pub number: u64,
    /// The trials it is entitled to know, by number.
    pub history: &'a [Trial],
}

/// Decides where to look.
///
/// The answer depends on the [`Ask`] alone. A sampler may keep a cache of what it worked out, never a truth.
pub trait Sampler: Send {
    /// The point of the number asked for; `None` when the space is used up.
    fn propose(&mut self, ask: &Ask<'_>) -> Option<Point>;
}

/// The samplers there are, by the name a person types.
pub const NAMES: [&str; 2] = ["grid", "random"];

/// The sampler of a name; `None` for a name not in [`NAMES`].
pub fn build(name: &str) -> Option<Box<dyn Sampler>> {
    match name {
        "grid" => Some(Box::new(grid::Grid)),
        "random" => Some(Box::new(random::Random::default())),
        _ => None,
    }
}

#[cfg(test)]
mod laws {
    use super::*;
    use std::collections::HashSet;
    use sweep_study::{Domain, Parameter, Scale, Value};

    fn levels(name: &str, values: &[i64]) -> Parameter {
        let values = values.iter().map(|value| Value::Int(*value)).collect();
        Parameter { name: name.into(), domain: Domain::Levels { values, scale: Scale::Pow2 }, when: None }
    }

    fn finite() -> Space {
        let words = ["step", "cosine"].map(|word| Value::Text(word.into())).to_vec();
        let gamma =
            Parameter { when: Some(("schedule".into(), vec!["step".into()])), ..levels("gamma", &[1, 2]) };
        let schedule =
            Parameter { name: "schedule".into(), domain: Domain::Choices { values: words }, when: None };
        Space::new(vec![levels("batch", &[16, 32, 64]), schedule, gamma])
    }

    fn open() -> Space {
        let grid = vec![Value::Float(1e-3), Value::Float(1e-1)];
        let domain = Domain::Interval { low: 1e-3, high: 1e-1, scale: Scale::Log, integer: false, grid };
        Space::new(vec![Parameter { name: "lr".into(), domain, when: None }, levels("batch", &[16, 32])])
    }

    fn points(name: &str, space: &Space, seed: u64, count: u64) -> Vec<Point> {
        let mut sampler = build(name).unwrap();
        (0..count).map_while(|number| sampler.propose(&Ask { space, seed, number, history: &[] })).collect()
    }

    #[test]
    fn a_finite_space_is_used_up_without_repeats() {
        for name in NAMES {
            let points = points(name, &finite(), 7, 100);
            let distinct: HashSet<String> = points.iter().map(Point::to_string).collect();
            assert_eq!((points.len(), distinct.len()), (9, 9), "{name}");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_points_in_any_order_of_asking() {
        for name in NAMES {
            for space in [finite(), open()] {
                let forward = points(name, &space, 3, 4);
                assert_eq!(forward, points(name, &space, 3, 4), "{name}");
                let mut fresh = build(name).unwrap();
                let last = fresh.propose(&Ask { space: &space, seed: 3, number: 3, history: &[] });
                assert_eq!(last.as_ref(), forward.get(3), "{name}");
            }
        }
    }

    #[test]
    fn every_point_lies_in_the_space() {
        for name in NAMES {
            for point in points(name, &open(), 11, 200) {
                let lr = point.get("lr").and_then(Value::number).unwrap();
                assert!((1e-3..=1e-1).contains(&lr), "{name} {point}");
                assert!(
                    ["16", "32"].contains(&point.get("batch").unwrap().to_string().as_str()),
                    "{name} {point}"
                );
            }
            for point in points(name, &finite(), 11, 9) {
                assert_eq!(
                    point.get("gamma").is_some(),
                    point.get("schedule") == Some(&Value::Text("step".into()))
                );
            }
        }
    }

    #[test]
    fn other_seeds_give_other_random_points() {
        assert_ne!(points("random", &open(), 1, 5), points("random", &open(), 2, 5));
        assert_ne!(points("random", &finite(), 1, 9), points("random", &finite(), 2, 9));
    }
}
