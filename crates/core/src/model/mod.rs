//! Models: what is trained, seen as one flat slice of parameters.
//!
//! A model is bound to one run: it knows the shape of its data and owns every buffer that a step needs, so that a
//! step allocates nothing. The parameters are not its own; they come in as a slice, cut into named [`Block`]s.

mod cnn;
mod head;
mod mlp;
mod recurrent;
#[cfg(test)]
mod tests;

use std::ops::Range;

use rand_chacha::ChaCha8Rng;

use crate::data::{Batch, Dataset};
use crate::nn::loss::Score;
use crate::nn::recurrent::Cell;
use crate::settings::{Kind, Setting, error};
use crate::state::StateMismatch;
use crate::{SettingError, Settings};

pub use cnn::Cnn;
pub(crate) use head::Head;
pub use mlp::Mlp;
pub(crate) use mlp::{HIDDEN as MLP_HIDDEN, hidden};
pub use recurrent::RecurrentNet;

/// The settings of this module.
///
/// `hidden` stands there once for all models, then with the default of each.
pub const SETTINGS: &[Setting] = &[
    MODEL,
    HIDDEN,
    mlp::HIDDEN,
    cnn::HIDDEN,
    recurrent::HIDDEN,
    recurrent::EMBEDDING,
    cnn::CONV,
    cnn::POOL,
    cnn::NORM,
    cnn::DROPOUT,
];

pub(crate) const MODEL: Setting = Setting {
    name: "model",
    kind: Kind::Choice(&["mlp", "cnn", "rnn", "lstm", "gru"]),
    scale: None,
    default: Some("mlp"),
    when: None,
    help: "what is trained: a multilayer perceptron, a convolutional network, or for text a recurrent one",
};

const HIDDEN: Setting = Setting {
    name: "hidden",
    kind: Kind::List,
    scale: None,
    default: None,
    when: Some(("model", &["mlp", "cnn", "rnn", "lstm", "gru"])),
    help: "units of the hidden layers, as in 256/128; 0 for none",
};

/// One tensor of the parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its name, such as `hidden1.weight`.
    pub name: String,
    /// Its shape, outermost first.
    pub shape: Vec<usize>,
    /// Where it lies in the flat slice; blocks follow each other without gaps.
    pub range: Range<usize>,
}

/// What becomes of a gradient.
#[derive(Clone, Copy, Debug)]
pub struct Pass {
    /// The factor of every example's gradient: 1/B gives that of the mean over a batch of B.
    pub scale: f32,
    /// Whether it is added to what is there; else it replaces it.
    pub add: bool,
}

/// A network bound to the shape of its data.
pub trait Model: Send {
    /// The tensors, in the order in which they lie.
    fn blocks(&self) -> &[Block];

    /// The most examples that one call takes; a larger batch is fed in pieces.
    fn capacity(&self) -> usize;

    /// Memory that its buffers take, in bytes.
    fn bytes(&self) -> usize;

    /// Draws the initial parameters.
    fn init(&self, parameters: &mut [f32], rng: &mut ChaCha8Rng);

    /// Starts the random streams that the model draws from in training, if it has such, at the replicate's `seed`.
    fn seed(&mut self, _seed: u64) {}

    /// Writes or adds the gradient of the examples' losses as `pass` says. Returns loss and hits at `parameters`.
    fn loss_and_gradient(
        &mut self,
        parameters: &[f32],
        batch: &Batch<'_>,
        pass: Pass,
        gradient: &mut [f32],
    ) -> Score;

    /// Whether it takes steps along its gradient without writing it down, by the two methods that follow.
    fn descends(&self) -> bool {
        false
    }

    /// Loss and hits at `parameters` before a step along the gradient of the mean loss of `batch`, which the next
    /// [`Model::descend`] with the same batch takes.
    fn loss_before_descent(&mut self, _parameters: &[f32], _batch: &Batch<'_>) -> Score {
        Score::default()
    }

    /// θ ← θ − rate·∇, in place and without writing the gradient down.
    fn descend(&mut self, _parameters: &mut [f32], _batch: &Batch<'_>, _rate: f32) {}

    /// Loss and hits at `parameters`, as the network is used after training.
    fn evaluate(&mut self, parameters: &[f32], batch: &Batch<'_>) -> Score;

    /// What training changes beside the parameters, for a checkpoint: running statistics, the place in a stream.
    fn state(&self) -> Vec<u8> {
        Vec::new()
    }

    /// Takes back what [`Model::state`] gave.
    ///
    /// # Errors
    /// A state of another network.
    fn restore(&mut self, state: &[u8]) -> Result<(), StateMismatch> {
        if state.is_empty() { Ok(()) } else { Err(StateMismatch) }
    }

    /// `count` tokens that continue `start`, each drawn from what the network at `parameters` foretells; none from a
    /// network that foretells no tokens.
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

/// Whether the examples of a batch see each other, as under batch normalisation: none has a gradient of its own.
pub(crate) fn couples_examples(settings: &Settings) -> bool {
    settings.text(&MODEL) == Some("cnn") && settings.text(&cnn::NORM) == Some("batch")
}

/// The model that `settings` describe for `data`, with room for batches of `batch` examples.
///
/// # Errors
/// A value that is out of range or does not go with the data, named with its reason.
pub fn build(settings: &Settings, data: &Dataset, batch: usize) -> Result<Box<dyn Model>, SettingError> {
    let name = settings.text(&MODEL).unwrap_or("mlp");
    let text = !data.vocabulary().is_empty();
    if text != recurrent::NAMES.contains(&name) && matches!(name, "mlp" | "cnn" | "rnn" | "lstm" | "gru") {
        let why = if text {
            format!("reads numbers, and data={} is text; take model=rnn, lstm or gru", data.name())
        } else {
            format!("reads text, and data={} is numbers; take model=mlp or cnn", data.name())
        };
        return Err(error(&MODEL, name, why));
    }
    let recurrent = |cell| RecurrentNet::build(settings, cell, data, batch);
    match name {
        "mlp" => Ok(Box::new(Mlp::build(settings, data, batch)?)),
        "cnn" => Ok(Box::new(Cnn::build(settings, data, batch)?)),
        "rnn" => Ok(Box::new(recurrent(Cell::Rnn)?)),
        "lstm" => Ok(Box::new(recurrent(Cell::Lstm)?)),
        "gru" => Ok(Box::new(recurrent(Cell::Gru)?)),
        other => Err(error(&MODEL, other, "is no model".into())),
    }
}
