//! A matrix of which only the numbers that are not zero are stored.

use std::collections::HashMap;

use super::simd::fetch;
use super::weighted::Entry;

/// A matrix of which only the numbers that are not zero are stored, row after row, each row by rising columns.
///
/// A number is stored as its place in the list of the values that occur, two bytes as its column is: rows are read in
/// random order from a set that no cache holds, so every byte of them is waited for.
#[derive(Clone, Debug)]
pub struct SparseMatrix {
    columns: usize,
    /// Where each row begins, and the end of the last.
    starts: Vec<u32>,
    entries: Vec<Entry>,
    /// The values that occur.
    values: Vec<f32>,
}

/// Numbers of at most this many values, and columns at most, are stored: what two bytes can count.
const MOST: usize = 1 << 16;

impl SparseMatrix {
    /// The matrix whose rows of `columns` bytes follow each other in `numbers`, each standing for the number that
    /// `value` says; 0 is zero. None where it would be too large.
    pub fn of_bytes(numbers: &[u8], columns: usize, value: impl Fn(u8) -> f32) -> Option<Self> {
        let values = (0..=u8::MAX).map(value).collect();
        SparseMatrix::new(numbers, columns, values, |byte| Some(byte.into()))
    }

    /// The matrix whose rows of `columns` numbers follow each other in `numbers`. None where it would be too large, or
    /// its numbers take more than 65,536 values.
    pub fn of_floats(numbers: &[f32], columns: usize) -> Option<Self> {
        let (mut values, mut codes) = (vec![0.0], HashMap::from([(0.0_f32.to_bits(), 0)]));
        for number in numbers.iter().filter(|&&number| number != 0.0) {
            codes.entry(number.to_bits()).or_insert_with(|| {
                values.push(*number);
                values.len() - 1
            });
            if values.len() > MOST {
                return None;
            }
        }
        let code = |number: f32| codes.get(&number.to_bits()).and_then(|&code| u16::try_from(code).ok());
        SparseMatrix::new(numbers, columns, values, code)
    }

    fn new<T: Copy + Default + PartialEq>(
        numbers: &[T],
        columns: usize,
        values: Vec<f32>,
        code: impl Fn(T) -> Option<u16>,
    ) -> Option<Self> {
        /// Numbers that are looked at together: most groups of a sparse row are all zeros.
        const GROUP: usize = 8;
        let count = nonzeros(numbers);
        if columns > MOST || u32::try_from(count).is_err() {
            return None;
        }
        let mut matrix = SparseMatrix {
            columns,
            starts: Vec::with_capacity(numbers.len() / columns + 1),
            entries: Vec::with_capacity(count),
            values,
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
                    found[count] = Entry { index: (group * GROUP + place) as u16, code: code(number)? };
                    count += usize::from(number != T::default());
                }
                matrix.entries.extend_from_slice(&found[..count]);
            }
            matrix.starts.push(matrix.entries.len() as u32);
        }
        Some(matrix)
    }

    /// How many columns it has.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The numbers of a row; their indices are below the number of columns, their codes below that of the values.
    pub(super) fn row(&self, row: u32) -> &[Entry] {
        &self.entries[self.starts[row as usize] as usize..self.starts[row as usize + 1] as usize]
    }

    /// The values that occur.
    pub(super) fn values(&self) -> &[f32] {
        &self.values
    }

    /// Asks for the numbers of a row to be in the cache soon.
    pub fn fetch(&self, row: u32) {
        fetch(self.row(row));
    }

    /// Asks for what [`SparseMatrix::fetch`] of this row needs to be in the cache soon.
    pub(super) fn fetch_start(&self, row: u32) {
        fetch(&self.starts[row as usize..=row as usize]);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_bytes_cannot_count_is_not_stored() {
        let few: Vec<f32> = (0..200_000).map(|place| (place % 60_000) as f32).collect();
        let matrix = SparseMatrix::of_floats(&few, 1000).expect("few values");
        let entry = matrix.row(1)[7];
        assert_eq!((entry.index, matrix.values()[usize::from(entry.code)]), (7, 1007.0));
        let many: Vec<f32> = (0..200_000).map(|place| place as f32).collect();
        assert!(SparseMatrix::of_floats(&many, 1000).is_none(), "many values");
        assert!(SparseMatrix::of_bytes(&[1; 100_000], 100_000, f32::from).is_none(), "many columns");
    }
}
