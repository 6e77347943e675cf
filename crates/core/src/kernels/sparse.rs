//! Products with a matrix most of whose numbers are zero, such as images on a dark ground.
//!
//! The zeros are skipped: what is left are a few numbers a row, each with its column. A product x·W walks the numbers
//! of a row and adds up rows of W in registers. The product xᵀ·dy that gives the gradient of W, or moves W itself,
//! goes column by column of x: all that a batch adds to one row of W is summed in registers and written once.
//!
//! Every number of a result is summed in the order of the columns (or of the rows of the batch), whatever the width
//! of the registers, so instruction sets that fuse multiply and add give the same bits.

use super::simd::{Instructions, Isa, Kernel, fetch};
use super::weighted::{Entry, WeightedSum};

/// A matrix of which only the numbers that are not zero are stored, row after row, each row by rising columns.
#[derive(Clone, Debug)]
pub struct SparseMatrix {
    columns: usize,
    /// Where each row begins, and the end of the last.
    starts: Vec<usize>,
    entries: Vec<Entry>,
}

impl SparseMatrix {
    /// The matrix whose rows of `columns` numbers follow each other in `numbers`, each read as `value` says; zero is
    /// zero.
    pub fn new<T: Copy + Default + PartialEq>(
        numbers: &[T],
        columns: usize,
        value: impl Fn(T) -> f32,
    ) -> Self {
        /// Numbers that are looked at together: most groups of a sparse row are all zeros.
        const GROUP: usize = 8;
        let mut matrix = SparseMatrix {
            columns,
            starts: Vec::with_capacity(numbers.len() / columns + 1),
            entries: Vec::with_capacity(nonzeros(numbers)),
        };
        matrix.starts.push(0);
        for row in numbers.chunks_exact(columns) {
            for (group, numbers) in row.chunks(GROUP).enumerate() {
                if numbers.iter().all(|&number| number == T::default()) {
                    continue;
                }
                // Written whether zero or not, and kept if not: no branch that could be foretold wrong.
                let (mut found, mut count) = ([Entry::default(); GROUP], 0);
                for (place, &number) in numbers.iter().enumerate() {
                    found[count] = Entry { index: (group * GROUP + place) as u32, value: value(number) };
                    count += usize::from(number != T::default());
                }
                matrix.entries.extend_from_slice(&found[..count]);
            }
            matrix.starts.push(matrix.entries.len());
        }
        matrix
    }

    /// The numbers of a row.
    fn row(&self, row: u32) -> &[Entry] {
        &self.entries[self.starts[row as usize]..self.starts[row as usize + 1]]
    }

    /// Memory it takes, in bytes.
    pub fn bytes(&self) -> usize {
        size_of_val(self.entries.as_slice()) + size_of_val(self.starts.as_slice())
    }
}

/// How many of `numbers` are not zero.
pub fn nonzeros<T: Copy + Default + PartialEq>(numbers: &[T]) -> usize {
    // Summed as bytes, which fill registers best, in pieces that cannot overflow.
    let some = |piece: &[T]| piece.iter().map(|&number| u8::from(number != T::default())).sum::<u8>();
    numbers.chunks(128).map(|piece| usize::from(some(piece))).sum()
}

/// Some rows of a [`SparseMatrix`], turned: the numbers of each column, by rising rows.
#[derive(Clone, Debug)]
pub struct Columns {
    /// Rows that there is room for.
    capacity: usize,
    counts: Vec<u32>,
    /// (columns, capacity), of which each column's first `count` are filled.
    entries: Vec<Entry>,
}

impl Columns {
    /// Room for `capacity` rows of `columns` numbers.
    pub fn new(columns: usize, capacity: usize) -> Self {
        Columns { capacity, counts: vec![0; columns], entries: vec![Entry::default(); columns * capacity] }
    }

    /// Rows that there is room for.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Takes the given `rows` of `x`.
    pub fn fill(&mut self, x: &SparseMatrix, rows: &[u32]) {
        assert!(rows.len() <= self.capacity && x.columns == self.counts.len(), "rows that fit");
        self.counts.fill(0);
        for (place, &row) in rows.iter().enumerate() {
            for entry in x.row(row) {
                let count = &mut self.counts[entry.index as usize];
                let to = entry.index as usize * self.capacity + *count as usize;
                self.entries[to] = Entry { index: place as u32, value: entry.value };
                *count += 1;
            }
        }
    }

    /// The numbers of a column.
    fn column(&self, column: usize) -> &[Entry] {
        &self.entries[column * self.capacity..][..self.counts[column] as usize]
    }

    /// Memory it takes, in bytes.
    pub fn bytes(&self) -> usize {
        size_of_val(self.entries.as_slice()) + size_of_val(self.counts.as_slice())
    }
}

/// `y ← x·w` for the given `rows` of `x`; `w` is (x.columns, outputs) and `y` (rows, outputs), both row-major.
pub fn sparse_product(y: &mut [f32], x: &SparseMatrix, rows: &[u32], w: &[f32], outputs: usize) {
    assert_eq!(w.len(), x.columns * outputs, "the size of the matrix on the right");
    assert_eq!(y.len(), rows.len() * outputs, "the size of a product");
    let instructions = Instructions::best();
    instructions.run(instructions.lanes(outputs), Product { y, x, rows, w, outputs });
}

/// `c ← scale·xᵀ·dy`, or `c ← c + scale·xᵀ·dy` where `add`, for the rows of x that are in `columns`; `dy` is (rows,
/// outputs), `c` (columns, outputs), both row-major. What would be below the smallest normal number is written as 0.
pub fn sparse_outer(c: &mut [f32], columns: &Columns, dy: &[f32], outputs: usize, (scale, add): (f32, bool)) {
    assert_eq!(c.len(), columns.counts.len() * outputs, "the size of a product");
    assert!(dy.len().is_multiple_of(outputs) && dy.len() <= columns.capacity * outputs, "whole rows of dy");
    let rows = dy.len() / outputs;
    let inside = |entry: &Entry| (entry.index as usize) < rows;
    // Rows rise, so the last of a column is its largest.
    let fits = (0..columns.counts.len()).all(|column| columns.column(column).last().is_none_or(inside));
    assert!(fits, "as many rows of dy as of x");
    let instructions = Instructions::best();
    instructions.run(instructions.lanes(outputs), Outer { c, columns, dy, outputs, scale, add });
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
            if let Some(&next) = self.rows.get(place + 1) {
                fetch(self.x.row(next));
            }
            let entries = self.x.row(row);
            let sum = WeightedSum { entries, rows: self.w, to: y, scale: 1.0, add: false };
            // SAFETY: a matrix has no entry beyond its columns, and `w` has as many rows, as `sparse_product` checked.
            unsafe { sum.write(isa) }
        }
    }
}

struct Outer<'a> {
    c: &'a mut [f32],
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
            let sum = WeightedSum { entries, rows: self.dy, to: c, scale: self.scale, add: self.add };
            // SAFETY: no entry lies beyond the rows of `dy`, as `sparse_outer` checked.
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
        let sparse = SparseMatrix::new(&x, inner, |x| x);
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
            let outer = Outer { c: &mut c, columns: &columns, dy, outputs, scale: -0.5, add };
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
