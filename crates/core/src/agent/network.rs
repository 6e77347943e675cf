//! The perceptron of an agent: from observations to one number per action, or to one value.

use rand_chacha::ChaCha8Rng;
use sweep_settings::{SettingError, Settings};

use crate::model::{Block, Head, MLP_HIDDEN, read_widths};
use crate::nn::activation::Activation;
use crate::nn::dropout::Dropout;
use crate::nn::init::Init;
use crate::room::Room;

/// The hidden layers of an agent's networks.
#[derive(Clone, Debug)]
pub(super) struct NetworkSpec {
    hidden: Vec<usize>,
    activation: Activation,
    init: Init,
}

impl NetworkSpec {
    /// The layers that `settings` describe.
    ///
    /// # Errors
    /// Sizes that are not whole numbers or too large; an activation or initialisation that does not exist.
    pub fn read(settings: &Settings) -> Result<NetworkSpec, SettingError> {
        Ok(NetworkSpec {
            hidden: read_widths(settings, &MLP_HIDDEN)?,
            activation: Activation::read(settings)?,
            init: Init::read(settings)?,
        })
    }
}

/// Inputs and outputs of a network.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ends {
    /// Number of inputs.
    pub inputs: usize,
    /// Number of outputs.
    pub outputs: usize,
    /// Prefix of the names of its tensors.
    pub prefix: &'static str,
}

/// Dense layers on part of the flat parameter slice, with their buffers.
#[derive(Clone, Debug)]
pub(super) struct Network {
    head: Head,
    blocks: Vec<Block>,
    init: Init,
    inputs: usize,
    capacity: usize,
    /// The gradient of the inputs, which is not used.
    unused: Vec<f32>,
}

impl Network {
    /// The layers of `spec` between `inputs` and `outputs` numbers, with space in `room` for up to `capacity` rows at
    /// once. Their parameters begin at `start`.
    pub fn build(spec: &NetworkSpec, ends: Ends, start: usize, capacity: usize, room: &mut Room) -> Network {
        let Ends { inputs, outputs, prefix } = ends;
        let mut widths = vec![inputs];
        widths.extend(&spec.hidden);
        widths.push(outputs);
        let head = Head::new(&widths, spec.activation, Dropout { rate: 0.0 }, start, capacity, room);
        let mut blocks = head.blocks();
        blocks.iter_mut().for_each(|block| block.name.insert_str(0, prefix));
        let unused = room.floats(capacity * inputs);
        Network { head, blocks, init: spec.init, inputs, capacity, unused }
    }

    /// Its tensors.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Where its parameters end.
    pub fn end(&self) -> usize {
        self.blocks.last().map_or(0, |block| block.range.end)
    }

    /// The maximum number of rows per call.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Draws its initial parameters.
    pub fn init(&self, parameters: &mut [f32], rng: &mut ChaCha8Rng) {
        self.head.init(self.init, parameters, rng);
    }

    /// Runs over the rows of x, (rows, inputs). Returns the outputs, (rows, outputs), to be read or replaced by their
    /// gradient for [`Network::backward`].
    pub fn forward(&mut self, parameters: &[f32], x: &[f32]) -> &mut [f32] {
        let rows = x.len() / self.inputs;
        self.head.forward(parameters, x, rows, None);
        let (outputs, bias) = self.head.outputs(parameters, rows);
        for row in outputs.chunks_exact_mut(bias.len()) {
            row.iter_mut().zip(bias).for_each(|(output, bias)| *output += bias);
        }
        outputs
    }

    /// Adds its gradients to `gradient`, given that of the outputs in their place, for the x of the last forward pass.
    pub fn backward(&mut self, parameters: &[f32], x: &[f32], gradient: &mut [f32]) {
        let rows = x.len() / self.inputs;
        self.head.backward(parameters, x, rows, gradient, &mut self.unused[..x.len()]);
    }
}
