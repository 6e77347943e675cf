//! Products of dense f32 matrices.
//!
//! A tile of the result, six rows by a few registers or eight by one, stays in registers while the inner dimension is
//! walked: each number of `a` is broadcast, each register of `b` is loaded once per tile. The inner dimension is cut
//! into pieces whose part of `b` stays near in the caches while the rows go by. Nothing is allocated. The well-known
//! libraries allocate and copy their operands at every call, which costs more than it gains on the small matrices of
//! small networks (Goto and van de Geijn 2008 treat large ones).
//!
//! Every number of the result is summed in the order of the inner dimension whatever the tile, so instruction sets
//! that fuse multiply and add give the same bits.

use std::mem::MaybeUninit;

use super::simd::{Instructions, Isa, Kernel, turn};

/// Rows of a tile: with four registers of AVX-512 (two of AVX2) in each, the sums fill most of the registers.
const ROWS: usize = 6;

/// Rows of a tile that is one register wide: a batch of eight is processed at once, and no sum has to wait for another.
const NARROW_ROWS: usize = 8;

/// Columns of the widest tile.
const COLUMNS: usize = 64;

/// Piece of the inner dimension: with [`COLUMNS`] columns 32 KiB of `b`. Longer pieces are no faster, shorter ones
/// write the result too often.
const DEPTH: usize = 128;

/// Rows and columns that are transposed at once.
const BLOCK: usize = 4;

/// A matrix to be read: row-major numbers, seen as they lie or transposed.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a> {
    data: &'a [f32],
    rows: usize,
    columns: usize,
    transposed: bool,
}

impl<'a> Matrix<'a> {
    /// The matrix of `rows` × `columns` whose rows follow each other in `data`.
    pub fn new(data: &'a [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(data.len(), rows * columns, "a matrix of {rows} × {columns}");
        Matrix { data, rows, columns, transposed: false }
    }

    /// The same numbers with rows and columns exchanged; nothing is copied.
    pub fn t(self) -> Self {
        Matrix { rows: self.columns, columns: self.rows, transposed: !self.transposed, ..self }
    }

    /// Floats from a number to the one below it and to the one on its right.
    fn strides(&self) -> (usize, usize) {
        if self.transposed { (1, self.rows) } else { (self.columns, 1) }
    }
}

/// `c ← scale·a·b`, or `c ← c + scale·a·b` where `add`; `c` is row-major, `a.rows` × `b.columns`.
pub fn matmul(c: &mut [f32], a: Matrix<'_>, b: Matrix<'_>, scale: f32, add: bool) {
    assert_eq!(a.columns, b.rows, "the inner dimensions of a product");
    assert_eq!(c.len(), a.rows * b.columns, "the size of a product");
    if a.columns == 0 && !add {
        c.fill(0.0);
    }
    let instructions = Instructions::best();
    instructions.run(instructions.lanes(COLUMNS), Product { c, a, b, scale, add });
}

struct Product<'a> {
    c: &'a mut [f32],
    a: Matrix<'a>,
    b: Matrix<'a>,
    scale: f32,
    add: bool,
}

/// One strip of the result: up to [`COLUMNS`] columns, and a piece of the inner dimension.
struct Strip {
    /// The first number of `a` in the strip, and its strides.
    a: *const f32,
    a_strides: (usize, usize),
    /// The first register of `b`, and floats from one row of it to the next.
    b: *const f32,
    b_stride: usize,
    depth: usize,
    /// The first number of `c`, and floats from one row of it to the next.
    c: *mut f32,
    c_stride: usize,
    /// Columns that are written; registers may reach beyond them.
    columns: usize,
    scale: f32,
    add: bool,
}

