//! Where the receptive fields ("windows") of a convolution lie in a channels-last image.
//!
//! In an image (height, width, channels) a window of `rows` × `columns` pixels is `rows` runs of
//! `columns · channels` neighbouring floats. A kernel walks the runs as they lie: nothing is gathered (no im2col).

use super::simd::WIDEST;

/// The windows of every output pixel, and how registers cover one of them.
///
/// Fields are private since the kernels' bounds rest on them.
#[derive(Clone, Debug)]
pub struct Windows {
    /// First float of the window of each output pixel.
    offsets: Vec<u32>,
    /// Runs in a window.
    rows: usize,
    /// Floats in a run.
    run: usize,
    /// Floats from one run to the next, the width of the image times its channels.
    pitch: usize,
    /// Floats in a register.
    lanes: usize,
    /// Where in a window each register starts that covers it; a run's last register may look past the run.
    taps: Vec<u32>,
    /// Floats of an image, at least one past any that a window's runs touch.
    image: usize,
    /// Windows in a row of the output.
    across: usize,
    /// Floats from one window to the next in a row.
    spacing: usize,
}

/// The image that windows move over, in pixels, border of zeros included.
#[derive(Clone, Copy, Debug)]
pub struct Image {
    /// Pixels down.
    pub height: usize,
    /// Pixels across.
    pub width: usize,
    /// Floats per pixel.
    pub channels: usize,
}

impl Image {
    /// Floats in all.
    pub fn size(&self) -> usize {
        self.height * self.width * self.channels
    }
}

impl Windows {
    /// Windows of `size` (rows, columns) pixels, `stride` pixels apart, over `image`, for registers of `lanes`
    /// floats. A window larger than the image leaves no windows.
    pub fn new(image: Image, size: (usize, usize), stride: usize, lanes: usize) -> Windows {
        let Image { height, width, channels } = image;
        let starts = |length: usize, size: usize| (0..(length + 1).saturating_sub(size)).step_by(stride);
        let offsets = starts(height, size.0)
            .flat_map(|y| starts(width, size.1).map(move |x| ((y * width + x) * channels) as u32))
            .collect();
        let (run, pitch) = (size.1 * channels, width * channels);
        let taps = (0..size.0)
            .flat_map(|row| (0..run).step_by(lanes).map(move |column| (row * pitch + column) as u32))
            .collect();
        let (across, spacing) = (starts(width, size.1).count(), stride * channels);
        Windows { offsets, rows: size.0, run, pitch, lanes, taps, image: image.size(), across, spacing }
    }

    /// Output pixels.
    pub fn count(&self) -> usize {
        self.offsets.len()
    }

    /// First float of the window of each output pixel.
    pub fn offsets(&self) -> &[u32] {
        &self.offsets
    }

    /// Runs in a window, floats in a run, and floats from one run to the next.
    pub fn runs(&self) -> (usize, usize, usize) {
        (self.rows, self.run, self.pitch)
    }

    /// Floats from one window to the next, where any `count` of them from a multiple of `count` on lie in a row.
    pub fn spacing(&self, count: usize) -> Option<usize> {
        self.across.is_multiple_of(count).then_some(self.spacing)
    }

    /// Floats in a window.
    pub fn area(&self) -> usize {
        self.rows * self.run
    }

    /// Floats in a register.
    pub fn lanes(&self) -> usize {
        self.lanes
    }

    /// Where in a window each register starts that covers it.
    pub fn taps(&self) -> &[u32] {
        &self.taps
    }

    /// Floats in a window when each run is filled up to whole registers.
    pub fn covered(&self) -> usize {
        self.taps.len() * self.lanes
    }

    /// Floats that a kernel may touch in one image: the image itself and what the last register spills over.
    pub fn reach(&self) -> usize {
        self.image + WIDEST
    }

    /// The index among a window's floats filled up to whole registers of each of its own floats, in order.
    pub fn filled(&self) -> impl Iterator<Item = usize> {
        let step = self.run.div_ceil(self.lanes) * self.lanes;
        let run = self.run;
        (0..self.rows).flat_map(move |row| row * step..row * step + run)
    }
}

/// Non-zero gradients of one channel of a convolution's output, each with the window that it belongs to.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Offset of the window, and gradient; those from `count` on are left over from earlier.
    entries: Vec<(u32, f32)>,
    count: usize,
    /// No offset is higher.
    limit: u32,
}

impl Sources {
    /// Room for the gradients of one channel of one image, one for each window at most.
    pub fn new(windows: &Windows) -> Sources {
        Sources { entries: vec![(0, 0.0); windows.count() + 1], count: 0, limit: 0 }
    }

    /// Takes the non-zero gradients of `channel` out of rows of `channels`, and returns the sum of all. The row is
    /// that of the output pixel at its own place, or of the one that `pixels` (rows, channels) names; a pixel may
    /// occur more than once, and one that does not exist is left out.
    pub fn fill(
        &mut self,
        windows: &Windows,
        (gradients, pixels): (&[f32], Option<&[u32]>),
        (channel, channels): (usize, usize),
    ) -> f32 {
        self.limit = windows.offsets.last().copied().unwrap_or_default();
        let mut count = 0;
        for (row, at) in (channel..gradients.len()).step_by(channels).enumerate() {
            let pixel = pixels.map_or(row, |pixels| pixels[at] as usize);
            let (Some(&offset), Some(entry)) = (windows.offsets.get(pixel), self.entries.get_mut(count))
            else {
                continue;
            };
            let gradient = gradients[at];
            // Written whether kept or not, since no processor can predict which gradients are zero; the test for zero
            // looks at the bits without the sign.
            *entry = (offset, gradient);
            count += usize::from(gradient.to_bits() << 1 != 0);
        }
        self.count = count;
        self.sum()
    }

    /// The sum of the gradients, in four parts at once.
    fn sum(&self) -> f32 {
        let mut parts = [0.0; 4];
        for four in self.entries().chunks(4) {
            parts.iter_mut().zip(four).for_each(|(part, (_, gradient))| *part += gradient);
        }
        (parts[0] + parts[1]) + (parts[2] + parts[3])
    }

    /// Offset of the window, and gradient.
    pub fn entries(&self) -> &[(u32, f32)] {
        &self.entries[..self.count]
    }

    /// Whether each of these gradients has its window among `windows`, as far as bounds are concerned.
    pub fn fit(&self, windows: &Windows) -> bool {
        windows.offsets.last().is_some_and(|&last| self.limit <= last)
    }
}
