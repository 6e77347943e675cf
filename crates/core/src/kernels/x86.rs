//! The registers of x86-64: AVX2, and AVX-512 in whole and in half.

use std::arch::x86_64::__m256i;

use pulp::x86::{V3, V4};

use super::simd::Isa;

/// The classes of numbers that are flushed, as `vfpclassps` counts them: negative zero and what is below the normal.
const SMALL: i32 = 0x04 | 0x20;

/// The mask of AVX2 that leaves the first `count` lanes of eight.
#[inline(always)]
fn first(count: usize) -> __m256i {
    let lanes: [i32; 8] = std::array::from_fn(|lane| if lane < count { -1 } else { 0 });
    pulp::cast(lanes)
}

impl Isa for V3 {
    type Vector = pulp::f32x8;
    const LANES: usize = 8;
    const PARTS: bool = true;

    #[inline(always)]
    fn splat(self, value: f32) -> pulp::f32x8 {
        self.splat_f32x8(value)
    }

    #[inline(always)]
    fn add(self, a: pulp::f32x8, b: pulp::f32x8) -> pulp::f32x8 {
        self.add_f32x8(a, b)
    }

    #[inline(always)]
    fn mul(self, a: pulp::f32x8, b: pulp::f32x8) -> pulp::f32x8 {
        self.mul_f32x8(a, b)
    }

    #[inline(always)]
    fn mul_add(self, a: pulp::f32x8, b: pulp::f32x8, c: pulp::f32x8) -> pulp::f32x8 {
        self.mul_add_f32x8(a, b, c)
    }

    #[inline(always)]
    fn where_greater(self, a: pulp::f32x8, b: pulp::f32x8, x: pulp::f32x8, y: pulp::f32x8) -> pulp::f32x8 {
        self.select_f32x8(self.cmp_gt_f32x8(a, b), x, y)
    }

    #[inline(always)]
    unsafe fn load_some(self, from: *const f32, count: usize) -> pulp::f32x8 {
        // SAFETY: the mask leaves the first `count` floats, for which the caller vouches.
        pulp::cast(unsafe { self.avx._mm256_maskload_ps(from, first(count)) })
    }

    #[inline(always)]
    unsafe fn store_some(self, to: *mut f32, count: usize, value: pulp::f32x8) {
        // SAFETY: as in `load_some`.
        unsafe { self.avx._mm256_maskstore_ps(to, first(count), pulp::cast(value)) }
    }
}

/// Half registers of AVX-512: eight lanes, but with its thirty-two registers and its broadcasting operands.
#[derive(Clone, Copy, Debug)]
pub struct Half(pub V4);

impl Isa for Half {
    type Vector = pulp::f32x8;
    const LANES: usize = 8;
    const PARTS: bool = true;

    #[inline(always)]
    fn splat(self, value: f32) -> pulp::f32x8 {
        self.0.splat_f32x8(value)
    }

    #[inline(always)]
    fn add(self, a: pulp::f32x8, b: pulp::f32x8) -> pulp::f32x8 {
        self.0.add_f32x8(a, b)
    }

    #[inline(always)]
    fn mul(self, a: pulp::f32x8, b: pulp::f32x8) -> pulp::f32x8 {
        self.0.mul_f32x8(a, b)
    }

    #[inline(always)]
    fn mul_add(self, a: pulp::f32x8, b: pulp::f32x8, c: pulp::f32x8) -> pulp::f32x8 {
        self.0.mul_add_f32x8(a, b, c)
    }

    #[inline(always)]
    fn where_greater(self, a: pulp::f32x8, b: pulp::f32x8, x: pulp::f32x8, y: pulp::f32x8) -> pulp::f32x8 {
        self.0.select_f32x8(self.0.cmp_gt_f32x8(a, b), x, y)
    }

    #[inline(always)]
    unsafe fn load_some(self, from: *const f32, count: usize) -> pulp::f32x8 {
        // SAFETY: the mask leaves the first `count` floats, for which the caller vouches.
        pulp::cast(unsafe { self.0.avx512vl._mm256_maskz_loadu_ps((1 << count) - 1, from) })
    }

    #[inline(always)]
    unsafe fn store_some(self, to: *mut f32, count: usize, value: pulp::f32x8) {
        // SAFETY: as in `load_some`.
        unsafe { self.0.avx512vl._mm256_mask_storeu_ps(to, (1 << count) - 1, pulp::cast(value)) }
    }

    #[inline(always)]
    fn any_small<const V: usize, const R: usize>(self, x: &[[pulp::f32x8; V]; R]) -> bool {
        x.iter()
            .flatten()
            .fold(0, |any, &x| any | self.0.avx512dq._mm256_fpclass_ps_mask::<SMALL>(pulp::cast(x)))
            != 0
    }
}

impl Isa for V4 {
    type Vector = pulp::f32x16;
    const LANES: usize = 16;
    const PARTS: bool = true;

    #[inline(always)]
    fn splat(self, value: f32) -> pulp::f32x16 {
        self.splat_f32x16(value)
    }

    #[inline(always)]
    fn add(self, a: pulp::f32x16, b: pulp::f32x16) -> pulp::f32x16 {
        self.add_f32x16(a, b)
    }

    #[inline(always)]
    fn mul(self, a: pulp::f32x16, b: pulp::f32x16) -> pulp::f32x16 {
        self.mul_f32x16(a, b)
    }

    #[inline(always)]
    fn mul_add(self, a: pulp::f32x16, b: pulp::f32x16, c: pulp::f32x16) -> pulp::f32x16 {
        self.mul_add_f32x16(a, b, c)
    }

    #[inline(always)]
    fn where_greater(
        self,
        a: pulp::f32x16,
        b: pulp::f32x16,
        x: pulp::f32x16,
        y: pulp::f32x16,
    ) -> pulp::f32x16 {
        self.select_f32x16(self.cmp_gt_f32x16(a, b), x, y)
    }

    #[inline(always)]
    unsafe fn load_some(self, from: *const f32, count: usize) -> pulp::f32x16 {
        // SAFETY: the mask leaves the first `count` floats, for which the caller vouches.
        pulp::cast(unsafe { self.avx512f._mm512_maskz_loadu_ps((1 << count) - 1, from) })
    }

    #[inline(always)]
    unsafe fn store_some(self, to: *mut f32, count: usize, value: pulp::f32x16) {
        // SAFETY: as in `load_some`.
        unsafe { self.avx512f._mm512_mask_storeu_ps(to, (1 << count) - 1, pulp::cast(value)) }
    }

    #[inline(always)]
    fn any_small<const V: usize, const R: usize>(self, x: &[[pulp::f32x16; V]; R]) -> bool {
        x.iter()
            .flatten()
            .fold(0, |any, &x| any | self.avx512dq._mm512_fpclass_ps_mask::<SMALL>(pulp::cast(x)))
            != 0
    }
}
