//! The convolutional network: stages of convolution, normalisation, pooling and activation, then dense layers.
//!
//! By default the LeNet of many tutorials (after LeCun et al. 1998): 8 filters of 5 × 5, 2 × 2 max-pool, 16 filters of
//! 5 × 5, 2 × 2 max-pool, 64 hidden units. Images and features are channels-last, so the hidden layer reads its
//! features in the order (row, column, channel).

mod settings;
mod stage;
#[cfg(test)]
mod tests;

use rand_chacha::ChaCha8Rng;
use sweep_settings::{SettingError, Settings, stream};

use super::head::Head;
use super::{Block, Model, Pass};
use crate::data::{Batch, Dataset};
use crate::nn::activation::Activation;
use crate::nn::conv::Conv2d;
use crate::nn::init::Init;
use crate::nn::loss::{Score, task_loss};
use crate::nn::norm::{BatchNorm, LayerNorm, RunningStatistics};
use crate::room::Room;
use crate::state::StateMismatch;

use settings::{Architecture, Normalisation};
pub(super) use settings::{CONV, DROPOUT, HIDDEN, NORM, POOL, POOLING};
use stage::{Norm, Stage};

/// Images that are computed at once: enough for the dense layers' products, few enough to stay in cache.
const CAPACITY: usize = 64;

/// The largest batch whose statistics a batch norm takes as a whole; a larger one is normalised in such pieces.
const BATCH_NORM_CAPACITY: usize = 1024;

/// The checked specification of a convolutional network for one data set.
#[derive(Clone, Debug)]
pub struct CnnSpec {
    architecture: Architecture,
    activation: Activation,
    init: Init,
    /// Numbers per image and per answer.
    inputs: usize,
    outputs: usize,
    /// The number of images.
    examples: usize,
}

impl CnnSpec {
    /// The network that `settings` describe for `data`.
    ///
    /// # Errors
    /// Data that are not images, a kernel or pool larger than the remaining image, sizes out of range.
    pub fn read(settings: &Settings, data: &Dataset) -> Result<CnnSpec, SettingError> {
        Ok(CnnSpec {
            architecture: Architecture::read(settings, data.shape())?,
            activation: Activation::read(settings)?,
            init: Init::read(settings)?,
            inputs: data.size(),
            outputs: data.outputs(),
            examples: data.examples(),
        })
    }

    /// Whether the examples of a batch interact.
    pub fn couples_examples(&self) -> bool {
        self.architecture.norm == Normalisation::Batch
    }
}

/// A convolutional network with its buffers.
#[derive(Clone, Debug)]
pub struct Cnn {
    stages: Vec<Stage>,
    head: Head,
    blocks: Vec<Block>,
    init: Init,
    capacity: usize,
    /// Gathered images, (capacity, height, width, channels).
    x: Vec<f32>,
    /// The stream `dropout`.
    rng: ChaCha8Rng,
}

impl Cnn {
    /// The network of `spec` with space in `room` for `batch` images, or for as many as are efficient at once.
    pub fn build(spec: &CnnSpec, batch: usize, room: &mut Room) -> Cnn {
        let capacity = match spec.architecture.norm {
            Normalisation::Batch => batch.clamp(CAPACITY, BATCH_NORM_CAPACITY),
            Normalisation::None | Normalisation::Layer => CAPACITY,
        }
        .min(spec.examples);
        let (mut stages, mut blocks): (Vec<Stage>, Vec<Block>) = (Vec::new(), Vec::new());
        let end = |blocks: &[Block]| blocks.last().map_or(0, |block| block.range.end);
        for (shape, pool) in &spec.architecture.stages {
            let conv = Conv2d::new(*shape, end(&blocks));
            let norm = norm(spec.architecture.norm, &conv, capacity, room);
            let stage = Stage::new(conv, norm, pool.clone(), spec.activation, capacity, room);
            blocks.extend(stage.blocks(stages.len() + 1));
            stages.push(stage);
        }
        let mut widths = vec![stages.last().map_or(spec.inputs, Stage::size)];
        widths.extend(&spec.architecture.hidden);
        widths.push(spec.outputs);
        let (start, dropout) = (end(&blocks), spec.architecture.dropout);
        let head = Head::new(&widths, spec.activation, dropout, start, capacity, room);
        blocks.extend(head.blocks());
        Cnn {
            stages,
            head,
            blocks,
            init: spec.init,
            capacity,
            x: room.floats(capacity * spec.inputs),
            rng: stream(0, "dropout"),
        }
    }

