//! `sweep data export`: the built-in data as files for other programs.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use sweep_core::data::{self, Answers};
use sweep_core::{Dataset, Part, Split};

use crate::refusal::refuse;
use crate::{files, output};

/// Data sets.
#[derive(Args)]
pub struct Data {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Write images and labels as four IDX files, the format of MNIST
    Export {
        /// Data: mnist, a folder or a file
        data: String,
        /// Folder to write to
        folder: PathBuf,
    },
}

impl Data {
    /// Writes the files.
    pub fn run(self) -> Result<ExitCode> {
        let Action::Export { data, folder } = self.action;
        let options = data::Options { split: Split::Textbook, ..data::Options::default() };
        let dataset = data::open(&data, &options)?;
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot create the folder {}", folder.display()))?;
        for (part, prefix) in [(Part::Train, "train"), (Part::Test, "t10k")] {
            export(&dataset, part, &folder, prefix)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Writes the images and the labels of one part.
fn export(dataset: &Dataset, part: Part, folder: &Path, prefix: &str) -> Result<()> {
    let (Some(pixels), Answers::Classes(classes)) = (dataset.inputs().pixels(), dataset.answers()) else {
        return refuse(format!(
            "{} cannot be written as IDX files: they hold images with classes",
            dataset.name()
        ));
    };
    let (size, rows) = (dataset.size(), dataset.rows(part));
    let [height, width] = match *dataset.shape() {
        [height, width] | [height, width, 1] | [1, height, width] => [height, width],
        _ => [1, size],
    };
    let count = rows.len() as u32;
    let mut images = header(0x0803, &[count, height as u32, width as u32]);
    let mut labels = header(0x0801, &[count]);
    for &row in rows {
        let row = row as usize;
        images.extend(&pixels[row * size..(row + 1) * size]);
        // IDX labels are bytes.
        labels.push(
            u8::try_from(classes[row])
                .with_context(|| format!("class {} does not fit in a byte", classes[row]))?,
        );
    }
    for (kind, bytes) in [("images-idx3-ubyte", images), ("labels-idx1-ubyte", labels)] {
        let path = folder.join(format!("{prefix}-{kind}"));
        files::write(&path, &bytes)?;
        output::println(&path.display().to_string());
    }
    Ok(())
}

/// The header of an IDX file: its type and sizes as 4-byte big-endian numbers.
fn header(magic: u32, sizes: &[u32]) -> Vec<u8> {
    std::iter::once(&magic).chain(sizes).flat_map(|number| number.to_be_bytes()).collect()
}
