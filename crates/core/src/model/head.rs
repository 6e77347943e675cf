//! The dense end of a network: hidden layers with activation and dropout, then the outputs.

use rand_chacha::ChaCha8Rng;

use super::Block;
use crate::nn::activation::{Activation, ActivationLayer};
use crate::nn::dropout::Dropout;
use crate::nn::init::Init;
use crate::nn::linear::Linear;
use crate::room::Room;

/// Dense layers with their buffers, (capacity, …) each.
#[derive(Clone, Debug)]
pub struct Head {
    layers: Vec<Linear>,
    /// Behind each hidden layer.
    activations: Vec<ActivationLayer>,
    dropout: Dropout,
    /// The outputs of each layer, excluding the bias of the last; in the backward pass the last one holds its gradient.
    outputs: Vec<Vec<f32>>,
    /// The gradients of the hidden layers' outputs.
    deltas: Vec<Vec<f32>>,
    /// The factors of dropout on the hidden layers' outputs.
    masks: Vec<Vec<f32>>,
}

impl Head {
    /// Layers between `widths`, inputs first, whose parameters begin at `start`; `dropout` acts on hidden units.
    /// Buffers come from `room`.
    pub fn new(
        widths: &[usize],
        activation: Activation,
        dropout: Dropout,
        start: usize,
        capacity: usize,
        room: &mut Room,
    ) -> Head {
        let mut end = start;
        let mut layer = |pair: &[usize]| {
            let layer = Linear::new(pair[0], pair[1], end);
            end = layer.bias.end;
            layer
        };
        let hidden = widths.get(1..widths.len() - 1).unwrap_or_default();
        let activations =
            hidden.iter().map(|width| ActivationLayer::new(activation, capacity * width, room)).collect();
        let mut buffers = |widths: &[usize], value: f32| -> Vec<Vec<f32>> {
            widths.iter().map(|width| room.filled(value, capacity * width)).collect()
        };
        Head {
            layers: widths.windows(2).map(&mut layer).collect(),
            activations,
            dropout,
            outputs: buffers(&widths[1..], 0.0),
            deltas: buffers(hidden, 0.0),
            masks: buffers(if dropout.rate > 0.0 { hidden } else { &[] }, 1.0),
        }
    }

    /// Its tensors.
    pub fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        for (index, layer) in self.layers.iter().enumerate() {
            let last = index + 1 == self.layers.len();
            let name = if last { "output".into() } else { format!("hidden{}", index + 1) };
            let block = |part: &str, shape: &[usize], range| Block {
                name: format!("{name}.{part}"),
                shape: shape.to_vec(),
                range,
            };
            blocks.push(block("weight", &[layer.inputs, layer.outputs], layer.weights.clone()));
            blocks.push(block("bias", &[layer.outputs], layer.bias.clone()));
        }
        blocks
    }

    /// Draws its initial parameters.
    pub fn init(&self, init: Init, parameters: &mut [f32], rng: &mut ChaCha8Rng) {
        for layer in &self.layers {
            init.weights(&mut parameters[layer.weights.clone()], layer.inputs, layer.outputs, rng);
            init.biases(&mut parameters[layer.bias.clone()], layer.inputs, rng);
        }
    }

    /// Runs over x (examples, inputs); with `rng`, units are dropped as in training.
    pub fn forward(
        &mut self,
        parameters: &[f32],
        x: &[f32],
        examples: usize,
        mut rng: Option<&mut ChaCha8Rng>,
    ) {
        for (index, layer) in self.layers.iter().enumerate() {
            let (before, from) = self.outputs.split_at_mut(index);
            let input = before.last().map_or(x, |before| &before[..examples * layer.inputs]);
            let output = &mut from[0][..examples * layer.outputs];
            layer.forward(parameters, input, output, examples);
            if let Some(activation) = self.activations.get_mut(index) {
                activation.forward(output, &parameters[layer.bias.clone()]);
                if let Some(rng) = rng.as_deref_mut().filter(|_| self.dropout.rate > 0.0) {
                    self.dropout.forward(output, &mut self.masks[index][..examples * layer.outputs], rng);
                }
            }
        }
    }

    /// The output of the last layer for `examples` rows, for a loss to read and to replace by its gradient, and the
    /// bias that has not been added yet.
    pub fn outputs<'p>(&mut self, parameters: &'p [f32], examples: usize) -> (&mut [f32], &'p [f32]) {
        match (self.layers.last(), self.outputs.last_mut()) {
            (Some(layer), Some(outputs)) => {
                (&mut outputs[..examples * layer.outputs], &parameters[layer.bias.clone()])
            }
            _ => (&mut [], &[]),
        }
    }

    /// Adds its gradients to `gradient`, given that of the outputs in their place, and writes that of x to `dx`.
    pub fn backward(
        &mut self,
        parameters: &[f32],
        x: &[f32],
        examples: usize,
        gradient: &mut [f32],
        dx: &mut [f32],
    ) {
        for (index, layer) in self.layers.iter().enumerate().rev() {
            let (below, here) = self.outputs.split_at_mut(index);
            let (before, after) = self.deltas.split_at_mut(index);
            let dy = &after.first().unwrap_or(&here[0])[..examples * layer.outputs];
            let (Some(input), Some(delta)) = (below.last_mut(), before.last_mut()) else {
                layer.gradient(x, dy, gradient, true);
                layer.backward(parameters, dy, dx);
                continue;
            };
            let (input, delta) =
                (&mut input[..examples * layer.inputs], &mut delta[..examples * layer.inputs]);
            layer.gradient(input, dy, gradient, true);
            layer.backward(parameters, dy, delta);
            if self.dropout.rate > 0.0 {
                self.dropout.backward(delta, &self.masks[index - 1][..delta.len()]);
                self.dropout.undo(input);
            }
            self.activations[index - 1].backward(input, delta);
        }
    }
}
