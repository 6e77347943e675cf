//! Recurrent networks for text: an embedding, recurrent layers, and a dense layer that predicts the next token of
//! each or names the class of the whole.

use rand::Rng;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

mod spec;

pub use spec::RecurrentSpec;
pub use spec::{CELLS, EMBEDDING, HIDDEN};

use super::{Block, Model, Pass};
use crate::data::{Batch, PADDING};
use crate::nn::embedding::Embedding;
use crate::nn::init::Init;
use crate::nn::linear::Linear;
use crate::nn::loss::{Score, softmax_cross_entropy, task_loss};
use crate::nn::recurrent::{Cell, Recurrent, RecurrentWorkspace, Sequences};
use crate::nn::token_products::TokenProducts;
use crate::room::Room;

/// Sequences processed at once.
const CAPACITY: usize = 64;

/// A recurrent network with its buffers, which are time-major: (T, B, …).
pub struct RecurrentNet {
    embedding: Embedding,
    layers: Vec<(Recurrent, RecurrentWorkspace)>,
    output: Linear,
    blocks: Vec<Block>,
    init: Init,
    /// Whether there is an answer per token, or one for the whole sequence.
    each: bool,
    steps: usize,
    capacity: usize,
    tokens: Vec<u32>,
    targets: Vec<u32>,
    lengths: Vec<u32>,
    /// Embedded tokens, and their gradient.
    x: (Vec<f32>, Vec<f32>),
    /// Their products with the weights of the first layer, if a batch has more positions than there are tokens.
    products: Option<TokenProducts>,
    /// The gradient of each layer's outputs.
    deltas: Vec<Vec<f32>>,
    /// The last states, from which a whole sequence is classified, and their gradient.
    last: (Vec<f32>, Vec<f32>),
    logits: Vec<f32>,
}

impl RecurrentNet {
    /// The network of `spec` with space in `room` for `batch` sequences, or for as many as are efficient at once.
    pub fn build(spec: &RecurrentSpec, batch: usize, room: &mut Room) -> RecurrentNet {
        let RecurrentSpec { cell, dimension, each, steps, .. } = *spec;
        let capacity = batch.clamp(CAPACITY / 4, CAPACITY);
        let rows = steps * capacity;
        let mut embedding = Embedding::new(spec.vocabulary, dimension, 0);
        embedding.padding = (!each).then_some(PADDING.into());
        let mut blocks = vec![block("embedding", &[embedding.vocabulary, dimension], &embedding.weights)];
        let (mut layers, mut inputs) = (Vec::new(), dimension);
        for (index, &width) in spec.widths.iter().enumerate() {
            let start = blocks.last().map_or(0, |block: &Block| block.range.end);
            let layer = Recurrent::new(cell, inputs, width, start);
            let name = |part: &str| format!("recurrent{}.{part}", index + 1);
            blocks.extend([
                block(&name("input_weight"), &[inputs, layer.width()], &layer.input_weights),
                block(&name("state_weight"), &[width, layer.width()], &layer.state_weights),
                block(&name("input_bias"), &[layer.width()], &layer.input_bias),
                block(&name("state_bias"), &[layer.width()], &layer.state_bias),
            ]);
            let workspace = layer.workspace(steps, capacity, room);
            layers.push((layer, workspace));
            inputs = width;
        }
        let start = blocks.last().map_or(0, |block| block.range.end);
        let products = layers
            .first()
            .filter(|_| TokenProducts::pays(&embedding, rows))
            .map(|(layer, _)| TokenProducts::new(&embedding, layer, room));
        let output = Linear::new(inputs, spec.outputs, start);
        blocks.push(block("output.weight", &[inputs, output.outputs], &output.weights));
        blocks.push(block("output.bias", &[output.outputs], &output.bias));
        let answers = if each { rows } else { capacity };
        let mut pair = |length: usize| (room.floats(length), room.floats(length));
        RecurrentNet {
            x: pair(rows * dimension),
            last: pair(capacity * inputs),
            deltas: spec.widths.iter().map(|width| room.floats(rows * width)).collect(),
            logits: room.floats(answers * output.outputs),
            tokens: room.filled(0, rows),
            targets: room.filled(0, rows),
            lengths: room.filled(0, capacity),
            init: spec.init,
            embedding,
            products,
            layers,
            output,
            blocks,
            each,
            steps,
            capacity,
        }
    }

    /// Writes the tokens of `batch` time-major, with the lengths of its sequences or what follows each token.
    fn read(&mut self, batch: &Batch<'_>) {
        let examples = batch.len();
        for example in 0..examples {
            let tokens = batch.tokens(example);
            for time in 0..self.steps {
                self.tokens[time * examples + example] = tokens[time].into();
                if self.each {
                    self.targets[time * examples + example] = tokens[time + 1].into();
                }
            }
            let filled = tokens[..self.steps].iter().rev().take_while(|&&token| token == PADDING).count();
            self.lengths[example] = (self.steps - filled) as u32;
        }
    }

