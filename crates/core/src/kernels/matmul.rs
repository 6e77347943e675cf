//! Products of dense f32 matrices, through the `gemm` crate.

use gemm_common::Parallelism;

/// A matrix to be read: row-major numbers, seen as they lie or transposed.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a> {
    data: &'a [f32],
    rows: usize,
    columns: usize,
    transposed: bool,
}

impl<'a> Matrix<'a> {
    /// The matrix of `rows` × `columns` whose rows follow each other in `data`.
    pub fn new(data: &'a [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(data.len(), rows * columns, "a matrix of {rows} × {columns}");
        Matrix { data, rows, columns, transposed: false }
    }

    /// The same numbers with rows and columns exchanged; nothing is copied.
    pub fn t(self) -> Self {
        Matrix { rows: self.columns, columns: self.rows, transposed: !self.transposed, ..self }
    }

    /// Distance between neighbours in a column and in a row.
    fn strides(&self) -> (isize, isize) {
        if self.transposed { (1, self.rows as isize) } else { (self.columns as isize, 1) }
    }
}

/// `c ← scale·a·b`, or `c ← c + scale·a·b` where `add`; `c` is row-major, `a.rows` × `b.columns`.
pub fn matmul(c: &mut [f32], a: Matrix<'_>, b: Matrix<'_>, scale: f32, add: bool) {
    assert_eq!(a.columns, b.rows, "the inner dimensions of a product");
    assert_eq!(c.len(), a.rows * b.columns, "the size of a product");
    let (a_down, a_right) = a.strides();
    let (b_down, b_right) = b.strides();
    let multiply = gemm_f32::gemm::f32::get_gemm_fn();
    // SAFETY: the three slices hold exactly the rows and columns that are announced (checked when the views were
    // made and above), the strides are those of dense row-major matrices, and `c` cannot overlap `a` or `b`,
    // being borrowed mutably.
    unsafe {
        multiply(
            a.rows,
            b.columns,
            a.columns,
            c.as_mut_ptr(),
            1,
            b.columns as isize,
            add,
            a.data.as_ptr(),
            a_right,
            a_down,
            b.data.as_ptr(),
            b_right,
            b_down,
            1.0,
            scale,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_of_every_orientation() {
        let a = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]; // 2 × 3
        let b = [1.0, 0.0, 2.0, 1.0, 0.0, 3.0]; // 3 × 2
        let mut c = [0.0; 4];
        matmul(&mut c, Matrix::new(&a, 2, 3), Matrix::new(&b, 3, 2), 1.0, false);
        assert_eq!(c, [5.0, 11.0, 14.0, 23.0]);
        matmul(&mut c, Matrix::new(&a, 2, 3), Matrix::new(&b, 3, 2), 2.0, true);
        assert_eq!(c, [15.0, 33.0, 42.0, 69.0]);
        let mut d = [0.0; 9];
        matmul(&mut d, Matrix::new(&a, 2, 3).t(), Matrix::new(&b, 3, 2).t(), 0.5, false);
        assert_eq!(d, [0.5, 3.0, 6.0, 1.0, 4.5, 7.5, 1.5, 6.0, 9.0]);
    }
}