impl Kernel for Product<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        // Registers in the width of a tile, so that the sums of six rows leave some for the operands.
        let widest = if I::LANES == 16 { 4 } else { 2 } * I::LANES;
        let (rows, inner, columns) = (self.a.rows, self.a.columns, self.b.columns);
        let (a_down, a_right) = self.a.strides();
        // Clearing it would cost as much as a small product itself.
        let mut panel = [MaybeUninit::<f32>::uninit(); DEPTH * COLUMNS];
        for from in (0..inner).step_by(DEPTH) {
            let depth = DEPTH.min(inner - from);
            for column in (0..columns).step_by(widest) {
                let width = widest.min(columns - column);
                let registers = width.div_ceil(I::LANES);
                // Rows narrower than a register are read in place, if the machine can read a part of a register.
                let part = I::PARTS && width < I::LANES && !self.b.transposed;
                let (b, b_stride) = if self.b.transposed || width % I::LANES != 0 && !part {
                    let stride = registers * I::LANES;
                    self.copy_panel(isa, &mut panel, (from, depth), (column, width), stride);
                    (panel.as_ptr().cast::<f32>(), stride)
                } else {
                    (self.b.data[from * columns + column..].as_ptr(), columns)
                };
                let strip = Strip {
                    a: self.a.data[from * a_right..].as_ptr(),
                    a_strides: (a_down, a_right),
                    b,
                    b_stride,
                    depth,
                    c: self.c[column..].as_mut_ptr(),
                    c_stride: columns,
                    columns: width,
                    scale: self.scale,
                    add: self.add || from > 0,
                };
                // SAFETY: rows and columns lie within the matrices, whose sizes were checked when they were made
                // and against each other in `matmul`; `b` is either a panel, filled up to whole registers, or has
                // whole registers of columns left, or the part of one that is read.
                unsafe {
                    match registers {
                        1 if part => strip.rows::<I, 1, true>(isa, rows),
                        1 => strip.rows::<I, 1, false>(isa, rows),
                        2 => strip.rows::<I, 2, false>(isa, rows),
                        3 => strip.rows::<I, 3, false>(isa, rows),
                        _ => strip.rows::<I, 4, false>(isa, rows),
                    }
                }
            }
        }
    }
}

impl Product<'_> {
    /// Copies `depth` rows and `width` columns of `b` into `panel`, each row filled up to `stride`, whole registers.
    #[inline(always)]
    fn copy_panel<I: Isa>(
        &self,
        isa: I,
        panel: &mut [MaybeUninit<f32>; DEPTH * COLUMNS],
        (from, depth): (usize, usize),
        (column, width): (usize, usize),
        stride: usize,
    ) {
        assert!(depth * stride <= panel.len(), "a panel holds a piece of a strip");
        let to = panel.as_mut_ptr().cast::<f32>();
        if self.b.transposed {
            for group in (0..stride).step_by(BLOCK) {
                // Columns beyond the last repeat it; their values are never written to the result.
                let columns: [&[f32]; BLOCK] = std::array::from_fn(|place| {
                    let start = (column + (group + place).min(width - 1)) * self.b.rows + from;
                    &self.b.data[start..start + depth]
                });
                // SAFETY: the panel holds `depth` rows, and the group lies within each.
                unsafe { lay_side_by_side(columns, to.add(group), stride) };
            }
        } else {
            let rows = self.b.data.chunks_exact(self.b.columns).skip(from).take(depth);
            for (row, source) in rows.enumerate() {
                let source = &source[column..column + width];
                for place in (0..width).step_by(I::LANES) {
                    // SAFETY: the panel holds `depth` rows of whole registers, and what is left of the row is read.
                    unsafe {
                        let from = source.as_ptr().add(place);
                        let register = isa.load_part(from, width - place);
                        isa.store(to.add(row * stride + place), register);
                    }
                }
            }
        }
    }
}

