//! Normalisation: of each channel over a batch (batch norm), or of each row separately (layer norm).
//!
//! Both see rows of `channels` numbers, (N, channels). For channels-last images N counts pixels, for dense layers
//! examples, so that one batch norm serves as PyTorch's `BatchNorm1d` and `BatchNorm2d`.

use std::ops::Range;

use crate::room::Room;

/// ε, added to variances: PyTorch's default.
const EPSILON: f32 = 1e-5;

/// Weight of the newest batch in running statistics: PyTorch's default.
const MOMENTUM: f32 = 0.1;

/// Rows whose sum is taken in f32 before it goes to f64, so that large batches lose no precision.
const BLOCK: usize = 64;

/// Batch normalisation (Ioffe and Szegedy 2015): y = (x − mean) / √(variance + ε) · scale + shift, with the mean and
/// variance of the batch in training and running ones in evaluation.
#[derive(Clone, Debug)]
pub struct BatchNorm {
    /// Numbers in a row.
    pub channels: usize,
    /// Where the scales lie in the flat parameter slice; they begin at 1.
    pub scale: Range<usize>,
    /// Where the shifts lie; they begin at 0.
    pub shift: Range<usize>,
}

/// Running statistics of a batch norm: learned from data but not by gradients, so they are not parameters, but part of
/// a checkpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct RunningStatistics {
    /// Means, initially 0.
    pub mean: Vec<f32>,
    /// Unbiased variances, initially 1.
    pub variance: Vec<f32>,
}

impl RunningStatistics {
    /// Statistics before any batch.
    pub fn new(channels: usize) -> RunningStatistics {
        RunningStatistics { mean: vec![0.0; channels], variance: vec![1.0; channels] }
    }
}

/// What a normalisation keeps between forward and backward.
#[derive(Clone, Debug)]
pub struct NormWorkspace {
    /// (x − mean) / √(variance + ε), (N, channels).
    normal: Vec<f32>,
    /// 1 / √(variance + ε): of each channel (batch norm) or of each row (layer norm).
    inverse: Vec<f32>,
    /// Means of the channels (batch norm).
    mean: Vec<f32>,
    totals: Totals,
}

impl NormWorkspace {
    fn new(rows: usize, channels: usize, inverses: usize, room: &mut Room) -> NormWorkspace {
        NormWorkspace {
            normal: room.floats(rows * channels),
            inverse: room.floats(inverses),
            mean: room.floats(channels),
            totals: Totals {
                first: room.filled(0.0, channels),
                second: room.filled(0.0, channels),
                block: (room.floats(channels), room.floats(channels)),
            },
        }
    }
}

/// Two sums over rows for each channel.
#[derive(Clone, Debug)]
struct Totals {
    first: Vec<f64>,
    second: Vec<f64>,
    block: (Vec<f32>, Vec<f32>),
}

impl Totals {
    /// Sums the two numbers that `terms` makes of the entries of `a` and `b` in each row and channel.
    fn sum(&mut self, a: &[f32], b: &[f32], terms: impl Fn(f32, f32, usize) -> (f32, f32)) {
        let channels = self.first.len();
        self.first.fill(0.0);
        self.second.fill(0.0);
        for (a, b) in a.chunks(BLOCK * channels).zip(b.chunks(BLOCK * channels)) {
            let (first, second) = (&mut self.block.0[..channels], &mut self.block.1[..channels]);
            first.fill(0.0);
            second.fill(0.0);
            for (a, b) in a.chunks_exact(channels).zip(b.chunks_exact(channels)) {
                for channel in 0..channels {
                    let (one, two) = terms(a[channel], b[channel], channel);
                    first[channel] += one;
                    second[channel] += two;
                }
            }
            self.first.iter_mut().zip(first).for_each(|(sum, block)| *sum += f64::from(*block));
            self.second.iter_mut().zip(second).for_each(|(sum, block)| *sum += f64::from(*block));
        }
    }
}

impl BatchNorm {
    /// A batch norm whose parameters begin at `start`: scales first, then shifts.
    pub fn new(channels: usize, start: usize) -> BatchNorm {
        let middle = start + channels;
        BatchNorm { channels, scale: start..middle, shift: middle..middle + channels }
    }

    /// Space in `room` for batches of up to `rows` rows.
    pub fn workspace(&self, rows: usize, room: &mut Room) -> NormWorkspace {
        NormWorkspace::new(rows, self.channels, self.channels, room)
    }

