//! Embedding: a row of learned numbers for each token.

use std::ops::Range;

/// A table of rows and its position in the flat parameter slice.
#[derive(Clone, Debug)]
pub struct Embedding {
    /// Tokens known, 0 to `vocabulary` − 1.
    pub vocabulary: usize,
    /// Numbers in a row.
    pub dimension: usize,
    /// The rows, (vocabulary, dimension).
    pub weights: Range<usize>,
    /// The token that pads short sequences; its row is not trained (PyTorch's `padding_idx`).
    pub padding: Option<u32>,
}

impl Embedding {
    /// A table that begins at `start` of the parameters and has no padding token.
    pub fn new(vocabulary: usize, dimension: usize, start: usize) -> Embedding {
        Embedding { vocabulary, dimension, weights: start..start + vocabulary * dimension, padding: None }
    }

    /// y ← the rows of `tokens`. Shapes: tokens (N), y (N, dimension).
    pub fn forward(&self, parameters: &[f32], tokens: &[u32], y: &mut [f32]) {
        let table = &parameters[self.weights.clone()];
        for (y, &token) in y.chunks_exact_mut(self.dimension).zip(tokens) {
            y.copy_from_slice(&table[token as usize * self.dimension..][..self.dimension]);
        }
    }

    /// Adds dy (N, dimension) to the gradients of the rows of `tokens`; no other row is touched.
    pub fn backward(&self, tokens: &[u32], dy: &[f32], gradient: &mut [f32]) {
        let table = &mut gradient[self.weights.clone()];
        for (dy, &token) in dy.chunks_exact(self.dimension).zip(tokens) {
            if self.padding != Some(token) {
                let row = &mut table[token as usize * self.dimension..][..self.dimension];
                row.iter_mut().zip(dy).for_each(|(row, dy)| *row += dy);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::check::{check_gradient, dot, draw};

    #[test]
    fn gradients_are_those_of_the_difference_quotient() {
        let table = Embedding::new(5, 3, 0);
        let (parameters, tokens, dy) = (draw("parameters", 15), [4, 0, 4, 2], draw("dy", 12));
        let (mut y, mut gradient) = (vec![0.0; 12], vec![0.0; 15]);
        table.backward(&tokens, &dy, &mut gradient);
        check_gradient("embedding", &parameters, &gradient, |parameters| {
            table.forward(parameters, &tokens, &mut y);
            dot(&y, &dy)
        });
    }

    #[test]
    fn padding_learns_nothing() {
        let table = Embedding { padding: Some(0), ..Embedding::new(2, 1, 0) };
        let mut gradient = [0.0; 2];
        table.backward(&[0, 1, 0], &[1.0, 2.0, 3.0], &mut gradient);
        assert_eq!(gradient, [0.0, 2.0]);
    }
}
