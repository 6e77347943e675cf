//! Why a picture could not be drawn.

/// Why a picture could not be drawn.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// The drawing library refused.
    #[error("the picture cannot be drawn: {0}")]
    Draw(String),
    /// The pixels could not be encoded.
    #[error("the picture cannot be encoded: {0}")]
    Encode(#[from] ::png::EncodingError),
}
