//! Models: networks whose parameters are one flat slice.
//!
//! A model is bound to one run: it knows the shape of its data and owns every buffer that a step needs, so that a step
//! allocates nothing. It does not own the parameters; they are passed in as a slice, divided into named [`Block`]s.

mod block;
mod choice;
mod cnn;
mod head;
mod mlp;
mod recurrent;
#[cfg(test)]
mod tests;
mod widths;

use rand_chacha::ChaCha8Rng;
use sweep_settings::{Kind, Setting, SettingError, Settings};

use crate::data::{Batch, Dataset};
use crate::nn::loss::Score;
use crate::room::Room;
use crate::state::StateMismatch;

pub use block::Block;
pub(crate) use choice::MODEL;
pub use cnn::{Cnn, CnnSpec};
pub(crate) use head::Head;
pub(crate) use mlp::HIDDEN as MLP_HIDDEN;
pub use mlp::{Mlp, MlpSpec};
pub use recurrent::{RecurrentNet, RecurrentSpec};
pub(crate) use widths::read_widths;

/// The settings of this module.
///
/// `hidden` appears once for all models, then once with the default of each.
pub const SETTINGS: &[Setting] = &[
    MODEL,
    HIDDEN,
    mlp::HIDDEN,
    cnn::HIDDEN,
    recurrent::HIDDEN,
    recurrent::EMBEDDING,
    cnn::CONV,
    cnn::POOL,
    cnn::POOLING,
    cnn::NORM,
    cnn::DROPOUT,
];

const HIDDEN: Setting =
    Setting::new("hidden", Kind::List, "units of each hidden layer, such as 256/128; 0 for none")
        .under("model", &["mlp", "cnn", "rnn", "lstm", "gru"]);

/// How a gradient is written.
#[derive(Clone, Copy, Debug)]
pub struct Pass {
    /// The factor of every example's gradient: 1/B gives that of the mean over a batch of B.
    pub scale: f32,
    /// Whether it is added to the current value; otherwise it replaces it.
    pub add: bool,
}

/// A network bound to the shape of its data.
pub trait Model: Send {
    /// The tensors, in the order in which they lie.
    fn blocks(&self) -> &[Block];

    /// The maximum number of examples per call; a larger batch is fed in pieces.
    fn capacity(&self) -> usize;

    /// Draws the initial parameters.
    fn init(&self, parameters: &mut [f32], rng: &mut ChaCha8Rng);

    /// Starts the random streams that the model uses in training, if any, at the replicate's `seed`.
    fn seed(&mut self, _seed: u64) {}

    /// Writes or adds the gradient of the examples' losses as `pass` says. Returns loss and hits at `parameters`.
    fn loss_and_gradient(
        &mut self,
        parameters: &[f32],
        batch: &Batch<'_>,
        pass: Pass,
        gradient: &mut [f32],
    ) -> Score;

    /// Whether it can take gradient steps without storing the gradient, by the next two methods.
    fn descends(&self) -> bool {
        false
    }

    /// Loss and hits at `parameters` before a step along the gradient of the mean loss of `batch`, which the next
    /// [`Model::descend`] with the same batch takes.
    fn loss_before_descent(&mut self, _parameters: &[f32], _batch: &Batch<'_>) -> Score {
        Score::default()
    }

    /// θ ← θ − rate·∇, in place and without storing the gradient.
    fn descend(&mut self, _parameters: &mut [f32], _batch: &Batch<'_>, _rate: f32) {}

    /// Loss and hits at `parameters`, as the network is used after training.
    fn evaluate(&mut self, parameters: &[f32], batch: &Batch<'_>) -> Score;

    /// The state besides the parameters, for a checkpoint: running statistics, the position in a stream.
    fn state(&self) -> Vec<u8> {
        Vec::new()
    }

    /// Restores the result of [`Model::state`].
    ///
    /// # Errors
    /// A state of another network.
    fn restore(&mut self, state: &[u8]) -> Result<(), StateMismatch> {
        if state.is_empty() { Ok(()) } else { Err(StateMismatch) }
    }

    /// `count` tokens that continue `start`, each drawn from the prediction of the network at `parameters`; none if the
    /// network does not predict tokens.
    fn continue_text(
        &mut self,
        _parameters: &[f32],
        _start: &[u16],
        _count: usize,
        _rng: &mut ChaCha8Rng,
    ) -> Vec<u16> {
        Vec::new()
    }

    /// How many parameters there are.
    fn size(&self) -> usize {
        self.blocks().last().map_or(0, |block| block.range.end)
    }
}

/// The checked specification of a model for one data set.
#[derive(Clone, Debug)]
pub enum ModelSpec {
    /// A multilayer perceptron.
    Mlp(MlpSpec),
    /// A convolutional network.
    Cnn(CnnSpec),
    /// A recurrent network for text.
    Recurrent(RecurrentSpec),
}

impl ModelSpec {
    /// The model that `settings` describe for `data`.
    ///
    /// # Errors
    /// A value that is out of range or does not fit the data, with the reason.
    pub fn read(settings: &Settings, data: &Dataset) -> Result<ModelSpec, SettingError> {
        settings.checked(&MODEL)?;
        let name = settings.text(&MODEL);
        let cell = recurrent::CELLS.iter().find(|(cell, _)| *cell == name).map(|(_, cell)| *cell);
        if data.vocabulary().is_empty() == cell.is_some() {
            let why = if cell.is_none() {
                format!("reads numbers, but data={} is text; use model=rnn, lstm or gru", data.name())
            } else {
                format!("reads text, but data={} is numbers; use model=mlp or cnn", data.name())
            };
            return Err(settings.error(&MODEL, why));
        }
        Ok(match (cell, name.as_str()) {
            (Some(cell), _) => ModelSpec::Recurrent(RecurrentSpec::read(settings, cell, data)?),
            (None, "cnn") => ModelSpec::Cnn(CnnSpec::read(settings, data)?),
            (None, _) => ModelSpec::Mlp(MlpSpec::read(settings, data)?),
        })
    }

    /// Whether the examples of a batch interact, as under batch normalisation, so that none has a separate gradient.
    pub fn couples_examples(&self) -> bool {
        matches!(self, ModelSpec::Cnn(spec) if spec.couples_examples())
    }

    /// The network with space in `room` for batches of `batch` examples, or for as many as are efficient at once.
    pub fn build(&self, batch: usize, room: &mut Room) -> Box<dyn Model> {
        match self {
            ModelSpec::Mlp(spec) => Box::new(Mlp::build(spec, batch, room)),
            ModelSpec::Cnn(spec) => Box::new(Cnn::build(spec, batch, room)),
            ModelSpec::Recurrent(spec) => Box::new(RecurrentNet::build(spec, batch, room)),
        }
    }
}
