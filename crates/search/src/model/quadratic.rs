//! A quadratic in the coordinates that ranks points, as a surrogate for CMA-ES.

use nalgebra::{Cholesky, DMatrix, DVector};

use super::encoding::Axis;

/// Rows for each coefficient: with fewer than the minimum the next lower degree is used (Hansen 2019); at most the
/// maximum, the best rows, are used, so that the model describes the region of the search.
const FEWEST: f64 = 1.1;
const MOST: usize = 4;

/// The maximum number of rows, which bounds the cost of a fit.
const CEILING: usize = 160;

/// The weight of the best row; weights fall linearly with the rank to 1 for the last (Hansen 2019).
const HEAVIEST: f64 = 20.0;

/// The addition to the diagonal of the normal equations, as a part of its mean, so that they have a solution even if
/// rows lie on a line.
const RIDGE: f64 = 1e-6;

/// The degree of the polynomial.
#[derive(Clone, Copy, PartialEq)]
enum Degree {
    Linear,
    /// With squares, without products of two coordinates.
    Separable,
    Full,
}

/// A polynomial of at most the second degree along the ordered axes, with an addend for each category, fitted to the
/// *ranks* of trials by weighted least squares: the model of lq-CMA-ES (Hansen 2019, GECCO, "A global surrogate
/// assisted CMA-ES"), which there fits losses. Ranks keep what makes CMA-ES robust: the search is the same for a loss
/// and for any increasing function of it.
pub struct Quadratic<'a> {
    axes: &'a [Axis],
    degree: Degree,
    coefficients: DVector<f64>,
}

impl<'a> Quadratic<'a> {
    /// How many of the best trials a model over `axes` is fitted to, if there are that many.
    pub fn wanted(axes: &[Axis]) -> usize {
        (MOST * terms(axes, Degree::Full)).min(CEILING)
    }

    /// The model of `rows`, the best first; those from number `finite` on diverged and share the last rank. `None` if
    /// there are too few for a linear model.
    pub fn fit(axes: &'a [Axis], rows: &[Vec<f64>], finite: usize) -> Option<Quadratic<'a>> {
        let n = rows.len();
        let enough = |degree: &Degree| n as f64 >= FEWEST * terms(axes, *degree) as f64;
        let degree = [Degree::Full, Degree::Separable, Degree::Linear].into_iter().find(enough)?;
        let count = terms(axes, degree);
        let features: Vec<f64> = rows.iter().flat_map(|row| features(axes, degree, row)).collect();
        let features = DMatrix::from_row_slice(n, count, &features);
        let fallen = |rank: usize| (HEAVIEST - 1.0) * rank as f64 / (n as f64 - 1.0).max(1.0);
        let weights = DVector::from_fn(n, |rank, _| HEAVIEST - fallen(rank));
        let ranks = DVector::from_fn(n, |rank, _| rank.min(finite) as f64);
        let mut weighted = features.clone();
        for mut column in weighted.column_iter_mut() {
            column.component_mul_assign(&weights);
        }
        let mut normal = weighted.tr_mul(&features);
        let ridge = RIDGE * normal.trace() / count as f64;
        for index in 1..count {
            normal[(index, index)] += ridge;
        }
        let coefficients = Cholesky::new(normal)?.solve(&weighted.tr_mul(&ranks));
        Some(Quadratic { axes, degree, coefficients })
    }

    /// The rank expected at `row`: lower is better.
    pub fn rank(&self, row: &[f64]) -> f64 {
        features(self.axes, self.degree, row).iter().zip(&self.coefficients).map(|(x, c)| x * c).sum()
    }
}

/// How many coefficients a model over `axes` has.
fn terms(axes: &[Axis], degree: Degree) -> usize {
    let ordered = axes.iter().filter(|axis| axis.ordered).count();
    let categories: usize = axes.iter().filter(|axis| !axis.ordered).map(categories).sum();
    let above = match degree {
        Degree::Linear => 0,
        Degree::Separable => ordered,
        Degree::Full => ordered * (ordered + 1) / 2,
    };
    1 + categories + ordered + above
}

/// How many categories an unordered axis has.
fn categories(axis: &Axis) -> usize {
    axis.count.unwrap_or(1)
}

/// The features that the coefficients multiply, at `row`; the middle of the cube is the origin.
fn features(axes: &[Axis], degree: Degree, row: &[f64]) -> Vec<f64> {
    let mut features = vec![1.0];
    let mut ordered = Vec::new();
    for (axis, unit) in axes.iter().zip(row) {
        if axis.ordered {
            ordered.push(2.0 * unit - 1.0);
        } else {
            let own = ((unit * categories(axis) as f64) as usize).min(categories(axis) - 1);
            features.extend((0..categories(axis)).map(|category| f64::from(category == own)));
        }
    }
    features.extend(&ordered);
    if degree != Degree::Linear {
        features.extend(ordered.iter().map(|x| x * x));
    }
    if degree == Degree::Full {
        let products =
            |(index, x): (usize, &f64)| ordered[..index].iter().map(|y| x * y).collect::<Vec<f64>>();
        features.extend(ordered.iter().enumerate().flat_map(products));
    }
    features
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axes() -> [Axis; 3] {
        let real = Axis { ordered: true, count: None };
        [real.clone(), Axis { ordered: false, count: Some(3) }, real]
    }

    /// Rows spread evenly, ranked by `loss`; beyond `cliff` along the first axis they diverge.
    fn model(axes: &[Axis], count: usize, cliff: f64, loss: impl Fn(&[f64]) -> f64) -> Option<Quadratic<'_>> {
        let mut rows: Vec<Vec<f64>> =
            (0..count).map(|index| crate::design::sobol(index as u64, 3, 7)).collect();
        let loss = |row: &[f64]| if row[0] > cliff { f64::INFINITY } else { loss(row) };
        rows.sort_by(|a, b| loss(a).total_cmp(&loss(b)));
        let finite = rows.iter().filter(|row| loss(row).is_finite()).count();
        Quadratic::fit(axes, &rows, finite)
    }

    #[test]
    fn the_bottom_of_a_tilted_valley_and_its_category_are_found() {
        let axes = axes();
        let category = |row: &[f64]| (3.0 * row[1]) as usize;
        // The loss is the exponential of a quadratic: its ranks are those of the quadratic.
        let loss = |row: &[f64]| {
            let (x, y) = (row[0] - 0.4, row[2] - 0.6);
            (5.0 * (x * x + y * y + 1.6 * x * y + if category(row) == 2 { 0.0 } else { 0.2 })).exp()
        };
        let model = model(&axes, 30, 0.95, loss).unwrap();
        let mut best = vec![0.0; 3];
        for step in 0..3000 {
            let row = crate::design::sobol(step, 3, 8);
            if model.rank(&row) < model.rank(&best) {
                best = row;
            }
        }
        assert_eq!(category(&best), 2);
        assert!((best[0] - 0.4).abs() < 0.1 && (best[2] - 0.6).abs() < 0.1, "{best:?}");
    }

    #[test]
    fn the_degree_rises_with_the_trials() {
        let axes = axes();
        let degree =
            |count: usize| model(&axes, count, 2.0, |row| row[0] + row[2]).map(|model| model.degree as usize);
        assert_eq!([6, 7, 9, 10].map(degree), [None, Some(0), Some(1), Some(2)]);
    }

    #[test]
    fn terms_are_as_many_as_features() {
        for degree in [Degree::Linear, Degree::Separable, Degree::Full] {
            assert_eq!(features(&axes(), degree, &[0.5; 3]).len(), terms(&axes(), degree));
        }
    }
}
