//! One NumPy array as `numpy.save` writes it.
//!
//! Six bytes of magic, two of version, the length of the header (two bytes, four from version 2 on), the header (a
//! Python dict of `descr`, `fortran_order` and `shape`), the numbers. Source: NumPy Enhancement Proposal 1, "A simple
//! file format for NumPy arrays".

use serde::Deserialize;
use serde_json::Value;

use super::Inputs;

const MAGIC: &[u8] = b"\x93NUMPY";

/// An array: its numbers lie row by row, bytes as bytes and all others as f32.
pub(super) struct Array {
    pub(super) shape: Vec<usize>,
    pub(super) values: Inputs,
}

#[derive(Deserialize)]
struct Header {
    /// `"<f4"`, or a list for records.
    descr: Value,
    fortran_order: bool,
    shape: Vec<usize>,
}

/// Reads one array, called `name` in what goes wrong.
///
/// # Errors
/// No array; numbers of an unknown type; a file cut short; numbers that are not finite.
pub(super) fn read(bytes: &[u8], name: &str) -> Result<Array, String> {
    let (header, data) = split(bytes).ok_or_else(|| format!("{name} is damaged: no NumPy header"))?;
    let header: Header = serde_json::from_str(&json(header))
        .map_err(|error| format!("{name} is damaged: its header reads {:?} ({error})", header.trim_end()))?;
    if header.fortran_order && header.shape.len() > 1 {
        return Err(format!("{name} lies column by column; save numpy.ascontiguousarray of it"));
    }
    let kind = header.descr.as_str().and_then(Kind::of);
    let kind = kind.ok_or_else(|| format!("{name} holds {}, which is no number", header.descr))?;
    // Checked before anything of the announced size is made room for.
    let shape = header.shape;
    let announced = shape.iter().try_fold(kind.size, |product, &size| product.checked_mul(size));
    if announced != Some(data.len()) {
        return Err(format!(
            "{name} is cut short: its header announces {shape:?}, {} bytes follow",
            data.len()
        ));
    }
    let values = kind.numbers(data);
    if let Inputs::Floats(floats) = &values
        && let Some(place) = floats.iter().position(|value| !value.is_finite())
    {
        return Err(format!("{name} holds {} (number {place} of it)", floats[place]));
    }
    Ok(Array { shape, values })
}

/// `values` of the given `shape` as a file; the header is filled up so that the numbers begin at a multiple of 64.
pub(super) fn written(shape: &[usize], values: &[f32]) -> Vec<u8> {
    let shape: String = shape.iter().map(|size| format!("{size}, ")).collect();
    let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}), }}", shape.trim_end());
    let before = MAGIC.len() + 4;
    let length = (before + header.len() + 1).next_multiple_of(64) - before;
    let mut bytes = MAGIC.to_vec();
    bytes.extend([1, 0]);
    bytes.extend((length as u16).to_le_bytes());
    bytes.extend(format!("{header:<0$}\n", length - 1).bytes());
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    bytes
}

/// Header and numbers.
fn split(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (version, rest) = rest.split_first_chunk::<2>()?;
    let (length, rest) = match version[0] {
        1 => {
            rest.split_first_chunk::<2>().map(|(length, rest)| (u16::from_le_bytes(*length).into(), rest))?
        }
        _ => rest.split_first_chunk::<4>().map(|(length, rest)| (u32::from_le_bytes(*length), rest))?,
    };
    let (header, data) = rest.split_at_checked(length as usize)?;
    Some((std::str::from_utf8(header).ok()?, data))
}

/// The header's Python dict as JSON: other quotes, brackets and names of truth, no comma after the last item.
fn json(header: &str) -> String {
    let words = header.replace('\'', "\"").replace("False", "false").replace("True", "true");
    let lists = words.replace('(', "[").replace(')', "]");
    lists.replace(",]", "]").replace(", ]", "]").replace(",}", "}").replace(", }", "}")
}

/// One type of number: its byte order (`>` is big-endian), letter and size in bytes.
struct Kind {
    big: bool,
    letter: char,
    size: usize,
}

