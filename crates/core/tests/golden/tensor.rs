//! Tensors of the reference files: numbers with a shape, whose axes can be exchanged.

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
        let mut strides = vec![1; self.shape.len()];
        for axis in (1..self.shape.len()).rev() {
            strides[axis - 1] = strides[axis] * self.shape[axis];
        }
        let shape: Vec<usize> = axes.iter().map(|&axis| self.shape[axis]).collect();
        let element = |index: usize| {
            let mut rest = index;
            let offset = axes.iter().zip(&shape).rev().map(|(&axis, &length)| {
                let step = rest % length * strides[axis];
                rest /= length;
                step
            });
            self.data[offset.sum::<usize>()]
        };
        let data = (0..self.data.len()).map(element).collect();
        Tensor { shape, data }
    }
}

#[test]
fn axes_are_exchanged_and_back() {
    let tensor = Tensor::new(&[2, 3, 1], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let turned = tensor.permute(&[1, 2, 0]);
    assert_eq!(turned, Tensor::new(&[3, 1, 2], vec![1.0, 4.0, 2.0, 5.0, 3.0, 6.0]));
    assert_eq!(turned.permute(&[2, 0, 1]), tensor);
}
