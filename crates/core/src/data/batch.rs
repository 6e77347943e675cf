//! A batch: which rows of a data set a network sees at once.

use super::{Answers, Dataset};
use crate::kernels::SparseMatrix;

/// Some rows of a data set. The network's first layer reads them as it likes: gathered into a dense matrix, or
/// straight from storage.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// Where the rows lie.
    pub data: &'a Dataset,
    /// Which they are.
    pub rows: &'a [u32],
}

impl<'a> Batch<'a> {
    /// How many examples there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The class of example `index` of the batch; 0 where there are no classes.
    pub fn class(&self, index: usize) -> usize {
        match &self.data.answers {
            Answers::Classes(classes) => classes[self.rows[index] as usize] as usize,
            _ => 0,
        }
    }

    /// The number to be predicted of example `index` of the batch; 0 where there are none.
    pub fn number(&self, index: usize) -> f32 {
        match &self.data.answers {
            Answers::Numbers(numbers) => numbers[self.rows[index] as usize],
            _ => 0.0,
        }
    }

    /// The tokens of example `index` of the batch, with one more at the end if each token is to predict the next; none
    /// if the inputs are numbers.
    pub fn tokens(&self, index: usize) -> &[u16] {
        let (row, size) = (self.rows[index] as usize, self.data.size());
        let more = usize::from(self.data.answers == Answers::Following);
        self.data.inputs.tokens().map_or(&[], |tokens| &tokens[row * size..(row + 1) * size + more])
    }

    /// The matrix of the inputs that are not zero, where those are few, and which of its rows these are.
    pub(crate) fn nonzeros(&self) -> Option<(&'a SparseMatrix, &'a [u32])> {
        self.data.nonzeros().map(|matrix| (matrix, self.rows))
    }

    /// Writes the inputs into `x`, (B, numbers per example), pixels as x / 255.
    pub fn gather(&self, x: &mut [f32]) {
        let (size, inputs) = (self.data.size(), &self.data.inputs);
        let ranges = self.rows.iter().map(|&row| row as usize * size..(row as usize + 1) * size);
        let rows = x.chunks_exact_mut(size).zip(ranges);
        // Compiled for the machine's widest registers, which divide as exactly as any.
        pulp::Arch::new().dispatch(|| {
            if let Some(bytes) = inputs.pixels() {
                for (to, range) in rows {
                    to.iter_mut().zip(&bytes[range]).for_each(|(to, &byte)| *to = f32::from(byte) / 255.0);
                }
            } else if let Some(floats) = inputs.floats() {
                rows.for_each(|(to, range)| to.copy_from_slice(&floats[range]));
            } else {
                rows.for_each(|(to, _)| to.fill(0.0));
            }
        });
    }
}
