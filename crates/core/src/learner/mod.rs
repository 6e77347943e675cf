//! Learners: where gradients come from, and how good the network is.
//!
//! A learner owns the network's buffers and whatever its batches are drawn from; the parameters are the run's. The
//! loop around it is one for all: examples drawn from a data set, text, or an agent in an environment.

mod probe;
mod supervised;
mod workers;

use std::sync::Arc;

use rand_chacha::ChaCha8Rng;
use rayon::ThreadPool;

use crate::data::Part;
use crate::model::Block;
use crate::reading::Metrics;
use crate::schedule::Progress;
use crate::state::StateMismatch;

pub use probe::Probe;
pub(crate) use supervised::{ACCUMULATE, Supervised};
pub use supervised::{SETTINGS, SupervisedSpec};
pub(crate) use workers::WORKERS;

/// What a batch gave beside its gradient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Learned {
    /// Sum of the examples' losses.
    pub loss: f64,
    /// How many examples there were: fewer than asked for at the end of an epoch.
    pub examples: usize,
}

/// How many examples the updates of a run use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Those used before the first update, beside its own.
    pub before: u64,
    /// Those of each update, where that is not the batch size.
    pub each: Option<u64>,
    /// Whether a batch is cut short where an epoch ends.
    pub cut: bool,
}

/// Where gradients come from, and how good the network is.
pub trait Learner: Send {
    /// The tensors of the network, in the order in which they lie.
    fn blocks(&self) -> &[Block];

    /// How many examples its updates use.
    fn pace(&self) -> Pace;

    /// Draws the initial parameters.
    fn init(&self, parameters: &mut [f32], rng: &mut ChaCha8Rng);

    /// How many parameters there are.
    fn size(&self) -> usize {
        self.blocks().last().map_or(0, |block| block.range.end)
    }

    /// Replaces `gradient` by that of the mean loss over the next `batch` examples, at `parameters`.
    fn gradient(
        &mut self,
        parameters: &[f32],
        batch: usize,
        progress: &Progress,
        gradient: &mut [f32],
    ) -> Learned;

    /// The loss of the next `batch` examples at `parameters`, before a step along the gradient of its mean, which
    /// [`Learner::descend`] takes. `None`, and nothing done, where gradients have to be written down.
    fn loss_before_descent(&mut self, _parameters: &[f32], _batch: usize) -> Option<Learned> {
        None
    }

    /// θ ← θ − rate·∇, in place: plain gradient descent by the batch of the last [`Learner::loss_before_descent`].
    fn descend(&mut self, _parameters: &mut [f32], _rate: f32) {}

    /// Lets it use the threads of `pool`, which change nothing of what it computes.
    fn use_threads(&mut self, _pool: &Arc<ThreadPool>) {}

    /// Mean loss of the examples seen since the epoch began, each at the parameters it met, as Keras prints it.
    fn train_loss(&self) -> f64;

    /// What the network at `parameters` reaches on `part`, under names with the part's prefix, as in `val_loss`.
    /// The first is what plateaus are judged by.
    fn evaluate(&mut self, parameters: &[f32], part: Part) -> Metrics;

    /// Whether a network with the validation figures `reached` has learned nothing.
    fn stuck(&self, reached: &Metrics) -> bool;

    /// The mean loss of the best constant prediction, by which divergence is judged; `None` where a loss says nothing
    /// of the kind, and only one that is not finite counts.
    fn chance_loss(&self) -> Option<f64> {
        None
    }

    /// Hands `look` gradients of chosen examples, and leaves the learner as it was; does nothing where examples have no
    /// gradients of their own.
    fn probe(&mut self, _look: &mut dyn FnMut(&mut dyn Probe)) {}

    /// `tokens` tokens of text that the network at `parameters` writes on from the beginning of the validation part,
    /// drawn by the stream `sample` of `seed`; `None` where it was not trained to write.
    fn sample(&mut self, _parameters: &[f32], _tokens: usize, _seed: u64) -> Option<String> {
        None
    }

    /// What a checkpoint has to keep of it.
    fn state(&self) -> Vec<u8>;

    /// Takes back what [`Learner::state`] gave, in a learner built alike.
    ///
    /// # Errors
    /// A state of other settings or data.
    fn restore(&mut self, state: &[u8]) -> Result<(), StateMismatch>;
}
