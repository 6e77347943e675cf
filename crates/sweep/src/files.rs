//! Writing a file whole or not at all.

use std::io::{BufWriter, IntoInnerError, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Serialize;
use sweep_report::{ChartError, Format};

/// Writes `bytes` to `path` under another name beside it and renames: a reader sees the old file or the new one.
///
/// # Errors
/// The folder cannot be written or is full; what stood at `path` is then untouched.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    write_by(path, |file| file.write_all(bytes).map_err(Into::into))
}

/// As [`write()`], from what `produce` writes, so that a large file is never held whole.
///
/// # Errors
/// As [`write()`], and those of `produce`.
pub fn write_by(path: &Path, produce: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    let context = || format!("cannot write {}", path.display());
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).with_context(context)?;
    let mut out = BufWriter::new(&mut file);
    produce(&mut out).with_context(context)?;
    out.into_inner().map_err(IntoInnerError::into_error).with_context(context)?;
    readable(file.as_file()).with_context(context)?;
    file.persist(path).with_context(context)?;
    Ok(())
}

/// A document as a line of JSON.
///
/// # Errors
/// None that come from outside.
pub fn json(document: &impl Serialize) -> Result<Vec<u8>> {
    let mut text = serde_json::to_vec(document).context("a document does not serialise")?;
    text.push(b'\n');
    Ok(text)
}

/// Writes a document and its picture into `folder`, under one name as `.json`, `.png` and `.svg`, and gives their paths.
///
/// # Errors
/// The folder cannot be written, a picture cannot be drawn; then nothing is written.
pub fn write_drawn(
    folder: &Path,
    name: &str,
    document: &impl Serialize,
    draw: impl Fn(Format) -> Result<Vec<u8>, ChartError>,
) -> Result<Vec<PathBuf>> {
    let files = [("json", json(document)?), ("png", draw(Format::Png)?), ("svg", draw(Format::Svg)?)];
    let written = files.iter().map(|(ending, bytes)| {
        let path = folder.join(format!("{name}.{ending}"));
        write(&path, bytes).map(|()| path)
    });
    written.collect()
}

/// Temporary files are private by default; results are not.
#[cfg(unix)]
fn readable(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}

/// The name of a folder, which is that of the study in it.
pub fn stem(folder: &Path) -> Option<String> {
    folder.file_name().map(|name| name.to_string_lossy().into_owned())
}
