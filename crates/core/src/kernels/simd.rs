//! Registers of floats: one small trait under which a kernel is written once, and the choice of instruction set.
//!
//! A kernel is a struct with its operands and a [`Kernel::run`] that is generic over [`Isa`]. [`Instructions::run`]
//! compiles and calls it for the set the machine has. The fused sets (AVX2 with FMA, AVX-512) round alike, lane by
//! lane, so that they give the same bits; the portable set multiplies and adds in two roundings.

#[cfg(target_arch = "x86_64")]
use pulp::NullaryFnOnce;
#[cfg(target_arch = "x86_64")]
use pulp::x86::{V3, V4};

#[cfg(target_arch = "x86_64")]
use super::x86::Half;

/// The widest register of any set, in floats. Buffers that kernels read end with this many floats to spare.
pub const WIDEST: usize = 16;

/// One kind of vector register, and a proof that the machine has it.
pub trait Isa: Copy {
    /// A register.
    type Vector: Copy;
    /// Floats in a register.
    const LANES: usize;
    /// Whether a part of a register is read and written as fast as a whole one.
    const PARTS: bool;

    /// The same float in every lane.
    fn splat(self, value: f32) -> Self::Vector;

    /// `a + b`, lane by lane.
    fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;

    /// `a * b`, lane by lane.
    fn mul(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;

    /// `a * b + c`, lane by lane.
    fn mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;

    /// `x` in the lanes where a > b, else `y`; the bits of `x` and `y` are kept, so they may be NaN or integers.
    fn where_greater(
        self,
        a: Self::Vector,
        b: Self::Vector,
        x: Self::Vector,
        y: Self::Vector,
    ) -> Self::Vector;

    /// The `LANES` floats from `from` on; no alignment is needed.
    ///
    /// # Safety
    /// `from` points at `LANES` readable floats.
    #[inline(always)]
    unsafe fn load(self, from: *const f32) -> Self::Vector {
        // SAFETY: a vector is `LANES` floats without padding, all bit patterns are valid, and the caller vouches
        // for the memory.
        unsafe { from.cast::<Self::Vector>().read_unaligned() }
    }

    /// Writes the lanes of `value` to `to` and on; no alignment is needed.
    ///
    /// # Safety
    /// `to` points at `LANES` writable floats.
    #[inline(always)]
    unsafe fn store(self, to: *mut f32, value: Self::Vector) {
        // SAFETY: as in `load`.
        unsafe { to.cast::<Self::Vector>().write_unaligned(value) }
    }

    /// The `count` floats from `from` on, fewer than a register holds, and zeros.
    ///
    /// # Safety
    /// `from` points at `count` readable floats.
    #[inline(always)]
    unsafe fn load_some(self, from: *const f32, count: usize) -> Self::Vector {
        let mut spill = [0.0; WIDEST];
        // SAFETY: the caller vouches for the memory, and `spill` holds any register.
        unsafe {
            from.copy_to_nonoverlapping(spill.as_mut_ptr(), count);
            self.load(spill.as_ptr())
        }
    }

    /// Writes the first `count` lanes of `value`, fewer than all, to `to` and on.
    ///
    /// # Safety
    /// `to` points at `count` writable floats.
    #[inline(always)]
    unsafe fn store_some(self, to: *mut f32, count: usize, value: Self::Vector) {
        let mut spill = [0.0; WIDEST];
        // SAFETY: the caller vouches for the memory, and `spill` holds any register.
        unsafe {
            self.store(spill.as_mut_ptr(), value);
            to.copy_from_nonoverlapping(spill.as_ptr(), count);
        }
    }

    /// The `count` floats from `from` on, at most a register, and zeros.
    ///
    /// # Safety
    /// `from` points at `count` readable floats.
    #[inline(always)]
    unsafe fn load_part(self, from: *const f32, count: usize) -> Self::Vector {
        // SAFETY: the caller vouches for the memory.
        unsafe { if count < Self::LANES { self.load_some(from, count) } else { self.load(from) } }
    }

    /// Writes the first `count` lanes of `value`, at most all, to `to` and on.
    ///
    /// # Safety
    /// `to` points at `count` writable floats.
    #[inline(always)]
    unsafe fn store_part(self, to: *mut f32, count: usize, value: Self::Vector) {
        // SAFETY: the caller vouches for the memory.
        unsafe { if count < Self::LANES { self.store_some(to, count, value) } else { self.store(to, value) } }
    }

    /// Whether [`Isa::flush`] would change one of the registers, or may.
    #[inline(always)]
    fn any_small<const V: usize, const R: usize>(self, _x: &[[Self::Vector; V]; R]) -> bool {
        true
    }

    /// Zero in the lanes that lie below the smallest normal number, which would slow down all that follows, and where a
    /// zero is negative; NaN stays.
    #[inline(always)]
    fn flush(self, x: Self::Vector) -> Self::Vector {
        let least = self.splat(f32::MIN_POSITIVE);
        let negative = self.where_greater(x, self.splat(-f32::MIN_POSITIVE), self.splat(0.0), x);
        // NaN compares as neither and stays.
        self.where_greater(least, x, negative, x)
    }
}

/// Plain Rust, for any machine: the compiler vectorises it where it can.
#[derive(Clone, Copy, Debug)]
pub struct Portable;

impl Isa for Portable {
    type Vector = [f32; 8];
    const LANES: usize = 8;
    const PARTS: bool = false;

