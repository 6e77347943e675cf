//! Max-pooling of channels-last images, a register of channels at a time.

use super::simd::{Instructions, Isa, Kernel};

/// The pixels of each pooling window: `size` items per window, each the index of a pixel of the image.
#[derive(Clone, Debug)]
pub struct Cells {
    /// Window after window.
    pub pixels: Vec<u32>,
    /// Pixels in a window.
    pub size: usize,
}

/// The largest pixel of each window, channel by channel, and which it was; the first of equals, as in PyTorch.
///
/// Shapes: x (pixels, channels), y and `winners` (windows, channels).
pub fn max_pool(
    instructions: Instructions,
    cells: &Cells,
    channels: usize,
    x: &[f32],
    (y, winners): (&mut [f32], &mut [u32]),
) {
    let windows = cells.pixels.len() / cells.size;
    assert_eq!((y.len(), winners.len()), (windows * channels, windows * channels), "the size of the output");
    instructions.run(instructions.lanes(channels), MaxPool { cells, channels, x, y, winners });
}

struct MaxPool<'a> {
    cells: &'a Cells,
    channels: usize,
    x: &'a [f32],
    y: &'a mut [f32],
    winners: &'a mut [u32],
}

impl Kernel for MaxPool<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        let MaxPool { cells, channels, x, y, winners } = self;
        let rows = y.chunks_exact_mut(channels).zip(winners.chunks_exact_mut(channels));
        for (cell, (y, winners)) in cells.pixels.chunks_exact(cells.size).zip(rows) {
            let mut first = 0;
            while first + I::LANES <= channels {
                let end = first + I::LANES;
                largest(isa, cell, x, (channels, first), (&mut y[first..end], &mut winners[first..end]));
                first = end;
            }
            for channel in first..channels {
                (y[channel], winners[channel]) = largest_of_one(cell, x, (channels, channel));
            }
        }
    }
}

/// One register of channels, from `first` on, of one window.
#[inline(always)]
fn largest<I: Isa>(
    isa: I,
    cell: &[u32],
    x: &[f32],
    (channels, first): (usize, usize),
    (y, winners): (&mut [f32], &mut [u32]),
) {
    assert!(y.len() == I::LANES && winners.len() == I::LANES, "a register of channels");
    let load = |pixel: u32| {
        let from = &x[pixel as usize * channels + first..][..I::LANES];
        // SAFETY: `from` is a register long.
        unsafe { isa.load(from.as_ptr()) }
    };
    let (mut best, mut winner) = (load(cell[0]), isa.splat(f32::from_bits(cell[0])));
    for &pixel in &cell[1..] {
        let value = load(pixel);
        winner = isa.where_greater(value, best, isa.splat(f32::from_bits(pixel)), winner);
        best = isa.where_greater(value, best, value, best);
    }
    // SAFETY: both slices are a register long, and a u32 is as large and as aligned as an f32.
    unsafe {
        isa.store(y.as_mut_ptr(), best);
        isa.store(winners.as_mut_ptr().cast(), winner);
    }
}

/// One channel of one window.
fn largest_of_one(cell: &[u32], x: &[f32], (channels, channel): (usize, usize)) -> (f32, u32) {
    let value = |pixel: u32| x[pixel as usize * channels + channel];
    let first = (value(cell[0]), cell[0]);
    cell[1..].iter().fold(
        first,
        |best, &pixel| {
            if value(pixel) > best.0 { (value(pixel), pixel) } else { best }
        },
    )
}
