//! The source of the buffers of a run: memory, or only a count of their size.
//!
//! The same code builds a network for training and measures its memory before a study begins. A plan of ten thousand
//! cells thus does not build ten thousand networks, and its estimate equals the memory of the run.

use crate::kernels::Aligned;

/// Gives out buffers and counts their bytes.
#[derive(Debug)]
pub struct Room {
    real: bool,
    bytes: usize,
}

impl Default for Room {
    /// Buffers from memory.
    fn default() -> Room {
        Room { real: true, bytes: 0 }
    }
}

impl Room {
    /// Counts the size of buffers, and gives out empty ones.
    pub fn counting() -> Room {
        Room { real: false, bytes: 0 }
    }

    /// The bytes given out so far.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Counts `length` floats that come from elsewhere.
    pub fn count_floats(&mut self, length: usize) {
        self.bytes += size_of::<f32>() * length;
    }

    /// `length` times `value`.
    pub fn filled<T: Clone>(&mut self, value: T, length: usize) -> Vec<T> {
        let length = self.length(size_of::<T>(), length);
        vec![value; length]
    }

    /// A copy of `values`.
    pub fn copy<T: Clone>(&mut self, values: &[T]) -> Vec<T> {
        let length = self.length(size_of::<T>(), values.len());
        values[..length].to_vec()
    }

    /// `length` zeros.
    pub fn floats(&mut self, length: usize) -> Vec<f32> {
        self.filled(0.0, length)
    }

    /// `length` zeros if requested, otherwise none.
    pub fn floats_if(&mut self, wanted: bool, length: usize) -> Vec<f32> {
        self.floats(if wanted { length } else { 0 })
    }

    /// `length` zeros that start on a cache line.
    pub fn aligned(&mut self, length: usize) -> Aligned {
        let length = self.length(size_of::<f32>(), length);
        Aligned::zeros(length)
    }

    /// The length that a buffer of `length` numbers of `size` bytes gets, which is counted.
    fn length(&mut self, size: usize, length: usize) -> usize {
        self.bytes += size * length;
        if self.real { length } else { 0 }
    }
}
