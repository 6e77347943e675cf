//! One NumPy array as `numpy.save` writes it, read by `ndarray-npy`, which leaves half precision to us.

use std::io::Read;

use ndarray::{ArrayD, IxDyn, ShapeBuilder};
use ndarray_npy::npy::header::Header;
use ndarray_npy::{ReadDataError, ReadableElement, WritableElement};

use super::Inputs;

/// Reads one array of at most `held` bytes, called `name` in errors: bytes as bytes and all other numbers as f32, in
/// the order in which they are stored.
///
/// # Errors
/// No array; numbers of an unknown type; a file cut short or too long; numbers that are not finite.
pub(super) fn read(mut reader: impl Read, held: u64, name: &str) -> Result<Inputs, String> {
    let header = Header::from_reader(&mut reader).map_err(|error| {
        format!("{name} is damaged: {error}; write it with numpy.savez or numpy.savez_compressed")
    })?;
    let kind = header.type_descriptor.to_string();
    let array = Stored { reader, header, held, name };
    let floats = match kind.trim_matches(['\'', '<', '>', '|']) {
        "u1" => return Ok(Inputs::Bytes(array.numbers::<u8>()?.into_shared())),
        "b1" => array.floats::<bool>(f32::from),
        "i1" => array.floats::<i8>(f32::from),
        "u2" => array.floats::<u16>(f32::from),
        "i2" => array.floats::<i16>(f32::from),
        "u4" => array.floats::<u32>(|number| number as f32),
        "i4" => array.floats::<i32>(|number| number as f32),
        "u8" => array.floats::<u64>(|number| number as f32),
        "i8" => array.floats::<i64>(|number| number as f32),
        "f2" => array.halves(),
        "f4" => array.numbers(),
        "f8" => array.floats::<f64>(|number| number as f32),
        _ => {
            Err(format!("{name} holds {kind}, which is not a number; store numpy.asarray({name}, 'float32')"))
        }
    }?;
    if let Some((place, value)) = floats.iter().enumerate().find(|(_, value)| !value.is_finite()) {
        return Err(format!("{name} holds {value} (number {place} of it)"));
    }
    Ok(Inputs::Floats(floats.into_shared()))
}

/// An array whose header is read and whose numbers follow.
struct Stored<'a, R> {
    reader: R,
    header: Header,
    held: u64,
    name: &'a str,
}

impl<R: Read> Stored<'_, R> {
    /// The numbers as they are.
    fn numbers<T: ReadableElement + WritableElement>(self) -> Result<ArrayD<T>, String> {
        let Stored { reader, mut header, held, name } = self;
        if size_of::<T>() == 1 {
            // The byte order of a byte, which is none, is written in several ways.
            header.type_descriptor = T::type_descriptor();
        }
        let shape = &header.shape;
        let cut = || format!("{name} is cut short: its header announces {shape:?}, fewer numbers follow");
        let count = shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
        let bytes = count.and_then(|count| (count as u64).checked_mul(size_of::<T>() as u64));
        // Checked before anything of the announced size is made room for.
        let Some(count) = count.filter(|_| bytes.is_some_and(|bytes| bytes <= held)) else {
            return Err(cut());
        };
        let numbers = T::read_to_end_exact_vec(reader, &header.type_descriptor, count);
        let numbers = numbers.map_err(|error| match error {
            ReadDataError::MissingData => cut(),
            ReadDataError::ExtraBytes(more) => {
                format!("{name} is too long: its header announces {shape:?}, {more} bytes more follow")
            }
            error => format!("{name} is damaged: {error}"),
        })?;
        let shape = IxDyn(shape).set_f(header.layout.is_fortran());
        ArrayD::from_shape_vec(shape, numbers).map_err(|error| format!("{name} is damaged: {error}"))
    }

    /// The numbers as f32, by `number`.
    fn floats<T: ReadableElement + WritableElement + Copy>(
        self,
        number: fn(T) -> f32,
    ) -> Result<ArrayD<f32>, String> {
        Ok(self.numbers()?.mapv(number))
    }

    /// Numbers of half precision.
    fn halves(mut self) -> Result<ArrayD<f32>, String> {
        let big = self.header.type_descriptor.to_string().contains('>');
        // Their bits, in the byte order of this machine.
        self.header.type_descriptor = u16::type_descriptor();
        self.floats(if big { |bits| half(u16::from_be(bits)) } else { |bits| half(u16::from_le(bits)) })
    }
}

