//! Recurrent layers, with the gates, their order and the equations of PyTorch: plain RNN, LSTM and GRU.
//!
//! Activations are time-major, (T, B, features), so that the states of one step lie together. The inputs' products of
//! all steps are one matrix product; a step adds that of the state before. Weights are (inputs, gates · hidden) and
//! (hidden, gates · hidden); there are two biases as in PyTorch, one per product.
//!
//! Sequences of unequal length are padded at their end: past its length, an example's state stays constant, so that the
//! state after the last step is that after its own last item, and padding gives no gradient.

mod gru;
mod lstm;
mod rnn;
mod step;
mod workspace;

use std::ops::Range;

use crate::kernels::{Instructions, Matrix, matmul};
use crate::room::Room;

use step::Ended;
pub use workspace::RecurrentWorkspace;

/// The kind of cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Elman's network with tanh (Elman 1990).
    Rnn,
    /// Long short-term memory with forget gate (Hochreiter and Schmidhuber 1997; Gers et al. 2000).
    Lstm,
    /// Gated recurrent unit (Cho et al. 2014), with the reset gate applied after the product, as in cuDNN.
    Gru,
}

impl Cell {
    /// Blocks of `hidden` numbers that the products make: RNN one; LSTM input, forget, cell, output; GRU reset,
    /// update, new.
    pub fn gates(self) -> usize {
        match self {
            Cell::Rnn => 1,
            Cell::Lstm => 4,
            Cell::Gru => 3,
        }
    }
}

/// The shape of a batch of sequences.
#[derive(Clone, Copy, Debug)]
pub struct Sequences<'a> {
    /// Steps T, that of the longest.
    pub steps: usize,
    /// Examples B.
    pub examples: usize,
    /// Steps of each example, if they differ.
    pub lengths: Option<&'a [u32]>,
}

/// A recurrent layer and the position of its parameters in the flat slice.
#[derive(Clone, Debug)]
pub struct Recurrent {
    /// The kind of cell.
    pub cell: Cell,
    /// Inputs per step.
    pub inputs: usize,
    /// Numbers in a state.
    pub hidden: usize,
    /// Weights of the inputs, (inputs, gates · hidden).
    pub input_weights: Range<usize>,
    /// Weights of the state, (hidden, gates · hidden).
    pub state_weights: Range<usize>,
    /// Biases of the inputs' product.
    pub input_bias: Range<usize>,
    /// Biases of the state's product.
    pub state_bias: Range<usize>,
    instructions: Instructions,
}

impl Recurrent {
    /// A layer whose parameters begin at `start`, in the order of its fields.
    pub fn new(cell: Cell, inputs: usize, hidden: usize, start: usize) -> Recurrent {
        let width = cell.gates() * hidden;
        let mut end = start;
        let mut take = |length| {
            end += length;
            end - length..end
        };
        Recurrent {
            cell,
            inputs,
            hidden,
            input_weights: take(inputs * width),
            state_weights: take(hidden * width),
            input_bias: take(width),
            state_bias: take(width),
            instructions: Instructions::best(),
        }
    }

    /// Outputs of the products per example and step.
    pub fn width(&self) -> usize {
        self.cell.gates() * self.hidden
    }

    /// Space in `room` for batches of up to `examples` sequences of up to `steps` steps, starting from zero states.
    pub fn workspace(&self, steps: usize, examples: usize, room: &mut Room) -> RecurrentWorkspace {
        RecurrentWorkspace::new(self, steps, examples, room)
    }

    /// Runs over the sequences x (T, B, inputs) from the workspace's initial state; the outputs are
    /// [`RecurrentWorkspace::outputs`].
    pub fn forward(
        &self,
        parameters: &[f32],
        x: &[f32],
        sequences: Sequences<'_>,
        workspace: &mut RecurrentWorkspace,
    ) {
        let rows = sequences.steps * sequences.examples;
        let weights = Matrix::new(&parameters[self.input_weights.clone()], self.inputs, self.width());
        matmul(workspace.gates_mut(sequences), Matrix::new(x, rows, self.inputs), weights, 1.0, false);
        self.forward_projected(parameters, sequences, workspace);
    }