/// Writes four columns into rows that begin at `to` and lie `stride` floats apart, block by block.
///
/// # Safety
/// There are as many rows as the columns, of one length, have numbers, and each is good for four.
#[inline(always)]
unsafe fn lay_side_by_side(columns: [&[f32]; BLOCK], to: *mut f32, stride: usize) {
    let depth = columns[0].len();
    // SAFETY: a row is good for a block.
    let lay = |row: usize, block: [f32; BLOCK]| unsafe {
        to.add(row * stride).cast::<[f32; BLOCK]>().write_unaligned(block);
    };
    let blocks = columns.map(|column| &column.as_chunks::<BLOCK>().0[..depth / BLOCK]);
    for index in 0..depth / BLOCK {
        let turned = turn(blocks.map(|column| column[index]));
        turned.into_iter().enumerate().for_each(|(place, row)| lay(index * BLOCK + place, row));
    }
    for row in depth - depth % BLOCK..depth {
        lay(row, columns.map(|column| column[row]));
    }
}

impl Strip {
    /// All `rows` rows of the strip, tile by tile; where `P`, only `columns` numbers of a row of `b` are read.
    ///
    /// # Safety
    /// The pointers must be good for `rows` rows of `a` and `c`, for `depth` columns of `a` and rows of `b`, and for
    /// `V` registers of `b` (where `P`, `columns` numbers) and `columns` numbers of `c` in each.
    #[inline(always)]
    unsafe fn rows<I: Isa, const V: usize, const P: bool>(&self, isa: I, rows: usize) {
        let most = if V == 1 { NARROW_ROWS } else { ROWS };
        for row in (0..rows).step_by(most) {
            // SAFETY: the tile's rows are among `rows`; the rest is the caller's promise.
            unsafe {
                match rows - row {
                    1 => self.tile::<I, 1, V, P>(isa, row),
                    2 => self.tile::<I, 2, V, P>(isa, row),
                    3 => self.tile::<I, 3, V, P>(isa, row),
                    4 => self.tile::<I, 4, V, P>(isa, row),
                    5 => self.tile::<I, 5, V, P>(isa, row),
                    _ if V > 1 => self.tile::<I, ROWS, V, P>(isa, row),
                    6 => self.tile::<I, 6, 1, P>(isa, row),
                    7 => self.tile::<I, 7, 1, P>(isa, row),
                    _ => self.tile::<I, NARROW_ROWS, 1, P>(isa, row),
                }
            }
        }
    }

    /// `R` rows by `V` registers of the result, from row `row` on.
    ///
    /// # Safety
    /// As [`Strip::rows`], for the rows `row` to `row + R`.
    #[inline(always)]
    unsafe fn tile<I: Isa, const R: usize, const V: usize, const P: bool>(&self, isa: I, row: usize) {
        let mut sums = [[isa.splat(0.0); V]; R];
        let (down, right) = self.a_strides;
        // SAFETY: every pointer stays within the rows, columns and registers that the caller vouches for.
        unsafe {
            let mut a = self.a.add(row * down);
            let mut b = self.b;
            for _ in 0..self.depth {
                let registers: [I::Vector; V] = std::array::from_fn(|v| {
                    if P { isa.load_some(b, self.columns) } else { isa.load(b.add(v * I::LANES)) }
                });
                for (r, sums) in sums.iter_mut().enumerate() {
                    let number = isa.splat(*a.add(r * down));
                    for (sum, register) in sums.iter_mut().zip(registers) {
                        *sum = isa.mul_add(number, register, *sum);
                    }
                }
                a = a.wrapping_add(right);
                b = b.wrapping_add(self.b_stride);
            }
            self.write(isa, self.c.add(row * self.c_stride), sums);
        }
    }

