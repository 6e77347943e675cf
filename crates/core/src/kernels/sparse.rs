//! Products with a matrix most of whose numbers are zero, such as images on a dark ground.
//!
//! The zeros are skipped: what is left are a few numbers a row, each with its column. A product x·W walks the numbers
//! of a row and adds up rows of W in registers. The product xᵀ·dy that gives the gradient of W, or moves W itself,
//! goes column by column of x: all that a batch adds to one row of W is summed in registers and written once.
//!
//! Every number of a result is summed in the order of the columns (or of the rows of the batch), whatever the width
//! of the registers, so instruction sets that fuse multiply and add give the same bits.

use super::columns::Columns;
use super::simd::{Instructions, Isa, Kernel};
use super::sparse_matrix::SparseMatrix;
use super::weighted::WeightedSum;

/// `y ← x·w` for the given `rows` of `x`; `w` is (x.columns, outputs) and `y` (rows, outputs), both row-major.
pub fn sparse_product(y: &mut [f32], x: &SparseMatrix, rows: &[u32], w: &[f32], outputs: usize) {
    assert_eq!(w.len(), x.columns() * outputs, "the size of the matrix on the right");
    assert_eq!(y.len(), rows.len() * outputs, "the size of a product");
    let instructions = Instructions::best();
    instructions.run(instructions.lanes(outputs), Product { y, x, rows, w, outputs });
}

/// `c ← scale·xᵀ·dy`, or `c ← c + scale·xᵀ·dy` where `add`, for the rows of `x` that are in `columns`; `dy` is (rows,
/// outputs), `c` (columns, outputs), both row-major. What would be below the smallest normal number is written as 0.
pub fn sparse_outer(
    c: &mut [f32],
    (x, columns): (&SparseMatrix, &Columns),
    dy: &[f32],
    outputs: usize,
    (scale, add): (f32, bool),
) {
    assert_eq!(c.len(), columns.columns() * outputs, "the size of a product");
    assert!(dy.len().is_multiple_of(outputs), "whole rows of dy");
    let values = x.values();
    assert!(columns.within(dy.len() / outputs, values.len()), "columns of x, and as many rows of dy");
    let instructions = Instructions::best();
    instructions.run(instructions.lanes(outputs), Outer { c, values, columns, dy, outputs, scale, add });
}

struct Product<'a> {
    y: &'a mut [f32],
    x: &'a SparseMatrix,
    rows: &'a [u32],
    w: &'a [f32],
    outputs: usize,
}

impl Kernel for Product<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        for (place, (y, &row)) in self.y.chunks_exact_mut(self.outputs).zip(self.rows).enumerate() {
            // Rows are drawn from all of the data set: without this every one is waited for.
            if let Some(&next) = self.rows.get(place + 2) {
                self.x.fetch_start(next);
            }
            if let Some(&next) = self.rows.get(place + 1) {
                self.x.fetch(next);
            }
            let (entries, values) = (self.x.row(row), self.x.values());
            let sum = WeightedSum { entries, values, rows: self.w, to: y, scale: 1.0, add: false };
            // SAFETY: a matrix has no entry beyond its columns and values, and `w` has a row for each column, as
            // `sparse_product` checked.
            unsafe { sum.write(isa) }
        }
    }
}

struct Outer<'a> {
    c: &'a mut [f32],
    values: &'a [f32],
    columns: &'a Columns,
    dy: &'a [f32],
    outputs: usize,
    scale: f32,
    add: bool,
}

impl Kernel for Outer<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        for (index, c) in self.c.chunks_exact_mut(self.outputs).enumerate() {
            let entries = self.columns.column(index);
            if entries.is_empty() && self.add {
                continue;
            }
            let (values, scale, add) = (self.values, self.scale, self.add);
            let sum = WeightedSum { entries, values, rows: self.dy, to: c, scale, add };
            // SAFETY: no entry lies beyond the rows of `dy` or the values, as `sparse_outer` checked.
            unsafe { sum.write(isa) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::{Matrix, matmul};
    use crate::stream;
    use rand::RngExt;

    /// Both products against those of dense matrices.
    fn check(instructions: Instructions, (rows, inner, outputs): (usize, usize, usize)) {
        let mut rng = stream(3, "sparse");
        let mut draw = |size: usize, share: f64| -> Vec<f32> {
            (0..size).map(|_| if rng.random_bool(share) { rng.random::<f32>() - 0.5 } else { 0.0 }).collect()
        };
        let (x, w, dy) = (draw(rows * inner, 0.3), draw(inner * outputs, 1.0), draw(rows * outputs, 1.0));
        let sparse = SparseMatrix::of_floats(&x, inner).expect("few values");
        let order: Vec<u32> = (0..rows as u32).collect();
        let near = |one: &[f32], other: &[f32]| {
            one.iter().zip(other).all(|(a, b)| (a - b).abs() < 1e-5 * (1.0 + inner as f32).sqrt())
        };
        let lanes = instructions.lanes(outputs);

        let (mut y, mut plain) = (vec![7.0; rows * outputs], vec![0.0; rows * outputs]);
        instructions.run(lanes, Product { y: &mut y, x: &sparse, rows: &order, w: &w, outputs });
        matmul(&mut plain, Matrix::new(&x, rows, inner), Matrix::new(&w, inner, outputs), 1.0, false);
        assert!(near(&y, &plain), "{instructions:?} {rows} {inner} {outputs}");

        let mut columns = Columns::new(inner, rows + 1);
        columns.fill(&sparse, &order);
        for add in [false, true] {
            let (mut c, mut plain) = (w.clone(), w.clone());
            let (dy, x) = (&dy, Matrix::new(&x, rows, inner));
            let values = sparse.values();
            let outer = Outer { c: &mut c, values, columns: &columns, dy, outputs, scale: -0.5, add };
            instructions.run(lanes, outer);
            matmul(&mut plain, x.t(), Matrix::new(dy, rows, outputs), -0.5, add);
            assert!(near(&c, &plain), "{instructions:?} {rows} {inner} {outputs} {add}");
        }
    }

    #[test]
    fn products_are_those_of_the_dense_matrices() {
        for instructions in Instructions::available() {
            for outputs in [1, 5, 10, 16, 31, 48, 100, 128, 300] {
                for rows in [1, 3, 32] {
                    check(instructions, (rows, 40, outputs));
                }
            }
        }
    }
}
