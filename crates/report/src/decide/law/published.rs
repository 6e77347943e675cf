//! Published laws of the best learning rate and the best batch size.

use serde::Serialize;
use sweep_settings::names;

/// A published power law. Batch sizes are in the unit that its source uses.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Published {
    /// Its name.
    pub name: &'static str,
    /// What it is a law of: the name of the learning rate, of the batch size, or `critical_batch`.
    pub of: &'static str,
    /// The factor before the powers.
    pub factor: f64,
    /// The exponents by variable: N parameters, D training tokens, C training compute in FLOP.
    pub exponents: &'static [(&'static str, f64)],
    /// The unit of the quantity.
    pub unit: &'static str,
    /// Where it was published.
    pub source: &'static str,
    /// What it was measured on.
    pub valid: &'static str,
}

/// All of them.
pub const PUBLISHED: [Published; 6] = [
    Published {
        name: "Step Law",
        of: names::LR,
        factor: 1.79,
        exponents: &[("N", -0.713), ("D", 0.307)],
        unit: "learning rate",
        source: "Li et al. 2025, arXiv 2503.04715",
        valid: "dense models of 60M to 1B parameters, 2B to 100B tokens, decay to a final rate of 1e-5",
    },
    Published {
        name: "Step Law",
        of: names::BATCH,
        factor: 0.58,
        exponents: &[("D", 0.571)],
        unit: "tokens",
        source: "Li et al. 2025, arXiv 2503.04715",
        valid: "dense models of 60M to 1B parameters, 2B to 100B tokens",
    },
    Published {
        name: "DeepSeek",
        of: names::LR,
        factor: 0.3118,
        exponents: &[("C", -0.1250)],
        unit: "learning rate",
        source: "DeepSeek-AI 2024, arXiv 2401.02954, equation 1",
        valid: "1e17 to 2e19 FLOP, a multi-step schedule",
    },
    Published {
        name: "DeepSeek",
        of: names::BATCH,
        factor: 0.2920,
        exponents: &[("C", 0.3271)],
        unit: "tokens",
        source: "DeepSeek-AI 2024, arXiv 2401.02954, equation 1",
        valid: "1e17 to 2e19 FLOP, a multi-step schedule",
    },
    Published {
        name: "Power Lines",
        of: names::BATCH,
        factor: 0.0306,
        exponents: &[("D", 0.383)],
        unit: "sequences of 2048 tokens",
        source: "Bergsma et al. 2025, arXiv 2505.13738",
        valid: "models of 111M to 3.3B parameters",
    },
    Published {
        name: "critical batch size",
        of: "critical_batch",
        factor: 93.2,
        exponents: &[("N in millions", 0.468)],
        unit: "sequences of 512 tokens, at 20 % more data",
        source: "Zhang et al. 2024, arXiv 2410.21676",
        valid: "models of 85M to 1.2B parameters at 20 tokens a parameter",
    },
];