    /// y ← normalised x with the batch's own statistics, which also move the running ones. Shapes: (N, channels).
    pub fn train(
        &self,
        parameters: &[f32],
        x: &[f32],
        y: &mut [f32],
        running: &mut RunningStatistics,
        workspace: &mut NormWorkspace,
    ) {
        let NormWorkspace { normal, inverse, mean, totals } = workspace;
        let rows = (x.len() / self.channels) as f64;
        totals.sum(x, x, |x, _, _| (x, 0.0));
        mean.iter_mut().zip(&totals.first).for_each(|(mean, sum)| *mean = (sum / rows) as f32);
        totals.sum(x, x, |x, _, channel| ((x - mean[channel]) * (x - mean[channel]), 0.0));
        for (channel, squares) in totals.first.iter().enumerate() {
            inverse[channel] = ((squares / rows) as f32 + EPSILON).sqrt().recip();
            let unbiased = (squares / (rows - 1.0).max(1.0)) as f32;
            running.mean[channel] += MOMENTUM * (mean[channel] - running.mean[channel]);
            running.variance[channel] += MOMENTUM * (unbiased - running.variance[channel]);
        }
        let (scale, shift) = (&parameters[self.scale.clone()], &parameters[self.shift.clone()]);
        let rows = x.chunks_exact(self.channels).zip(y.chunks_exact_mut(self.channels));
        for ((x, y), normal) in rows.zip(normal.chunks_exact_mut(self.channels)) {
            for channel in 0..self.channels {
                normal[channel] = (x[channel] - mean[channel]) * inverse[channel];
                y[channel] = normal[channel] * scale[channel] + shift[channel];
            }
        }
    }

    /// y ← normalised x with running statistics. Shapes: (N, channels).
    pub fn evaluate(&self, parameters: &[f32], x: &[f32], y: &mut [f32], running: &RunningStatistics) {
        let (scale, shift) = (&parameters[self.scale.clone()], &parameters[self.shift.clone()]);
        for (x, y) in x.chunks_exact(self.channels).zip(y.chunks_exact_mut(self.channels)) {
            for channel in 0..self.channels {
                let inverse = (running.variance[channel] + EPSILON).sqrt().recip();
                y[channel] = (x[channel] - running.mean[channel]) * inverse * scale[channel] + shift[channel];
            }
        }
    }

    /// Adds the gradients of scales and shifts to `gradient`, given dy of the last training pass, and writes dx.
    pub fn backward(
        &self,
        parameters: &[f32],
        dy: &[f32],
        gradient: &mut [f32],
        dx: &mut [f32],
        workspace: &mut NormWorkspace,
    ) {
        let NormWorkspace { normal, inverse, totals, .. } = workspace;
        let normal = &normal[..dy.len()];
        add_parameter_gradients(totals, dy, normal, gradient, (&self.scale, &self.shift));
        let share = 1.0 / (dy.len() / self.channels) as f32;
        let scale = &parameters[self.scale.clone()];
        let rows = dy.chunks_exact(self.channels).zip(dx.chunks_exact_mut(self.channels));
        for ((dy, dx), normal) in rows.zip(normal.chunks_exact(self.channels)) {
            for channel in 0..self.channels {
                let through_mean = totals.second[channel] as f32 * share;
                let through_variance = normal[channel] * totals.first[channel] as f32 * share;
                dx[channel] =
                    scale[channel] * inverse[channel] * (dy[channel] - through_mean - through_variance);
            }
        }
    }
}

/// Adds Σ dy · normal to the gradients of the scales and Σ dy to those of the shifts.
fn add_parameter_gradients(
    totals: &mut Totals,
    dy: &[f32],
    normal: &[f32],
    gradient: &mut [f32],
    (scale, shift): (&Range<usize>, &Range<usize>),
) {
    totals.sum(dy, normal, |dy, normal, _| (dy * normal, dy));
    gradient[scale.clone()].iter_mut().zip(&totals.first).for_each(|(g, sum)| *g += *sum as f32);
    gradient[shift.clone()].iter_mut().zip(&totals.second).for_each(|(g, sum)| *g += *sum as f32);
}

/// Layer normalisation (Ba et al. 2016): each row by its own mean and variance, both in training and in evaluation,
/// then scaled and shifted channel by channel.
#[derive(Clone, Debug)]
pub struct LayerNorm {
    /// Numbers in a row.
    pub channels: usize,
    /// Where the scales lie in the flat parameter slice; they begin at 1.
    pub scale: Range<usize>,
    /// Where the shifts lie; they begin at 0.
    pub shift: Range<usize>,
}

impl LayerNorm {
    /// A layer norm whose parameters begin at `start`: scales first, then shifts.
    pub fn new(channels: usize, start: usize) -> LayerNorm {
        let middle = start + channels;
        LayerNorm { channels, scale: start..middle, shift: middle..middle + channels }
    }

    /// Space in `room` for batches of up to `rows` rows.
    pub fn workspace(&self, rows: usize, room: &mut Room) -> NormWorkspace {
        NormWorkspace::new(rows, self.channels, rows, room)
    }

