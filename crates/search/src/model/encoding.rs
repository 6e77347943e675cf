//! Points as rows of coordinates, for models.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use sweep_study::{Domain, Point, Space};

use crate::cube;

/// The coordinate of a parameter that does not apply: the same for all points, so that it does not distinguish them.
const ABSENT: f64 = 0.5;

/// One axis as a model sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// Whether distances along it are meaningful.
    pub ordered: bool,
    /// How many values it has; `None` for a real interval.
    pub count: Option<usize>,
}

/// The map from a space to rows, one coordinate in [0, 1] for each parameter. Equal values have equal coordinates (the
/// middle of their share), so a model never sees a difference that the objective does not see (Garrido- Merchán &
/// Hernández-Lobato 2020, Neurocomputing 380).
pub struct Encoding<'a> {
    space: &'a Space,
    /// The axes, in the order of the parameters.
    pub axes: Vec<Axis>,
    conditional: bool,
}

impl<'a> Encoding<'a> {
    /// The encoding of `space`.
    pub fn new(space: &'a Space) -> Encoding<'a> {
        let axis = |parameter: &sweep_study::Parameter| Axis {
            ordered: cube::ordered(parameter),
            count: cube::count(&parameter.domain),
        };
        let conditional = space.parameters.iter().any(|parameter| parameter.when.is_some());
        Encoding { space, axes: space.parameters.iter().map(axis).collect(), conditional }
    }

    /// The row of a point with known coordinates.
    pub fn row(&self, units: &[Option<f64>]) -> Vec<f64> {
        units.iter().map(|unit| unit.unwrap_or(ABSENT)).collect()
    }

    /// The row of a point.
    pub fn row_of(&self, point: &Point) -> Vec<f64> {
        self.row(&cube::units(self.space, point))
    }

    /// The point at `row`.
    pub fn point(&self, row: &[f64]) -> Point {
        cube::point(self.space, row)
    }

    /// Moves `row` to the middle of the value that it stands for.
    pub fn snap(&self, row: &mut [f64]) {
        for ((unit, axis), parameter) in row.iter_mut().zip(&self.axes).zip(&self.space.parameters) {
            *unit = match (axis.count, &parameter.domain) {
                (None, _) => unit.clamp(0.0, 1.0),
                (Some(_), Domain::Interval { .. }) => {
                    let value = cube::value(&parameter.domain, *unit);
                    cube::unit(&parameter.domain, &value).unwrap_or(ABSENT)
                }
                (Some(count), _) => {
                    let count = count as f64;
                    ((*unit * count).floor().clamp(0.0, count - 1.0) + 0.5) / count
                }
            };
        }
        if self.conditional {
            let known = cube::units(self.space, &self.point(row));
            row.copy_from_slice(&self.row(&known));
        }
    }

    /// Gives `row` the categories of `from`.
    pub fn keep_categories(&self, from: &[f64], row: &mut [f64]) {
        for ((unit, kept), axis) in row.iter_mut().zip(from).zip(&self.axes) {
            if !axis.ordered {
                *unit = *kept;
            }
        }
    }

    /// A row drawn evenly from the cube.
    pub fn draw(&self, rng: &mut ChaCha8Rng) -> Vec<f64> {
        let mut row: Vec<f64> = self.axes.iter().map(|_| rng.random()).collect();
        self.snap(&mut row);
        row
    }

    /// A row near `from`: each coordinate is moved with probability one half (at least one is moved). Along an ordered
    /// axis the step is normal with standard deviation `radius`, and at least one value if there are finitely many.
    /// Along an unordered axis any category is drawn with probability `radius`, at least a tenth.
    pub fn near(&self, from: &[f64], radius: f64, rng: &mut ChaCha8Rng) -> Vec<f64> {
        let mut row = from.to_vec();
        let sure = rng.random_range(0..row.len().max(1));
        for (index, (unit, axis)) in row.iter_mut().zip(&self.axes).enumerate() {
            let moved = rng.random::<f64>() < 0.5 || index == sure;
            let normal: f64 = StandardNormal.sample(rng);
            let (even, chance): (f64, f64) = (rng.random(), rng.random());
            if !moved {
                continue;
            }
            match axis.count {
                Some(_) if !axis.ordered => {
                    if chance < radius.max(0.1) || index == sure {
                        *unit = even;
                    }
                }
                Some(count) => {
                    let least = 0.75 / count as f64;
                    *unit +=
                        if radius > least { radius * normal } else { least.copysign(normal) * (1.0 + even) };
                }
                None => *unit = reflect(*unit + radius * normal),
            }
        }
        self.snap(&mut row);
        row
    }
}

/// `unit` folded back into [0, 1] if it lies slightly outside.
fn reflect(unit: f64) -> f64 {
    let folded = if unit < 0.0 {
        -unit
    } else if unit > 1.0 {
        2.0 - unit
    } else {
        unit
    };
    folded.clamp(0.0, 1.0)
}
