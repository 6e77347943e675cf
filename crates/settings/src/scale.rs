//! How the values of a parameter are spaced.

use serde::{Deserialize, Serialize};

/// A scale: the map under which equal steps become equal differences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// Equal differences.
    Linear,
    /// Equal ratios.
    Log,
    /// Powers of two.
    Pow2,
    /// Equal ratios of `1 - x`, for momentum and betas.
    OneMinus,
}

impl Scale {
    /// The position of `x` on the line; not finite outside the domain of the scale.
    pub fn line(self, x: f64) -> f64 {
        match self {
            Scale::Linear => x,
            Scale::Log | Scale::Pow2 => x.ln(),
            Scale::OneMinus => -(1.0 - x).ln(),
        }
    }

    /// Whether every one of `numbers` has a place on the line.
    pub fn holds(self, numbers: &[f64]) -> bool {
        numbers.iter().all(|number| self.line(*number).is_finite())
    }

    /// The value at `line`, the inverse of [`Scale::line`].
    pub fn value(self, line: f64) -> f64 {
        match self {
            Scale::Linear => line,
            Scale::Log | Scale::Pow2 => line.exp(),
            Scale::OneMinus => 1.0 - (-line).exp(),
        }
    }
}
