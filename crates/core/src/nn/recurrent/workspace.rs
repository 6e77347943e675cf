//! What a recurrent layer keeps of a batch for the backward pass, and its work buffers.

use super::step::{Backward, Ended, Forward};
use super::{Cell, Recurrent, Sequences};
use crate::room::Room;

/// States, gates and gradients of a batch of sequences. All are (T, B, …) with the B of the last forward pass.
#[derive(Clone, Debug)]
pub struct RecurrentWorkspace {
    cell: Cell,
    hidden: usize,
    /// Products, then gates, then the gradient of the inputs' products, (T, B, gates · hidden).
    gates: Vec<f32>,
    /// GRU: products of the states, then their gradient, like `gates`.
    products: Vec<f32>,
    /// States, the initial one first, (T + 1, B, hidden).
    states: Vec<f32>,
    /// LSTM: cells, like `states`.
    cells: Vec<f32>,
    /// LSTM: tanh of the cells, (T, B, hidden).
    squashed: Vec<f32>,
    /// The initial state and cell that the next forward pass starts from, (B, hidden).
    initial: (Vec<f32>, Vec<f32>),
    /// Gradients of state and cell, (B, hidden).
    dh: Vec<f32>,
    dc: Vec<f32>,
    /// The states' weights transposed, (gates · hidden, hidden): read many times in that order in the backward pass.
    turned: Vec<f32>,
    steps: usize,
    examples: usize,
}

impl RecurrentWorkspace {
    pub(super) fn new(
        layer: &Recurrent,
        steps: usize,
        examples: usize,
        room: &mut Room,
    ) -> RecurrentWorkspace {
        let (cell, hidden) = (layer.cell, layer.hidden);
        let mut zeros = |wanted: bool, length: usize| room.floats_if(wanted, length);
        let (state, width) = (examples * hidden, layer.width());
        RecurrentWorkspace {
            cell,
            hidden,
            gates: zeros(true, steps * examples * width),
            products: zeros(cell == Cell::Gru, steps * examples * width),
            states: zeros(true, (steps + 1) * state),
            cells: zeros(cell == Cell::Lstm, (steps + 1) * state),
            squashed: zeros(cell == Cell::Lstm, steps * state),
            initial: (zeros(true, state), zeros(cell == Cell::Lstm, state)),
            dh: zeros(true, state),
            dc: zeros(cell == Cell::Lstm, state),
            turned: zeros(true, hidden * width),
            steps: 0,
            examples: 0,
        }
    }

    /// The state (B, hidden), and for the LSTM the cell, that forward passes start from: zeros unless written.
    pub fn initial_mut(&mut self) -> (&mut [f32], &mut [f32]) {
        (&mut self.initial.0, &mut self.initial.1)
    }

    /// Makes forward passes start from zeros again.
    pub fn reset(&mut self) {
        self.initial.0.fill(0.0);
        self.initial.1.fill(0.0);
    }

    /// The states after each step of the last forward pass, (T, B, hidden): the layer's outputs.
    pub fn outputs(&self) -> &[f32] {
        let state = self.examples * self.hidden;
        &self.states[state..(self.steps + 1) * state]
    }

    /// The state after the last step, (B, hidden), and for the LSTM the cell.
    pub fn last(&self) -> (&[f32], &[f32]) {
        let state = self.examples * self.hidden;
        let last = self.steps * state..(self.steps + 1) * state;
        (&self.states[last.clone()], part(&self.cells, last))
    }

    /// The inputs' products x·W before a forward pass, and their gradient after a backward one, (T, B, gates ·
    /// hidden) of `sequences`.
    pub fn gates_mut(&mut self, sequences: Sequences<'_>) -> &mut [f32] {
        let width = self.cell.gates() * self.hidden;
        &mut self.gates[..sequences.steps * sequences.examples * width]
    }

    /// The gradient of the initial state (B, hidden), and for the LSTM of the initial cell, after a backward pass.
    pub fn initial_gradient(&self) -> (&[f32], &[f32]) {
        let state = self.examples * self.hidden;
        (&self.dh[..state], part(&self.dc, 0..state))
    }

    /// Prepares a forward pass.
    pub(super) fn begin(&mut self, sequences: Sequences<'_>) {
        (self.steps, self.examples) = (sequences.steps, sequences.examples);
        let state = self.examples * self.hidden;
        self.states[..state].copy_from_slice(&self.initial.0[..state]);
        if self.cell == Cell::Lstm {
            self.cells[..state].copy_from_slice(&self.initial.1[..state]);
        }
    }

