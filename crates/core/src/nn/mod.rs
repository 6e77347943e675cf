//! Layers and losses: forward and backward by hand, each on views of the flat parameter slice.

pub mod activation;
#[cfg(test)]
pub(crate) mod check;
pub mod conv;
pub mod dropout;
pub mod embedding;
pub mod init;
pub mod linear;
pub mod loss;
pub mod norm;
pub mod pool;
pub mod recurrent;
pub mod token_products;

pub use crate::kernels::Image;
