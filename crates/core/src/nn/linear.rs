//! The dense layer y = x·W + b, on views of the flat parameter slice.
//!
//! Shapes: x is (B, inputs), W (inputs, outputs) as Keras stores it, so that the weights of one input lie together; y
//! is (B, outputs). The bias is added by the next step ([`super::activation`], [`super::loss`]), which reads the
//! outputs anyway.

use std::ops::Range;

use crate::kernels::{Columns, Matrix, SparseMatrix, matmul, sparse_outer, sparse_product};

/// The position of the weights and biases of a dense layer in the flat parameter slice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linear {
    /// Number of inputs.
    pub inputs: usize,
    /// Number of outputs.
    pub outputs: usize,
    /// The weights W.
    pub weights: Range<usize>,
    /// The biases b.
    pub bias: Range<usize>,
}

impl Linear {
    /// A layer whose parameters begin at `start`: weights first, then biases.
    pub fn new(inputs: usize, outputs: usize, start: usize) -> Linear {
        let middle = start + inputs * outputs;
        Linear { inputs, outputs, weights: start..middle, bias: middle..middle + outputs }
    }

    /// y ← x·W for `examples` rows; the bias is left to the next step.
    pub fn forward(&self, parameters: &[f32], x: &[f32], y: &mut [f32], examples: usize) {
        let weights = Matrix::new(&parameters[self.weights.clone()], self.inputs, self.outputs);
        matmul(y, Matrix::new(x, examples, self.inputs), weights, 1.0, false);
    }

    /// Writes (or adds) the gradients of W and b, given the inputs and the gradient dy of x·W + b.
    pub fn gradient(&self, x: &[f32], dy: &[f32], gradient: &mut [f32], add: bool) {
        self.outer(x, dy, gradient, (1.0, add));
    }

    /// dx ← dy·Wᵀ, the gradient with respect to the inputs.
    pub fn backward(&self, parameters: &[f32], dy: &[f32], dx: &mut [f32]) {
        let examples = dy.len() / self.outputs;
        let weights = Matrix::new(&parameters[self.weights.clone()], self.inputs, self.outputs);
        matmul(dx, Matrix::new(dy, examples, self.outputs), weights.t(), 1.0, false);
    }

    /// As [`Linear::forward`], for the given `rows` of a mostly zero matrix, which are gathered into `columns`, all of
    /// one capacity.
    pub(crate) fn forward_sparse(
        &self,
        parameters: &[f32],
        (x, rows): (&SparseMatrix, &[u32]),
        columns: &mut [Columns],
        y: &mut [f32],
    ) {
        let room = columns.first().map_or(1, Columns::capacity);
        for ((rows, y), columns) in rows.chunks(room).zip(y.chunks_mut(room * self.outputs)).zip(columns) {
            columns.fill(x, rows);
            sparse_product(y, (x, columns), &parameters[self.weights.clone()], self.outputs);
        }
    }

    /// `to ← scale·∇`, or `to ← to + scale·∇` where `add`, with the gradients of W and b in their places: the gradient
    /// itself, or a step of the parameters along it.
    pub(crate) fn outer(&self, x: &[f32], dy: &[f32], to: &mut [f32], (scale, add): (f32, bool)) {
        let examples = dy.len() / self.outputs;
        let dy_matrix = Matrix::new(dy, examples, self.outputs);
        let x = Matrix::new(x, examples, self.inputs);
        matmul(&mut to[self.weights.clone()], x.t(), dy_matrix, scale, add);
        self.outer_bias(dy, to, (scale, add));
    }

    /// As [`Linear::outer`], for the rows of a matrix that [`Linear::forward_sparse`] gathered into `columns`; dy is
    /// overwritten.
    pub(crate) fn outer_sparse(
        &self,
        (x, columns): (&SparseMatrix, &[Columns]),
        dy: &mut [f32],
        to: &mut [f32],
        (scale, add): (f32, bool),
    ) {
        if scale != 1.0 {
            pulp::Arch::new().dispatch(|| dy.iter_mut().for_each(|dy| *dy *= scale));
        }
        let room = columns.first().map_or(1, Columns::capacity);
        let weights = &mut to[self.weights.clone()];
        for (index, (dy, columns)) in dy.chunks(room * self.outputs).zip(columns).enumerate() {
            sparse_outer(weights, (x, columns), dy, self.outputs, add || index > 0);
        }
        self.outer_bias(dy, to, (1.0, add));
    }

    /// Writes (or adds) `scale` times the sum of the rows of dy where the biases lie.
    fn outer_bias(&self, dy: &[f32], to: &mut [f32], (scale, add): (f32, bool)) {
        let bias = &mut to[self.bias.clone()];
        if !add {
            bias.fill(0.0);
        }
        pulp::Arch::new().dispatch(|| {
            for row in dy.chunks_exact(self.outputs) {
                bias.iter_mut().zip(row).for_each(|(b, d)| *b += scale * d);
            }
        });
    }
}
