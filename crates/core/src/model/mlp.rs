//! The multilayer perceptron: dense layers with an activation between them, and a softmax at the end.

use rand_chacha::ChaCha8Rng;
use sweep_settings::{Kind, Setting, SettingError, Settings, names};

use super::widths::read_widths;
use super::{Block, Model, Pass};
use crate::data::{Batch, Dataset};
use crate::kernels::{Aligned, Columns};
use crate::nn::activation::{Activation, ActivationLayer};
use crate::nn::init::Init;
use crate::nn::linear::Linear;
use crate::nn::loss::{Score, task_loss};
use crate::room::Room;

pub(crate) const HIDDEN: Setting = Setting::new(
    "hidden",
    Kind::List,
    "units of each hidden layer, such as 256/128; 0 for none, which is softmax regression",
)
.or("128")
.under(names::MODEL, &["mlp"]);

/// Examples processed at once: enough for the products to run at full speed, few enough to stay in cache.
const CAPACITY: usize = 256;

/// Rows of a sparse input whose outputs and gradients are gathered at once, so that they stay in cache.
const SPARSE_CAPACITY: usize = 64;

/// The checked specification of a multilayer perceptron for one data set.
#[derive(Clone, Debug)]
pub struct MlpSpec {
    /// Numbers of each layer: inputs, hidden units, outputs.
    widths: Vec<usize>,
    activation: Activation,
    init: Init,
    /// Whether most inputs are zero, so that only the others are read.
    sparse: bool,
    /// The number of examples.
    examples: usize,
}

impl MlpSpec {
    /// The perceptron that `settings` describe for `data`.
    ///
    /// # Errors
    /// Sizes that are not whole numbers or too large; an activation or initialisation that does not exist.
    pub fn read(settings: &Settings, data: &Dataset) -> Result<MlpSpec, SettingError> {
        let mut widths = vec![data.size()];
        widths.extend(read_widths(settings, &HIDDEN)?);
        widths.push(data.outputs());
        Ok(MlpSpec {
            widths,
            activation: Activation::read(settings)?,
            init: Init::read(settings)?,
            sparse: data.nonzeros().is_some(),
            examples: data.examples(),
        })
    }
}

/// How the first layer reads its inputs.
#[derive(Clone, Debug)]
enum Input {
    /// Gathered into rows, (capacity, inputs).
    Dense(Aligned),
    /// Only the non-zero numbers, if they are few, gathered by columns.
    Sparse(Vec<Columns>),
}

/// A multilayer perceptron with its buffers.
#[derive(Clone, Debug)]
pub struct Mlp {
    layers: Vec<Linear>,
    blocks: Vec<Block>,
    /// Behind each hidden layer.
    activations: Vec<ActivationLayer>,
    init: Init,
    capacity: usize,
    input: Input,
    /// The outputs of each layer, (capacity, outputs); the last one is replaced by its gradient.
    outputs: Vec<Aligned>,
    /// The gradients of the hidden layers' outputs, (capacity, outputs).
    deltas: Vec<Aligned>,
}

impl Mlp {
    /// The perceptron of `spec` with space in `room` for `batch` examples, or for as many as are efficient at once.
    pub fn build(spec: &MlpSpec, batch: usize, room: &mut Room) -> Mlp {
        let widths = &spec.widths;
        let (mut layers, mut blocks, mut start) = (Vec::new(), Vec::new(), 0);
        for (index, pair) in widths.windows(2).enumerate() {
            let layer = Linear::new(pair[0], pair[1], start);
            let name =
                if index + 2 == widths.len() { "output".into() } else { format!("hidden{}", index + 1) };
            blocks.push(Block {
                name: format!("{name}.weight"),
                shape: pair.to_vec(),
                range: layer.weights.clone(),
            });
            blocks.push(Block {
                name: format!("{name}.bias"),
                shape: vec![pair[1]],
                range: layer.bias.clone(),
            });
            start = layer.bias.end;
            layers.push(layer);
        }
        let capacity = batch.max(spec.examples).min(CAPACITY);
        let input = if spec.sparse {
            let rows = capacity.min(SPARSE_CAPACITY);
            let parts = capacity.div_ceil(SPARSE_CAPACITY);
            Input::Sparse((0..parts).map(|_| Columns::new(widths[0], rows, room)).collect())
        } else {
            Input::Dense(room.aligned(capacity * widths[0]))
        };
        let hidden = &widths[1..widths.len() - 1];
        let activations = hidden
            .iter()
            .map(|width| ActivationLayer::new(spec.activation, capacity * width, room))
            .collect();
        let mut rows = |widths: &[usize]| widths.iter().map(|width| room.aligned(capacity * width)).collect();
        Mlp {
            input,
            outputs: rows(&widths[1..]),
            deltas: rows(hidden),
            layers,
            blocks,
            activations,
            init: spec.init,
            capacity,
        }
    }

