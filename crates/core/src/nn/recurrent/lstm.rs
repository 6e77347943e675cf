//! One step of an LSTM, for one example; gates in PyTorch's order i, f, g, o.
//!
//! i = σ(z_i), f = σ(z_f), g = tanh(z_g), o = σ(z_o), where z sums the products of inputs and state with biases;
//! c' = f·c + i·g and h' = o·tanh(c').

use crate::kernels::{sigmoid, tanh};

/// From z to the new state and cell; the gates replace z and `squashed` takes tanh(c'), for the backward pass.
#[inline(always)]
pub fn forward(z: &mut [f32], before: &[f32], state: &mut [f32], cell: &mut [f32], squashed: &mut [f32]) {
    let n = state.len();
    let [i, f, g, o] = quarters(z, n);
    let (before, cell, squashed) = (&before[..n], &mut cell[..n], &mut squashed[..n]);
    for j in 0..n {
        (i[j], f[j], g[j], o[j]) = (sigmoid(i[j]), sigmoid(f[j]), tanh(g[j]), sigmoid(o[j]));
        cell[j] = f[j] * before[j] + i[j] * g[j];
        squashed[j] = tanh(cell[j]);
        state[j] = o[j] * squashed[j];
    }
}

/// From the gradients of the new state and cell to that of z, which replaces the gates, and of the cell before.
#[inline(always)]
pub fn backward(z: &mut [f32], before: &[f32], squashed: &[f32], dh: &mut [f32], dc: &mut [f32]) {
    let n = dh.len();
    let [i, f, g, o] = quarters(z, n);
    let (before, squashed, dc) = (&before[..n], &squashed[..n], &mut dc[..n]);
    for j in 0..n {
        let d_cell = dc[j] + dh[j] * o[j] * (1.0 - squashed[j] * squashed[j]);
        let d_output = dh[j] * squashed[j];
        dc[j] = d_cell * f[j];
        dh[j] = 0.0;
        let (d_input, d_forget, d_new) = (d_cell * g[j], d_cell * before[j], d_cell * i[j]);
        i[j] = d_input * i[j] * (1.0 - i[j]);
        f[j] = d_forget * f[j] * (1.0 - f[j]);
        g[j] = d_new * (1.0 - g[j] * g[j]);
        o[j] = d_output * o[j] * (1.0 - o[j]);
    }
}

/// The four gates of `n` numbers each.
#[inline(always)]
fn quarters(z: &mut [f32], n: usize) -> [&mut [f32]; 4] {
    let (i, rest) = z.split_at_mut(n);
    let (f, rest) = rest.split_at_mut(n);
    let (g, o) = rest.split_at_mut(n);
    [i, f, g, &mut o[..n]]
}
