//! One step of a GRU, for one example; gates in PyTorch's order r, z, n.
//!
//! With u the product of the inputs and v that of the state, biases included: r = σ(u_r + v_r), z = σ(u_z + v_z),
//! n = tanh(u_n + r·v_n) and h' = (1 − z)·n + z·h.

use crate::kernels::{sigmoid, tanh};

/// From u and v to the new state; the gates replace u, and v keeps v_n, for the backward pass.
#[inline(always)]
pub fn forward(u: &mut [f32], v: &[f32], before: &[f32], state: &mut [f32]) {
    let n = state.len();
    let [reset, update, new] = thirds(u, n);
    let (before, v_reset, v_update, v_new) = (&before[..n], &v[..n], &v[n..2 * n], &v[2 * n..3 * n]);
    for j in 0..n {
        reset[j] = sigmoid(reset[j] + v_reset[j]);
        update[j] = sigmoid(update[j] + v_update[j]);
        new[j] = tanh(new[j] + reset[j] * v_new[j]);
        state[j] = (1.0 - update[j]) * new[j] + update[j] * before[j];
    }
}

/// From the gradient of the new state to those of u and v, which replace what stood there, and to the part of that
/// of the state before which does not pass through v.
#[inline(always)]
pub fn backward(u: &mut [f32], v: &mut [f32], before: &[f32], dh: &mut [f32]) {
    let n = dh.len();
    let [reset, update, new] = thirds(u, n);
    let [v_reset, v_update, v_new] = thirds(v, n);
    let before = &before[..n];
    for j in 0..n {
        let d_new = dh[j] * (1.0 - update[j]) * (1.0 - new[j] * new[j]);
        let d_update = dh[j] * (before[j] - new[j]) * update[j] * (1.0 - update[j]);
        let d_reset = d_new * v_new[j] * reset[j] * (1.0 - reset[j]);
        dh[j] *= update[j];
        v_new[j] = d_new * reset[j];
        (reset[j], update[j], new[j]) = (d_reset, d_update, d_new);
        (v_reset[j], v_update[j]) = (d_reset, d_update);
    }
}

/// The three gates of `n` numbers each.
#[inline(always)]
fn thirds(z: &mut [f32], n: usize) -> [&mut [f32]; 3] {
    let (r, rest) = z.split_at_mut(n);
    let (z, n_) = rest.split_at_mut(n);
    [r, z, &mut n_[..n]]
}
