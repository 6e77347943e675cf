//! A batch: which rows of a data set a network sees at once.

use super::Dataset;
use super::Inputs;

/// Some rows of a data set. The network's first layer reads them as it likes: gathered into a dense matrix, or
/// straight from storage.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// Where the rows lie.
    pub data: &'a Dataset,
    /// Which they are.
    pub rows: &'a [u32],
}

impl Batch<'_> {
    /// How many examples there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The class of example `index` of the batch.
    pub fn class(&self, index: usize) -> usize {
        self.data.labels[self.rows[index] as usize] as usize
    }

    /// Writes the inputs into `x`, (B, numbers an example), pixels as x / 255.
    pub fn gather(&self, x: &mut [f32]) {
        let size = self.data.size();
        // Compiled for the machine's widest registers, which divide as exactly as any.
        pulp::Arch::new().dispatch(|| {
            for (to, &row) in x.chunks_exact_mut(size).zip(self.rows) {
                let range = row as usize * size..(row as usize + 1) * size;
                match &self.data.inputs {
                    Inputs::Bytes(bytes) => {
                        to.iter_mut()
                            .zip(&bytes[range])
                            .for_each(|(to, &byte)| *to = f32::from(byte) / 255.0);
                    }
                    Inputs::Floats(floats) => to.copy_from_slice(&floats[range]),
                }
            }
        });
    }
}
