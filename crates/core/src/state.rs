//! States as bytes, for checkpoints: little-endian, without gaps.

use rand_chacha::ChaCha8Rng;

/// A state that belongs to other settings or another size of network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the saved state belongs to other settings or another size of network")]
pub struct StateMismatch;

/// Collects a state.
#[derive(Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub fn number(&mut self, number: u64) {
        self.0.extend(number.to_le_bytes());
    }

    pub fn float(&mut self, float: f64) {
        self.0.extend(float.to_le_bytes());
    }

    pub fn floats(&mut self, floats: &[f32]) {
        self.number(floats.len() as u64);
        self.0.extend(floats.iter().flat_map(|float| float.to_le_bytes()));
    }

    /// The position in a stream; the caller supplies seed and name to rebuild it.
    pub fn stream(&mut self, stream: &ChaCha8Rng) {
        self.0.extend(stream.get_word_pos().to_le_bytes());
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend(bytes);
    }

    pub fn end(self) -> Vec<u8> {
        self.0
    }
}

/// Reads a state in the order in which it was written.
pub(crate) struct Reader<'a>(&'a [u8]);

/// A reader of `bytes`.
pub(crate) fn reader(bytes: &[u8]) -> Reader<'_> {
    Reader(bytes)
}

impl<'a> Reader<'a> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], StateMismatch> {
        let (array, rest) = self.0.split_first_chunk().ok_or(StateMismatch)?;
        self.0 = rest;
        Ok(*array)
    }

    pub fn number(&mut self) -> Result<u64, StateMismatch> {
        self.array().map(u64::from_le_bytes)
    }

    pub fn float(&mut self) -> Result<f64, StateMismatch> {
        self.array().map(f64::from_le_bytes)
    }

    /// Fills `floats`, whose length must equal the number written.
    pub fn floats(&mut self, floats: &mut [f32]) -> Result<(), StateMismatch> {
        if self.number()? != floats.len() as u64 {
            return Err(StateMismatch);
        }
        for float in floats {
            *float = f32::from_le_bytes(self.array()?);
        }
        Ok(())
    }

    pub fn stream(&mut self, stream: &mut ChaCha8Rng) -> Result<(), StateMismatch> {
        stream.set_word_pos(u128::from_le_bytes(self.array()?));
        Ok(())
    }

    pub fn bytes(&mut self) -> Result<&'a [u8], StateMismatch> {
        let length = usize::try_from(self.number()?).map_err(|_| StateMismatch)?;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(StateMismatch)?;
        self.0 = rest;
        Ok(bytes)
    }

    /// Checks that nothing is left.
    pub fn end(self) -> Result<(), StateMismatch> {
        if self.0.is_empty() { Ok(()) } else { Err(StateMismatch) }
    }
}
