//! A matrix of which only the numbers that are not zero are stored.

use std::collections::HashMap;

use crate::kernels::simd::fetch;

/// Numbers of a row that lie in the same pair of columns, or of a column in the same pair of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Pair {
    /// Which pair of columns; in [`super::Columns`], which row.
    pub index: u16,
    /// Which of the values the numbers are; at least one is not zero.
    pub codes: [u16; 2],
}

/// A matrix of which only the numbers that are not zero are stored, row after row, each row by rising columns.
///
/// Columns go in pairs, which are stored if either number is not zero: neighbours tend to be so together, and two at a
/// time cost little more than one. A number is stored as its place in the list of the values that occur, two bytes as
/// the pair's place is: rows are read in random order from a set that no cache holds, so every byte is waited for.
#[derive(Clone, Debug)]
pub struct SparseMatrix {
    columns: usize,
    /// Where each row begins, and the end of the last.
    starts: Vec<u32>,
    pairs: Vec<Pair>,
    /// The values that occur.
    values: Vec<f32>,
}

/// Numbers of at most this many values, and pairs of columns at most, are stored: what two bytes can count.
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
        let count = pairs(numbers, columns);
        if columns.div_ceil(2) > MOST || u32::try_from(count).is_err() {
            return None;
        }
        let zero = T::default();
        let mut starts = Vec::with_capacity(numbers.len() / columns + 1);
        // Each pair is written behind the last, whether zero or not, and kept if not: no branch that could be foretold
        // wrong. So there is room for one more than are kept.
        let (mut kept, mut end): (Vec<Pair>, usize) = (Vec::with_capacity(count + 1), 0);
        let room = kept.spare_capacity_mut();
        let mut keep = |end: &mut usize, index: usize, pair: [T; 2]| {
            room[*end].write(Pair { index: index as u16, codes: [code(pair[0])?, code(pair[1])?] });
            *end += usize::from(pair != [zero; 2]);
            Some(())
        };
        starts.push(0);
        for row in numbers.chunks_exact(columns) {
            let (groups, rest) = row.as_chunks::<GROUP>();
            for (group, numbers) in
                groups.iter().enumerate().filter(|(_, numbers)| **numbers != [zero; GROUP])
            {
                for (place, pair) in numbers.as_chunks().0.iter().enumerate() {
                    keep(&mut end, group * GROUP / 2 + place, *pair)?;
                }
            }
            for (place, pair) in rest.chunks(2).enumerate() {
                let second = pair.get(1).copied().unwrap_or_default();
                keep(&mut end, groups.len() * GROUP / 2 + place, [pair[0], second])?;
            }
            starts.push(end as u32);
        }
        // SAFETY: all before `end` were written.
        unsafe { kept.set_len(end) };
        Some(SparseMatrix { columns, starts, pairs: kept, values })
    }

    /// How many columns it has.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The pairs of a row; their indices are below half the number of columns, rounded up, their codes below the number
    /// of values.
    pub(super) fn row(&self, row: u32) -> &[Pair] {
        &self.pairs[self.starts[row as usize] as usize..self.starts[row as usize + 1] as usize]
    }

    /// The values that occur.
    pub(super) fn values(&self) -> &[f32] {
        &self.values
    }

    /// Asks for the numbers of a row to be in the cache soon, `LATER` or at once as [`fetch`] does.
    pub fn fetch<const LATER: bool>(&self, row: u32) {
        fetch::<LATER, _>(self.row(row));
    }

    /// Asks for what [`SparseMatrix::fetch`] of this row needs to be in the cache soon.
    pub fn fetch_start(&self, row: u32) {
        fetch::<true, _>(&self.starts[row as usize..=row as usize]);
    }

    /// Memory it takes, in bytes.
    pub fn bytes(&self) -> usize {
        size_of_val(self.pairs.as_slice()) + size_of_val(self.starts.as_slice())
    }
}

/// How many pairs of columns in rows of `columns` `numbers` hold one that is not zero, all rows together.
pub fn pairs<T: Copy + Default + PartialEq>(numbers: &[T], columns: usize) -> usize {
    let zero = T::default();
    let row = |row: &[T]| {
        let (pairs, rest) = row.as_chunks::<2>();
        // Compared as a whole and summed as bytes, which fill registers best, in pieces that cannot overflow.
        let some = |piece: &[[T; 2]]| piece.iter().map(|pair| u8::from(*pair != [zero; 2])).sum::<u8>();
        let whole: usize = pairs.chunks(128).map(|piece| usize::from(some(piece))).sum();
        whole + rest.iter().filter(|&&number| number != zero).count()
    };
    numbers.chunks_exact(columns).map(row).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_bytes_cannot_count_is_not_stored() {
        let few: Vec<f32> = (0..200_000).map(|place| (place % 60_000) as f32).collect();
        let matrix = SparseMatrix::of_floats(&few, 1000).expect("few values");
        let pair = matrix.row(1)[3];
        let values = pair.codes.map(|code| matrix.values()[usize::from(code)]);
        assert_eq!((pair.index, values), (3, [1006.0, 1007.0]));
        let many: Vec<f32> = (0..200_000).map(|place| place as f32).collect();
        assert!(SparseMatrix::of_floats(&many, 1000).is_none(), "many values");
        assert!(SparseMatrix::of_bytes(&[1; 200_000], 200_000, f32::from).is_none(), "many columns");
    }

    #[test]
    fn pairs_are_counted_row_by_row() {
        assert_eq!(pairs(&[1, 0, 0, 0, 0, 2, 0, 3, 4, 0], 5), 1 + 2);
        assert_eq!(pairs(&[1_u8; 600], 600), 300);
    }
}