    /// Runs on `batch`, up to but excluding the bias of the last layer.
    fn forward(&mut self, parameters: &[f32], batch: &Batch<'_>) {
        self.read(batch);
        let (steps, examples) = (self.steps, batch.len());
        let rows = steps * examples;
        let tokens = &self.tokens[..rows];
        let lengths = (!self.each).then_some(&self.lengths[..examples]);
        let sequences = Sequences { steps, examples, lengths };
        for index in 0..self.layers.len() {
            let (before, from) = self.layers.split_at_mut(index);
            let (layer, workspace) = &mut from[0];
            match (before.last(), &mut self.products) {
                (Some((_, below)), _) => layer.forward(parameters, below.outputs(), sequences, workspace),
                (None, Some(products)) if TokenProducts::pays(&self.embedding, rows) => {
                    let gates = workspace.gates_mut(sequences);
                    products.forward(parameters, (&self.embedding, layer), tokens, gates);
                    layer.forward_projected(parameters, sequences, workspace);
                }
                (None, _) => {
                    let x = &mut self.x.0[..rows * layer.inputs];
                    self.embedding.forward(parameters, tokens, x);
                    layer.forward(parameters, x, sequences, workspace);
                }
            }
        }
        let Some((layer, workspace)) = self.layers.last() else { return };
        if self.each {
            let logits = &mut self.logits[..rows * self.output.outputs];
            self.output.forward(parameters, workspace.outputs(), logits, rows);
        } else {
            let last = &mut self.last.0[..examples * layer.hidden];
            last.copy_from_slice(workspace.last().0);
            let logits = &mut self.logits[..examples * self.output.outputs];
            self.output.forward(parameters, last, logits, examples);
        }
    }

    /// The loss; that of an example is the mean over its tokens if each has an answer. Replaces the logits by their
    /// gradients if there is a `scale`.
    fn score(&mut self, parameters: &[f32], batch: &Batch<'_>, scale: Option<f32>) -> Score {
        let bias = &parameters[self.output.bias.clone()];
        if !self.each {
            let logits = &mut self.logits[..batch.len() * self.output.outputs];
            return task_loss(logits, bias, batch, scale);
        }
        let logits = &mut self.logits[..self.steps * batch.len() * self.output.outputs];
        let share = 1.0 / self.steps as f32;
        let targets = &self.targets;
        let mut score = softmax_cross_entropy(
            logits,
            bias,
            |row| targets[row] as usize,
            scale.map(|scale| scale * share),
        );
        score.loss /= self.steps as f64;
        score
    }

    /// Adds the gradients of all parameters, given that of the logits in their place.
    fn backward(&mut self, parameters: &[f32], examples: usize, gradient: &mut [f32]) {
        let (steps, count) = (self.steps, self.layers.len());
        let rows = steps * examples;
        let Some((layer, workspace)) = self.layers.last() else { return };
        let delta = &mut self.deltas[count - 1][..rows * layer.hidden];
        if self.each {
            let dy = &self.logits[..rows * self.output.outputs];
            self.output.gradient(workspace.outputs(), dy, gradient, true);
            self.output.backward(parameters, dy, delta);
        } else {
            let dy = &self.logits[..examples * self.output.outputs];
            let state = examples * layer.hidden;
            self.output.gradient(&self.last.0[..state], dy, gradient, true);
            self.output.backward(parameters, dy, &mut self.last.1[..state]);
            // The state after the last step is that after each sequence's own last token.
            delta.fill(0.0);
            delta[rows * layer.hidden - state..].copy_from_slice(&self.last.1[..state]);
        }
        let lengths = (!self.each).then_some(&self.lengths[..examples]);
        let sequences = Sequences { steps, examples, lengths };
        for index in (0..count).rev() {
            let (before, from) = self.layers.split_at_mut(index);
            let (layer, workspace) = &mut from[0];
            let (below, here) = self.deltas.split_at_mut(index);
            let dy = &here[0][..rows * layer.hidden];
            let inputs = rows * layer.inputs;
            if let (Some((_, workspace_below)), Some(dx)) = (before.last(), below.last_mut()) {
                let into = (&mut *gradient, Some(&mut dx[..inputs]));
                layer.backward(parameters, (workspace_below.outputs(), dy), sequences, into, workspace);
                continue;
            }
            let tokens = &self.tokens[..rows];
            match &mut self.products {
                Some(products) if TokenProducts::pays(&self.embedding, rows) => {
                    layer.backward_projected(parameters, dy, sequences, gradient, workspace);
                    let gates = &*workspace.gates_mut(sequences);
                    products.backward(parameters, (&self.embedding, layer), (tokens, gates), gradient);
                }
                _ => {
                    let (x, dx) = (&self.x.0[..inputs], &mut self.x.1[..inputs]);
                    let into = (&mut *gradient, Some(&mut *dx));
                    layer.backward(parameters, (x, dy), sequences, into, workspace);
                    self.embedding.backward(tokens, dx, gradient);
                }
            }
        }
    }
}

