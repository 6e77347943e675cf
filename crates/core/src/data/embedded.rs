//! The data that the program carries with it: all of MNIST.
//!
//! `assets/mnist.zst` is 70,000 images of 28 × 28 bytes (the 60,000 of the training file, then the 10,000 of the test
//! file, in their original order) followed by their 70,000 labels, compressed with zstd at its highest level. It is
//! rebuilt from a folder of the original files by
//! `cargo run --release -p sweep-core --example embed_mnist -- FOLDER crates/core/assets/mnist.zst`.
//! Licence and origin stand in `assets/mnist.LICENSE`.

use std::sync::Arc;
use std::sync::OnceLock;

use super::DataError;
use super::Dataset;
use super::Split;
use super::idx;

static MNIST: &[u8] = include_bytes!("../../assets/mnist.zst");

/// Images in the training file and in the test file.
const IMAGES: (usize, usize) = (60_000, 10_000);

/// Bytes of pixels, before the labels.
const PIXELS: usize = 70_000 * 784;

/// MNIST, decoded at the first call in a process and shared from then on.
///
/// # Errors
/// Only if the program file itself is damaged.
pub fn mnist(split: Split) -> Result<Arc<Dataset>, DataError> {
    static HOLDOUT: OnceLock<Result<Arc<Dataset>, String>> = OnceLock::new();
    static TEXTBOOK: OnceLock<Result<Arc<Dataset>, String>> = OnceLock::new();
    let cell = match split {
        Split::Holdout => &HOLDOUT,
        Split::Textbook => &TEXTBOOK,
    };
    cell.get_or_init(|| decode(split).map(Arc::new))
        .clone()
        .map_err(|why| DataError::Request(format!("the embedded MNIST cannot be decoded: {why}")))
}

fn decode(split: Split) -> Result<Dataset, String> {
    let mut bytes = zstd::bulk::decompress(MNIST, PIXELS + 70_000).map_err(|error| error.to_string())?;
    if bytes.len() != PIXELS + 70_000 {
        return Err(format!("{} bytes came out", bytes.len()));
    }
    let labels = bytes.split_off(PIXELS);
    idx::images("mnist", &[28, 28, 1], (bytes, &labels), IMAGES, split)
}