    /// y ← normalised x. Shapes: (N, channels).
    pub fn forward(&self, parameters: &[f32], x: &[f32], y: &mut [f32], workspace: &mut NormWorkspace) {
        let (scale, shift) = (&parameters[self.scale.clone()], &parameters[self.shift.clone()]);
        let rows = x.chunks_exact(self.channels).zip(y.chunks_exact_mut(self.channels));
        let kept = workspace.normal.chunks_exact_mut(self.channels).zip(&mut workspace.inverse);
        for ((x, y), (normal, inverse)) in rows.zip(kept) {
            let mean = x.iter().sum::<f32>() / self.channels as f32;
            let squares: f32 = x.iter().map(|x| (x - mean) * (x - mean)).sum();
            *inverse = (squares / self.channels as f32 + EPSILON).sqrt().recip();
            for channel in 0..self.channels {
                normal[channel] = (x[channel] - mean) * *inverse;
                y[channel] = normal[channel] * scale[channel] + shift[channel];
            }
        }
    }

    /// Adds the gradients of scales and shifts to `gradient`, given dy of the last forward pass, and writes dx.
    pub fn backward(
        &self,
        parameters: &[f32],
        dy: &[f32],
        gradient: &mut [f32],
        dx: &mut [f32],
        workspace: &mut NormWorkspace,
    ) {
        let NormWorkspace { normal, inverse, totals, .. } = workspace;
        let normal = &normal[..dy.len()];
        add_parameter_gradients(totals, dy, normal, gradient, (&self.scale, &self.shift));
        let scale = &parameters[self.scale.clone()];
        let share = 1.0 / self.channels as f32;
        let rows = dy.chunks_exact(self.channels).zip(dx.chunks_exact_mut(self.channels));
        for ((dy, dx), (normal, inverse)) in rows.zip(normal.chunks_exact(self.channels).zip(inverse)) {
            let (mut through_mean, mut through_variance) = (0.0, 0.0);
            for channel in 0..self.channels {
                dx[channel] = dy[channel] * scale[channel];
                through_mean += dx[channel] * share;
                through_variance += dx[channel] * normal[channel] * share;
            }
            for channel in 0..self.channels {
                dx[channel] = *inverse * (dx[channel] - through_mean - normal[channel] * through_variance);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::check::{check_gradient, dot, draw};

    #[test]
    fn batch_norm_gradients_are_those_of_the_difference_quotient() {
        let norm = BatchNorm::new(3, 0);
        let (mut running, mut workspace) =
            (RunningStatistics::new(3), norm.workspace(8, &mut Room::default()));
        let (parameters, x, dy) = (draw("parameters", 6), draw("x", 24), draw("dy", 24));
        let (mut y, mut dx, mut gradient) = (vec![0.0; 24], vec![0.0; 24], vec![0.0; 6]);
        norm.train(&parameters, &x, &mut y, &mut running, &mut workspace);
        norm.backward(&parameters, &dy, &mut gradient, &mut dx, &mut workspace);
        let mut loss = |parameters: &[f32], x: &[f32]| {
            norm.train(parameters, x, &mut y, &mut running, &mut workspace);
            dot(&y, &dy)
        };
        check_gradient("parameters", &parameters, &gradient, |parameters| loss(parameters, &x));
        check_gradient("inputs", &x, &dx, |x| loss(&parameters, x));
    }

    #[test]
    fn layer_norm_gradients_are_those_of_the_difference_quotient() {
        let norm = LayerNorm::new(5, 0);
        let mut workspace = norm.workspace(4, &mut Room::default());
        let (parameters, x, dy) = (draw("parameters", 10), draw("x", 20), draw("dy", 20));
        let (mut y, mut dx, mut gradient) = (vec![0.0; 20], vec![0.0; 20], vec![0.0; 10]);
        norm.forward(&parameters, &x, &mut y, &mut workspace);
        norm.backward(&parameters, &dy, &mut gradient, &mut dx, &mut workspace);
        let mut loss = |parameters: &[f32], x: &[f32]| {
            norm.forward(parameters, x, &mut y, &mut workspace);
            dot(&y, &dy)
        };
        check_gradient("parameters", &parameters, &gradient, |parameters| loss(parameters, &x));
        check_gradient("inputs", &x, &dx, |x| loss(&parameters, x));
    }

    #[test]
    fn running_statistics_approach_those_of_the_data_and_serve_evaluation() {
        let norm = BatchNorm::new(1, 0);
        let (mut running, mut workspace) =
            (RunningStatistics::new(1), norm.workspace(4, &mut Room::default()));
        let (parameters, x, mut y) = ([1.0, 0.0], [1.0, 3.0, 5.0, 7.0], [0.0; 4]);
        norm.train(&parameters, &x, &mut y, &mut running, &mut workspace);
        // Mean 4 and unbiased variance 20/3, a tenth of the way from 0 and 1.
        assert!((running.mean[0] - 0.4).abs() < 1e-6 && (running.variance[0] - 1.566_666_6).abs() < 1e-6);
        for _ in 0..200 {
            norm.train(&parameters, &x, &mut y, &mut running, &mut workspace);
        }
        norm.evaluate(&parameters, &x, &mut y, &running);
        assert!((y[3] - 3.0 / (20.0f32 / 3.0).sqrt()).abs() < 1e-4, "{y:?}");
    }
}
