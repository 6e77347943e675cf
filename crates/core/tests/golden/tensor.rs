//! Tensors of the reference files: numbers with a shape, whose axes can be exchanged.

use ndarray::ArrayViewD;
use serde_json::Value;

use crate::golden::numbers;

/// Row-major numbers with their shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    pub shape: Vec<usize>,
    pub data: Vec<f32>,
}

impl Tensor {
    pub fn new(shape: &[usize], data: Vec<f32>) -> Tensor {
        assert_eq!(shape.iter().product::<usize>(), data.len(), "a tensor of shape {shape:?}");
        Tensor { shape: shape.to_vec(), data }
    }

    /// A tensor from nested lists.
    pub fn read(value: &Value) -> Tensor {
        let (mut shape, mut inner) = (Vec::new(), value);
        while let Value::Array(items) = inner {
            shape.push(items.len());
            inner = items.first().unwrap_or(&Value::Null);
        }
        Tensor::new(&shape, numbers(value).into_iter().map(|number| number as f32).collect())
    }

    /// Axis `n` of the result is axis `axes[n]` of this one.
    pub fn permute(&self, axes: &[usize]) -> Tensor {
        let shape = self.shape.as_slice();
        let view = ArrayViewD::from_shape(shape, &self.data).unwrap().permuted_axes(axes);
        Tensor { shape: view.shape().to_vec(), data: view.iter().copied().collect() }
    }
}
