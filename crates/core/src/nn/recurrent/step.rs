//! One step of a recurrent layer over a batch: the part common to all cells.

use super::{Cell, gru, lstm, rnn};
use crate::kernels::{Isa, Kernel};

/// Which examples have ended.
#[derive(Clone, Copy, Debug)]
pub struct Ended<'a> {
    /// The step.
    pub time: usize,
    /// Steps of each example, if they differ.
    pub lengths: Option<&'a [u32]>,
}

impl Ended<'_> {
    fn is(&self, example: usize) -> bool {
        self.lengths.is_some_and(|lengths| self.time >= lengths[example] as usize)
    }
}

/// The numbers of one step, (B, …) each; empty if the cell does not have them.
#[derive(Debug)]
pub struct Forward<'a> {
    /// The kind of cell.
    pub cell: Cell,
    /// Numbers in a state.
    pub hidden: usize,
    /// Which examples have ended.
    pub ended: Ended<'a>,
    /// Products summed (of the inputs alone for the GRU), to be replaced by the gates.
    pub gates: &'a mut [f32],
    /// GRU: products of the state.
    pub products: &'a mut [f32],
    /// States before and after.
    pub states: (&'a [f32], &'a mut [f32]),
    /// LSTM: cells before and after.
    pub cells: (&'a [f32], &'a mut [f32]),
    /// LSTM: tanh of the cells.
    pub squashed: &'a mut [f32],
}

impl Kernel for Forward<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, _: I) {
        let Forward { cell, hidden, ended, gates, products, states, cells, squashed } = self;
        for (example, gates) in gates.chunks_exact_mut(cell.gates() * hidden).enumerate() {
            let one = example * hidden..(example + 1) * hidden;
            let all = example * cell.gates() * hidden..(example + 1) * cell.gates() * hidden;
            let (before, state) = (&states.0[one.clone()], &mut states.1[one.clone()]);
            if ended.is(example) {
                state.copy_from_slice(before);
                if cell == Cell::Lstm {
                    cells.1[one.clone()].copy_from_slice(&cells.0[one]);
                }
                continue;
            }
            match cell {
                Cell::Rnn => rnn::forward(gates, state),
                Cell::Gru => gru::forward(gates, &products[all], before, state),
                Cell::Lstm => {
                    let (before, cell) = (&cells.0[one.clone()], &mut cells.1[one.clone()]);
                    lstm::forward(gates, before, state, cell, &mut squashed[one]);
                }
            }
        }
    }
}

/// The numbers of one step in the backward pass, (B, …) each; empty if the cell does not have them.
#[derive(Debug)]
pub struct Backward<'a> {
    /// The kind of cell.
    pub cell: Cell,
    /// Numbers in a state.
    pub hidden: usize,
    /// Which examples have ended.
    pub ended: Ended<'a>,
    /// Gates, to be replaced by the gradient of the inputs' products.
    pub gates: &'a mut [f32],
    /// GRU: products of the state, to be replaced by their gradient.
    pub products: &'a mut [f32],
    /// States before.
    pub states: &'a [f32],
    /// LSTM: cells before.
    pub cells: &'a [f32],
    /// LSTM: tanh of the cells after.
    pub squashed: &'a [f32],
    /// Gradient of the state after, to be replaced by the part of the previous one's gradient that bypasses the
    /// products.
    pub dh: &'a mut [f32],
    /// LSTM: gradient of the cell after, to be replaced by that before.
    pub dc: &'a mut [f32],
}

impl Kernel for Backward<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, _: I) {
        let Backward { cell, hidden, ended, gates, products, states, cells, squashed, dh, dc } = self;
        for (example, gates) in gates.chunks_exact_mut(cell.gates() * hidden).enumerate() {
            let one = example * hidden..(example + 1) * hidden;
            let all = example * cell.gates() * hidden..(example + 1) * cell.gates() * hidden;
            if ended.is(example) {
                gates.fill(0.0);
                if cell == Cell::Gru {
                    products[all].fill(0.0);
                }
                continue;
            }
            let dh = &mut dh[one.clone()];
            match cell {
                Cell::Rnn => rnn::backward(gates, dh),
                Cell::Gru => gru::backward(gates, &mut products[all], &states[one], dh),
                Cell::Lstm => {
                    let dc = &mut dc[one.clone()];
                    lstm::backward(gates, &cells[one.clone()], &squashed[one], dh, dc);
                }
            }
        }
    }
}