/// A number of IEEE 754 half precision: one bit of sign, five of exponent, ten of fraction.
fn half(bits: u16) -> f32 {
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f32::from(bits & 1023));
    let size = match exponent {
        0 => fraction * 2f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + fraction / 1024.0) * 2f32.powi(exponent - 15),
    };
    if bits >> 15 == 1 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream;
    use ndarray::Array;
    use ndarray_npy::WriteNpyExt;
    use rand::RngExt;

    /// A file of the given kind of numbers, order and shape.
    fn file((descr, order, shape): (&str, &str, &str), data: &[u8]) -> Vec<u8> {
        let header = format!("{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n");
        let length = (header.len() as u16).to_le_bytes();
        [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), data].concat()
    }

    fn read_all(bytes: &[u8]) -> Result<Inputs, String> {
        read(bytes, bytes.len() as u64, "x")
    }

    /// The numbers of an array, in the order of its indices.
    fn floats(bytes: &[u8]) -> Vec<f32> {
        match read_all(bytes).unwrap() {
            Inputs::Bytes(array) => array.iter().map(|&byte| byte.into()).collect(),
            Inputs::Floats(array) => array.iter().copied().collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_kind_of_number_is_read() {
        let cases: [(&str, &[u8], f32); 14] = [
            ("'|u1'", &[200], 200.0),
            ("'<u1'", &[200], 200.0),
            ("'|b1'", &[1], 1.0),
            ("'|i1'", &[0xff], -1.0),
            ("'<u2'", &[1, 2], 513.0),
            ("'>u2'", &[1, 2], 258.0),
            ("'<i2'", &[0xfe, 0xff], -2.0),
            ("'>u4'", &[0, 0, 1, 0], 256.0),
            ("'<i4'", &[0xfd, 0xff, 0xff, 0xff], -3.0),
            ("'<u8'", &[7, 0, 0, 0, 0, 0, 0, 0], 7.0),
            ("'>i8'", &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfc], -4.0),
            ("'<f4'", &1.5f32.to_le_bytes(), 1.5),
            ("'>f4'", &1.5f32.to_be_bytes(), 1.5),
            ("'>f8'", &(-0.25f64).to_be_bytes(), -0.25),
        ];
        for (descr, data, number) in cases {
            assert_eq!(floats(&file((descr, "False", "(1,)"), data)), [number], "{descr}");
        }
    }

    #[test]
    fn half_precision_is_read() {
        // numpy.array([1.0, -2.5, 65504, 6e-8], dtype='<f2').view('<u2')
        let bits = [15360_u16, 49408, 31743, 1];
        let little: Vec<u8> = bits.iter().flat_map(|bits| bits.to_le_bytes()).collect();
        let big: Vec<u8> = bits.iter().flat_map(|bits| bits.to_be_bytes()).collect();
        let numbers = [1.0, -2.5, 65504.0, 5.960_464_5e-8];
        assert_eq!(floats(&file(("'<f2'", "False", "(4,)"), &little)), numbers);
        assert_eq!(floats(&file(("'>f2'", "False", "(4,)"), &big)), numbers);
        assert_eq!(half(31744), f32::INFINITY);
        assert!(half(32256).is_nan());
    }

    #[test]
    fn arrays_may_lie_column_by_column() {
        let bytes = file(("'|u1'", "True", "(2, 3)"), &[0, 3, 1, 4, 2, 5]);
        assert_eq!(floats(&bytes), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        let Inputs::Bytes(array) = read_all(&bytes).unwrap().row_by_row() else { panic!("bytes stay bytes") };
        assert_eq!((array.shape(), array.as_slice()), (&[2, 3][..], Some(&[0, 1, 2, 3, 4, 5][..])));
    }

    #[test]
    fn what_is_written_is_read_back() {
        let mut rng = stream(0, "arrays");
        for dimensions in 0..5 {
            for _ in 0..8 {
                let shape: Vec<usize> = (0..dimensions).map(|_| rng.random_range(0..5)).collect();
                let array = Array::from_shape_simple_fn(shape, || rng.random::<f32>() - 0.5);
                for array in [array.view(), array.t()] {
                    let mut bytes = Vec::new();
                    array.write_npy(&mut bytes).unwrap();
                    assert_eq!(read_all(&bytes).unwrap(), Inputs::Floats(array.to_shared()));
                }
            }
        }
    }

    #[test]
    fn faults_are_named() {
        let cases = [
            (("'<U3'", "False", "(1,)"), "holds '<U3', which is not a number"),
            (("[('a', '<f4')]", "False", "(1,)"), "which is not a number"),
            (("'<f4'", "False", "(2,)"), "is cut short: its header announces [2], fewer numbers"),
            (("'<f4'", "False", "(2, 99)"), "is cut short: its header announces [2, 99], fewer numbers"),
            (("'<f4'", "False", "(9223372036854775807, 4)"), "is cut short"),
            (("'|u1'", "False", "(3,)"), "is too long: its header announces [3], 1 bytes more follow"),
            (("'|b1'", "False", "(4,)"), "is damaged: error parsing data"),
            (("'<f4'", "0", "(1,)"), "is damaged: error parsing header"),
        ];
        for (header, why) in cases {
            let error = read_all(&file(header, &[2; 4])).unwrap_err();
            assert!(error.starts_with("x ") && error.contains(why), "{error}");
        }
        let nan = file(("'<f4'", "False", "(1,)"), &[0xff; 4]);
        assert_eq!(read_all(&nan).unwrap_err(), "x holds NaN (number 0 of it)");
        for bytes in [&b"nonsense"[..], b"\x93NUMPY\x01", b""] {
            assert!(read_all(bytes).unwrap_err().contains("is damaged"));
        }
    }
}