    /// Prepares a backward pass with the states' weights (hidden, gates · hidden).
    pub(super) fn begin_back(&mut self, weights: &[f32]) {
        self.dh.fill(0.0);
        self.dc.fill(0.0);
        let width = self.cell.gates() * self.hidden;
        for (from, row) in weights.chunks_exact(width).enumerate() {
            for (to, &weight) in row.iter().enumerate() {
                self.turned[to * self.hidden + from] = weight;
            }
        }
    }

    /// The gates, for the GRU the products of the state, and the states before, of the step at `time`.
    pub(super) fn products_mut(&mut self, time: usize) -> (&mut [f32], &[f32]) {
        let width = self.examples * self.cell.gates() * self.hidden;
        let state = self.examples * self.hidden;
        let summed = if self.cell == Cell::Gru { &mut self.products } else { &mut self.gates };
        (&mut summed[time * width..][..width], &self.states[time * state..][..state])
    }

    /// The step at `time`, forward.
    pub(super) fn forward<'a>(&'a mut self, ended: Ended<'a>) -> Forward<'a> {
        let (state, time) = (self.examples * self.hidden, ended.time);
        let width = state * self.cell.gates();
        let states = self.states[time * state..].split_at_mut(state);
        let from = if self.cell == Cell::Lstm { time * state } else { 0 };
        let cells = self.cells[from..].split_at_mut(if self.cell == Cell::Lstm { state } else { 0 });
        Forward {
            cell: self.cell,
            hidden: self.hidden,
            ended,
            gates: &mut self.gates[time * width..][..width],
            products: part_mut(&mut self.products, time * width..(time + 1) * width),
            states: (states.0, &mut states.1[..state]),
            cells: (cells.0, cells.1),
            squashed: part_mut(&mut self.squashed, time * state..(time + 1) * state),
        }
    }

    /// The step at `time`, backward, `dy` being the gradient of its output.
    pub(super) fn backward<'a>(&'a mut self, ended: Ended<'a>, dy: &[f32]) -> Backward<'a> {
        let (state, time) = (self.examples * self.hidden, ended.time);
        let width = state * self.cell.gates();
        let here = time * state..(time + 1) * state;
        self.dh.iter_mut().zip(&dy[here.clone()]).for_each(|(dh, dy)| *dh += dy);
        Backward {
            cell: self.cell,
            hidden: self.hidden,
            ended,
            gates: &mut self.gates[time * width..][..width],
            products: part_mut(&mut self.products, time * width..(time + 1) * width),
            states: &self.states[here.clone()],
            cells: part(&self.cells, here.clone()),
            squashed: part(&self.squashed, here),
            dh: &mut self.dh[..state],
            dc: part_mut(&mut self.dc, 0..state),
        }
    }

    /// The gradient of the states' products at `time`, the transposed weights, and the gradient of the state
    /// before, to which their product is added.
    pub(super) fn sent_back(&mut self, time: usize) -> (&[f32], &[f32], &mut [f32]) {
        let width = self.examples * self.cell.gates() * self.hidden;
        let sent = if self.cell == Cell::Gru { &self.products } else { &self.gates };
        (&sent[time * width..][..width], &self.turned, &mut self.dh[..self.examples * self.hidden])
    }

    /// After a backward pass: the gradients of the inputs' and of the states' products, (T · B, gates · hidden),
    /// and the states before each step, (T · B, hidden).
    pub(super) fn gradients(&self) -> (&[f32], &[f32], &[f32]) {
        let rows = self.steps * self.examples;
        let width = rows * self.cell.gates() * self.hidden;
        let sent = if self.cell == Cell::Gru { &self.products } else { &self.gates };
        (&self.gates[..width], &sent[..width], &self.states[..rows * self.hidden])
    }
}

/// A part of a slice, or an empty slice if it is empty.
fn part(slice: &[f32], range: std::ops::Range<usize>) -> &[f32] {
    slice.get(range).unwrap_or_default()
}

/// A part of a slice, or an empty slice if it is empty.
fn part_mut(slice: &mut [f32], range: std::ops::Range<usize>) -> &mut [f32] {
    slice.get_mut(range).unwrap_or_default()
}
