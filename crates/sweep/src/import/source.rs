//! A file or a folder of runs, and the formats that it may have.

use std::cell::OnceCell;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::runs::{ImportOptions, Runs};
use crate::refusal::refuse;

/// How many bytes of a file are read to recognise its format.
const HEAD: u64 = 64;

/// How deep runs may lie below the path given: Hydra puts them under a date and a time.
const DEPTH: u32 = 4;

/// A format of runs: how it is recognised and how it is read.
pub struct Format {
    /// What it is, as the help lists it.
    pub name: &'static str,
    /// The file by which a folder is recognised, with the program that writes it; `None` of a format of single files.
    pub mark: Option<&'static str>,
    /// Whether a source has this format.
    pub recognizes: fn(&Source) -> Result<bool>,
    /// The runs in a source of this format.
    pub read: fn(&Source, &ImportOptions) -> Result<Runs>,
}

/// A file or a folder of runs.
pub struct Source {
    /// Where it is.
    pub path: PathBuf,
    /// The folder and those below it; none of a file.
    pub folders: Vec<PathBuf>,
    /// How the file begins.
    pub head: Vec<u8>,
    text: OnceCell<String>,
}

impl Source {
    /// Looks at a file or a folder.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn open(path: &Path) -> Result<Source> {
        let (mut folders, mut head) = (Vec::new(), Vec::new());
        if path.is_dir() {
            folders = below(path)?;
        } else {
            let context = || format!("cannot read {}", path.display());
            let file = std::fs::File::open(path).with_context(context)?;
            file.take(HEAD).read_to_end(&mut head).with_context(context)?;
        }
        Ok(Source { path: path.to_owned(), folders, head, text: OnceCell::new() })
    }

    /// Where it is, for messages.
    pub fn shown(&self) -> String {
        self.path.display().to_string()
    }

    /// The text of a file, without a mark of its byte order.
    ///
    /// # Errors
    /// It cannot be read, is not text or is empty.
    pub fn text(&self) -> Result<&str> {
        if let Some(text) = self.text.get() {
            return Ok(text);
        }
        let shown = self.path.display();
        if self.head.starts_with(b"PAR1") {
            return refuse(format!(
                "{shown} is a Parquet file, which is not read; make a table of it: python -c \"import pandas; \
                 pandas.read_parquet('{shown}').to_csv('runs.csv', index=False)\""
            ));
        }
        let bytes = std::fs::read(&self.path).with_context(|| format!("cannot read {shown}"))?;
        let Ok(text) = String::from_utf8(unpacked(bytes).with_context(|| format!("cannot read {shown}"))?)
        else {
            return refuse(format!(
                "{shown} is neither text nor a SQLite file; give a CSV table, JSON lines, or a file of Optuna or MLflow"
            ));
        };
        let text = text.trim_start_matches('\u{feff}');
        if text.trim().is_empty() {
            return refuse(format!("{shown} is empty"));
        }
        Ok(self.text.get_or_init(|| text.to_owned()))
    }
}

/// The most bytes that a packed file may hold.
const LARGEST: u64 = 4 << 30;

/// The bytes that gzip or Zstandard packed, where one of them did.
fn unpacked(bytes: Vec<u8>) -> Result<Vec<u8>> {
    let mut plain = Vec::new();
    let read = if bytes.starts_with(&[0x1f, 0x8b]) {
        flate2::read::MultiGzDecoder::new(bytes.as_slice()).take(LARGEST + 1).read_to_end(&mut plain)?
    } else if bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        zstd::Decoder::new(bytes.as_slice())?.take(LARGEST + 1).read_to_end(&mut plain)?
    } else {
        return Ok(bytes);
    };
    if read as u64 > LARGEST {
        return refuse(format!(
            "it unpacks to more than {} GiB; unpack it and leave out what is not needed",
            LARGEST >> 30
        ));
    }
    Ok(plain)
}

/// The path and the folders below it, in the order of their names, numbers by size.
///
/// # Errors
/// A folder that cannot be read.
fn below(path: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    descend(path, DEPTH, &mut found)?;
    Ok(found)
}

fn descend(path: &Path, depth: u32, found: &mut Vec<PathBuf>) -> Result<()> {
    found.push(path.to_owned());
    if depth == 0 {
        return Ok(());
    }
    let entries = std::fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut folders: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort_by_key(|folder| {
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        (name.parse::<u64>().unwrap_or(u64::MAX), name)
    });
    folders.iter().try_for_each(|folder| descend(folder, depth - 1, found))
}
