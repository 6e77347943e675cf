//! One stage of a convolutional network: convolution, normalisation, pooling, activation.
//!
//! Pooling before the activation leaves a quarter of the work, and behind a max-pool gradients that are zero for all but
//! the winners. For a max-pool the order makes no difference if the activation rises with its input, as all but GELU
//! do. For a mean-pool it is the order of LeNet-5 (LeCun et al. 1998).

use rand_chacha::ChaCha8Rng;

use crate::model::block::Block;
use crate::nn::activation::{Activation, ActivationLayer};
use crate::nn::conv::{Conv2d, ConvShape, ConvWorkspace, OutputGradient};
use crate::nn::init::Init;
use crate::nn::norm::{BatchNorm, LayerNorm, NormWorkspace, RunningStatistics};
use crate::nn::pool::Pool;
use crate::room::Room;

/// A normalisation with its buffers.
#[derive(Clone, Debug)]
pub enum Norm {
    /// Over the pixels of a batch.
    Batch(BatchNorm, RunningStatistics, NormWorkspace),
    /// Over the channels of each pixel.
    Layer(LayerNorm, NormWorkspace),
}

impl Norm {
    /// Ranges of scales and shifts in the parameters.
    fn ranges(&self) -> [std::ops::Range<usize>; 2] {
        match self {
            Norm::Batch(norm, ..) => [norm.scale.clone(), norm.shift.clone()],
            Norm::Layer(norm, _) => [norm.scale.clone(), norm.shift.clone()],
        }
    }
}

/// A stage with its buffers, (capacity, …) each.
#[derive(Clone, Debug)]
pub struct Stage {
    conv: Conv2d,
    /// The normalisation after the convolution.
    pub norm: Option<Norm>,
    pool: Option<Pool>,
    activation: ActivationLayer,
    workspace: ConvWorkspace,
    /// The output of the convolution, if it is not the output of the stage; in the backward pass its gradient.
    mapped: Vec<f32>,
    /// The output of the normalisation, if a pool follows; in the backward pass its gradient.
    normed: Vec<f32>,
    /// Which pixels a max-pool selected.
    winners: Vec<u32>,
    /// The output of the stage.
    pub output: Vec<f32>,
    /// The gradient of `output`.
    pub delta: Vec<f32>,
    /// Zeros in place of biases, which the convolution has added.
    no_bias: Vec<f32>,
}

impl Stage {
    /// A stage with space in `room` for `capacity` images.
    pub fn new(
        conv: Conv2d,
        norm: Option<Norm>,
        pool: Option<Pool>,
        activation: Activation,
        capacity: usize,
        room: &mut Room,
    ) -> Stage {
        let mapped = capacity * conv.outputs();
        let size = pool.as_ref().map_or(conv.outputs(), |pool| pool.windows().output.size());
        let winners = if matches!(pool, Some(Pool::Max(_))) { capacity * size } else { 0 };
        Stage {
            workspace: conv.workspace(capacity, room),
            mapped: room.floats_if(norm.is_some() || pool.is_some(), mapped),
            normed: room.floats_if(norm.is_some() && pool.is_some(), mapped),
            winners: room.filled(0, winners),
            output: room.floats(capacity * size),
            delta: room.floats(capacity * size),
            no_bias: vec![0.0; size],
            conv,
            norm,
            pool,
            activation: ActivationLayer::new(activation, capacity * size, room),
        }
    }

    /// The shapes of the convolution.
    pub fn shape(&self) -> &ConvShape {
        &self.conv.shape
    }

    /// Output numbers per image.
    pub fn size(&self) -> usize {
        self.no_bias.len()
    }

    /// Its tensors, as those of stage `number`.
    pub fn blocks(&self, number: usize) -> Vec<Block> {
        let ConvShape { kernel, image, filters, .. } = *self.shape();
        let block = |name: String, shape: &[usize], range| Block { name, shape: shape.to_vec(), range };
        let kernel = [kernel.0, kernel.1, image.channels, filters];
        let mut blocks = vec![
            block(format!("conv{number}.weight"), &kernel, self.conv.weights.clone()),
            block(format!("conv{number}.bias"), &[filters], self.conv.bias.clone()),
        ];
        if let Some([scale, shift]) = self.norm.as_ref().map(Norm::ranges) {
            blocks.push(block(format!("norm{number}.weight"), &[filters], scale));
            blocks.push(block(format!("norm{number}.bias"), &[filters], shift));
        }
        blocks
    }

