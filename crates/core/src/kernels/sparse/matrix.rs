//! A matrix that stores only its non-zero numbers.

use std::collections::HashMap;

use crate::kernels::simd::fetch;

/// Two neighbouring numbers of a row, packed into 32 bits: [`PLACE`] bits say where they lie, [`CODE`] bits for each
/// which of the values it is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Pair(u32);

/// Bits of a pair's place.
const PLACE: u32 = 8;

/// Bits of a pair's codes, each.
const CODE: u32 = (u32::BITS - PLACE) / 2;

/// Number of distinct places.
pub(super) const PLACES: usize = 1 << PLACE;

/// Number of distinct values.
const VALUES: usize = 1 << CODE;

impl Pair {
    /// The pair of two values at a place.
    pub fn new(place: usize, codes: [u16; 2]) -> Self {
        let [first, second] = codes.map(u32::from);
        Pair(place as u32 | first << PLACE | second << (PLACE + CODE))
    }

    /// In a row, how many pairs of columns it lies behind the one before it, or the first column; in
    /// [`super::Columns`], which row.
    #[inline(always)]
    pub fn place(self) -> usize {
        self.0 as usize % PLACES
    }

    /// Which of the values the numbers are.
    #[inline(always)]
    pub fn codes(self) -> [usize; 2] {
        [(self.0 >> PLACE) as usize % VALUES, (self.0 >> (PLACE + CODE)) as usize]
    }

    /// The same numbers at another place.
    #[inline(always)]
    pub fn at(self, place: usize) -> Self {
        Pair(self.0 - self.0 % PLACES as u32 + place as u32)
    }
}

/// A matrix that stores only its non-zero numbers, row after row, each row by rising columns.
///
/// Columns go in pairs, which are stored if either number is not zero: neighbours tend to be so together, and two at a
/// time cost little more than one. A number is stored as its place in the list of the values that occur, and a pair in
/// four bytes: rows are read in random order from a set that no cache holds, so every byte is waited for. Between pairs
/// that lie too far apart for their places lie pairs of zeros.
#[derive(Clone, Debug)]
pub struct SparseMatrix {
    columns: usize,
    /// Where each row begins, and the end of the last.
    starts: Vec<u32>,
    pairs: Vec<Pair>,
    /// The values that occur, the first of them 0.
    values: Vec<f32>,
}

impl SparseMatrix {
    /// The matrix whose rows of `columns` bytes follow each other in `numbers`, each standing for the number that
    /// `value` says; 0 is zero. None where it would be too large.
    pub fn of_bytes(numbers: &[u8], columns: usize, value: impl Fn(u8) -> f32) -> Option<Self> {
        let values = (0..=u8::MAX).map(value).collect();
        SparseMatrix::new(numbers, columns, values, |byte| Some(byte.into()))
    }

    /// The matrix whose rows of `columns` numbers follow each other in `numbers`. None where it would be too large, or
    /// its numbers take more than 4,096 values.
    pub fn of_floats(numbers: &[f32], columns: usize) -> Option<Self> {
        let (mut values, mut codes) = (vec![0.0], HashMap::from([(0.0_f32.to_bits(), 0)]));
        for number in numbers.iter().filter(|&&number| number != 0.0) {
            codes.entry(number.to_bits()).or_insert_with(|| {
                values.push(*number);
                values.len() - 1
            });
            if values.len() > VALUES {
                return None;
            }
        }
        let code = |number: f32| match codes.get(&number.to_bits()) {
            Some(&code) => u16::try_from(code).ok(),
            None => Some(0),
        };
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
        /// The distance that a pair of zeros spans, after which any pair of the next group can be encoded.
        const REACH: usize = PLACES - GROUP / 2;
        let (zero, rows) = (T::default(), numbers.len() / columns);
        let count = pairs(numbers, columns) + rows * (columns.div_ceil(2) / REACH);
        u32::try_from(count).ok()?;
        let mut starts = Vec::with_capacity(rows + 1);
        // Each pair is written behind the last, whether zero or not, and kept if not: this avoids branches that could
        // be mispredicted. So there is room for one more than are kept.
        let (mut kept, mut end): (Vec<Pair>, usize) = (Vec::with_capacity(count + 1), 0);
        let room = kept.spare_capacity_mut();
        starts.push(0);
        for row in numbers.chunks_exact(columns) {
            // The pair of columns that was kept last.
            let mut last = 0;
            let mut keep = |group: usize, numbers: &[T]| {
                let first = group * GROUP / 2;
                while first - last > REACH {
                    room[end].write(Pair::new(REACH, [0; 2]));
                    (last, end) = (last + REACH, end + 1);
                }
                for (index, pair) in (first..).zip(numbers.chunks(2)) {
                    let pair = [pair[0], pair.get(1).copied().unwrap_or_default()];
                    room[end].write(Pair::new(index - last, [code(pair[0])?, code(pair[1])?]));
                    let held = pair != [zero; 2];
                    (last, end) = (if held { index } else { last }, end + usize::from(held));
                }
                Some(())
            };
            let (groups, rest) = row.as_chunks::<GROUP>();
            for (group, numbers) in
                groups.iter().enumerate().filter(|(_, numbers)| **numbers != [zero; GROUP])
            {
                keep(group, numbers)?;
            }
            if rest.iter().any(|&number| number != zero) {
                keep(groups.len(), rest)?;
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

    /// The pairs of a row; their places add up to less than half the number of columns, rounded up, and their codes are
    /// below the number of values.
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
    fn rows_are_stored_as_they_are() {
        // Numbers that lie next to each other and far apart, a zero that is negative, and an odd end.
        let columns = 2 * 1400 + 1;
        let mut numbers = vec![0.0; 3 * columns];
        let places =
            [0, 1, 510, 512, 1200, 1201, 1202, 2795, 2800, columns + 2797, 2 * columns, 3 * columns - 1];
        places.iter().enumerate().for_each(|(index, &place)| numbers[place] = 1.0 + (index % 5) as f32);
        numbers[600] = -0.0;
        let matrix = SparseMatrix::of_floats(&numbers, columns).expect("few values");
        for (row, numbers) in (0..).zip(numbers.chunks(columns)) {
            let (mut found, mut index) = (vec![0.0; columns + 1], 0);
            for pair in matrix.row(row) {
                index += pair.place();
                pair.codes()
                    .into_iter()
                    .enumerate()
                    .for_each(|(column, code)| found[2 * index + column] = matrix.values()[code]);
            }
            assert_eq!(found[..columns], *numbers);
        }
    }

    #[test]
    fn nothing_is_stored_behind_the_last_number() {
        let mut numbers = vec![0.0; 2 * 2801];
        numbers[1] = 1.0;
        let matrix = SparseMatrix::of_floats(&numbers, 2801).expect("few values");
        assert_eq!([matrix.row(0).len(), matrix.row(1).len()], [1, 0]);
    }

    #[test]
    fn more_values_than_codes_are_not_stored() {
        let numbers = |values: usize| (0..200_000).map(|place| (place % values) as f32).collect::<Vec<f32>>();
        assert!(SparseMatrix::of_floats(&numbers(VALUES), 1000).is_some());
        assert!(SparseMatrix::of_floats(&numbers(VALUES + 1), 1000).is_none());
    }

    #[test]
    fn pairs_are_counted_row_by_row() {
        assert_eq!(pairs(&[1, 0, 0, 0, 0, 2, 0, 3, 4, 0], 5), 1 + 2);
        assert_eq!(pairs(&[1_u8; 600], 600), 300);
    }
}
