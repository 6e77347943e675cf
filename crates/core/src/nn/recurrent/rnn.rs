//! One step of Elman's network, for one example: h' = tanh(W·x + b + U·h + b').

use crate::kernels::tanh;

/// From the summed products z to the new state; z is replaced by it too, for the backward pass.
#[inline(always)]
pub fn forward(z: &mut [f32], state: &mut [f32]) {
    for (z, h) in z.iter_mut().zip(state) {
        *h = tanh(*z);
        *z = *h;
    }
}

/// From the gradient of the new state to that of z, which replaces the stored state.
#[inline(always)]
pub fn backward(z: &mut [f32], dh: &mut [f32]) {
    for (z, dh) in z.iter_mut().zip(dh) {
        *z = *dh * (1.0 - *z * *z);
        *dh = 0.0;
    }
}
