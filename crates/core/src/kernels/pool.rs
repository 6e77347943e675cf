//! Max-pooling of channels-last images, a register of channels at a time.

use super::simd::{Instructions, Isa, Kernel, WIDEST};

/// The pixels of each pooling window: `size` items a window, each the index of a pixel of the image.
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
            for first in (0..channels).step_by(I::LANES) {
                let width = I::LANES.min(channels - first);
                let (y, winners) = (&mut y[first..first + width], &mut winners[first..first + width]);
                largest(isa, cell, x, (channels, first), (y, winners));
            }
        }
    }
}

/// One register of one window.
#[inline(always)]
fn largest<I: Isa>(
    isa: I,
    cell: &[u32],
    x: &[f32],
    (channels, first): (usize, usize),
    (y, winners): (&mut [f32], &mut [u32]),
) {
    let load = |pixel: u32| {
        let from = &x[pixel as usize * channels + first..][..y.len()];
        if from.len() == I::LANES {
            // SAFETY: `from` is a register long.
            return unsafe { isa.load(from.as_ptr()) };
        }
        let mut whole = [0.0; WIDEST];
        whole[..from.len()].copy_from_slice(from);
        // SAFETY: no register is wider than `WIDEST`.
        unsafe { isa.load(whole.as_ptr()) }
    };
    let (mut best, mut winner) = (load(cell[0]), isa.splat(f32::from_bits(cell[0])));
    for &pixel in &cell[1..] {
        let value = load(pixel);
        winner = isa.where_greater(value, best, isa.splat(f32::from_bits(pixel)), winner);
        best = isa.where_greater(value, best, value, best);
    }
    let (mut values, mut pixels) = ([0.0; WIDEST], [0.0; WIDEST]);
    // SAFETY: no register is wider than `WIDEST`.
    unsafe {
        isa.store(values.as_mut_ptr(), best);
        isa.store(pixels.as_mut_ptr(), winner);
    }
    y.copy_from_slice(&values[..y.len()]);
    winners.iter_mut().zip(pixels).for_each(|(winner, pixel)| *winner = pixel.to_bits());
}