    /// Runs the layers on `batch`, up to but excluding the bias of the last.
    fn forward(&mut self, parameters: &[f32], batch: &Batch<'_>) {
        let examples = batch.len();
        for (index, layer) in self.layers.iter().enumerate() {
            let (before, from) = self.outputs.split_at_mut(index);
            let output = &mut from[0][..examples * layer.outputs];
            match (before.last(), &mut self.input, batch.nonzeros()) {
                (None, Input::Sparse(columns), Some(x)) => {
                    layer.forward_sparse(parameters, x, columns, output);
                }
                (None, Input::Dense(x), _) => {
                    let x = &mut x[..examples * layer.inputs];
                    batch.gather(x);
                    layer.forward(parameters, x, output, examples);
                }
                (Some(x), ..) => layer.forward(parameters, &x[..examples * layer.inputs], output, examples),
                (None, Input::Sparse(_), None) => {}
            }
            if let Some(activation) = self.activations.get_mut(index) {
                activation.forward(output, &parameters[layer.bias.clone()]);
            }
        }
    }

    /// `to ← scale·∇`, or `to ← to + scale·∇` if `how` says so, for the batch of the last forward pass. Gradients
    /// propagate back through `parameters`, or through `to` if the step is taken in place.
    fn backward(&mut self, batch: &Batch<'_>, parameters: Option<&[f32]>, to: &mut [f32], how: (f32, bool)) {
        let examples = batch.len();
        for (index, layer) in self.layers.iter().enumerate().rev() {
            let (before, after) = self.deltas.split_at_mut(index);
            let (below, outputs) = self.outputs.split_at_mut(index);
            let dy = after.first_mut().unwrap_or(&mut outputs[0]);
            let dy = &mut dy[..examples * layer.outputs];
            if let (Some(x), Some(dx)) = (below.last(), before.last_mut()) {
                let x = &x[..examples * layer.inputs];
                let dx = &mut dx[..examples * layer.inputs];
                layer.backward(parameters.unwrap_or(to), dy, dx);
                self.activations[index - 1].backward(x, dx);
                layer.outer(x, dy, to, how);
                continue;
            }
            match (&mut self.input, batch.nonzeros()) {
                (Input::Sparse(columns), Some((x, _))) => layer.outer_sparse((x, columns), dy, to, how),
                (Input::Dense(x), _) => layer.outer(&x[..examples * layer.inputs], dy, to, how),
                (Input::Sparse(_), None) => {}
            }
        }
    }

    /// The loss; replaces the last outputs by their gradients if there is a `scale`.
    fn score(&mut self, parameters: &[f32], batch: &Batch<'_>, scale: Option<f32>) -> Score {
        let (Some(layer), Some(logits)) = (self.layers.last(), self.outputs.last_mut()) else {
            return Score::default();
        };
        let logits = &mut logits[..batch.len() * layer.outputs];
        task_loss(logits, &parameters[layer.bias.clone()], batch, scale)
    }
}

impl Model for Mlp {
    fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    fn capacity(&self) -> usize {
        self.capacity
    }

    fn init(&self, parameters: &mut [f32], rng: &mut ChaCha8Rng) {
        for layer in &self.layers {
            self.init.weights(&mut parameters[layer.weights.clone()], layer.inputs, layer.outputs, rng);
            self.init.biases(&mut parameters[layer.bias.clone()], layer.inputs, rng);
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
        self.backward(batch, Some(parameters), gradient, (1.0, pass.add));
        score
    }

    fn descends(&self) -> bool {
        true
    }

    fn loss_before_descent(&mut self, parameters: &[f32], batch: &Batch<'_>) -> Score {
        self.forward(parameters, batch);
        self.score(parameters, batch, Some(1.0 / batch.len() as f32))
    }

    fn descend(&mut self, parameters: &mut [f32], batch: &Batch<'_>, rate: f32) {
        self.backward(batch, None, parameters, (-rate, true));
    }

    fn evaluate(&mut self, parameters: &[f32], batch: &Batch<'_>) -> Score {
        self.forward(parameters, batch);
        self.score(parameters, batch, None)
    }
}
