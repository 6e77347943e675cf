//! What an optimizer remembers: a step count, a few numbers, and buffers as long as the parameters.

use crate::state::StateMismatch;

/// The memory of one optimizer.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    /// Updates made; during an update it counts that one too.
    pub step: u64,
    /// Numbers that a rule keeps between updates.
    pub numbers: [f64; 3],
    /// The buffers one after another.
    flat: Vec<f32>,
    /// Length of one buffer.
    size: usize,
}

impl Memory {
    /// `buffers` buffers of `size` zeros.
    pub fn new(buffers: usize, size: usize) -> Memory {
        Memory { step: 0, numbers: [0.0; 3], flat: vec![0.0; buffers * size], size }
    }

    /// Whether this is the first update.
    pub fn first(&self) -> bool {
        self.step == 1
    }

    /// The first `N` buffers; those that were never asked for are empty.
    pub fn split<const N: usize>(&mut self) -> [&mut [f32]; N] {
        let mut rest = self.flat.as_mut_slice();
        std::array::from_fn(|_| {
            let taken = std::mem::take(&mut rest);
            let (buffer, after) = taken.split_at_mut(self.size.min(taken.len()));
            rest = after;
            buffer
        })
    }

    /// The first buffer.
    pub fn first_buffer(&self) -> &[f32] {
        self.flat.get(..self.size).unwrap_or_default()
    }

    /// All buffers as one slice.
    #[cfg(test)]
    pub fn flat(&self) -> &[f32] {
        &self.flat
    }

    /// Sets every buffer to `value`.
    pub fn fill(&mut self, value: f32) {
        self.flat.fill(value);
    }

    /// Appends everything to `bytes`, little-endian.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.step.to_le_bytes());
        bytes.extend(self.numbers.iter().flat_map(|number| number.to_le_bytes()));
        write_floats(&self.flat, bytes);
    }

    /// Reads back what [`Memory::write`] wrote and returns the bytes after it.
    pub fn read<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], StateMismatch> {
        let (step, bytes) = bytes.split_first_chunk().ok_or(StateMismatch)?;
        let mut numbers = [0.0; 3];
        let mut rest = bytes;
        for number in &mut numbers {
            let (taken, after) = rest.split_first_chunk().ok_or(StateMismatch)?;
            *number = f64::from_le_bytes(*taken);
            rest = after;
        }
        let rest = read_floats(&mut self.flat, rest)?;
        (self.step, self.numbers) = (u64::from_le_bytes(*step), numbers);
        Ok(rest)
    }
}

/// Appends `floats` to `bytes`, little-endian.
pub(super) fn write_floats(floats: &[f32], bytes: &mut Vec<u8>) {
    bytes.extend(floats.iter().flat_map(|float| float.to_le_bytes()));
}

/// Fills `floats` from the front of `bytes` and returns what is left of them.
pub(super) fn read_floats<'a>(floats: &mut [f32], bytes: &'a [u8]) -> Result<&'a [u8], StateMismatch> {
    let (own, rest) = bytes.split_at_checked(4 * floats.len()).ok_or(StateMismatch)?;
    for (float, bytes) in floats.iter_mut().zip(own.as_chunks().0) {
        *float = f32::from_le_bytes(*bytes);
    }
    Ok(rest)
}
