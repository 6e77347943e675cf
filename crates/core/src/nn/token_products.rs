//! Embedded tokens times a layer's weights, computed per token instead of per position in a text.
//!
//! A text of many positions has few different tokens, so the products E·W of all rows of the embedding are computed
//! once and looked up. In the backward pass the gradients of all positions of a token are summed first: with S the
//! sums, dW = Eᵀ·S and dE = S·Wᵀ.

use super::embedding::Embedding;
use super::recurrent::Recurrent;
use crate::kernels::{Matrix, matmul};
use crate::room::Room;

/// The products of one embedding with the input weights of one layer, (vocabulary, gates · hidden), and room for
/// their gradients.
#[derive(Clone, Debug)]
pub struct TokenProducts {
    products: Vec<f32>,
    sums: Vec<f32>,
}

impl TokenProducts {
    /// Space in `room` for the products of `embedding` with the weights of `layer`.
    pub fn new(embedding: &Embedding, layer: &Recurrent, room: &mut Room) -> TokenProducts {
        let length = embedding.vocabulary * layer.width();
        TokenProducts { products: room.floats(length), sums: room.floats(length) }
    }

    /// Whether the look-up is faster for a text of `places` tokens.
    pub fn pays(embedding: &Embedding, places: usize) -> bool {
        embedding.vocabulary < places
    }

    /// Writes the products of `tokens` to `gates`, (tokens, gates · hidden).
    pub fn forward(
        &mut self,
        parameters: &[f32],
        (embedding, layer): (&Embedding, &Recurrent),
        tokens: &[u32],
        gates: &mut [f32],
    ) {
        let width = layer.width();
        let (rows, weights) = operands(parameters, embedding, layer);
        matmul(&mut self.products, rows, weights, 1.0, false);
        for (gates, &token) in gates.chunks_exact_mut(width).zip(tokens) {
            gates.copy_from_slice(&self.products[token as usize * width..][..width]);
        }
    }

    /// Adds the gradients of embedding and weights, given that of the products of `tokens`.
    pub fn backward(
        &mut self,
        parameters: &[f32],
        (embedding, layer): (&Embedding, &Recurrent),
        (tokens, gates): (&[u32], &[f32]),
        gradient: &mut [f32],
    ) {
        let width = layer.width();
        self.sums.fill(0.0);
        for (gates, &token) in gates.chunks_exact(width).zip(tokens) {
            let sum = &mut self.sums[token as usize * width..][..width];
            sum.iter_mut().zip(gates).for_each(|(sum, gate)| *sum += gate);
        }
        let (rows, weights) = operands(parameters, embedding, layer);
        let sums = Matrix::new(&self.sums, embedding.vocabulary, width);
        matmul(&mut gradient[layer.input_weights.clone()], rows.t(), sums, 1.0, true);
        if let Some(padding) = embedding.padding {
            self.sums[padding as usize * width..][..width].fill(0.0);
        }
        let sums = Matrix::new(&self.sums, embedding.vocabulary, width);
        matmul(&mut gradient[embedding.weights.clone()], sums, weights.t(), 1.0, true);
    }
}

/// The rows of the embedding and the weights of the layer.
fn operands<'a>(parameters: &'a [f32], embedding: &Embedding, layer: &Recurrent) -> (Matrix<'a>, Matrix<'a>) {
    (
        Matrix::new(&parameters[embedding.weights.clone()], embedding.vocabulary, embedding.dimension),
        Matrix::new(&parameters[layer.input_weights.clone()], layer.inputs, layer.width()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::check::draw;
    use crate::nn::recurrent::Cell;

    /// Products and gradients against those of the embedded tokens themselves.
    #[test]
    fn the_look_up_equals_multiplying_each_position() {
        let mut embedding = Embedding::new(5, 3, 0);
        embedding.padding = Some(1);
        let layer = Recurrent::new(Cell::Gru, 3, 4, embedding.weights.end);
        let parameters = draw("parameters", layer.state_bias.end);
        let tokens = [4, 0, 4, 2, 1, 0, 1];
        let weights = operands(&parameters, &embedding, &layer).1;
        let (mut x, mut right) = (vec![0.0; 21], vec![0.0; 7 * 12]);
        embedding.forward(&parameters, &tokens, &mut x);
        let x = Matrix::new(&x, 7, 3);
        matmul(&mut right, x, weights, 1.0, false);

        let (mut table, mut gates) =
            (TokenProducts::new(&embedding, &layer, &mut Room::default()), vec![0.0; 7 * 12]);
        table.forward(&parameters, (&embedding, &layer), &tokens, &mut gates);
        assert_eq!(gates, right);

        let (dy, mut dx) = (draw("dy", 7 * 12), vec![0.0; 21]);
        let (mut gradient, mut right) = (vec![0.5; parameters.len()], vec![0.5; parameters.len()]);
        let dy_matrix = Matrix::new(&dy, 7, 12);
        matmul(&mut right[layer.input_weights.clone()], x.t(), dy_matrix, 1.0, true);
        matmul(&mut dx, dy_matrix, weights.t(), 1.0, false);
        embedding.backward(&tokens, &dx, &mut right);
        table.backward(&parameters, (&embedding, &layer), (&tokens, &dy), &mut gradient);
        assert!(gradient.iter().zip(&right).all(|(a, b)| (a - b).abs() < 1e-5));
    }
}