    /// [`Recurrent::forward`] if the inputs' products x·W, without bias, are already in
    /// [`RecurrentWorkspace::gates_mut`]: a model of tokens may look them up in a table of vocabulary rows.
    pub fn forward_projected(
        &self,
        parameters: &[f32],
        sequences: Sequences<'_>,
        workspace: &mut RecurrentWorkspace,
    ) {
        workspace.begin(sequences);
        let (input_bias, state_bias) =
            (&parameters[self.input_bias.clone()], &parameters[self.state_bias.clone()]);
        let together = self.cell != Cell::Gru;
        for row in workspace.gates_mut(sequences).chunks_exact_mut(self.width()) {
            row.iter_mut().zip(input_bias).for_each(|(z, b)| *z += b);
            if together {
                row.iter_mut().zip(state_bias).for_each(|(z, b)| *z += b);
            }
        }
        let weights = Matrix::new(&parameters[self.state_weights.clone()], self.hidden, self.width());
        for time in 0..sequences.steps {
            let (products, before) = workspace.products_mut(time);
            if !together {
                products.chunks_exact_mut(self.width()).for_each(|row| row.copy_from_slice(state_bias));
            }
            matmul(products, Matrix::new(before, sequences.examples, self.hidden), weights, 1.0, true);
            let ended = Ended { time, lengths: sequences.lengths };
            self.instructions.run(self.instructions.lanes(self.hidden), workspace.forward(ended));
        }
    }

    /// Adds the gradients of all parameters to `gradient`, given x of the last forward pass and the gradient dy of its
    /// outputs (T, B, hidden), and writes that of the inputs to `dx` (T, B, inputs) if requested. That of the initial
    /// state is then [`RecurrentWorkspace::initial_gradient`].
    pub fn backward(
        &self,
        parameters: &[f32],
        (x, dy): (&[f32], &[f32]),
        sequences: Sequences<'_>,
        (gradient, dx): (&mut [f32], Option<&mut [f32]>),
        workspace: &mut RecurrentWorkspace,
    ) {
        self.backward_projected(parameters, dy, sequences, gradient, workspace);
        let rows = sequences.steps * sequences.examples;
        let gates = Matrix::new(workspace.gates_mut(sequences), rows, self.width());
        let x = Matrix::new(x, rows, self.inputs);
        matmul(&mut gradient[self.input_weights.clone()], x.t(), gates, 1.0, true);
        if let Some(dx) = dx {
            let weights = Matrix::new(&parameters[self.input_weights.clone()], self.inputs, self.width());
            matmul(dx, gates, weights.t(), 1.0, false);
        }
    }

