//! Weighted sums of rows: the step that products with sparse matrices are made of.

use super::simd::Isa;

/// Registers that are summed at once: with AVX2 they leave half of the sixteen for operands.
const REGISTERS: usize = 8;

/// A row and its weight.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Entry {
    /// Which row.
    pub index: u16,
    /// Which of the values its weight is.
    pub code: u16,
}

/// `to ← scale·Σ weight·row`, or `to ← to + scale·Σ weight·row` where `add`, over `entries`.
pub(super) struct WeightedSum<'a> {
    /// Which rows, in the order in which they are summed.
    pub entries: &'a [Entry],
    /// The weights that entries name.
    pub values: &'a [f32],
    /// Rows as long as `to`, one after another.
    pub rows: &'a [f32],
    /// The result.
    pub to: &'a mut [f32],
    /// The factor of the sum.
    pub scale: f32,
    /// Whether it is added to what is there.
    pub add: bool,
}

impl WeightedSum<'_> {
    /// Writes the sum; what would lie below the smallest normal number becomes 0.
    ///
    /// # Safety
    /// Every entry's index is that of a row, and its code that of a value.
    #[inline(always)]
    pub unsafe fn write<I: Isa>(mut self, isa: I) {
        let width = self.to.len();
        let mut column = 0;
        // SAFETY: the registers of each call lie within the columns that are left.
        unsafe {
            while width - column >= REGISTERS * I::LANES {
                self.registers::<I, REGISTERS>(isa, column);
                column += REGISTERS * I::LANES;
            }
            if width - column >= 4 * I::LANES {
                self.registers::<I, 4>(isa, column);
                column += 4 * I::LANES;
            }
            if width - column >= 2 * I::LANES {
                self.registers::<I, 2>(isa, column);
                column += 2 * I::LANES;
            }
            if width - column >= I::LANES {
                self.registers::<I, 1>(isa, column);
                column += I::LANES;
            }
            if column < width {
                self.rest(isa, column);
            }
        }
    }

    /// The columns of `V` registers from `column` on.
    ///
    /// # Safety
    /// They are columns of `to`, and entries are as in [`WeightedSum::write`].
    #[inline(always)]
    unsafe fn registers<I: Isa, const V: usize>(&mut self, isa: I, column: usize) {
        let (from, stride) = (self.rows.as_ptr().wrapping_add(column), self.to.len());
        let mut sums = [isa.splat(0.0); V];
        for entry in self.entries {
            // SAFETY: the entry's code is that of a value.
            let value = isa.splat(unsafe { *self.values.get_unchecked(usize::from(entry.code)) });
            let row = from.wrapping_add(usize::from(entry.index) * stride);
            for (place, sum) in sums.iter_mut().enumerate() {
                // SAFETY: the registers lie within the entry's row.
                *sum = isa.mul_add(value, unsafe { isa.load(row.add(place * I::LANES)) }, *sum);
            }
        }
        let (to, scale) = (self.to.as_mut_ptr().wrapping_add(column), isa.splat(self.scale));
        for (place, sum) in sums.into_iter().enumerate() {
            let to = to.wrapping_add(place * I::LANES);
            // SAFETY: the registers lie within `to`.
            unsafe {
                let start = if self.add { isa.load(to) } else { isa.splat(0.0) };
                isa.store(to, isa.flush(isa.mul_add(scale, sum, start)));
            }
        }
    }

    /// The columns from `column` on, which fill no register.
    ///
    /// # Safety
    /// As [`WeightedSum::registers`].
    #[inline(always)]
    unsafe fn rest<I: Isa>(&mut self, isa: I, column: usize) {
        let (stride, rest) = (self.to.len(), &mut self.to[column..]);
        let from = self.rows.as_ptr().wrapping_add(column);
        let mut total = isa.splat(0.0);
        for entry in self.entries {
            // SAFETY: the columns lie within the entry's row, and its code is that of a value.
            let (row, value) = unsafe {
                let row = from.wrapping_add(usize::from(entry.index) * stride);
                (isa.load_some(row, rest.len()), *self.values.get_unchecked(usize::from(entry.code)))
            };
            total = isa.mul_add(isa.splat(value), row, total);
        }
        // SAFETY: `rest` is good for its own length.
        unsafe {
            let start = if self.add { isa.load_some(rest.as_ptr(), rest.len()) } else { isa.splat(0.0) };
            let sum = isa.flush(isa.mul_add(isa.splat(self.scale), total, start));
            isa.store_some(rest.as_mut_ptr(), rest.len(), sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::{Instructions, Kernel};

    struct Sum<'a>(WeightedSum<'a>);

    impl Kernel for Sum<'_> {
        #[inline(always)]
        fn run<I: Isa>(self, isa: I) {
            assert!(self.0.entries.iter().all(|entry| entry.index < 3 && entry.code == 0));
            // SAFETY: there are three rows and a value, as just seen.
            unsafe { self.0.write(isa) }
        }
    }

    #[test]
    fn nothing_below_the_normal_numbers_is_written() {
        for instructions in Instructions::available() {
            let rows: Vec<f32> = [1e-39, -1e-30, f32::NAN].into_iter().flat_map(|x| [x; 17]).collect();
            for (index, right) in [(0, 0.0), (1, -1e-30), (2, f32::NAN)] {
                let (entries, mut to) = ([Entry { index, code: 0 }], [0.5; 17]);
                let sum = WeightedSum {
                    entries: &entries,
                    values: &[1.0],
                    rows: &rows,
                    to: &mut to,
                    scale: 1.0,
                    add: false,
                };
                instructions.run(instructions.lanes(17), Sum(sum));
                assert!(to.iter().all(|to| to.to_bits() == right.to_bits()), "{to:?}");
            }
        }
    }
}