    /// Draws its initial parameters.
    pub fn init(&self, init: Init, parameters: &mut [f32], rng: &mut ChaCha8Rng) {
        let (fan_in, fan_out) = (self.shape().fan_in(), self.shape().fan_out());
        init.weights(&mut parameters[self.conv.weights.clone()], fan_in, fan_out, rng);
        init.biases(&mut parameters[self.conv.bias.clone()], fan_in, rng);
        if let Some([scale, shift]) = self.norm.as_ref().map(Norm::ranges) {
            parameters[scale].fill(1.0);
            parameters[shift].fill(0.0);
        }
    }

    /// Runs over `examples` images x; `training` selects the statistics that a batch norm uses.
    pub fn forward(&mut self, parameters: &[f32], x: &[f32], examples: usize, training: bool) {
        let (made, out) = (examples * self.conv.outputs(), examples * self.size());
        let plain = self.norm.is_none() && self.pool.is_none();
        let mapped = if plain { &mut self.output } else { &mut self.mapped };
        self.conv.forward(parameters, x, &mut mapped[..made], &mut self.workspace);
        if let Some(norm) = &mut self.norm {
            let normed = if self.pool.is_none() { &mut self.output } else { &mut self.normed };
            let (x, y) = (&self.mapped[..made], &mut normed[..made]);
            match norm {
                Norm::Batch(norm, running, workspace) if training => {
                    norm.train(parameters, x, y, running, workspace);
                }
                Norm::Batch(norm, running, _) => norm.evaluate(parameters, x, y, running),
                Norm::Layer(norm, workspace) => norm.forward(parameters, x, y, workspace),
            }
        }
        if let Some(pool) = &self.pool {
            let x = if self.norm.is_some() { &self.normed } else { &self.mapped };
            let (x, y) = (&x[..made], &mut self.output[..out]);
            match pool {
                Pool::Max(pool) => pool.forward(x, y, &mut self.winners[..out]),
                Pool::Average(pool) => pool.forward(x, y),
            }
        }
        self.activation.forward(&mut self.output[..out], &self.no_bias);
    }

    /// Adds its gradients to `gradient`, given `delta` of `examples` images, and writes that of the input images to
    /// `dx` if requested.
    pub fn backward(
        &mut self,
        parameters: &[f32],
        examples: usize,
        gradient: &mut [f32],
        dx: Option<&mut [f32]>,
    ) {
        let (made, out) = (examples * self.conv.outputs(), examples * self.size());
        let (delta, winners) = (&mut self.delta[..out], &self.winners[..out.min(self.winners.len())]);
        self.activation.backward(&self.output[..out], delta);
        let dy = match (&mut self.norm, &self.pool) {
            (None, None) => OutputGradient::Dense(delta),
            (None, Some(Pool::Max(_))) => OutputGradient::Pooled(delta, winners),
            (None, Some(Pool::Average(pool))) => {
                pool.backward(delta, &mut self.mapped[..made]);
                OutputGradient::Dense(&self.mapped[..made])
            }
            (Some(norm), pool) => {
                let dense = match pool {
                    None => &*delta,
                    Some(pool) => {
                        let dense = &mut self.normed[..made];
                        match pool {
                            Pool::Max(pool) => pool.backward(delta, winners, dense),
                            Pool::Average(pool) => pool.backward(delta, dense),
                        }
                        &*dense
                    }
                };
                let mapped = &mut self.mapped[..made];
                match norm {
                    Norm::Batch(norm, _, workspace) => {
                        norm.backward(parameters, dense, gradient, mapped, workspace);
                    }
                    Norm::Layer(norm, workspace) => {
                        norm.backward(parameters, dense, gradient, mapped, workspace)
                    }
                }
                OutputGradient::Dense(mapped)
            }
        };
        self.conv.backward(parameters, dy, gradient, dx, &mut self.workspace);
    }
}
