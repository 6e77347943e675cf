//! Layers and losses: forward and backward by hand, each on views of the flat parameter slice.

pub mod activation;
pub mod init;
pub mod linear;
pub mod loss;
