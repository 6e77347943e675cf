//! What can be wrong with data.

use std::io;
use std::path::Path;
use std::path::PathBuf;

/// Data that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// A file that cannot be read at all.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// A file whose content is not what it should be.
    #[error("{}: {why}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        why: String,
    },
    /// A request that does not go with the data.
    #[error("{0}")]
    Request(String),
}

/// The content of `path` is wrong.
pub(super) fn content(path: &Path, why: impl Into<String>) -> DataError {
    DataError::Content { path: path.to_owned(), why: why.into() }
}

/// `path` cannot be read.
pub(super) fn unreadable(path: &Path, source: io::Error) -> DataError {
    DataError::Unreadable { path: path.to_owned(), source }
}
