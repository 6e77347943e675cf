//! Arithmetic that several rules share.

/// Zero in place of a subnormal number.
///
/// A buffer whose gradients have become zero decays for ever; below 1e-38 every operation on it would be many times
/// slower, and the number is worth nothing. NaN stays NaN.
#[inline(always)]
pub(super) fn flush(x: f32) -> f32 {
    if x.abs() < f32::MIN_POSITIVE { 0.0 } else { x }
}

/// The sum of `term` over slices side by side, in f32 within blocks and f64 between them, always in the same order.
#[inline(always)]
pub(super) fn sum<const N: usize>(slices: [&[f32]; N], term: impl Fn([f32; N]) -> f32) -> f64 {
    const LANES: usize = 16;
    const BLOCK: usize = 64 * LANES;
    let length = slices.iter().map(|slice| slice.len()).min().unwrap_or(0);
    let mut total = 0.0_f64;
    for start in (0..length).step_by(BLOCK) {
        let block = slices.map(|slice| &slice[start..length.min(start + BLOCK)]);
        let whole = block.map(|slice| slice.as_chunks::<LANES>().0);
        let rest = block.map(|slice| slice.as_chunks::<LANES>().1);
        let mut lanes = [0.0_f32; LANES];
        for chunk in 0..whole.iter().map(|chunks| chunks.len()).min().unwrap_or(0) {
            let chunks = whole.map(|chunks| &chunks[chunk]);
            for (lane, sum) in lanes.iter_mut().enumerate() {
                *sum += term(chunks.map(|chunk| chunk[lane]));
            }
        }
        for (lane, sum) in lanes.iter_mut().enumerate().take((length - start).min(BLOCK) % LANES) {
            *sum += term(rest.map(|rest| rest[lane]));
        }
        total += lanes.iter().map(|lane| f64::from(*lane)).sum::<f64>();
    }
    total
}

/// Copies `from` over `to`, as far as both go.
#[inline(always)]
pub(super) fn copy(from: &[f32], to: &mut [f32]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
}

/// The Euclidean norm.
#[inline(always)]
pub(super) fn norm(x: &[f32]) -> f64 {
    sum([x], |[x]| x * x).sqrt()
}

/// Scales `gradient` down to the norm `largest` where it is above it, as PyTorch's `clip_grad_norm_`.
#[inline(always)]
pub(super) fn clip(gradient: &mut [f32], largest: f64) {
    let scale = largest / (norm(gradient) + 1e-6);
    if scale < 1.0 {
        let scale = scale as f32;
        gradient.iter_mut().for_each(|g| *g *= scale);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_exact_enough_at_any_length() {
        for length in [0, 1, 15, 16, 17, 1023, 1024, 1025, 100_003] {
            let x: Vec<f32> = (0..length).map(|i| (i % 7) as f32 * 0.1 - 0.3).collect();
            let exact = x.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>().sqrt();
            assert!((norm(&x) - exact).abs() <= 1e-6 * exact, "{length}");
        }
    }

    #[test]
    fn clipping_keeps_the_direction_and_short_gradients() {
        let mut long = [3.0, 4.0];
        clip(&mut long, 1.0);
        assert!((long[0] - 0.6).abs() < 1e-6 && (long[1] - 0.8).abs() < 1e-6);
        let mut short = [0.3, 0.4];
        clip(&mut short, 1.0);
        assert_eq!(short, [0.3, 0.4]);
    }
}
