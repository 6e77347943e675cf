//! Two-dimensional convolution (cross-correlation, as every framework means it) with stride and zero padding.
//!
//! Activations are channels-last, (B, height, width, channels), and weights (kernel rows, kernel columns, inputs,
//! outputs), as Keras stores them: a window's floats then lie in runs, and neighbouring outputs share a register.
//!
//! `y[b, i, j, o] = bias[o] + Σ_{r, s, c} x[b, i·stride + r − padding, j·stride + s − padding, c] · W[r, s, c, o]`

use std::ops::Range;

use crate::kernels::{Aligned, Image, Instructions, Sources, WIDEST, Windows};
use crate::kernels::{convolve, input_gradient, pack_weights, weight_gradient};
use crate::room::Room;

/// The shapes of a convolution, without the position of its parameters.
#[derive(Clone, Copy, Debug)]
pub struct ConvShape {
    /// The shape of the input images.
    pub image: Image,
    /// Output channels.
    pub filters: usize,
    /// Rows and columns of the kernel, in pixels.
    pub kernel: (usize, usize),
    /// Pixels from one window to the next, at least 1.
    pub stride: usize,
    /// Pixels of zeros around the image.
    pub padding: usize,
}

impl ConvShape {
    /// The shape of the output images; `None` if the kernel is larger than the padded image.
    pub fn output(&self) -> Option<Image> {
        let padded = self.padded();
        let windows = |length: usize, size: usize| Some(length.checked_sub(size)? / self.stride + 1);
        Some(Image {
            height: windows(padded.height, self.kernel.0)?,
            width: windows(padded.width, self.kernel.1)?,
            channels: self.filters,
        })
    }

    /// Weights of one filter, the number of inputs that one output reads.
    pub fn fan_in(&self) -> usize {
        self.kernel.0 * self.kernel.1 * self.image.channels
    }

    /// Outputs that one input feeds away from the border, as Glorot initialisation counts them.
    pub fn fan_out(&self) -> usize {
        self.kernel.0 * self.kernel.1 * self.filters
    }

    fn padded(&self) -> Image {
        let border = 2 * self.padding;
        Image { height: self.image.height + border, width: self.image.width + border, ..self.image }
    }
}

/// A convolution and the position of its parameters in the flat slice.
#[derive(Clone, Debug)]
pub struct Conv2d {
    /// Its shapes.
    pub shape: ConvShape,
    /// The weights (kernel rows, kernel columns, inputs, outputs).
    pub weights: Range<usize>,
    /// The biases.
    pub bias: Range<usize>,
    windows: Windows,
    instructions: Instructions,
}

/// What a convolution keeps between forward and backward, and its work buffers.
#[derive(Clone, Debug)]
pub struct ConvWorkspace {
    /// The padded inputs, (B, stride of an image), borders always zero.
    padded: Aligned,
    /// Floats from one padded image to the next.
    pitch: usize,
    /// Images of the last forward pass.
    images: usize,
    /// Weights in the order of the forward product.
    forward: Aligned,
    /// Biases, filled up to whole registers.
    bias: Aligned,
    /// Weights filter by filter, in the order of the input gradient.
    backward: Aligned,
    /// Weight gradient, laid out like `backward`.
    gradient: Aligned,
    /// Gradient of one padded image.
    dx: Aligned,
    sources: Sources,
}

/// The gradient of the loss with respect to a convolution's output.
#[derive(Clone, Copy, Debug)]
pub enum OutputGradient<'a> {
    /// Of every output, (B, height, width, filters).
    Dense(&'a [f32]),
    /// After a max-pool: of the pooled outputs (B, cells, filters), and for each the index of the output pixel that it
    /// came from ([`super::pool::MaxPool`]). All others are zero, and are not visited.
    Pooled(&'a [f32], &'a [u32]),
}

impl Conv2d {
    /// A convolution whose parameters begin at `start`: weights first, then biases.
    pub fn new(shape: ConvShape, start: usize) -> Conv2d {
        Conv2d::on(Instructions::best(), shape, start)
    }

    /// The same with a given instruction set.
    fn on(instructions: Instructions, shape: ConvShape, start: usize) -> Conv2d {
        let lanes = instructions.lanes(shape.kernel.1 * shape.image.channels);
        let middle = start + shape.fan_in() * shape.filters;
        Conv2d {
            shape,
            weights: start..middle,
            bias: middle..middle + shape.filters,
            windows: Windows::new(shape.padded(), shape.kernel, shape.stride, lanes),
            instructions,
        }
    }

    /// Floats per output image.
    pub fn outputs(&self) -> usize {
        self.windows.count() * self.shape.filters
    }

    /// Space in `room` for batches of up to `examples` images.
    pub fn workspace(&self, examples: usize, room: &mut Room) -> ConvWorkspace {
        let filled = self.shape.filters.next_multiple_of(self.instructions.lanes(self.shape.filters));
        let pitch = self.shape.padded().size().next_multiple_of(WIDEST);
        let covered = self.shape.filters * self.windows.covered();
        ConvWorkspace {
            padded: room.aligned(examples * pitch),
            pitch,
            images: 0,
            forward: room.aligned(filled * self.windows.area()),
            bias: room.aligned(filled),
            backward: room.aligned(covered),
            gradient: room.aligned(covered),
            dx: room.aligned(self.shape.padded().size()),
            sources: Sources::new(&self.windows),
        }
    }

