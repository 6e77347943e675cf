//! NumPy archives: `x` and `y`, or `x_train`, `y_train`, `x_test`, `y_test` as Keras' `mnist.npz` has them.
//!
//! Bytes are pixels and seen divided by 255; all other numbers are taken as they are. Images are (examples, height,
//! width) or (examples, height, width, channels).

use std::fs::File;
use std::io::{Cursor, Read, Seek, Write};
use std::path::Path;

use super::error::{content, unreadable};
use super::npy::{self, Array};
use super::table::{Labels, drawn, standardise};
use super::{Answers, DataError, Dataset, Inputs, Split, parts};

/// Reads the archive `path`.
///
/// # Errors
/// No such arrays, or arrays of another kind or length than they should be; a damaged archive.
pub(super) fn open(path: &Path, name: &str, split: Split) -> Result<Dataset, DataError> {
    let file = File::open(path).map_err(|source| unreadable(path, source))?;
    let archive = zip::ZipArchive::new(file);
    let mut archive = archive.map_err(|error| content(path, format!("is no .npz archive: {error}")))?;
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
        let (train, train_labels) = (array(archive, "x_train")?, labels(archive, "y_train")?);
        let (test, test_labels) = (array(archive, "x_test")?, labels(archive, "y_test")?);
        let shape = example_shape(&train, "x_train", train_labels.len())?;
        if example_shape(&test, "x_test", test_labels.len())? != shape {
            return Err("x_train and x_test have examples of different shapes".into());
        }
        let rows = parts(train_labels.len(), test_labels.len(), split);
        let inputs =
            join(train.values, test.values).ok_or("x_train and x_test hold different kinds of numbers")?;
        let all = Labels::Numbers([train_labels, test_labels].concat());
        let (mut answers, task) = all.answers()?;
        if let Answers::Numbers(numbers) = &mut answers {
            standardise(numbers, 1, &rows[0]);
        }
        Dataset::new(name, task, &shape, (inputs, answers), rows)
    } else if has(&["x", "y"]) {
        let (x, labels) = (array(archive, "x")?, labels(archive, "y")?);
        let shape = example_shape(&x, "x", labels.len())?;
        drawn(name, &shape, x.values, &Labels::Numbers(labels), split)
    } else {
        Err(format!(
            "needs arrays x and y, or x_train, y_train, x_test and y_test; it holds {}",
            names.join(", ")
        ))
    }
}

/// An archive of arrays of f32, each with its name and shape, uncompressed as `numpy.savez` writes it.
///
/// # Errors
/// Only those of writing to memory.
pub(crate) fn npz_bytes<'a>(
    arrays: impl Iterator<Item = (String, Vec<usize>, &'a [f32])>,
) -> std::io::Result<Vec<u8>> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, shape, values) in arrays {
        archive.start_file(format!("{name}.npy"), options)?;
        archive.write_all(&npy::written(&shape, values))?;
    }
    Ok(archive.finish()?.into_inner())
}

/// Both, one after the other, if they are of one kind.
fn join(first: Inputs, second: Inputs) -> Option<Inputs> {
    match (first, second) {
        (Inputs::Bytes(mut first), Inputs::Bytes(second)) => {
            first.extend(second);
            Some(Inputs::Bytes(first))
        }
        (Inputs::Floats(mut first), Inputs::Floats(second)) => {
            first.extend(second);
            Some(Inputs::Floats(first))
        }
        _ => None,
    }
}

/// The shape of one example of `x`: columns, or height, width and channels.
fn example_shape(x: &Array, name: &str, labels: usize) -> Result<Vec<usize>, String> {
    let (&examples, rest) = x.shape.split_first().ok_or_else(|| format!("{name} is a single number"))?;
    if examples != labels {
        return Err(format!("{name} holds {examples} examples, but there are {labels} labels"));
    }
    match *rest {
        [] => Ok(vec![1]),
        [columns] => Ok(vec![columns]),
        [height, width] => Ok(vec![height, width, 1]),
        [1 | 3, height, channels] if channels > 4 => Err(format!(
            "{name} has its channels before height and width ({height} × {channels}); put them last"
        )),
        [height, width, channels] => Ok(vec![height, width, channels]),
        _ => Err(format!("{name} has {} dimensions; at most four are understood", x.shape.len())),
    }
}

/// The array `name` as one number each.
fn labels<R: Read + Seek>(archive: &mut zip::ZipArchive<R>, name: &str) -> Result<Vec<f64>, String> {
    let array = array(archive, name)?;
    if array.shape.iter().skip(1).any(|&size| size != 1) {
        return Err(format!("{name} has {} dimensions: labels are one number each", array.shape.len()));
    }
    Ok(match array.values {
        Inputs::Bytes(bytes) => bytes.into_iter().map(f64::from).collect(),
        Inputs::Floats(floats) => floats.into_iter().map(f64::from).collect(),
        Inputs::Tokens(_) => Vec::new(),
    })
}

/// The array `name`.
fn array<R: Read + Seek>(archive: &mut zip::ZipArchive<R>, name: &str) -> Result<Array, String> {
    let damaged = |error: &dyn std::error::Error| format!("{name} is damaged: {error}");
    let mut bytes = Vec::new();
    let mut entry = match archive.index_for_name(&format!("{name}.npy")) {
        Some(_) => archive.by_name(&format!("{name}.npy")),
        None => archive.by_name(name),
    }
    .map_err(|error| damaged(&error))?;
    entry.read_to_end(&mut bytes).map_err(|error| damaged(&error))?;
    npy::read(&bytes, name)
}
