//! The step of the products of a sparse matrix: two of its columns at a time.

use super::matrix::Pair;
use crate::kernels::simd::Isa;

/// Two columns at work on all outputs, some registers at a time.
pub(super) trait Step {
    /// How many outputs there are.
    fn outputs(&self) -> usize;

    /// The outputs of `V` registers from `column` on, for `R` of the two columns; a register has `count` outputs.
    ///
    /// # Safety
    /// There are as many outputs, all slices have the sizes that their fields document, and every pair's place is that
    /// of a row, its codes those of values.
    unsafe fn registers<I: Isa, const R: usize, const V: usize>(
        &mut self,
        isa: I,
        column: usize,
        count: usize,
    );
}

/// Takes a step through all outputs with one or two columns.
///
/// # Safety
/// As [`Step::registers`].
#[inline(always)]
pub(super) unsafe fn walk<I: Isa>(isa: I, columns: usize, step: &mut impl Step) {
    // SAFETY: the same as asked for here.
    unsafe {
        if columns == 2 {
            walk_with::<I, 2>(isa, step);
        } else {
            walk_with::<I, 1>(isa, step);
        }
    }
}

/// [`walk`] with `R` columns.
///
/// # Safety
/// As [`Step::registers`].
#[inline(always)]
unsafe fn walk_with<I: Isa, const R: usize>(isa: I, step: &mut impl Step) {
    let (mut column, outputs) = (0, step.outputs());
    // SAFETY: the registers of each call lie within the outputs that are left.
    unsafe {
        // Two rows of eight registers fill half of the thirty-two that there are with AVX-512.
        while I::LANES == 16 && outputs - column >= 8 * I::LANES {
            step.registers::<I, R, 8>(isa, column, I::LANES);
            column += 8 * I::LANES;
        }
        while outputs - column >= 4 * I::LANES {
            step.registers::<I, R, 4>(isa, column, I::LANES);
            column += 4 * I::LANES;
        }
        if outputs - column >= 2 * I::LANES {
            step.registers::<I, R, 2>(isa, column, I::LANES);
            column += 2 * I::LANES;
        }
        if outputs - column >= I::LANES {
            step.registers::<I, R, 1>(isa, column, I::LANES);
            column += I::LANES;
        }
        if column < outputs {
            step.registers::<I, R, 1>(isa, column, outputs - column);
        }
    }
}

/// What two columns of x hold, and how many numbers a row of the other matrices has.
pub(super) struct Two<'a> {
    /// The values that pairs name.
    pub values: &'a [f32],
    /// The rows that have something in the columns.
    pub pairs: &'a [Pair],
    /// Numbers of a row of the result and of the matrix on the right.
    pub outputs: usize,
}

/// `y ← y + x·w` for two columns of x.
pub(super) struct Forward<'a> {
    /// The columns.
    pub x: Two<'a>,
    /// The result, (rows, outputs).
    pub y: &'a mut [f32],
    /// The rows of the matrix on the right that belong to the columns, (1 or 2, outputs).
    pub w: &'a [f32],
}

impl Step for Forward<'_> {
    #[inline(always)]
    fn outputs(&self) -> usize {
        self.x.outputs
    }

    #[inline(always)]
    unsafe fn registers<I: Isa, const R: usize, const V: usize>(
        &mut self,
        isa: I,
        column: usize,
        count: usize,
    ) {
        let mut w = [[isa.splat(0.0); V]; R];
        for (r, w) in w.iter_mut().enumerate() {
            for (v, w) in w.iter_mut().enumerate() {
                let from = self.w.as_ptr().wrapping_add(r * self.x.outputs + column + v * I::LANES);
                // SAFETY: there are `R` rows of at least these outputs.
                *w = unsafe { isa.load_part(from, count) };
            }
        }
        for &pair in self.x.pairs {
            // SAFETY: the codes are those of values.
            let values = unsafe { splat::<I, R>(isa, self.x.values, pair) };
            let row = self.y.as_mut_ptr().wrapping_add(pair.place() * self.x.outputs + column);
            for v in 0..V {
                let to = row.wrapping_add(v * I::LANES);
                // SAFETY: the place is that of a row, which has at least these outputs.
                unsafe {
                    // The contributions of the columns are summed first, because the sum so far arrives last.
                    let mut sum = isa.mul(values[0], w[0][v]);
                    for (w, &value) in w.iter().zip(&values).skip(1) {
                        sum = isa.mul_add(value, w[v], sum);
                    }
                    isa.store_part(to, count, isa.add(isa.load_part(to, count), sum));
                }
            }
        }
    }
}

