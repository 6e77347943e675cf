//! What is stored of the examples.

use ndarray::{ArcArray, ArcArray1, Axis, IxDyn};

/// The numbers that are learned from; the first axis of an array counts the examples. Copies share their storage.
#[derive(Clone, Debug, PartialEq)]
pub enum Inputs {
    /// Pixels; a network sees them divided by 255.
    Bytes(ArcArray<u8, IxDyn>),
    /// Numbers as a network sees them.
    Floats(ArcArray<f32, IxDyn>),
    /// Tokens of a text, by their places in the vocabulary.
    Tokens {
        /// All tokens, one example after the other.
        tokens: ArcArray1<u16>,
        /// Tokens per example.
        length: usize,
    },
}

impl Inputs {
    /// Pixels of examples of the given `shape`, one example after the other.
    ///
    /// # Errors
    /// Pixels that do not fill the shape.
    pub fn from_bytes(shape: &[usize], pixels: Vec<u8>) -> Result<Inputs, String> {
        stored(shape, pixels).map(Inputs::Bytes)
    }

    /// Numbers of examples of the given `shape`, one example after the other.
    ///
    /// # Errors
    /// Numbers that do not fill the shape.
    pub fn from_floats(shape: &[usize], numbers: Vec<f32>) -> Result<Inputs, String> {
        stored(shape, numbers).map(Inputs::Floats)
    }

    /// A text of such tokens, `length` of them per example.
    pub fn from_tokens(length: usize, tokens: Vec<u16>) -> Inputs {
        Inputs::Tokens { tokens: tokens.into(), length }
    }

    /// The shape of one example.
    pub fn shape(&self) -> &[usize] {
        let all = match self {
            Inputs::Bytes(array) => array.shape(),
            Inputs::Floats(array) => array.shape(),
            Inputs::Tokens { length, .. } => return std::slice::from_ref(length),
        };
        all.get(1..).unwrap_or_default()
    }

    /// How many examples there are; `None` where the array is a single number.
    pub(super) fn examples(&self) -> Option<usize> {
        match self {
            Inputs::Bytes(array) => array.shape().first().copied(),
            Inputs::Floats(array) => array.shape().first().copied(),
            Inputs::Tokens { tokens, length } => tokens.len().checked_div(*length),
        }
    }

    /// The pixels, row after row, where the inputs are such.
    pub fn pixels(&self) -> Option<&[u8]> {
        if let Inputs::Bytes(array) = self { array.as_slice() } else { None }
    }

    /// The numbers, row after row, where the inputs are such.
    pub fn floats(&self) -> Option<&[f32]> {
        if let Inputs::Floats(array) = self { array.as_slice() } else { None }
    }

    /// The tokens, one example after the other, where the inputs are such.
    pub fn tokens(&self) -> Option<&[u16]> {
        if let Inputs::Tokens { tokens, .. } = self { tokens.as_slice() } else { None }
    }

    /// Memory that they take, in bytes.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Inputs::Bytes(array) => array.len(),
            Inputs::Floats(array) => array.len() * size_of::<f32>(),
            Inputs::Tokens { tokens, .. } => tokens.len() * size_of::<u16>(),
        }
    }

    /// The same numbers with one more axis, of size 1, at the end.
    pub(super) fn with_last_axis(self) -> Inputs {
        fn with<T>(array: ArcArray<T, IxDyn>) -> ArcArray<T, IxDyn> {
            let last = Axis(array.ndim());
            array.insert_axis(last)
        }
        match self {
            Inputs::Bytes(array) => Inputs::Bytes(with(array)),
            Inputs::Floats(array) => Inputs::Floats(with(array)),
            tokens @ Inputs::Tokens { .. } => tokens,
        }
    }

    /// The same numbers row after row, as kernels read them; copied only if they lie otherwise.
    pub(super) fn row_by_row(self) -> Inputs {
        fn laid<T: Clone>(array: ArcArray<T, IxDyn>) -> ArcArray<T, IxDyn> {
            if array.is_standard_layout() { array } else { array.as_standard_layout().into_shared() }
        }
        match self {
            Inputs::Bytes(array) => Inputs::Bytes(laid(array)),
            Inputs::Floats(array) => Inputs::Floats(laid(array)),
            tokens @ Inputs::Tokens { .. } => tokens,
        }
    }
}

/// `numbers` as an array of as many examples of the given `shape` as they fill.
fn stored<T>(shape: &[usize], numbers: Vec<T>) -> Result<ArcArray<T, IxDyn>, String> {
    let (count, size) = (numbers.len(), shape.iter().product::<usize>());
    let all = [&[count / size.max(1)], shape].concat();
    let array = ArcArray::from_shape_vec(all, numbers);
    array.map_err(|_| format!("holds {count} numbers, which no number of examples of {size} each fills"))
}
