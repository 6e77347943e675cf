//! Some rows of a sparse matrix, turned.

use super::matrix::{Pair, SparseMatrix};

/// Some rows of a [`SparseMatrix`], turned: the numbers of each pair of columns, by rising rows.
#[derive(Clone, Debug)]
pub struct Columns {
    /// Rows that there is room for.
    capacity: usize,
    /// Rows taken last.
    rows: usize,
    /// Columns of the matrix.
    columns: usize,
    /// Values of the matrix that the rows are from.
    values: usize,
    /// (pairs of columns, rows), of which the first `count` of each are filled.
    pairs: Vec<Pair>,
    counts: Vec<u8>,
    /// The pairs of columns that are not empty, rising, of which the first so many are filled.
    held: (Vec<u16>, usize),
}

impl Columns {
    /// Room for `capacity` rows of `columns` numbers; at most 255 rows.
    pub fn new(columns: usize, capacity: usize) -> Self {
        assert!(capacity <= usize::from(u8::MAX), "rows that a byte can count");
        let count = columns.div_ceil(2);
        let pairs = vec![Pair::default(); count * capacity];
        Columns {
            capacity,
            rows: 0,
            columns,
            values: 0,
            pairs,
            counts: vec![0; count],
            held: (vec![0; count], 0),
        }
    }

    /// Rows that there is room for.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Takes the given `rows` of `x`.
    pub fn fill(&mut self, x: &SparseMatrix, rows: &[u32]) {
        assert!(rows.len() <= self.capacity && x.columns() == self.columns, "rows that fit");
        (self.rows, self.values) = (rows.len(), x.values().len());
        self.counts.fill(0);
        for (place, &row) in rows.iter().enumerate() {
            // Rows are drawn from all of the data set: without this every one is waited for, and its start before it.
            if let Some(&next) = rows.get(place + 4) {
                x.fetch_start(next);
            }
            if let Some(&next) = rows.get(place + 2) {
                x.fetch::<false>(next);
            }
            for pair in x.row(row) {
                let columns = usize::from(pair.index);
                // SAFETY: the pair's columns are those of `x`, which has two as often as there are counts, and each
                // two have room for all rows: a row has none twice.
                unsafe {
                    let count = self.counts.get_unchecked_mut(columns);
                    let to = columns * rows.len() + usize::from(*count);
                    *self.pairs.get_unchecked_mut(to) = Pair { index: place as u16, codes: pair.codes };
                    *count += 1;
                }
            }
        }
        self.hold();
    }

    /// Notes which pairs of columns are not empty, without a branch that could be foretold wrong.
    fn hold(&mut self) {
        let (held, mut end) = (&mut self.held.0, 0);
        for (index, &count) in self.counts.iter().enumerate() {
            held[end] = index as u16;
            end += usize::from(count > 0);
        }
        self.held.1 = end;
    }

    /// Rows taken last.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Columns of the matrix.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// How many values the numbers are among.
    pub(super) fn values(&self) -> usize {
        self.values
    }

    /// The pairs of columns in which some row has something, rising: the first column, how many they are (1 at an odd
    /// end), and what the rows have there, with indices below [`Columns::rows`] and codes below [`Columns::values`].
    pub(super) fn held(&self) -> impl Iterator<Item = (usize, usize, &[Pair])> {
        self.held.0[..self.held.1].iter().map(|&index| {
            let (index, count) = (usize::from(index), usize::from(self.counts[usize::from(index)]));
            (2 * index, (self.columns - 2 * index).min(2), &self.pairs[index * self.rows..][..count])
        })
    }

    /// Memory it takes, in bytes.
    pub fn bytes(&self) -> usize {
        size_of_val(self.pairs.as_slice()) + self.counts.len() + size_of_val(self.held.0.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_that_hold_something_are_found_and_no_others() {
        let (rows, width) = (3, 2 * 130 + 1);
        let mut numbers = vec![0.0; rows * width];
        let at = [(0, 0), (2, 1), (1, 126), (0, 127), (2, 128), (1, 200), (0, 260)];
        at.iter().for_each(|&(row, column)| numbers[row * width + column] = 1.0);
        let x = SparseMatrix::of_floats(&numbers, width).expect("two values");
        let mut columns = Columns::new(width, rows);
        for order in [[0, 1, 2], [2, 1, 0]] {
            columns.fill(&x, &order);
            let held: Vec<_> =
                columns.held().map(|(first, count, pairs)| (first, count, pairs.len())).collect();
            assert_eq!(held, [(0, 2, 2), (126, 2, 2), (128, 2, 1), (200, 2, 1), (260, 1, 1)]);
        }
        columns.fill(&x, &[1]);
        assert_eq!(columns.held().map(|(first, ..)| first).collect::<Vec<_>>(), [126, 200]);
    }
}
