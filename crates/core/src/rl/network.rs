//! The perceptron of an agent: from what it sees to a number for each action, or to one value.

use rand_chacha::ChaCha8Rng;

use crate::model::{Block, Head, MLP_HIDDEN, hidden};
use crate::nn::activation::Activation;
use crate::nn::dropout::Dropout;
use crate::nn::init::Init;
use crate::{SettingError, Settings};

/// Dense layers on part of the flat parameter slice, with their buffers.
#[derive(Clone, Debug)]
pub(super) struct Network {
    head: Head,
    blocks: Vec<Block>,
    init: Init,
    inputs: usize,
    capacity: usize,
    /// The gradient of the inputs, which nobody asks for.
    unused: Vec<f32>,
}

impl Network {
    /// The layers that `settings` describe between `inputs` and `outputs` numbers, for up to `capacity` rows at once.
    /// Their parameters begin at `start`; `prefix` stands before the names of their tensors.
    ///
    /// # Errors
    /// Sizes that are no whole numbers or too large; an activation or initialisation that does not exist.
    pub fn build(
        settings: &Settings,
        (inputs, outputs): (usize, usize),
        (prefix, start): (&str, usize),
        capacity: usize,
    ) -> Result<Network, SettingError> {
        let mut widths = vec![inputs];
        widths.extend(hidden(settings, &MLP_HIDDEN)?);
        widths.push(outputs);
        let activation = Activation::build(settings)?;
        let head = Head::new(&widths, activation, Dropout { rate: 0.0 }, start, capacity);
        let mut blocks = head.blocks();
        blocks.iter_mut().for_each(|block| block.name.insert_str(0, prefix));
        let unused = vec![0.0; capacity * inputs];
        Ok(Network { head, blocks, init: Init::build(settings)?, inputs, capacity, unused })
    }

    /// Its tensors.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Where its parameters end.
    pub fn end(&self) -> usize {
        self.blocks.last().map_or(0, |block| block.range.end)
    }

    /// The most rows that one call takes.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Memory of its buffers, in bytes.
    pub fn bytes(&self) -> usize {
        self.head.bytes() + size_of_val(self.unused.as_slice())
    }

    /// Draws its initial parameters.
    pub fn init(&self, parameters: &mut [f32], rng: &mut ChaCha8Rng) {
        self.head.init(self.init, parameters, rng);
    }

    /// Runs over the rows of x, (rows, inputs). What comes out, (rows, outputs), is to be read, or to be replaced by its
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