    /// Runs on `batch`, up to but excluding the bias of the last layer.
    fn forward(&mut self, parameters: &[f32], batch: &Batch<'_>, training: bool) {
        let examples = batch.len();
        let images = &mut self.x[..examples * batch.data.size()];
        batch.gather(images);
        let mut x = &*images;
        for stage in &mut self.stages {
            stage.forward(parameters, x, examples, training);
            x = &stage.output[..examples * stage.size()];
        }
        self.head.forward(parameters, x, examples, training.then_some(&mut self.rng));
    }

    /// The loss; replaces the last outputs by their gradients if there is a `scale`.
    fn score(&mut self, parameters: &[f32], batch: &Batch<'_>, scale: Option<f32>) -> Score {
        let (logits, bias) = self.head.outputs(parameters, batch.len());
        task_loss(logits, bias, batch, scale)
    }
}

/// The normalisation of the output of `conv`; its parameters follow those of the convolution.
fn norm(kind: Normalisation, conv: &Conv2d, capacity: usize, room: &mut Room) -> Option<Norm> {
    let (channels, start) = (conv.shape.filters, conv.bias.end);
    let rows = capacity * conv.outputs() / channels;
    match kind {
        Normalisation::None => None,
        Normalisation::Batch => {
            let norm = BatchNorm::new(channels, start);
            let workspace = norm.workspace(rows, room);
            Some(Norm::Batch(norm, RunningStatistics::new(channels), workspace))
        }
        Normalisation::Layer => {
            let norm = LayerNorm::new(channels, start);
            let workspace = norm.workspace(rows, room);
            Some(Norm::Layer(norm, workspace))
        }
    }
}

impl Model for Cnn {
    fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    fn capacity(&self) -> usize {
        self.capacity
    }

    fn init(&self, parameters: &mut [f32], rng: &mut ChaCha8Rng) {
        self.stages.iter().for_each(|stage| stage.init(self.init, parameters, rng));
        self.head.init(self.init, parameters, rng);
    }

    fn seed(&mut self, seed: u64) {
        self.rng = stream(seed, "dropout");
    }

    fn loss_and_gradient(
        &mut self,
        parameters: &[f32],
        batch: &Batch<'_>,
        pass: Pass,
        gradient: &mut [f32],
    ) -> Score {
        let examples = batch.len();
        self.forward(parameters, batch, true);
        let score = self.score(parameters, batch, Some(pass.scale));
        if !pass.add {
            gradient.fill(0.0);
        }
        if let Some(last) = self.stages.last_mut() {
            let features = examples * last.size();
            let (x, dx) = (&last.output[..features], &mut last.delta[..features]);
            self.head.backward(parameters, x, examples, gradient, dx);
        }
        for index in (0..self.stages.len()).rev() {
            let (before, from) = self.stages.split_at_mut(index);
            let dx = before.last_mut().map(|stage| {
                let size = stage.size();
                &mut stage.delta[..examples * size]
            });
            from[0].backward(parameters, examples, gradient, dx);
        }
        score
    }

    fn evaluate(&mut self, parameters: &[f32], batch: &Batch<'_>) -> Score {
        self.forward(parameters, batch, false);
        self.score(parameters, batch, None)
    }

    fn state(&self) -> Vec<u8> {
        let mut bytes = self.rng.get_word_pos().to_le_bytes().to_vec();
        for stage in &self.stages {
            if let Some(Norm::Batch(_, running, _)) = &stage.norm {
                let numbers = running.mean.iter().chain(&running.variance);
                bytes.extend(numbers.flat_map(|number| number.to_le_bytes()));
            }
        }
        bytes
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), StateMismatch> {
        let (position, rest) = state.split_first_chunk().ok_or(StateMismatch)?;
        let (numbers, left) = rest.as_chunks();
        let norms = self.stages.iter_mut().filter_map(|stage| match &mut stage.norm {
            Some(Norm::Batch(_, running, _)) => Some(running),
            _ => None,
        });
        let mut slots: Vec<&mut f32> =
            norms.flat_map(|running| running.mean.iter_mut().chain(&mut running.variance)).collect();
        if slots.len() != numbers.len() || !left.is_empty() {
            return Err(StateMismatch);
        }
        slots.iter_mut().zip(numbers).for_each(|(slot, number)| **slot = f32::from_le_bytes(*number));
        self.rng.set_word_pos(u128::from_le_bytes(*position));
        Ok(())
    }
}
