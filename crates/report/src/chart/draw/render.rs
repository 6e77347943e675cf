//! Scenes become files: pixels by plotters, vectors shape by shape.

use super::scene::Scene;
use super::{ChartError, png, svg};

/// A file format for pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Pixels, 1600 wide.
    Png,
    /// Vectors, with text as text.
    Svg,
}

/// The bytes of a file of `scene`; equal scenes give equal bytes.
pub fn draw(scene: &Scene, format: Format) -> Result<Vec<u8>, ChartError> {
    match format {
        Format::Png => png::png(scene),
        Format::Svg => Ok(svg::svg(scene).into_bytes()),
    }
}
