//! Weighted linear least squares of observations that belong to groups: the fit to all of them and those without one
//! group each, of any choice of columns, from one set of cross products.

use nalgebra::{DMatrix, DVector};

/// The smallest share of a column's sum of squares that the columns before it may leave unexplained.
const INDEPENDENT: f64 = 1e-9;

/// The smallest share of a column's sum of squares that must remain without a group; less is rounding.
const LEFT: f64 = 1e-12;

/// The cross products XᵀWX and XᵀWy of some observations.
#[derive(Clone, Debug)]
struct Products {
    matrix: DMatrix<f64>,
    vector: DVector<f64>,
}

/// Observations in groups, as cross products.
#[derive(Clone, Debug)]
pub struct Grouped {
    all: Products,
    own: Vec<(usize, Products)>,
}

impl Grouped {
    /// The observations `y` at `rows` with weights (inverse variances up to a factor) and the group of each. `None` if
    /// there are none, or their numbers differ.
    pub fn of(rows: &[Vec<f64>], y: &[f64], weights: &[f64], groups: &[usize]) -> Option<Grouped> {
        let (n, p) = (rows.len(), rows.first()?.len());
        if [y.len(), weights.len(), groups.len()] != [n; 3] || rows.iter().any(|row| row.len() != p) {
            return None;
        }
        let mut known: Vec<usize> = groups.to_vec();
        known.sort_unstable();
        known.dedup();
        let products = |group: usize| {
            let members: Vec<usize> = (0..n).filter(|index| groups[*index] == group).collect();
            let root = |at: usize| weights[members[at]].sqrt();
            let x = DMatrix::from_fn(members.len(), p, |i, j| rows[members[i]][j] * root(i));
            let right = DVector::from_fn(members.len(), |i, _| y[members[i]] * root(i));
            (group, Products { matrix: x.tr_mul(&x), vector: x.tr_mul(&right) })
        };
        let own: Vec<(usize, Products)> = known.into_iter().map(products).collect();
        let none = Products { matrix: DMatrix::zeros(p, p), vector: DVector::zeros(p) };
        let all = own.iter().fold(none, |mut sum, (_, own)| {
            sum.matrix += &own.matrix;
            sum.vector += &own.vector;
            sum
        });
        Some(Grouped { all, own })
    }

    /// The coefficients of these columns. `None` if they are linearly dependent.
    pub fn fit(&self, columns: &[usize]) -> Option<Vec<f64>> {
        self.solved(None, columns)
    }

    /// Each group with the coefficients of these columns in the fit without it. `None` if one of the fits does not exist.
    pub fn without_each(&self, columns: &[usize]) -> Option<Vec<(usize, Vec<f64>)>> {
        self.own.iter().map(|(group, own)| Some((*group, self.solved(Some(own), columns)?))).collect()
    }

    fn solved(&self, without: Option<&Products>, columns: &[usize]) -> Option<Vec<f64>> {
        let p = columns.len();
        let entry = |i: usize, j: usize| {
            let (i, j) = (columns[i], columns[j]);
            self.all.matrix[(i, j)] - without.map_or(0.0, |own| own.matrix[(i, j)])
        };
        let right = |i: usize| {
            let i = columns[i];
            self.all.vector[i] - without.map_or(0.0, |own| own.vector[i])
        };
        // Columns of unit length: their units then do not matter.
        let length: Vec<f64> = (0..p).map(|i| entry(i, i).max(0.0).sqrt()).collect();
        let lost = |i: usize| {
            entry(i, i).is_nan() || entry(i, i) <= LEFT * self.all.matrix[(columns[i], columns[i])]
        };
        if (0..p).any(lost) {
            return None;
        }
        let matrix = DMatrix::from_fn(p, p, |i, j| entry(i, j) / (length[i] * length[j]));
        let factor = matrix.cholesky()?;
        if factor.l_dirty().diagonal().iter().any(|entry| entry * entry < INDEPENDENT) {
            return None;
        }
        let solved = factor.solve(&DVector::from_fn(p, |i, _| right(i) / length[i]));
        Some(solved.iter().zip(&length).map(|(solved, length)| solved / length).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linear;

    #[test]
    fn fits_are_those_of_the_observations_left() {
        let noise = |at: f64| (at * 12.9898).sin();
        let rows: Vec<Vec<f64>> = (0..30).map(|at| vec![1.0, f64::from(at), noise(f64::from(at))]).collect();
        let y: Vec<f64> = (0..30).map(|at| 0.5 * f64::from(at) + noise(f64::from(at) + 0.3)).collect();
        let weights: Vec<f64> = (0..30).map(|at| 1.0 + noise(f64::from(at)).abs()).collect();
        let groups: Vec<usize> = (0..30).map(|at| at % 3 + 5).collect();
        let grouped = Grouped::of(&rows, &y, &weights, &groups).unwrap();
        let near = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-9);
        let whole = linear::fit(&rows, &y, &weights).unwrap();
        assert!(near(&grouped.fit(&[0, 1, 2]).unwrap(), &whole.coefficients));
        let without = grouped.without_each(&[0, 2]).unwrap();
        assert_eq!(without.iter().map(|(group, _)| *group).collect::<Vec<_>>(), [5, 6, 7]);
        for (group, coefficients) in without {
            let kept: Vec<usize> = (0..30).filter(|at| groups[*at] != group).collect();
            let rows: Vec<Vec<f64>> = kept.iter().map(|at| vec![rows[*at][0], rows[*at][2]]).collect();
            let pick = |from: &[f64]| kept.iter().map(|at| from[*at]).collect::<Vec<_>>();
            let fit = linear::fit(&rows, &pick(&y), &pick(&weights)).unwrap();
            assert!(near(&coefficients, &fit.coefficients));
        }
    }

    #[test]
    fn a_column_that_varies_in_one_group_alone_has_no_fit_without_it() {
        let rows: Vec<Vec<f64>> = (0..8).map(|at| vec![1.0, f64::from(u8::from(at > 5)), 3.0]).collect();
        let (y, groups): (Vec<f64>, Vec<usize>) = (vec![1.0; 8], (0..8).map(|at| at / 4).collect());
        let grouped = Grouped::of(&rows, &y, &[1.0; 8], &groups).unwrap();
        assert!(grouped.fit(&[0, 1]).is_some() && grouped.without_each(&[0, 1]).is_none());
        assert!(grouped.fit(&[0, 2]).is_none());
    }
}
