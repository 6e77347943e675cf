//! IDX files, the format of MNIST and of Fashion-MNIST (LeCun, Cortes, Burges: "The MNIST database", file formats).
//!
//! A file opens with a magic number (0x0803 for images, 0x0801 for labels), then one big-endian u32 for each
//! dimension, then one byte per value. Files may be compressed with gzip.

use std::fs;
use std::io::ErrorKind;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;

use super::error::{content, unreadable};
use super::{Answers, DataError, Dataset, Inputs, Split, Task};

/// Both published data sets of this format have ten classes.
const CLASSES: u8 = 10;

/// Images and labels of one half of a data set.
pub(super) struct Half {
    pixels: Vec<u8>,
    labels: Vec<u8>,
    height: usize,
    width: usize,
}

/// Reads the folder `folder` with its four files under their usual names, `.gz` or not.
///
/// # Errors
/// A file that is missing, unreadable, cut short or not of this format; counts that disagree; labels above 9.
pub(super) fn open(folder: &Path, name: &str, split: Split) -> Result<Dataset, DataError> {
    let train = half(folder, "train")?;
    let test = half(folder, "t10k")?;
    if (train.height, train.width) != (test.height, test.width) {
        return Err(content(
            folder,
            format!(
                "the training images are {} × {}, the test images {} × {}",
                train.height, train.width, test.height, test.width
            ),
        ));
    }
    let (trained, tested) = (train.labels.len(), test.labels.len());
    let shape = [train.height, train.width, 1];
    let (mut pixels, mut labels) = (train.pixels, train.labels);
    pixels.extend_from_slice(&test.pixels);
    labels.extend_from_slice(&test.labels);
    images(name, &shape, (pixels, &labels), (trained, tested), split).map_err(|why| content(folder, why))
}

/// The data set of `trained` images followed by `tested` ones.
///
/// # Errors
/// Too few images for every part to hold one.
pub(super) fn images(
    name: &str,
    shape: &[usize],
    (pixels, labels): (Vec<u8>, &[u8]),
    (trained, tested): (usize, usize),
    split: Split,
) -> Result<Dataset, String> {
    let labels = Answers::Classes(labels.iter().map(|&label| u32::from(label)).collect());
    let task = Task::Classification { classes: usize::from(CLASSES) };
    Dataset::new(name, task, Inputs::from_bytes(shape, pixels)?, labels, super::parts(trained, tested, split))
}

fn half(folder: &Path, part: &str) -> Result<Half, DataError> {
    let images_path = find(folder, part, "images", 3)?;
    let labels_path = find(folder, part, "labels", 1)?;
    let (dimensions, pixels) = values(&images_path, 3)?;
    let (counts, labels) = values(&labels_path, 1)?;
    if dimensions[0] != counts[0] {
        let why = format!("holds {} labels for {} images", counts[0], dimensions[0]);
        return Err(content(&labels_path, why));
    }
    if let Some(bad) = labels.iter().position(|&label| label >= CLASSES) {
        let why = format!("the label {} of example {bad} is out of range 0 to {}", labels[bad], CLASSES - 1);
        return Err(content(&labels_path, why));
    }
    Ok(Half { pixels, labels, height: dimensions[1], width: dimensions[2] })
}

/// The file of `folder` that holds `what` of `part`: `train-images-idx3-ubyte`, with a dot for its second dash, or
/// either with `.gz`.
fn find(folder: &Path, part: &str, what: &str, rank: usize) -> Result<PathBuf, DataError> {
    let usual = format!("{part}-{what}-idx{rank}-ubyte");
    let dotted = format!("{part}-{what}.idx{rank}-ubyte");
    for name in [&usual, &dotted] {
        for ending in ["", ".gz"] {
            let path = folder.join(format!("{name}{ending}"));
            if path.is_file() {
                return Ok(path);
            }
        }
    }
    Err(content(folder, format!("holds no {usual} or {usual}.gz")))
}

/// Dimensions and values of the IDX file `path`, which must have `rank` dimensions.
fn values(path: &Path, rank: usize) -> Result<(Vec<usize>, Vec<u8>), DataError> {
    let mut bytes = plain_bytes(path)?;
    let header = 4 + 4 * rank;
    if bytes.len() < header {
        return Err(content(path, format!("is cut short: {} bytes are no IDX file", bytes.len())));
    }
    let words: Vec<u32> = bytes[..header]
        .chunks_exact(4)
        .map(|word| u32::from_be_bytes([word[0], word[1], word[2], word[3]]))
        .collect();
    let magic = 0x0800 + rank as u32;
    if words[0] != magic {
        let why = format!(
            "its magic number is {:#06x}, not {magic:#06x}: no IDX file of {rank} dimensions",
            words[0]
        );
        return Err(content(path, why));
    }
    let dimensions: Vec<usize> = words[1..].iter().map(|&word| word as usize).collect();
    let announced = dimensions.iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
    let held = bytes.len() - header;
    if announced != Some(held) {
        let sizes: Vec<String> = dimensions.iter().map(usize::to_string).collect();
        let cut =
            if announced.is_none_or(|announced| announced > held) { "is cut short" } else { "is too long" };
        let why = format!("{cut}: its header announces {} values, {held} follow", sizes.join(" × "));
        return Err(content(path, why));
    }
    bytes.drain(..header);
    Ok((dimensions, bytes))
}

/// The bytes of `path`, decompressed if they are gzip's.
pub(super) fn plain_bytes(path: &Path) -> Result<Vec<u8>, DataError> {
    let bytes = fs::read(path).map_err(|source| unreadable(path, source))?;
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut plain = Vec::new();
    match flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut plain) {
        Ok(_) => Ok(plain),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
            Err(content(path, "is cut short: its gzip stream ends too early"))
        }
        Err(error) => Err(content(path, format!("its gzip stream is damaged: {error}"))),
    }
}