fn block(name: &str, shape: &[usize], range: &std::ops::Range<usize>) -> Block {
    Block { name: name.to_owned(), shape: shape.to_vec(), range: range.clone() }
}

impl Model for RecurrentNet {
    fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    fn capacity(&self) -> usize {
        self.capacity
    }

    fn init(&self, parameters: &mut [f32], rng: &mut ChaCha8Rng) {
        let embedding = &mut parameters[self.embedding.weights.clone()];
        match self.init {
            Init::Torch => embedding.fill_with(|| normal(rng)),
            // Initialised as in Keras.
            Init::GlorotUniform | Init::He => {
                embedding.fill_with(|| (0.1 * rng.random::<f64>() - 0.05) as f32)
            }
        }
        for (layer, _) in &self.layers {
            let fan_in = if self.init == Init::Torch { layer.hidden } else { layer.inputs };
            self.init.weights(&mut parameters[layer.input_weights.clone()], fan_in, layer.width(), rng);
            self.init.weights(&mut parameters[layer.state_weights.clone()], layer.hidden, layer.width(), rng);
            self.init.biases(&mut parameters[layer.input_bias.clone()], layer.hidden, rng);
            self.init.biases(&mut parameters[layer.state_bias.clone()], layer.hidden, rng);
            if layer.cell == Cell::Lstm && self.init != Init::Torch {
                // Initially the forget gate keeps the memory (Jozefowicz et al. 2015), as in Keras.
                parameters[layer.input_bias.clone()][layer.hidden..2 * layer.hidden].fill(1.0);
            }
        }
        self.init.weights(
            &mut parameters[self.output.weights.clone()],
            self.output.inputs,
            self.output.outputs,
            rng,
        );
        self.init.biases(&mut parameters[self.output.bias.clone()], self.output.inputs, rng);
        if let Some(padding) = self.embedding.padding {
            let start = self.embedding.weights.start + padding as usize * self.embedding.dimension;
            parameters[start..start + self.embedding.dimension].fill(0.0);
        }
    }

    fn loss_and_gradient(
        &mut self,
        parameters: &[f32],
        batch: &Batch<'_>,
        pass: Pass,
        gradient: &mut [f32],
    ) -> Score {
        self.forward(parameters, batch);
        let score = self.score(parameters, batch, Some(pass.scale));
        if !pass.add {
            gradient.fill(0.0);
        }
        self.backward(parameters, batch.len(), gradient);
        score
    }

    fn evaluate(&mut self, parameters: &[f32], batch: &Batch<'_>) -> Score {
        self.forward(parameters, batch);
        self.score(parameters, batch, None)
    }

    fn continue_text(
        &mut self,
        parameters: &[f32],
        start: &[u16],
        count: usize,
        rng: &mut ChaCha8Rng,
    ) -> Vec<u16> {
        let mut text = start.to_vec();
        let mut states: Vec<(Vec<f32>, Vec<f32>)> =
            self.layers.iter().map(|(layer, _)| (vec![0.0; layer.hidden], vec![0.0; layer.hidden])).collect();
        let sequences = Sequences { steps: 1, examples: 1, lengths: None };
        let mut logits = vec![0.0; self.output.outputs];
        let mut place = 0;
        while text.len() < start.len() + count {
            let mut x = vec![0.0; self.embedding.dimension];
            self.embedding.forward(parameters, &[text[place].into()], &mut x);
            for ((layer, workspace), (state, cell)) in self.layers.iter_mut().zip(&mut states) {
                let (initial, initial_cell) = workspace.initial_mut();
                initial[..layer.hidden].copy_from_slice(state);
                initial_cell.iter_mut().zip(cell.iter()).for_each(|(to, from)| *to = *from);
                layer.forward(parameters, &x, sequences, workspace);
                let (last, last_cell) = workspace.last();
                state.copy_from_slice(last);
                cell[..last_cell.len()].copy_from_slice(last_cell);
                x = last.to_vec();
                workspace.reset();
            }
            place += 1;
            if place == text.len() {
                self.output.forward(parameters, &x, &mut logits, 1);
                logits.iter_mut().zip(&parameters[self.output.bias.clone()]).for_each(|(z, b)| *z += b);
                text.push(draw(&logits, rng));
            }
        }
        text.split_off(start.len())
    }
}

/// A token drawn with the probabilities softmax(`logits`).
fn draw(logits: &[f32], rng: &mut impl Rng) -> u16 {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weight = |logit: f32| f64::from(logit - highest).exp();
    let mut left = rng.random::<f64>() * logits.iter().map(|&logit| weight(logit)).sum::<f64>();
    let found = logits.iter().position(|&logit| {
        left -= weight(logit);
        left < 0.0
    });
    found.unwrap_or(logits.len() - 1) as u16
}

fn normal(rng: &mut impl Rng) -> f32 {
    let draw: f64 = rng.sample(rand_distr::StandardNormal);
    draw as f32
}
