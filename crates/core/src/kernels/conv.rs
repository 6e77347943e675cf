//! Convolution without im2col: three products of windows and weights, on channels-last images.
//!
//! - [`convolve`]: eight output pixels × one register of output channels stay in registers while the window is
//!   walked; each float of the image is broadcast, each weight is loaded once for eight pixels.
//! - [`weight_gradient`] and [`input_gradient`] walk the *non-zero* gradients of the output ([`Sources`]): after a ReLU
//!   and a 2 × 2 max-pool seven of eight are zero and are skipped.
//!
//! Sums run in the same order whatever the width of the registers.

use super::simd::{Instructions, Isa, Kernel};
use super::window::{Sources, Windows};

/// Output pixels computed at once: two multiply-adds per cycle, four cycles each.
const PIXELS: usize = 8;

/// y ← windows(x)·W + b for one image.
///
/// Shapes: x is the padded image with spare floats behind it (see [`Windows::reach`]), W the weights as
/// [`pack_weights`] lays them, b the biases filled up to whole registers, y (pixels, channels).
pub fn convolve(
    instructions: Instructions,
    windows: &Windows,
    x: &[f32],
    (weights, bias): (&[f32], &[f32]),
    y: &mut [f32],
) {
    if windows.count() == 0 {
        return;
    }
    let channels = y.len() / windows.count();
    let lanes = instructions.lanes(channels);
    let filled = channels.next_multiple_of(lanes);
    assert!(x.len() >= windows.reach(), "spare floats behind the image");
    assert_eq!(y.len(), windows.count() * channels, "the size of the output");
    assert_eq!((weights.len(), bias.len()), (filled * windows.area(), filled), "packed weights and biases");
    instructions.run(lanes, Convolve { windows, x, weights, bias, y, channels });
}

/// Lays weights (area, channels) out as [`convolve`] walks them: (register of channels, area, lane), filled up
/// with zeros.
pub fn pack_weights(weights: &[f32], channels: usize, lanes: usize, packed: &mut [f32]) {
    let area = weights.len() / channels;
    for (block, start) in packed.chunks_exact_mut(area * lanes).zip((0..channels).step_by(lanes)) {
        let width = lanes.min(channels - start);
        for (to, from) in block.chunks_exact_mut(lanes).zip(weights.chunks_exact(channels)) {
            to[..width].copy_from_slice(&from[start..start + width]);
        }
    }
}

struct Convolve<'a> {
    windows: &'a Windows,
    x: &'a [f32],
    weights: &'a [f32],
    bias: &'a [f32],
    y: &'a mut [f32],
    channels: usize,
}

impl Kernel for Convolve<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        // A distance between windows known at compile time needs one pointer instead of eight.
        match self.windows.spacing(PIXELS) {
            Some(1) => self.tiles::<I, 1>(isa),
            Some(8) => self.tiles::<I, 8>(isa),
            Some(16) => self.tiles::<I, 16>(isa),
            Some(32) => self.tiles::<I, 32>(isa),
            _ => self.tiles::<I, 0>(isa),
        }
    }
}

impl Convolve<'_> {
    /// All registers of channels of all pixels, `SPACING` floats lying between the windows of a tile (0: any).
    #[inline(always)]
    fn tiles<I: Isa, const SPACING: usize>(self, isa: I) {
        let last = self.windows.count() - 1;
        let blocks = self.weights.chunks_exact(self.windows.area() * I::LANES);
        for (block, weights) in blocks.enumerate() {
            let channel = block * I::LANES;
            let width = I::LANES.min(self.channels - channel);
            let bias = &self.bias[channel..channel + I::LANES];
            for first in (0..=last).step_by(PIXELS) {
                // The last tile repeats the last pixel, which costs nothing extra.
                let mut pixels = [last; PIXELS];
                pixels.iter_mut().zip(first..last).for_each(|(to, pixel)| *to = pixel);
                let sums = self.tile::<I, SPACING>(isa, weights, bias, &pixels);
                let rows = self.y[first * self.channels..].chunks_exact_mut(self.channels);
                for (row, sum) in rows.zip(sums) {
                    let to = &mut row[channel..channel + width];
                    // SAFETY: `to` is good for its own length.
                    unsafe { isa.store_part(to.as_mut_ptr(), width, sum) };
                }
            }
        }
    }

    /// One register of channels of eight output pixels.
    #[inline(always)]
    fn tile<I: Isa, const SPACING: usize>(
        &self,
        isa: I,
        weights: &[f32],
        bias: &[f32],
        pixels: &[usize; PIXELS],
    ) -> [I::Vector; PIXELS] {
        let (rows, run, pitch) = self.windows.runs();
        debug_assert!(weights.len() == rows * run * I::LANES && bias.len() == I::LANES);
        // SAFETY: `bias` holds a register, `weights` one for each float of the window; the runs of a window lie
        // within the image, which `x` holds (both checked by `convolve`; `Windows` keeps its fields to itself). With
        // a `SPACING` the tile's windows lie in one row, so that distance apart.
        unsafe {
            let mut sums = [isa.load(bias.as_ptr()); PIXELS];
            // Written as loops: `array::map` would be a call, compiled without the instruction set.
            let mut starts = [self.x.as_ptr(); PIXELS];
            for (start, &pixel) in starts.iter_mut().zip(pixels) {
                *start = start.add(self.windows.offsets()[pixel] as usize);
            }
            let mut weight = weights.as_ptr();
            for _ in 0..rows {
                for column in 0..run {
                    let w = isa.load(weight);
                    weight = weight.add(I::LANES);
                    for (i, sum) in sums.iter_mut().enumerate() {
                        let start = if SPACING == 0 { starts[i] } else { starts[0].add(i * SPACING) };
                        *sum = isa.mul_add(isa.splat(*start.add(column)), w, *sum);
                    }
                }
                starts.iter_mut().for_each(|start| *start = start.wrapping_add(pitch));
            }
            sums
        }
    }
}

