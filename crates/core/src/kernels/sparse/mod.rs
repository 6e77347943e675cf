//! Products with a matrix most of whose numbers are zero, such as images on a dark ground.
//!
//! The zeros are skipped, which leaves a few numbers per row. Both products go through the columns of a batch two by
//! two, each with the rows that have something there. For x·W the two rows of W that belong to them wait in registers
//! while their contribution to each row of the result is added; all of W is read once per batch. For xᵀ·dy, which gives
//! the gradient of W or moves W itself, all that a batch adds to the two rows is summed in registers and written once.
//!
//! Every number of a result is summed in the order of the columns (or of the rows of the batch), whatever the width of
//! the registers, so instruction sets that fuse multiply and add give the same bits. Where one number of a pair is
//! zero, it takes part: NaN spreads from a row of W to all results that use its neighbour.

mod columns;
mod matrix;
mod step;

pub use columns::Columns;
pub use matrix::{SparseMatrix, pairs};

use crate::kernels::simd::{Instructions, Isa, Kernel};
use step::{Back, Forward, Two, walk};

/// `y ← x·w` for the rows of `x` that are in `columns`; `w` is (x.columns, outputs) and `y` (rows, outputs), both
/// row-major.
pub fn sparse_product(y: &mut [f32], (x, columns): (&SparseMatrix, &Columns), w: &[f32], outputs: usize) {
    assert_eq!(w.len(), columns.columns() * outputs, "the size of the matrix on the right");
    assert_eq!(y.len(), columns.rows() * outputs, "the size of a product");
    let values = x.values();
    assert!(columns.values() <= values.len(), "columns of x");
    y.fill(0.0);
    let instructions = Instructions::best();
    instructions.run(instructions.lanes(outputs), Product { y, values, columns, w, outputs });
}

/// `c ← xᵀ·dy`, or `c ← c + xᵀ·dy` where `add`, for the rows of `x` that are in `columns`; `dy` is (rows, outputs),
/// `c` (columns, outputs), both row-major. What would be below the smallest normal number is written as 0.
pub fn sparse_outer(
    c: &mut [f32],
    (x, columns): (&SparseMatrix, &Columns),
    dy: &[f32],
    outputs: usize,
    add: bool,
) {
    assert_eq!(c.len(), columns.columns() * outputs, "the size of a product");
    assert_eq!(dy.len(), columns.rows() * outputs, "the size of the matrix on the right");
    let values = x.values();
    assert!(columns.values() <= values.len(), "columns of x");
    let instructions = Instructions::best();
    instructions.run(instructions.lanes(outputs), Outer { c, values, columns, dy, outputs, add });
}

struct Product<'a> {
    y: &'a mut [f32],
    values: &'a [f32],
    columns: &'a Columns,
    w: &'a [f32],
    outputs: usize,
}

impl Kernel for Product<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        let Product { y, values, columns, w, outputs } = self;
        for (column, count, pairs) in columns.held() {
            let (x, w) = (Two { values, pairs, outputs }, &w[column * outputs..][..count * outputs]);
            // SAFETY: `w` has the rows of the pair of columns; no pair lies beyond the rows of `y` or the values, as
            // `sparse_product` checked.
            unsafe { walk(isa, count, &mut Forward { x, y, w }) }
        }
    }
}

struct Outer<'a> {
    c: &'a mut [f32],
    values: &'a [f32],
    columns: &'a Columns,
    dy: &'a [f32],
    outputs: usize,
    add: bool,
}

impl Kernel for Outer<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        let Outer { c, values, columns, dy, outputs, add } = self;
        if !add {
            c.fill(0.0);
        }
        for (column, count, pairs) in columns.held() {
            let (x, c) = (Two { values, pairs, outputs }, &mut c[column * outputs..][..count * outputs]);
            // SAFETY: `c` has the rows of the pair of columns; no pair lies beyond the rows of `dy` or the values, as
            // `sparse_outer` checked.
            unsafe { walk(isa, count, &mut Back { x, c, dy, add }) }
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

        let (mut columns, values) =
            (Columns::new(inner, rows + 1, &mut crate::room::Room::default()), sparse.values());
        columns.fill(&sparse, &order);

        let (mut y, mut plain) = (vec![0.0; rows * outputs], vec![0.0; rows * outputs]);
        instructions.run(lanes, Product { y: &mut y, values, columns: &columns, w: &w, outputs });
        matmul(&mut plain, Matrix::new(&x, rows, inner), Matrix::new(&w, inner, outputs), 1.0, false);
        assert!(near(&y, &plain), "{instructions:?} {rows} {inner} {outputs}");

        for add in [false, true] {
            let (mut c, mut plain) = (w.clone(), w.clone());
            let (dy, x) = (&dy, Matrix::new(&x, rows, inner));
            let outer = Outer { c: &mut c, values, columns: &columns, dy, outputs, add };
            instructions.run(lanes, outer);
            matmul(&mut plain, x.t(), Matrix::new(dy, rows, outputs), 1.0, add);
            assert!(near(&c, &plain), "{instructions:?} {rows} {inner} {outputs} {add}");
        }
    }

    #[test]
    fn products_are_those_of_the_dense_matrices() {
        for instructions in Instructions::available() {
            for outputs in [1, 5, 10, 16, 31, 48, 100, 128, 300] {
                for rows in [1, 3, 32] {
                    check(instructions, (rows, 40, outputs));
                    check(instructions, (rows, 41, outputs));
                }
            }
        }
    }
}