    #[inline(always)]
    fn splat(self, value: f32) -> [f32; 8] {
        [value; 8]
    }

    #[inline(always)]
    fn add(self, a: [f32; 8], b: [f32; 8]) -> [f32; 8] {
        std::array::from_fn(|lane| a[lane] + b[lane])
    }

    #[inline(always)]
    fn mul(self, a: [f32; 8], b: [f32; 8]) -> [f32; 8] {
        std::array::from_fn(|lane| a[lane] * b[lane])
    }

    #[inline(always)]
    fn mul_add(self, a: [f32; 8], b: [f32; 8], c: [f32; 8]) -> [f32; 8] {
        std::array::from_fn(|lane| a[lane] * b[lane] + c[lane])
    }

    #[inline(always)]
    fn where_greater(self, a: [f32; 8], b: [f32; 8], x: [f32; 8], y: [f32; 8]) -> [f32; 8] {
        std::array::from_fn(|lane| if a[lane] > b[lane] { x[lane] } else { y[lane] })
    }
}

/// Asks for `numbers` to be in the cache soon: in the first level or, where they are needed `LATER`, in the second,
/// which leaves the first to what is computed until then. Does nothing on machines without prefetch instructions.
#[inline(always)]
pub fn fetch<const LATER: bool, T>(numbers: &[T]) {
    #[cfg(target_arch = "x86_64")]
    for line in (0..size_of_val(numbers)).step_by(64) {
        use std::arch::x86_64::{_MM_HINT_T0, _MM_HINT_T1, _mm_prefetch};
        let address = numbers.as_ptr().cast::<i8>().wrapping_add(line);
        // SAFETY: every x86-64 has the instruction, and it may be given any address.
        unsafe {
            if LATER { _mm_prefetch::<_MM_HINT_T1>(address) } else { _mm_prefetch::<_MM_HINT_T0>(address) }
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = numbers;
}

/// Rows and columns of a block of numbers exchanged.
#[inline(always)]
pub fn turn(block: [[f32; 4]; 4]) -> [[f32; 4]; 4] {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{__m128, _MM_TRANSPOSE4_PS};
        let [mut a, mut b, mut c, mut d]: [__m128; 4] = block.map(pulp::cast);
        // SAFETY: every x86-64 has the instructions.
        unsafe { _MM_TRANSPOSE4_PS(&mut a, &mut b, &mut c, &mut d) };
        [a, b, c, d].map(pulp::cast)
    }
    #[cfg(not(target_arch = "x86_64"))]
    std::array::from_fn(|column| block.map(|row| row[column]))
}

/// A computation written for any instruction set.
pub trait Kernel {
    /// Computes with the registers of `isa`. Implementations are `#[inline(always)]`, or they would be compiled
    /// without the instructions that `isa` stands for.
    fn run<I: Isa>(self, isa: I);
}

/// The instruction set that kernels use.
#[derive(Clone, Copy, Debug)]
pub enum Instructions {
    /// AVX-512 (F, BW, CD, DQ, VL).
    #[cfg(target_arch = "x86_64")]
    Avx512(V4),
    /// AVX2 with FMA.
    #[cfg(target_arch = "x86_64")]
    Avx2(V3),
    /// Plain Rust; the same results on every machine.
    Portable,
}

impl Instructions {
    /// The sets that this machine has, the best first.
    pub fn available() -> impl Iterator<Item = Self> {
        #[cfg(target_arch = "x86_64")]
        let fused = [V4::try_new().map(Instructions::Avx512), V3::try_new().map(Instructions::Avx2)];
        #[cfg(not(target_arch = "x86_64"))]
        let fused = [None];
        fused.into_iter().flatten().chain([Instructions::Portable])
    }

    /// The best set that this machine has.
    pub fn best() -> Self {
        Self::available().next().unwrap_or(Instructions::Portable)
    }

    /// The register width, in floats, that suits rows of `length` floats: 16 where there are such registers and
    /// the row fills more than half of one, else 8.
    pub fn lanes(self, length: usize) -> usize {
        match self {
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512(_) if length > 8 => 16,
            _ => 8,
        }
    }

    /// Runs `kernel` with registers of `lanes` floats, a width that [`Instructions::lanes`] gave.
    pub fn run<K: Kernel>(self, lanes: usize, kernel: K) {
        debug_assert!(
            lanes == 8 || lanes == self.lanes(usize::MAX),
            "{self:?} has no registers of {lanes} floats"
        );
        match self {
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512(avx512) if lanes == 16 => avx512.vectorize(Call(kernel, avx512)),
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512(avx512) => avx512.vectorize(Call(kernel, Half(avx512))),
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2(avx2) => avx2.vectorize(Call(kernel, avx2)),
            Instructions::Portable => kernel.run(Portable),
        }
    }
}

/// A kernel and its registers as the nullary function that `pulp` compiles with the instruction set switched on.
#[cfg(target_arch = "x86_64")]
struct Call<K, I>(K, I);

#[cfg(target_arch = "x86_64")]
impl<K: Kernel, I: Isa> NullaryFnOnce for Call<K, I> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        self.0.run(self.1);
    }
}
