//! The values of several seeds at one place along an axis.

/// One level: its place, and the value of each seed, with seeds in the same order at every level.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// Its place, such as log₂ η.
    pub x: f64,
    /// The value of each seed, such as the logarithm of its loss.
    pub y: Vec<f64>,
}

impl Level {
    /// The mean over seeds.
    pub fn mean(&self) -> f64 {
        self.y.iter().sum::<f64>() / self.y.len() as f64
    }
}