    /// y ← x ∗ W + b for as many images as `x` holds; the padded images are kept for [`Conv2d::backward`].
    ///
    /// Shapes: x (B, height, width, channels), y (B, height', width', filters).
    pub fn forward(&self, parameters: &[f32], x: &[f32], y: &mut [f32], workspace: &mut ConvWorkspace) {
        workspace.images = x.len() / self.shape.image.size();
        let ConvWorkspace { padded, pitch, forward, bias, .. } = workspace;
        let lanes = self.instructions.lanes(self.shape.filters);
        pack_weights(&parameters[self.weights.clone()], self.shape.filters, lanes, forward);
        bias[..self.shape.filters].copy_from_slice(&parameters[self.bias.clone()]);
        let images = x.chunks_exact(self.shape.image.size()).zip(y.chunks_exact_mut(self.outputs().max(1)));
        for (index, (x, y)) in images.enumerate() {
            let padded = &mut padded.with_spare_mut()[index * *pitch..];
            if self.shape.padding == 0 {
                padded[..x.len()].copy_from_slice(x);
            } else {
                let rows = self.interior().zip(x.chunks_exact(self.row()));
                rows.for_each(|(row, x)| padded[row].copy_from_slice(x));
            }
            convolve(self.instructions, &self.windows, padded, (forward, bias), y);
        }
    }

    /// Adds the gradients of W and b to `gradient`, given that of the outputs of the last forward pass, and writes that
    /// of the inputs to `dx` (B, height, width, channels) if requested.
    pub fn backward(
        &self,
        parameters: &[f32],
        dy: OutputGradient<'_>,
        gradient: &mut [f32],
        mut dx: Option<&mut [f32]>,
        workspace: &mut ConvWorkspace,
    ) {
        if dx.is_some() {
            self.lay_by_filter(&parameters[self.weights.clone()], &mut workspace.backward);
        }
        workspace.gradient.fill(0.0);
        let (values, winners) = match dy {
            OutputGradient::Dense(values) => (values, None),
            OutputGradient::Pooled(values, winners) => (values, Some(winners)),
        };
        let each = (values.len() / workspace.images.max(1)).max(1);
        for (index, values) in values.chunks_exact(each).enumerate() {
            let winners = winners.map(|winners| &winners[index * each..][..each]);
            workspace.dx.fill(0.0);
            self.image_gradients(
                index,
                (values, winners),
                &mut gradient[self.bias.clone()],
                dx.is_some(),
                workspace,
            );
            if let Some(dx) = &mut dx {
                let dx = &mut dx[index * self.shape.image.size()..][..self.shape.image.size()];
                let rows = dx.chunks_exact_mut(self.row()).zip(self.interior());
                rows.for_each(|(dx, row)| dx.copy_from_slice(&workspace.dx[row]));
            }
        }
        self.add_by_filter(&workspace.gradient, &mut gradient[self.weights.clone()]);
    }

    /// The gradients that one image sends back: to the biases, to `workspace.gradient`, and to `workspace.dx` if
    /// `inputs` are requested.
    fn image_gradients(
        &self,
        index: usize,
        (values, winners): (&[f32], Option<&[u32]>),
        bias: &mut [f32],
        inputs: bool,
        workspace: &mut ConvWorkspace,
    ) {
        let ConvWorkspace { padded, pitch, backward, gradient, dx, sources, .. } = workspace;
        let x = &padded.with_spare()[index * *pitch..];
        let (filters, covered) = (self.shape.filters, self.windows.covered());
        for (filter, bias) in bias.iter_mut().enumerate() {
            *bias += sources.fill(&self.windows, (values, winners), (filter, filters));
            let part = filter * covered..(filter + 1) * covered;
            weight_gradient(self.instructions, &self.windows, x, sources, &mut gradient[part.clone()]);
            if inputs {
                input_gradient(
                    self.instructions,
                    &self.windows,
                    &backward[part],
                    sources,
                    dx.with_spare_mut(),
                );
            }
        }
    }

    /// Lays the weights (area, filters) out as (filter, area filled up to whole registers).
    fn lay_by_filter(&self, weights: &[f32], laid: &mut [f32]) {
        let covered = self.windows.covered();
        for (place, weights) in self.windows.filled().zip(weights.chunks_exact(self.shape.filters)) {
            for (filter, &weight) in weights.iter().enumerate() {
                laid[filter * covered + place] = weight;
            }
        }
    }

    /// Adds what lies as (filter, area filled up to whole registers) to the gradient (area, filters).
    fn add_by_filter(&self, laid: &[f32], gradient: &mut [f32]) {
        let covered = self.windows.covered();
        for (place, gradient) in self.windows.filled().zip(gradient.chunks_exact_mut(self.shape.filters)) {
            for (filter, gradient) in gradient.iter_mut().enumerate() {
                *gradient += laid[filter * covered + place];
            }
        }
    }

    /// Floats in a row of an input image.
    fn row(&self) -> usize {
        self.shape.image.width * self.shape.image.channels
    }

    /// The positions of the image rows in the padded image.
    fn interior(&self) -> impl Iterator<Item = Range<usize>> {
        let (row, channels, padding) = (self.row(), self.shape.image.channels, self.shape.padding);
        let pitch = self.shape.padded().width * channels;
        (0..self.shape.image.height).map(move |y| {
            let start = (y + padding) * pitch + padding * channels;
            start..start + row
        })
    }
}

#[cfg(test)]
mod tests;
