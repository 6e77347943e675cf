//! A vector of floats that starts on a cache line.

use std::ops::{Deref, DerefMut};

use super::simd::WIDEST;

/// Floats that start on a cache line (64 bytes), with [`WIDEST`] zeros behind the last one.
///
/// A register loaded from an aligned row never straddles two lines, which on short rows saves half the time of a
/// kernel. The spare floats let a kernel load a whole register at the end of the last row.
#[derive(Debug, Default)]
pub struct Aligned {
    floats: Vec<f32>,
    start: usize,
    length: usize,
}

impl Aligned {
    /// `length` zeros.
    pub fn zeros(length: usize) -> Self {
        let floats = vec![0.0; length + 2 * WIDEST];
        let start = floats.as_ptr().align_offset(64).min(WIDEST);
        Aligned { floats, start, length }
    }

    /// The floats and the [`WIDEST`] ones behind them.
    pub fn with_spare(&self) -> &[f32] {
        &self.floats[self.start..self.start + self.length + WIDEST]
    }

    /// The floats and the [`WIDEST`] ones behind them, to write.
    pub fn with_spare_mut(&mut self) -> &mut [f32] {
        &mut self.floats[self.start..self.start + self.length + WIDEST]
    }
}

impl Deref for Aligned {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.floats[self.start..self.start + self.length]
    }
}

impl DerefMut for Aligned {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.floats[self.start..self.start + self.length]
    }
}

impl Clone for Aligned {
    /// A copy that is also aligned, which a copy of the vector would not guarantee.
    fn clone(&self) -> Self {
        let mut copy = Aligned::zeros(self.length);
        copy.with_spare_mut().copy_from_slice(self.with_spare());
        copy
    }
}