    /// Writes or adds a tile whose first row begins at `to`.
    ///
    /// # Safety
    /// There are `R` rows, each good for `columns` numbers.
    #[inline(always)]
    unsafe fn write<I: Isa, const R: usize, const V: usize>(
        &self,
        isa: I,
        to: *mut f32,
        mut sums: [[I::Vector; V]; R],
    ) {
        let scale = isa.splat(self.scale);
        let place = |r: usize, v: usize| to.wrapping_add(r * self.c_stride + v * I::LANES);
        let count = |v: usize| self.columns - v * I::LANES;
        // SAFETY: the row is among those the caller vouches for, and of its last register only the part that lies
        // within `columns` is touched.
        let sum = |r: usize, v: usize, sum: I::Vector| unsafe {
            let start = if self.add { isa.load_part(place(r, v), count(v)) } else { isa.splat(0.0) };
            isa.mul_add(scale, sum, start)
        };
        // SAFETY: as above.
        let write =
            |r: usize, v: usize, sum: I::Vector| unsafe { isa.store_part(place(r, v), count(v), sum) };
        // If rows are shorter than a register, reading one would wait for the write of the previous one, so all are
        // read first.
        if self.columns < I::LANES {
            for (r, sums) in sums.iter_mut().enumerate() {
                sums[0] = sum(r, 0, sums[0]);
            }
            sums.into_iter().enumerate().for_each(|(r, sums)| write(r, 0, sums[0]));
            return;
        }
        for (r, sums) in sums.into_iter().enumerate() {
            sums.into_iter().enumerate().for_each(|(v, own)| write(r, v, sum(r, v, own)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream;
    use rand::RngExt;

    /// The product number by number, in f64.
    fn plain(a: Matrix<'_>, b: Matrix<'_>) -> Vec<f64> {
        let at = |m: Matrix<'_>, row: usize, column: usize| {
            let (down, right) = m.strides();
            f64::from(m.data[row * down + column * right])
        };
        let number = |place: usize| {
            let (row, column) = (place / b.columns, place % b.columns);
            (0..a.columns).map(|inner| at(a, row, inner) * at(b, inner, column)).sum()
        };
        (0..a.rows * b.columns).map(number).collect()
    }

    /// Products of every orientation, with an instruction set.
    fn check(instructions: Instructions, (rows, inner, columns): (usize, usize, usize)) {
        let mut rng = stream(0, "matrices");
        let mut draw = |size| (0..size).map(|_| rng.random::<f32>() - 0.5).collect::<Vec<f32>>();
        let (a, b, start) = (draw(rows * inner), draw(inner * columns), draw(rows * columns));
        for (turn_a, turn_b, add) in
            [(false, false, false), (true, false, true), (false, true, false), (true, true, true)]
        {
            let a = if turn_a { Matrix::new(&a, inner, rows).t() } else { Matrix::new(&a, rows, inner) };
            let b =
                if turn_b { Matrix::new(&b, columns, inner).t() } else { Matrix::new(&b, inner, columns) };
            let mut c = start.clone();
            instructions.run(instructions.lanes(COLUMNS), Product { c: &mut c, a, b, scale: 0.5, add });
            for ((c, plain), start) in c.iter().zip(plain(a, b)).zip(&start) {
                let right = 0.5 * plain + if add { f64::from(*start) } else { 0.0 };
                assert!(
                    (f64::from(*c) - right).abs() < 1e-5 * (inner as f64).sqrt(),
                    "{rows} {inner} {columns}"
                );
            }
        }
    }

    #[test]
    fn products_are_right_for_every_shape_and_instruction_set() {
        for instructions in Instructions::available() {
            for rows in [1, 2, 5, 6, 7, 8, 15, 32] {
                for columns in [1, 7, 10, 16, 17, 63, 64, 65, 130] {
                    for inner in [1, 3, 128, 129, 300] {
                        check(instructions, (rows, inner, columns));
                    }
                }
            }
        }
    }

    #[test]
    fn an_empty_inner_dimension_gives_zeros() {
        let mut c = [1.0; 6];
        matmul(&mut c, Matrix::new(&[], 2, 0), Matrix::new(&[], 0, 3), 1.0, true);
        assert_eq!(c, [1.0; 6]);
        matmul(&mut c, Matrix::new(&[], 2, 0), Matrix::new(&[], 0, 3), 1.0, false);
        assert_eq!(c, [0.0; 6]);
    }
}
