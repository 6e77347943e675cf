//! Measures the machine's peak of f32 multiply-adds on one core and prints one line of JSON.
//!
//! `cargo run --release -p sweep-core --example peak`

use std::hint::black_box;
use std::time::Instant;

use pulp::{Arch, Simd, WithSimd};

/// Registers of sums side by side, which hide the latency of the operation.
const SUMS: usize = 12;

/// The given number of rounds of multiply-adds; returns the floats of a register and a sum that depends on all.
struct Peak(u64);

impl WithSimd for Peak {
    type Output = (usize, f32);

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> (usize, f32) {
        let (factor, term) = (simd.splat_f32s(black_box(0.999_999)), simd.splat_f32s(black_box(1e-6)));
        let mut sums = [simd.splat_f32s(1.0); SUMS];
        for _ in 0..self.0 {
            for sum in &mut sums {
                *sum = simd.mul_add_f32s(*sum, factor, term);
            }
        }
        let total = sums.into_iter().fold(simd.splat_f32s(0.0), |total, sum| simd.add_f32s(total, sum));
        (S::F32_LANES, simd.reduce_sum_f32s(total))
    }
}

#[expect(clippy::print_stdout, reason = "an example shows what it does")]
fn main() {
    const TIMES: u64 = 20_000_000;
    let mut best = 0.0_f64;
    for _ in 0..5 {
        let start = Instant::now();
        let (lanes, sum) = Arch::new().dispatch(Peak(TIMES));
        black_box(sum);
        let operations = 2.0 * (SUMS * lanes) as f64 * TIMES as f64;
        best = best.max(operations / start.elapsed().as_secs_f64() / 1e9);
    }
    println!(r#"{{"gflops": {best}}}"#);
}
