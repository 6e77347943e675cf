//! Some rows of a sparse matrix, turned.

use super::matrix::{PLACES, Pair, SparseMatrix};
use crate::room::Room;

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
    /// (pairs of columns, rows), each filled up to its end.
    pairs: Vec<Pair>,
    ends: Vec<u32>,
    /// A bit for each pair of columns, set where it is not empty.
    held: Vec<u64>,
}

impl Columns {
    /// Space in `room` for `capacity` rows of `columns` numbers; at most 256 rows.
    pub fn new(columns: usize, capacity: usize, room: &mut Room) -> Self {
        assert!(capacity <= PLACES, "too many rows for the places of a pair");
        let count = columns.div_ceil(2);
        Columns {
            capacity,
            rows: 0,
            columns,
            values: 0,
            pairs: room.filled(Pair::default(), count * capacity),
            ends: room.filled(0, count),
            held: room.filled(0, count.div_ceil(64)),
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
        self.ends.iter_mut().enumerate().for_each(|(index, end)| *end = (index * rows.len()) as u32);
        for (place, &row) in rows.iter().enumerate() {
            // Rows are drawn from the whole data set: without this prefetch the loop would wait for each row and its
            // start.
            if let Some(&next) = rows.get(place + 4) {
                x.fetch_start(next);
            }
            if let Some(&next) = rows.get(place + 2) {
                x.fetch::<false>(next);
            }
            let mut index = 0;
            for pair in x.row(row) {
                index += pair.place();
                // SAFETY: the pair's columns are those of `x`, which has two as often as there are ends, and each two
                // have room for all rows: a row has none twice.
                unsafe {
                    let end = self.ends.get_unchecked_mut(index);
                    *self.pairs.get_unchecked_mut(*end as usize) = pair.at(place);
                    *end += 1;
                }
            }
        }
        self.hold();
    }

    /// Notes which pairs of columns are not empty.
    fn hold(&mut self) {
        let (rows, ends) = (self.rows as u32, &self.ends);
        pulp::Arch::new().dispatch(|| {
            for (word, (held, ends)) in self.held.iter_mut().zip(ends.chunks(64)).enumerate() {
                let first = 64 * word as u32 * rows;
                *held = ends
                    .iter()
                    .zip(0..)
                    .fold(0, |held, (&end, bit)| held | u64::from(end > first + bit * rows) << bit);
            }
        });
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
    /// end), and what the rows have there, with places below [`Columns::rows`] and codes below [`Columns::values`].
    pub(super) fn held(&self) -> impl Iterator<Item = (usize, usize, &[Pair])> {
        self.held.iter().enumerate().flat_map(|(word, &held)| Bits(held).map(move |bit| 64 * word + bit)).map(
            |index| {
                let pairs = &self.pairs[index * self.rows..self.ends[index] as usize];
                (2 * index, (self.columns - 2 * index).min(2), pairs)
            },
        )
    }
}

/// The bits of a word that are set, rising.
struct Bits(u64);

impl Iterator for Bits {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        let bit = self.0.trailing_zeros() as usize;
        (self.0 != 0).then(|| {
            self.0 &= self.0 - 1;
            bit
        })
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
        let mut columns = Columns::new(width, rows, &mut Room::default());
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