/// `c ← xᵀ·dy`, or `c ← c + xᵀ·dy` where `add`, for two columns of x.
pub(super) struct Back<'a> {
    /// The columns.
    pub x: Two<'a>,
    /// The rows of the result that belong to the columns, (1 or 2, outputs).
    pub c: &'a mut [f32],
    /// The matrix on the right, (rows, outputs).
    pub dy: &'a [f32],
    /// Whether the product is added to what is there.
    pub add: bool,
}

impl Step for Back<'_> {
    #[inline(always)]
    fn outputs(&self) -> usize {
        self.x.outputs
    }

    #[inline(always)]
    unsafe fn registers<I: Isa, const R: usize, const V: usize>(
        &mut self,
        isa: I,
        column: usize,
        count: usize,
    ) {
        let mut sums = [[isa.splat(0.0); V]; R];
        let (c, outputs) = (self.c.as_mut_ptr(), self.x.outputs);
        let place = |r: usize, v: usize| c.wrapping_add(r * outputs + column + v * I::LANES);
        if self.add {
            for (r, sums) in sums.iter_mut().enumerate() {
                for (v, sum) in sums.iter_mut().enumerate() {
                    // SAFETY: there are `R` rows of at least these outputs.
                    *sum = unsafe { isa.load_part(place(r, v), count) };
                }
            }
        }
        for &pair in self.x.pairs {
            // SAFETY: the codes are those of values.
            let values = unsafe { splat::<I, R>(isa, self.x.values, pair) };
            let row = self.dy.as_ptr().wrapping_add(pair.place() * self.x.outputs + column);
            for v in 0..V {
                // SAFETY: the place is that of a row, which has at least these outputs.
                let dy = unsafe { isa.load_part(row.wrapping_add(v * I::LANES), count) };
                for (sums, value) in sums.iter_mut().zip(values) {
                    sums[v] = isa.mul_add(value, dy, sums[v]);
                }
            }
        }
        if isa.any_small(&sums) {
            sums = sums.map(|sums| sums.map(|sum| isa.flush(sum)));
        }
        for (r, sums) in sums.into_iter().enumerate() {
            for (v, sum) in sums.into_iter().enumerate() {
                // SAFETY: there are `R` rows of at least these outputs.
                unsafe { isa.store_part(place(r, v), count, sum) }
            }
        }
    }
}

/// The values of a pair, each in all lanes.
///
/// # Safety
/// Its codes are those of values.
#[inline(always)]
unsafe fn splat<I: Isa, const R: usize>(isa: I, values: &[f32], pair: Pair) -> [I::Vector; R] {
    let mut splat = [isa.splat(0.0); R];
    for (splat, code) in splat.iter_mut().zip(pair.codes()) {
        // SAFETY: the caller vouches for the code.
        *splat = isa.splat(unsafe { *values.get_unchecked(code) });
    }
    splat
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::{Instructions, Kernel};

    struct Sum<'a>(Back<'a>);

    impl Kernel for Sum<'_> {
        #[inline(always)]
        fn run<I: Isa>(mut self, isa: I) {
            let back = &mut self.0;
            assert!(
                back.c.len() == back.x.outputs
                    && back.dy.len() == 3 * back.x.outputs
                    && back.x.values.len() == 2
            );
            assert!(
                back.x.pairs.iter().all(|pair| pair.place() < 3 && pair.codes().iter().all(|&code| code < 2))
            );
            // SAFETY: one column with as many outputs, and pairs within rows and values, as just seen.
            unsafe { walk(isa, 1, back) }
        }
    }

    #[test]
    fn nothing_below_the_normal_numbers_is_written() {
        for instructions in Instructions::available() {
            let dy: Vec<f32> = [1e-39, -1e-30, f32::NAN].into_iter().flat_map(|x| [x; 17]).collect();
            for (index, right) in [(0, 0.0), (1, -1e-30), (2, f32::NAN)] {
                let (pairs, mut c) = ([Pair::new(index, [1, 0])], [0.5; 17]);
                let x = Two { values: &[0.0, 1.0], pairs: &pairs, outputs: 17 };
                let back = Back { x, c: &mut c, dy: &dy, add: false };
                instructions.run(instructions.lanes(17), Sum(back));
                assert!(c.iter().all(|c| c.to_bits() == right.to_bits()), "{c:?}");
            }
        }
    }
}
