//! The logistic function and tanh, branch-free, so that a loop over them becomes vector instructions.
//!
//! Polynomials of the Cephes library (Moshier, `expf` and `tanhf`); relative errors stay below 3e-7. Multiplications
//! and additions are rounded one by one, so every machine gives the same bits.

/// eˣ, with x held within ±87 so that the result is a normal number.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    // Adding and subtracting 1.5 · 2²³ rounds to a whole number; ln 2 is split in two for an exact remainder.
    const ROUND: f32 = 12_582_912.0;
    let x = x.clamp(-87.0, 87.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let whole = shifted - ROUND;
    let rest = x - whole * 0.693_359_4 - whole * -2.121_944_4e-4;
    let series = 1.987_569_1e-4 * rest + 1.398_199_9e-3;
    let series = series * rest + 8.333_452e-3;
    let series = series * rest + 4.166_579_6e-2;
    let series = series * rest + 1.666_666_5e-1;
    let series = series * rest + 0.5;
    let mantissa = series * rest * rest + rest + 1.0;
    // The low bits of the shifted number are the exponent.
    f32::from_bits(mantissa.to_bits().wrapping_add(shifted.to_bits() << 23))
}

/// 1 / (1 + e⁻ˣ).
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// The hyperbolic tangent.
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    let square = x * x;
    let series = -5.704_988_7e-3 * square + 2.063_909e-2;
    let series = series * square - 5.373_971_6e-2;
    let series = series * square + 1.333_144_2e-1;
    let series = series * square - 3.333_328e-1;
    let near = series * square * x + x;
    let far = 1.0 - 2.0 / (exp(2.0 * x.abs()) + 1.0);
    if x.abs() < 0.625 { near } else { far.copysign(x) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_the_functions_they_are_named_after() {
        for n in -40_000..=40_000 {
            let x = n as f32 * 2.5e-3;
            let exact = f64::from(x).tanh();
            assert!((f64::from(tanh(x)) - exact).abs() <= 3e-7 * exact.abs(), "tanh({x}) = {}", tanh(x));
            let exact = 1.0 / (1.0 + (-f64::from(x)).exp());
            let bound = if x < -87.0 { 1e-37 } else { 3e-7 * exact };
            assert!((f64::from(sigmoid(x)) - exact).abs() <= bound, "sigmoid({x}) = {}", sigmoid(x));
        }
    }

    #[test]
    fn nan_stays_nan() {
        assert!(tanh(f32::NAN).is_nan() && sigmoid(f32::NAN).is_nan());
        assert_eq!((tanh(f32::INFINITY), tanh(f32::NEG_INFINITY), sigmoid(f32::INFINITY)), (1.0, -1.0, 1.0));
    }
}
