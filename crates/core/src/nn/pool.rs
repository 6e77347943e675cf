//! Pooling of channels-last images, (B, height, width, channels): the largest or the mean of each window.
//!
//! Windows that would reach over the border are left out (PyTorch's `ceil_mode=False`).

use crate::kernels::{Cells, Image, Instructions, max_pool};

/// Square pooling windows over an image.
#[derive(Clone, Debug)]
pub struct Pooling {
    /// The shape of the input images.
    pub image: Image,
    /// The shape of the output images.
    pub output: Image,
    cells: Cells,
}

impl Pooling {
    /// Windows of `size` × `size` pixels, `stride` pixels apart, both at least 1; `None` if a window is larger than the
    /// image.
    pub fn new(image: Image, size: usize, stride: usize) -> Option<Pooling> {
        let windows = |length: usize| Some(length.checked_sub(size)? / stride + 1);
        let output = Image { height: windows(image.height)?, width: windows(image.width)?, ..image };
        let within = |cell: usize| {
            let corner = (cell / output.width * image.width + cell % output.width) * stride;
            (0..size * size).map(move |i| (corner + i / size * image.width + i % size) as u32)
        };
        let pixels = (0..output.height * output.width).flat_map(within).collect();
        Some(Pooling { image, output, cells: Cells { pixels, size: size * size } })
    }
}

/// A pool of either kind.
#[derive(Clone, Debug)]
pub enum Pool {
    /// The largest of each window.
    Max(MaxPool),
    /// The mean of each window.
    Average(AvgPool),
}

impl Pool {
    /// Its windows.
    pub fn windows(&self) -> &Pooling {
        match self {
            Pool::Max(pool) => &pool.windows,
            Pool::Average(pool) => &pool.windows,
        }
    }
}

/// Max-pooling.
#[derive(Clone, Debug)]
pub struct MaxPool {
    /// Its windows.
    pub windows: Pooling,
    instructions: Instructions,
}

impl MaxPool {
    /// Max-pooling over `windows`.
    pub fn new(windows: Pooling) -> MaxPool {
        MaxPool { windows, instructions: Instructions::best() }
    }

    /// y ← the largest of each window, winners ← which pixel of its image (row · width + column) that was; the
    /// first among equals.
    ///
    /// Shapes: x (B, height, width, channels), y and `winners` (B, height', width', channels).
    pub fn forward(&self, x: &[f32], y: &mut [f32], winners: &mut [u32]) {
        let Pooling { image, output, cells } = &self.windows;
        let made = y.chunks_exact_mut(output.size()).zip(winners.chunks_exact_mut(output.size()));
        for (x, made) in x.chunks_exact(image.size()).zip(made) {
            max_pool(self.instructions, cells, image.channels, x, made);
        }
    }

    /// dx ← dy, each at the pixel that its window was taken from; zero elsewhere.
    ///
    /// A convolution does not need this gradient: it uses dy and `winners` directly
    /// ([`super::conv::OutputGradient::Pooled`]).
    pub fn backward(&self, dy: &[f32], winners: &[u32], dx: &mut [f32]) {
        let Pooling { image, output, .. } = &self.windows;
        dx.fill(0.0);
        let made = dy.chunks_exact(output.size()).zip(winners.chunks_exact(output.size()));
        for (dx, (dy, winners)) in dx.chunks_exact_mut(image.size()).zip(made) {
            for (index, (&dy, &winner)) in dy.iter().zip(winners).enumerate() {
                dx[winner as usize * image.channels + index % image.channels] += dy;
            }
        }
    }
}

/// Mean-pooling.
#[derive(Clone, Debug)]
pub struct AvgPool {
    /// Its windows.
    pub windows: Pooling,
}

impl AvgPool {
    /// y ← the mean of each window. Shapes: x (B, height, width, channels), y (B, height', width', channels).
    pub fn forward(&self, x: &[f32], y: &mut [f32]) {
        let Pooling { image, output, cells } = &self.windows;
        let share = 1.0 / cells.size as f32;
        y.fill(0.0);
        for (x, y) in x.chunks_exact(image.size()).zip(y.chunks_exact_mut(output.size())) {
            let made = y.chunks_exact_mut(image.channels);
            for (y, cell) in made.zip(cells.pixels.chunks_exact(cells.size)) {
                for &pixel in cell {
                    let x = &x[pixel as usize * image.channels..][..image.channels];
                    y.iter_mut().zip(x).for_each(|(y, x)| *y += share * x);
                }
            }
        }
    }

    /// dx ← the share of dy of each window that a pixel is in.
    pub fn backward(&self, dy: &[f32], dx: &mut [f32]) {
        let Pooling { image, output, cells } = &self.windows;
        let share = 1.0 / cells.size as f32;
        dx.fill(0.0);
        for (dx, dy) in dx.chunks_exact_mut(image.size()).zip(dy.chunks_exact(output.size())) {
            let made = dy.chunks_exact(image.channels);
            for (dy, cell) in made.zip(cells.pixels.chunks_exact(cells.size)) {
                for &pixel in cell {
                    let dx = &mut dx[pixel as usize * image.channels..][..image.channels];
                    dx.iter_mut().zip(dy).for_each(|(dx, dy)| *dx += share * dy);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::check::{check_gradient, dot, draw};

    const IMAGE: Image = Image { height: 5, width: 7, channels: 3 };

    #[test]
    fn gradients_are_those_of_the_difference_quotient() {
        for (size, stride) in [(2, 2), (3, 2), (2, 1)] {
            let windows = Pooling::new(IMAGE, size, stride).unwrap();
            let (x, dy) = (draw("x", 2 * IMAGE.size()), draw("dy", 2 * windows.output.size()));
            let (mut y, mut dx) = (vec![0.0; dy.len()], vec![0.0; x.len()]);
            let mut winners = vec![0; y.len()];

            let pool = MaxPool::new(windows.clone());
            pool.forward(&x, &mut y, &mut winners);
            pool.backward(&dy, &winners, &mut dx);
            check_gradient("max-pool", &x, &dx, |x| {
                pool.forward(x, &mut y, &mut winners);
                dot(&y, &dy)
            });

            let pool = AvgPool { windows };
            pool.backward(&dy, &mut dx);
            check_gradient("mean-pool", &x, &dx, |x| {
                pool.forward(x, &mut y);
                dot(&y, &dy)
            });
        }
    }

    #[test]
    fn the_first_of_equals_wins() {
        let image = Image { height: 2, width: 2, channels: 1 };
        let pool = MaxPool::new(Pooling::new(image, 2, 2).unwrap());
        let (mut y, mut winners) = ([0.0], [9]);
        pool.forward(&[1.0, 3.0, 3.0, 2.0], &mut y, &mut winners);
        assert_eq!((y, winners), ([3.0], [1]));
    }

    #[test]
    fn a_window_larger_than_the_image_gives_none() {
        assert!(Pooling::new(IMAGE, 6, 1).is_none());
        assert_eq!(Pooling::new(IMAGE, 5, 5).unwrap().output.size(), 3);
    }
}
