//! The hot loops, and the only `unsafe` of the project.
//!
//! Everything here is plain arithmetic on slices with a safe face: shapes are checked at the call, so that a wrong
//! one is caught before any pointer is formed.
//!
//! [`Matrix`] is not ndarray's `ArrayView2`: the product reads numbers that lie by rows or by columns without gaps. A view
//! may have any strides, so that every product would have to check them, and to copy what does not fit.

#![expect(unsafe_code, reason = "pointers and instruction sets; each block says why it is sound")]

mod aligned;
mod conv;
mod matmul;
mod pool;
mod simd;
mod sparse;
mod squash;
mod window;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use aligned::Aligned;
pub use conv::{convolve, input_gradient, pack_weights, weight_gradient};
pub use matmul::{Matrix, matmul};
pub use pool::{Cells, max_pool};
pub use simd::{Instructions, Isa, Kernel, WIDEST, fetch};
pub use sparse::{Columns, SparseMatrix, pairs, sparse_outer, sparse_product};
pub use squash::{exp, sigmoid, tanh};
pub use window::{Image, Sources, Windows};
