//! Convolutions against their definition, and their gradients against finite differences.

use super::*;
use crate::nn::check::{check_gradient, dot, draw};

fn shapes() -> [ConvShape; 7] {
    let shape = |(height, width, channels), filters, kernel, stride, padding| ConvShape {
        image: Image { height, width, channels },
        filters,
        kernel,
        stride,
        padding,
    };
    [
        shape((6, 5, 2), 3, (3, 3), 1, 1),
        shape((9, 7, 3), 4, (3, 2), 2, 0),
        shape((8, 8, 1), 8, (5, 5), 1, 0),
        shape((6, 6, 8), 17, (5, 5), 1, 0),
        shape((4, 4, 5), 2, (1, 1), 1, 0),
        // Eight windows in a row, at a distance that the kernel knows at compile time.
        shape((4, 10, 1), 8, (3, 3), 1, 0),
        shape((3, 12, 8), 9, (2, 5), 1, 0),
    ]
}

/// The definition, term by term.
fn definition(shape: &ConvShape, parameters: &[f32], x: &[f32], images: usize) -> Vec<f32> {
    let (made, image, channels) = (shape.output().unwrap(), shape.image, shape.image.channels);
    let mut y = Vec::new();
    for (b, i, j, o) in (0..images * made.size()).map(|n| {
        let (pixel, o) = (n / shape.filters, n % shape.filters);
        let (row, j) = (pixel / made.width, pixel % made.width);
        (row / made.height, row % made.height, j, o)
    }) {
        let mut sum = parameters[shape.fan_in() * shape.filters + o];
        for (r, s) in (0..shape.kernel.0).flat_map(|r| (0..shape.kernel.1).map(move |s| (r, s))) {
            let (row, column) = (i * shape.stride + r, j * shape.stride + s);
            let inside = (shape.padding..image.height + shape.padding).contains(&row)
                && (shape.padding..image.width + shape.padding).contains(&column);
            for c in (0..channels).filter(|_| inside) {
                let pixel = (b * image.height + row - shape.padding) * image.width + column - shape.padding;
                let weight = ((r * shape.kernel.1 + s) * channels + c) * shape.filters + o;
                sum += x[pixel * channels + c] * parameters[weight];
            }
        }
        y.push(sum);
    }
    y
}

#[test]
fn forward_is_the_definition_on_every_instruction_set() {
    for (shape, set) in
        shapes().into_iter().flat_map(|shape| Instructions::available().map(move |set| (shape, set)))
    {
        let conv = Conv2d::on(set, shape, 0);
        let (parameters, x) = (draw("parameters", conv.bias.end), draw("x", 3 * shape.image.size()));
        let mut y = vec![0.0; 3 * conv.outputs()];
        conv.forward(&parameters, &x, &mut y, &mut conv.workspace(4, &mut Room::default()));
        let expected = definition(&shape, &parameters, &x, 3);
        for (n, (y, expected)) in y.iter().zip(expected).enumerate() {
            assert!((y - expected).abs() < 1e-5, "{set:?}, {shape:?}, output {n}: {y}, not {expected}");
        }
    }
}

#[test]
fn gradients_are_those_of_the_difference_quotient_on_every_instruction_set() {
    for (shape, set) in
        shapes().into_iter().flat_map(|shape| Instructions::available().map(move |set| (shape, set)))
    {
        let conv = Conv2d::on(set, shape, 0);
        let mut workspace = conv.workspace(2, &mut Room::default());
        let (parameters, x) = (draw("parameters", conv.bias.end), draw("x", 2 * shape.image.size()));
        let dy = draw("dy", 2 * conv.outputs());
        let (mut y, mut dx) = (vec![0.0; dy.len()], vec![0.0; x.len()]);
        let mut gradient = vec![0.0; parameters.len()];
        conv.forward(&parameters, &x, &mut y, &mut workspace);
        let dense = OutputGradient::Dense(&dy);
        conv.backward(&parameters, dense, &mut gradient, Some(&mut dx), &mut workspace);
        check_gradient("parameters", &parameters, &gradient, |parameters| {
            conv.forward(parameters, &x, &mut y, &mut workspace);
            dot(&y, &dy)
        });
        check_gradient("inputs", &x, &dx, |x| {
            conv.forward(&parameters, x, &mut y, &mut workspace);
            dot(&y, &dy)
        });
    }
}

#[test]
fn a_pooled_gradient_is_the_dense_one_without_its_zeros() {
    let shape = shapes()[0];
    let conv = Conv2d::new(shape, 0);
    let mut workspace = conv.workspace(2, &mut Room::default());
    let (parameters, x) = (draw("parameters", conv.bias.end), draw("x", 2 * shape.image.size()));
    let mut y = vec![0.0; 2 * conv.outputs()];
    conv.forward(&parameters, &x, &mut y, &mut workspace);
    let (values, winners) = (vec![0.5, 0.0, -1.0, 2.0, 3.0, 0.0], vec![0, 3, 29, 7, 7, 1]);
    let mut dy = vec![0.0; y.len()];
    for (n, (value, winner)) in values.iter().zip(&winners).enumerate() {
        dy[n / 3 * conv.outputs() + *winner as usize * shape.filters + n % 3] += value;
    }
    let mut gradients = |dy| {
        let (mut gradient, mut dx) = (vec![0.0; parameters.len()], vec![0.0; x.len()]);
        conv.backward(&parameters, dy, &mut gradient, Some(&mut dx), &mut workspace);
        (gradient, dx)
    };
    assert_eq!(gradients(OutputGradient::Pooled(&values, &winners)), gradients(OutputGradient::Dense(&dy)));
}

#[test]
fn a_kernel_larger_than_the_image_has_no_output() {
    let shape = ConvShape { kernel: (8, 3), ..shapes()[0] };
    assert!(shape.output().is_some());
    assert!(ConvShape { kernel: (9, 3), ..shape }.output().is_none());
}
