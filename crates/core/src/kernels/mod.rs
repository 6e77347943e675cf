//! The hot loops, and the only `unsafe` of the project.
//!
//! Everything here is plain arithmetic on slices with a safe face: shapes are checked at the call, so that a wrong
//! one is caught before any pointer is formed.

#![expect(unsafe_code, reason = "pointers and instruction sets; each block says why it is sound")]

mod matmul;

pub use matmul::{Matrix, matmul};