    /// [`Recurrent::backward`] for everything except the weights of the inputs and the inputs themselves: the gradient
    /// of the products x·W is left in [`RecurrentWorkspace::gates_mut`].
    pub fn backward_projected(
        &self,
        parameters: &[f32],
        dy: &[f32],
        sequences: Sequences<'_>,
        gradient: &mut [f32],
        workspace: &mut RecurrentWorkspace,
    ) {
        let (examples, width) = (sequences.examples, self.width());
        workspace.begin_back(&parameters[self.state_weights.clone()]);
        for time in (0..sequences.steps).rev() {
            let ended = Ended { time, lengths: sequences.lengths };
            self.instructions.run(self.instructions.lanes(self.hidden), workspace.backward(ended, dy));
            let (sent, turned, dh) = workspace.sent_back(time);
            let turned = Matrix::new(turned, width, self.hidden);
            matmul(dh, Matrix::new(sent, examples, width), turned, 1.0, true);
        }
        let rows = sequences.steps * examples;
        let (received, sent, before) = workspace.gradients();
        let before = Matrix::new(before, rows, self.hidden);
        let sent_matrix = Matrix::new(sent, rows, width);
        matmul(&mut gradient[self.state_weights.clone()], before.t(), sent_matrix, 1.0, true);
        for (bias, rows) in [(&self.input_bias, received), (&self.state_bias, sent)] {
            for row in rows.chunks_exact(width) {
                gradient[bias.clone()].iter_mut().zip(row).for_each(|(b, d)| *b += d);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::check::{check_gradient, dot, draw};

    const CELLS: [Cell; 3] = [Cell::Rnn, Cell::Lstm, Cell::Gru];
    const LENGTHS: [u32; 3] = [4, 2, 3];
    const BATCH: Sequences<'static> = Sequences { steps: 4, examples: 3, lengths: Some(&LENGTHS) };

    fn set_initial(workspace: &mut RecurrentWorkspace) {
        let (state, cell) = workspace.initial_mut();
        state.copy_from_slice(&draw("state", state.len()));
        cell.copy_from_slice(&draw("cell", cell.len()));
    }

    #[test]
    fn gradients_are_those_of_the_difference_quotient() {
        for cell in CELLS {
            let layer = Recurrent::new(cell, 3, 5, 0);
            let mut workspace = layer.workspace(4, 3, &mut Room::default());
            set_initial(&mut workspace);
            let (parameters, x) = (draw("parameters", layer.state_bias.end), draw("x", 4 * 3 * 3));
            let dy = draw("dy", 4 * 3 * 5);
            let (mut gradient, mut dx) = (vec![0.0; parameters.len()], vec![0.0; x.len()]);
            layer.forward(&parameters, &x, BATCH, &mut workspace);
            let into = (&mut gradient[..], Some(&mut dx[..]));
            layer.backward(&parameters, (&x, &dy), BATCH, into, &mut workspace);
            let (d_state, d_cell) = workspace.initial_gradient();
            let (d_state, d_cell) = (d_state.to_vec(), d_cell.to_vec());
            let mut loss = |parameters: &[f32], x: &[f32]| {
                layer.forward(parameters, x, BATCH, &mut workspace);
                dot(workspace.outputs(), &dy)
            };
            check_gradient(&format!("{cell:?} parameters"), &parameters, &gradient, |p| loss(p, &x));
            check_gradient(&format!("{cell:?} inputs"), &x, &dx, |x| loss(&parameters, x));
            check_gradient(&format!("{cell:?} state"), &draw("state", 15), &d_state, |state| {
                workspace.initial_mut().0.copy_from_slice(state);
                layer.forward(&parameters, &x, BATCH, &mut workspace);
                dot(workspace.outputs(), &dy)
            });
            set_initial(&mut workspace);
            check_gradient(&format!("{cell:?} cell"), &draw("cell", d_cell.len()), &d_cell, |cell| {
                workspace.initial_mut().1.copy_from_slice(cell);
                layer.forward(&parameters, &x, BATCH, &mut workspace);
                dot(workspace.outputs(), &dy)
            });
        }
    }

    #[test]
    fn padding_changes_nothing_and_receives_nothing() {
        for cell in CELLS {
            let layer = Recurrent::new(cell, 3, 5, 0);
            let mut workspace = layer.workspace(4, 3, &mut Room::default());
            let (parameters, x) = (draw("parameters", layer.state_bias.end), draw("x", 4 * 3 * 3));
            layer.forward(&parameters, &x, BATCH, &mut workspace);
            let state = workspace.last().0[5..10].to_vec();
            let mut dx = vec![1.0; x.len()];
            let into = (&mut vec![0.0; parameters.len()][..], Some(&mut dx[..]));
            layer.backward(&parameters, (&x, &draw("dy", 60)), BATCH, into, &mut workspace);
            assert!((2..4).all(|time| dx[(time * 3 + 1) * 3..][..3] == [0.0; 3]), "{cell:?}");

            // The second example alone, at its own length.
            let alone: Vec<f32> = (0..2).flat_map(|time| x[(time * 3 + 1) * 3..][..3].to_vec()).collect();
            let one = Sequences { steps: 2, examples: 1, lengths: None };
            layer.forward(&parameters, &alone, one, &mut workspace);
            let difference = workspace.last().0.iter().zip(&state).map(|(a, b)| (a - b).abs());
            assert!(difference.fold(0.0, f32::max) < 1e-6, "{cell:?}");
        }
    }
}