/// dW ← dW + Σ gradient · window(x), for one output channel of one image.
///
/// Shapes: x as in [`convolve`], dW the window's floats with each run filled up to whole registers
/// ([`Windows::covered`]); the values in the padding are meaningless.
pub fn weight_gradient(
    instructions: Instructions,
    windows: &Windows,
    x: &[f32],
    sources: &Sources,
    dw: &mut [f32],
) {
    assert!(x.len() >= windows.reach(), "spare floats behind the image");
    assert_eq!(dw.len(), windows.covered(), "the size of the weight gradient");
    assert!(sources.fit(windows), "gradients of another image");
    instructions.run(windows.lanes(), WeightGradient { windows, x, sources, dw });
}

struct WeightGradient<'a> {
    windows: &'a Windows,
    x: &'a [f32],
    sources: &'a Sources,
    dw: &'a mut [f32],
}

/// Registers of a weight gradient that are summed at once, of the sixteen that AVX2 has.
const TAPS: usize = 12;

impl Kernel for WeightGradient<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        let WeightGradient { windows, x, sources, dw } = self;
        assert_eq!(windows.lanes(), I::LANES, "windows made for other registers");
        let groups = windows.taps().len().div_ceil(TAPS);
        let size = windows.taps().len().div_ceil(groups.max(1)).max(1);
        for (taps, dw) in windows.taps().chunks(size).zip(dw.chunks_mut(size * I::LANES)) {
            // SAFETY: `dw` has a register for each tap, and every tap of every source lies within `x`: a tap
            // within an image's window ends before `Windows::reach`, which `weight_gradient` checked.
            unsafe {
                match taps.len() {
                    1 => gather::<I, 1>(isa, taps, x, sources, dw),
                    2 => gather::<I, 2>(isa, taps, x, sources, dw),
                    3 => gather::<I, 3>(isa, taps, x, sources, dw),
                    4 => gather::<I, 4>(isa, taps, x, sources, dw),
                    5 => gather::<I, 5>(isa, taps, x, sources, dw),
                    6 => gather::<I, 6>(isa, taps, x, sources, dw),
                    7 => gather::<I, 7>(isa, taps, x, sources, dw),
                    8 => gather::<I, 8>(isa, taps, x, sources, dw),
                    9 => gather::<I, 9>(isa, taps, x, sources, dw),
                    10 => gather::<I, 10>(isa, taps, x, sources, dw),
                    11 => gather::<I, 11>(isa, taps, x, sources, dw),
                    _ => gather::<I, TAPS>(isa, taps, x, sources, dw),
                }
            }
        }
    }
}

/// Adds the sources' gradients times `N` registers of their windows to `dw`.
///
/// # Safety
/// `taps` has `N` items, `dw` `N` registers, and every tap of every source is a register within `x`.
#[inline(always)]
unsafe fn gather<I: Isa, const N: usize>(isa: I, taps: &[u32], x: &[f32], sources: &Sources, dw: &mut [f32]) {
    // SAFETY: as the caller vouches.
    unsafe {
        let mut sums: [I::Vector; N] = std::array::from_fn(|n| isa.load(dw.as_ptr().add(n * I::LANES)));
        let starts: [*const f32; N] =
            std::array::from_fn(|n| x.as_ptr().add(*taps.get_unchecked(n) as usize));
        for &(offset, gradient) in sources.entries() {
            let gradient = isa.splat(gradient);
            for n in 0..N {
                sums[n] = isa.mul_add(gradient, isa.load(starts[n].add(offset as usize)), sums[n]);
            }
        }
        for (n, sum) in sums.into_iter().enumerate() {
            isa.store(dw.as_mut_ptr().add(n * I::LANES), sum);
        }
    }
}

/// dx ← dx + Σ gradient · W at the gradient's window, for one output channel of one image.
///
/// Shapes: dx is the padded image with spare floats behind it, W the channel's weights with each run filled up
/// with zeros to whole registers ([`Windows::filled`]).
pub fn input_gradient(
    instructions: Instructions,
    windows: &Windows,
    weights: &[f32],
    sources: &Sources,
    dx: &mut [f32],
) {
    assert!(dx.len() >= windows.reach(), "spare floats behind the image");
    assert_eq!(weights.len(), windows.covered(), "weights filled up to registers");
    assert!(sources.fit(windows), "gradients of another image");
    instructions.run(windows.lanes(), InputGradient { windows, weights, sources, dx });
}

struct InputGradient<'a> {
    windows: &'a Windows,
    weights: &'a [f32],
    sources: &'a Sources,
    dx: &'a mut [f32],
}

impl Kernel for InputGradient<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, isa: I) {
        assert_eq!(self.windows.lanes(), I::LANES, "windows made for other registers");
        for &(offset, gradient) in self.sources.entries() {
            let gradient = isa.splat(gradient);
            for (&tap, w) in self.windows.taps().iter().zip(self.weights.chunks_exact(I::LANES)) {
                // SAFETY: a tap of a source's window ends before `Windows::reach`, and `dx` is that long.
                unsafe {
                    let to = self.dx.as_mut_ptr().add(offset as usize + tap as usize);
                    let sum = isa.mul_add(gradient, isa.load(w.as_ptr()), isa.load(to));
                    isa.store(to, sum);
                }
            }
        }
    }
}
