//! Makes `assets/mnist.zst` from a folder with the four original files of MNIST (IDX, `.gz` or not).
//!
//! `cargo run --release -p sweep-core --example embed_mnist -- FOLDER crates/core/assets/mnist.zst`

use std::env;
use std::error::Error;
use std::fs;
use std::io::Write;

use sweep_core::data;
use sweep_core::data::{Answers, Options, Split};

fn main() -> Result<(), Box<dyn Error>> {
    let [folder, asset] = [1, 2].map(|place| env::args().nth(place));
    let (folder, asset) = folder.zip(asset).ok_or("give the folder to read and the file to write")?;
    let options = Options { split: Split::Textbook, ..Options::default() };
    let dataset = data::open(&folder, &options)?;
    let Some(pixels) = dataset.inputs().pixels() else { return Err("these are not images".into()) };
    let Answers::Classes(labels) = dataset.answers() else { return Err("these have no classes".into()) };
    let labels: Vec<u8> = labels.iter().map(|&label| label as u8).collect();

    let mut encoder = zstd::Encoder::new(fs::File::create(asset)?, 22)?;
    encoder.set_pledged_src_size(Some((pixels.len() + labels.len()) as u64))?;
    // Longer windows make the file 8 % smaller, and take twice as long to decode as what lies in the cache.
    encoder.window_log(18)?;
    encoder.write_all(pixels)?;
    encoder.write_all(&labels)?;
    encoder.finish()?;
    Ok(())
}
