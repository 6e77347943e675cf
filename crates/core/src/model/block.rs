//! Tensors of the parameters.

use std::ops::Range;

use ndarray::{ArrayViewD, ShapeError};

/// One tensor of the parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its name, such as `hidden1.weight`.
    pub name: String,
    /// Its shape, outermost first.
    pub shape: Vec<usize>,
    /// Where it lies in the flat slice; blocks follow each other without gaps.
    pub range: Range<usize>,
}

impl Block {
    /// The tensor in the flat slice of all `parameters`.
    ///
    /// # Errors
    /// A shape that the range does not fill.
    pub fn view<'a>(&self, parameters: &'a [f32]) -> Result<ArrayViewD<'a, f32>, ShapeError> {
        ArrayViewD::from_shape(self.shape.as_slice(), &parameters[self.range.clone()])
    }
}
