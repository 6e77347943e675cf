//! NumPy archives: `x` and `y`, or `x_train`, `y_train`, `x_test`, `y_test` as Keras' `mnist.npz` has them.
//!
//! Bytes are pixels and seen divided by 255; all other numbers are taken as they are. Images are (examples, height,
//! width) or (examples, height, width, channels).

use std::fs::File;
use std::io::{self, Cursor, Read, Seek};
use std::path::Path;

use ndarray::{ArcArray, ArrayViewD, Axis, IxDyn};
use ndarray_npy::WriteNpyExt;

use super::error::{content, unreadable};
use super::table::{Labels, drawn, standardise};
use super::{Answers, DataError, Dataset, Inputs, Split, npy, parts};

/// Reads the archive `path`.
///
/// # Errors
/// No such arrays, or arrays of another kind or length than they should be; a damaged archive.
pub(super) fn open(path: &Path, name: &str, split: Split) -> Result<Dataset, DataError> {
    let file = File::open(path).map_err(|source| unreadable(path, source))?;
    let archive = zip::ZipArchive::new(file);
    let mut archive = archive.map_err(|error| content(path, format!("is not an .npz archive: {error}")))?;
    read(&mut archive, name, split).map_err(|why| content(path, why))
}

fn read<R: Read + Seek>(
    archive: &mut zip::ZipArchive<R>,
    name: &str,
    split: Split,
) -> Result<Dataset, String> {
    let names: Vec<String> =
        archive.file_names().flatten().map(|file| file.trim_end_matches(".npy").to_owned()).collect();
    let has = |wanted: &[&str]| wanted.iter().all(|&wanted| names.iter().any(|name| name == wanted));
    if has(&["x_train", "y_train", "x_test", "y_test"]) {
        let (train_labels, test_labels) = (labels(archive, "y_train")?, labels(archive, "y_test")?);
        let train = examples(archive, "x_train", train_labels.len())?;
        let test = examples(archive, "x_test", test_labels.len())?;
        if train.shape() != test.shape() {
            return Err("x_train and x_test have examples of different shapes".into());
        }
        let rows = parts(train_labels.len(), test_labels.len(), split);
        let inputs = join(train, test).ok_or("x_train and x_test hold different kinds of numbers")?;
        let all = Labels::Numbers([train_labels, test_labels].concat());
        let (mut answers, task) = all.answers()?;
        if let Answers::Numbers(numbers) = &mut answers {
            standardise(numbers, 1, &rows[0]);
        }
        Dataset::new(name, task, inputs, answers, rows)
    } else if has(&["x", "y"]) {
        let labels = labels(archive, "y")?;
        let x = examples(archive, "x", labels.len())?;
        drawn(name, x, &Labels::Numbers(labels), split)
    } else {
        Err(format!(
            "needs arrays x and y, or x_train, y_train, x_test and y_test; it holds {}",
            names.join(", ")
        ))
    }
}

/// An archive of arrays, each with its name, uncompressed as `numpy.savez` writes it.
///
/// # Errors
/// Only those of writing to memory.
pub(crate) fn npz_bytes(arrays: &[(&str, ArrayViewD<'_, f32>)]) -> io::Result<Vec<u8>> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, array) in arrays {
        archive.start_file(format!("{name}.npy"), options)?;
        array.write_npy(&mut archive).map_err(io::Error::other)?;
    }
    Ok(archive.finish()?.into_inner())
}

/// Both, one after the other, if they are of one kind and shape.
fn join(first: Inputs, second: Inputs) -> Option<Inputs> {
    fn joined<T: Clone>(
        first: ArcArray<T, IxDyn>,
        second: &ArcArray<T, IxDyn>,
    ) -> Option<ArcArray<T, IxDyn>> {
        let mut all = first.into_owned();
        all.append(Axis(0), second.view()).ok()?;
        Some(all.into_shared())
    }
    match (first, second) {
        (Inputs::Bytes(first), Inputs::Bytes(second)) => joined(first, &second).map(Inputs::Bytes),
        (Inputs::Floats(first), Inputs::Floats(second)) => joined(first, &second).map(Inputs::Floats),
        _ => None,
    }
}

/// The array `name`, examples of columns, or of height, width and channels, as many as there are `labels`.
fn examples<R: Read + Seek>(
    archive: &mut zip::ZipArchive<R>,
    name: &str,
    labels: usize,
) -> Result<Inputs, String> {
    let x = array(archive, name)?;
    let examples = x.examples().ok_or_else(|| format!("{name} is a single number"))?;
    if examples != labels {
        return Err(format!("{name} holds {examples} examples, but there are {labels} labels"));
    }
    match *x.shape() {
        // One column, or one channel.
        [] | [_, _] => Ok(x.with_last_axis()),
        [_] => Ok(x),
        [1 | 3, height, channels] if channels > 4 => Err(format!(
            "{name} has its channels before height and width ({height} × {channels}); put them last"
        )),
        [_, _, _] => Ok(x),
        ref more => Err(format!("{name} has {} dimensions; at most four are understood", more.len() + 1)),
    }
}

/// The array `name` as one number each.
fn labels<R: Read + Seek>(archive: &mut zip::ZipArchive<R>, name: &str) -> Result<Vec<f64>, String> {
    let array = array(archive, name)?;
    if array.shape().iter().any(|&size| size != 1) {
        return Err(format!("{name} has {} dimensions: labels are one number each", array.shape().len() + 1));
    }
    Ok(match array {
        Inputs::Bytes(bytes) => bytes.iter().map(|&byte| byte.into()).collect(),
        Inputs::Floats(floats) => floats.iter().map(|&float| float.into()).collect(),
        Inputs::Tokens { .. } => Vec::new(),
    })
}

/// The array `name`.
fn array<R: Read + Seek>(archive: &mut zip::ZipArchive<R>, name: &str) -> Result<Inputs, String> {
    let file = format!("{name}.npy");
    let file = if archive.index_for_name(&file).is_some() { &file } else { name };
    let entry = archive.by_name(file).map_err(|error| format!("{name} is damaged: {error}"))?;
    let held = entry.size();
    npy::read(entry, held, name)
}