impl Kind {
    /// The type `descr` names, as in `<f4`; `None` when it is none that is read.
    fn of(descr: &str) -> Option<Kind> {
        let mut letters = descr.chars();
        let (order, letter) = (letters.next()?, letters.next()?);
        let size: usize = letters.as_str().parse().ok()?;
        let known = matches!((letter, size), ('u' | 'i', 1 | 2 | 4 | 8) | ('b', 1) | ('f', 2 | 4 | 8));
        (known && matches!(order, '<' | '>' | '|' | '=')).then_some(Kind { big: order == '>', letter, size })
    }

    fn numbers(&self, data: &[u8]) -> Inputs {
        match (self.letter, self.size) {
            ('u', 1) => Inputs::Bytes(data.to_vec()),
            ('u', 2) => self.floats(data, |bytes| f32::from(u16::from_le_bytes(bytes))),
            ('u', 4) => self.floats(data, |bytes| u32::from_le_bytes(bytes) as f32),
            ('u', _) => self.floats(data, |bytes| u64::from_le_bytes(bytes) as f32),
            ('i', 1) => self.floats(data, |bytes| f32::from(i8::from_le_bytes(bytes))),
            ('i', 2) => self.floats(data, |bytes| f32::from(i16::from_le_bytes(bytes))),
            ('i', 4) => self.floats(data, |bytes| i32::from_le_bytes(bytes) as f32),
            ('i', _) => self.floats(data, |bytes| i64::from_le_bytes(bytes) as f32),
            ('f', 2) => self.floats(data, |bytes| half(u16::from_le_bytes(bytes))),
            ('f', 4) => self.floats(data, f32::from_le_bytes),
            ('f', _) => self.floats(data, |bytes| f64::from_le_bytes(bytes) as f32),
            _ => self.floats(data, |[byte]| f32::from(u8::from(byte != 0))),
        }
    }

    /// The numbers of N bytes each.
    fn floats<const N: usize>(&self, data: &[u8], number: fn([u8; N]) -> f32) -> Inputs {
        let little = |mut bytes: [u8; N]| {
            if self.big {
                bytes.reverse();
            }
            number(bytes)
        };
        Inputs::Floats(data.as_chunks::<N>().0.iter().map(|&bytes| little(bytes)).collect())
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

    fn array(header: &str, data: &[u8]) -> Vec<u8> {
        let length = (header.len() as u16).to_le_bytes();
        [MAGIC, &[1, 0], &length, header.as_bytes(), data].concat()
    }

    #[test]
    fn reads_numbers_of_both_byte_orders() {
        for (descr, data) in [("<f4", 1.5f32.to_le_bytes()), (">f4", 1.5f32.to_be_bytes())] {
            let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (1,), }}\n");
            let array = read(&array(&header, &data), "x").unwrap();
            assert!(matches!(&array.values, Inputs::Floats(floats) if floats == &[1.5]));
            assert_eq!(array.shape, [1]);
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for shape in [vec![6], vec![2, 3], vec![]] {
            let values: Vec<f32> = (0..shape.iter().product::<usize>()).map(|value| value as f32).collect();
            let bytes = written(&shape, &values);
            assert_eq!((bytes.len() - 4 * values.len()) % 64, 0);
            let array = read(&bytes, "x").unwrap();
            assert!(matches!(&array.values, Inputs::Floats(floats) if *floats == values));
            assert_eq!(array.shape, shape);
        }
    }

    #[test]
    fn halves_are_what_numpy_says() {
        // numpy.array([1.0, -2.5, 65504, 6e-8, inf], dtype='<f2').view('<u2')
        let cases =
            [(15360, 1.0), (49408, -2.5), (31743, 65504.0), (1, 5.960_464_5e-8), (31744, f32::INFINITY)];
        for (bits, value) in cases {
            assert_eq!(half(bits), value, "{bits}");
        }
    }

    #[test]
    fn faults_are_named() {
        let cases = [
            (
                "{'descr': '<U3', 'fortran_order': False, 'shape': (1,), }",
                "holds \"<U3\", which is no number",
            ),
            ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", "which is no number"),
            ("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1), }", "column by column"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "cut short"),
            ("{'descr': '<f4'", "is damaged: its header reads"),
        ];
        for (header, why) in cases {
            let error = read(&array(header, &[0; 4]), "x").err().unwrap();
            assert!(error.starts_with("x ") && error.contains(why), "{error}");
        }
        assert!(read(b"\x93NUMPY\x01", "x").err().unwrap().contains("no NumPy header"));
    }
}
