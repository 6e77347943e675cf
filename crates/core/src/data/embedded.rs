//! The data that the program carries with it: all of MNIST, a novel to write on (Moby-Dick) and film reviews to judge.
//!
//! `assets/mnist.zst` is 70,000 images of 28 × 28 bytes (the 60,000 of the training file, then the 10,000 of the test
//! file, in their original order) followed by their 70,000 labels, compressed with zstd at its highest level within a
//! window that stays in the cache. It is rebuilt from a folder of the original files by
//! `cargo run --release -p sweep-core --example embed_mnist -- FOLDER crates/core/assets/mnist.zst`.
//! The texts are as published, compressed by `zstd --ultra -22`. Licences and origins stand beside them in `assets`.

use std::sync::Arc;
use std::sync::OnceLock;

use super::table::Labels;
use super::{DataError, Dataset, Options, Split, idx, text};

static MNIST: &[u8] = include_bytes!("../../assets/mnist.zst");
static MOBY_DICK: &[u8] = include_bytes!("../../assets/moby-dick.txt.zst");
static MOVIE_REVIEWS: &[u8] = include_bytes!("../../assets/movie-reviews.tsv.zst");

/// Images in the training file and in the test file.
const IMAGES: (usize, usize) = (60_000, 10_000);

/// Bytes of pixels, before the labels.
const PIXELS: usize = 70_000 * 784;

/// The data sets that the program carries with it.
pub(super) const NAMES: [&str; 3] = ["mnist", "moby-dick", "movie-reviews"];

/// Those of them that are text.
pub(super) const TEXTS: [&str; 2] = ["moby-dick", "movie-reviews"];

/// The data set called `name`, if it is one of [`NAMES`].
///
/// # Errors
/// Options that do not go with it.
pub(super) fn open(name: &str, options: &Options) -> Option<Result<Arc<Dataset>, DataError>> {
    let how = (options.tokens, options.length);
    let made = match name {
        "mnist" => return Some(mnist(options.split)),
        "moby-dick" => decoded(MOBY_DICK).and_then(|text| text::language(name, &text, how, options.split)),
        "movie-reviews" => decoded(MOVIE_REVIEWS).and_then(|lines| {
            let (texts, labels) = reviews(&lines);
            text::classified(name, &texts, &Labels::Numbers(labels), how, options.split)
        }),
        _ => return None,
    };
    Some(made.map(Arc::new).map_err(|why| DataError::Request(format!("data={name} {why}"))))
}

/// The text in `compressed`.
fn decoded(compressed: &[u8]) -> Result<String, String> {
    let bytes = zstd::stream::decode_all(compressed).map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

/// The reviews with an opinion (their mean rating is not 0) and whether they are favourable, 0 or 1.
fn reviews(lines: &str) -> (Vec<String>, Vec<f64>) {
    let review = |line: &str| {
        let mut fields = line.splitn(3, '\t').skip(1);
        let rating: f64 = fields.next()?.parse().ok()?;
        let text = fields.next()?.trim().to_owned();
        (rating != 0.0).then_some((text, f64::from(u8::from(rating > 0.0))))
    };
    lines.lines().filter_map(review).unzip()
}

/// MNIST, decoded at the first call in a process and shared from then on.
///
/// # Errors
/// Only if the program file itself is damaged.
fn mnist(split: Split) -> Result<Arc<Dataset>, DataError> {
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
