//! Learning from the examples of a data set, shuffled each epoch.

use std::sync::Arc;

use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rayon::ThreadPool;
use sweep_settings::{Kind, Setting, SettingError, Settings, stream};

use super::workers::{Task as Shared, WORKERS, Workers};
use super::{Learned, Learner, Pace, Probe};
use crate::data::{Batch, Dataset, Part, Task};
use crate::evaluate::evaluate;
use crate::model::{Block, Model, ModelSpec, Pass};
use crate::reading::{Metrics, metric};
use crate::room::Room;
use crate::schedule::Progress;
use crate::state::{StateMismatch, Writer, reader};

/// The settings of this module.
pub const SETTINGS: &[Setting] = &[ACCUMULATE, WORKERS];

pub(crate) const ACCUMULATE: Setting = Setting::new(
    "accumulate",
    Kind::Int { low: 1, high: 1 << 30 },
    "parts into which a batch is split, their gradients summed; batch remains the effective size",
)
.or("1");

/// A network has learned something, whatever its loss, if its accuracy covers at least this share of the way from the
/// best constant answer to all answers right.
const KNOWS: f64 = 0.1;

/// The first examples of the next batch, prefetched while the current one is computed; the others are prefetched during
/// the next batch. Without this a small batch waits for its first examples.
const FETCHED: usize = 8;

/// The checked specification of a network that learns from the examples of a data set.
#[derive(Clone, Debug)]
pub struct SupervisedSpec {
    pub(super) model: ModelSpec,
    /// Examples per update, at the start.
    pub(super) batch: usize,
    pub(super) accumulate: usize,
    pub(super) workers: usize,
}

impl SupervisedSpec {
    /// The learner that `settings` describe for `data` and batches of `batch` examples.
    ///
    /// # Errors
    /// A value that is out of range or does not fit the data; a batch split into more parts than it has examples;
    /// workers with a network whose examples interact.
    pub fn read(settings: &Settings, data: &Dataset, batch: usize) -> Result<SupervisedSpec, SettingError> {
        let accumulate = settings.count(&ACCUMULATE)?;
        if accumulate > batch {
            let why = format!("splits a batch of {batch} into more parts than it has examples");
            return Err(settings.error(&ACCUMULATE, why));
        }
        let model = ModelSpec::read(settings, data)?;
        let workers = settings.count(&WORKERS)?;
        let refuse = |why: String| Err(settings.error(&WORKERS, why));
        if workers > batch {
            return refuse(format!(
                "is too many for a batch of {batch}: use at most {batch}, or a larger batch"
            ));
        }
        if workers > 1 && model.couples_examples() {
            return refuse(
                "splits batches, but norm=batch needs them whole; use norm=layer or workers=1".into(),
            );
        }
        if accumulate.saturating_mul(workers) > batch && workers > 1 {
            return refuse(format!(
                "and accumulate={accumulate} split a batch of {batch} into more parts than it has examples"
            ));
        }
        Ok(SupervisedSpec { model, batch, accumulate, workers })
    }

    /// How many workers share a batch.
    pub fn workers(&self) -> usize {
        self.workers
    }

    /// Whether each example has a separate gradient.
    pub fn separates_examples(&self) -> bool {
        !self.model.couples_examples()
    }
}

/// Examples of a data set and the network that learns from them.
pub(crate) struct Supervised {
    data: Arc<Dataset>,
    model: Box<dyn Model>,
    workers: Workers,
    accumulate: usize,
    /// Whether the examples of a batch interact.
    coupled: bool,
    batches: ChaCha8Rng,
    /// The rows of the training part in the order of this epoch, and how many of them are used.
    order: Vec<u32>,
    used: usize,
    /// The size of the last batch.
    last: usize,
    /// Summed loss of the examples used in this epoch.
    epoch_loss: f64,
}

impl Supervised {
    /// The learner of `spec` with buffers from `room`; `seed` feeds the stream `batches` and those of the model.
    pub fn build(spec: &SupervisedSpec, data: &Arc<Dataset>, seed: u64, room: &mut Room) -> Supervised {
        let mut model = spec.model.build(spec.batch, room);
        model.seed(seed);
        let order = room.copy(data.rows(Part::Train));
        Supervised {
            data: Arc::clone(data),
            model,
            workers: Workers::build(spec, seed, room),
            accumulate: spec.accumulate,
            coupled: spec.model.couples_examples(),
            batches: stream(seed, "batches"),
            used: order.len(),
            last: 0,
            order,
            epoch_loss: 0.0,
        }
    }

    /// Takes the next `batch` rows, or the rest of the epoch; returns how many.
    fn draw(&mut self, batch: usize) -> usize {
        if self.used == self.order.len() {
            self.order.shuffle(&mut self.batches);
            self.used = 0;
            self.epoch_loss = 0.0;
        }
        self.last = batch.min(self.order.len() - self.used);
        self.used += self.last;
        let coming = &self.order[self.used..];
        let (next, after) = coming.split_at(FETCHED.min(coming.len()));
        self.data.fetch(next, &after[..FETCHED.min(after.len())]);
        self.last
    }
}

/// The examples of the training part and the network.
struct Examples<'a> {
    data: &'a Dataset,
    model: &'a mut dyn Model,
}

impl Probe for Examples<'_> {
    fn rows(&self) -> &[u32] {
        self.data.rows(Part::Train)
    }

    fn gradient_of(&mut self, parameters: &[f32], rows: &[u32], gradient: &mut [f32]) {
        let mut pass = Pass { scale: 1.0 / rows.len() as f32, add: false };
        for rows in rows.chunks(self.model.capacity()) {
            self.model.loss_and_gradient(parameters, &Batch { data: self.data, rows }, pass, gradient);
            pass.add = true;
        }
    }
}

impl Learner for Supervised {
    fn blocks(&self) -> &[Block] {
        self.model.blocks()
    }

    fn pace(&self) -> Pace {
        Pace { before: 0, each: None, cut: true }
    }

    fn init(&self, parameters: &mut [f32], rng: &mut ChaCha8Rng) {
        self.model.init(parameters, rng);
    }

    fn gradient(
        &mut self,
        parameters: &[f32],
        batch: usize,
        _progress: &Progress,
        gradient: &mut [f32],
    ) -> Learned {
        let count = self.draw(batch);
        let rows = &self.order[self.used - count..self.used];
        let most = batch.div_ceil(self.accumulate * self.workers.count());
        let task = Shared { data: &self.data, rows, parameters, most };
        let score = self.workers.gradient(self.model.as_mut(), &task, gradient);
        self.epoch_loss += score.loss;
        Learned { loss: score.loss, examples: count }
    }

    fn loss_before_descent(&mut self, parameters: &[f32], batch: usize) -> Option<Learned> {
        if !self.model.descends()
            || self.workers.count() > 1
            || self.accumulate > 1
            || batch > self.model.capacity()
        {
            return None;
        }
        let count = self.draw(batch);
        let rows = &self.order[self.used - count..self.used];
        let score = self.model.loss_before_descent(parameters, &Batch { data: &self.data, rows });
        self.epoch_loss += score.loss;
        Some(Learned { loss: score.loss, examples: count })
    }

    fn descend(&mut self, parameters: &mut [f32], rate: f32) {
        let rows = &self.order[self.used - self.last..self.used];
        self.model.descend(parameters, &Batch { data: &self.data, rows }, rate);
    }

    fn use_threads(&mut self, pool: &Arc<ThreadPool>) {
        self.workers.use_threads(pool);
    }

    fn train_loss(&self) -> f64 {
        self.epoch_loss / self.used as f64
    }

    fn evaluate(&mut self, parameters: &[f32], part: Part) -> Metrics {
        let reached = evaluate(self.model.as_mut(), parameters, &self.data, part);
        let prefix = part.prefix();
        let mut metrics = vec![(format!("{prefix}loss"), reached.loss)];
        if let Some(accuracy) = reached.accuracy {
            metrics.push((format!("{prefix}accuracy"), accuracy));
        }
        metrics
    }

    fn stuck(&self, reached: &Metrics) -> bool {
        if metric(reached, "val_loss").is_some_and(|loss| loss < self.data.chance_loss()) {
            return false;
        }
        // A network that is confidently wrong has a high loss and may still have learned much.
        match (metric(reached, "val_accuracy"), self.data.chance_accuracy()) {
            (Some(accuracy), Some(chance)) => accuracy < chance + KNOWS * (1.0 - chance),
            _ => true,
        }
    }

    fn chance_loss(&self) -> Option<f64> {
        Some(self.data.chance_loss())
    }

    fn probe(&mut self, look: &mut dyn FnMut(&mut dyn Probe)) {
        if self.coupled {
            return;
        }
        let kept = self.model.state();
        look(&mut Examples { data: &self.data, model: self.model.as_mut() });
        // It fits, because it came from such a value.
        let _ = self.model.restore(&kept);
    }

    fn sample(&mut self, parameters: &[f32], tokens: usize, seed: u64) -> Option<String> {
        let data = Arc::clone(&self.data);
        let first = Batch { data: &data, rows: &data.rows(Part::Validation)[..1] };
        if !matches!(data.task(), Task::Language { .. }) {
            return None;
        }
        let rng = &mut stream(seed, "sample");
        let text = self.model.continue_text(parameters, first.tokens(0), tokens, rng);
        Some(text.iter().map(|&token| data.vocabulary().token(token)).collect())
    }

    fn state(&self) -> Vec<u8> {
        let mut state = Writer::default();
        state.stream(&self.batches);
        state.number(self.used as u64);
        state.float(self.epoch_loss);
        self.order.iter().for_each(|&row| state.number(row.into()));
        state.bytes(&self.model.state());
        self.workers.write(&mut state);
        state.end()
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), StateMismatch> {
        let mut state = reader(state);
        state.stream(&mut self.batches)?;
        self.used = state.number()? as usize;
        self.epoch_loss = state.float()?;
        for row in &mut self.order {
            *row = state.number()? as u32;
        }
        self.model.restore(state.bytes()?)?;
        self.workers.read(&mut state)?;
        if self.used > self.order.len() || self.order.iter().any(|&row| row as usize >= self.data.examples())
        {
            return Err(StateMismatch);
        }
        state.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Answers, Inputs};

    #[test]
    fn a_network_is_stuck_that_knows_nothing_by_loss_and_accuracy() {
        let labels = (0..40).map(|row| row % 2).collect();
        let inputs = Inputs::from_floats(&[1], (0..40).map(|row| row as f32).collect()).unwrap();
        let rows = [(0..20).collect(), (20..30).collect(), (30..40).collect()];
        let task = Task::Classification { classes: 2 };
        let data = Dataset::new("halves", task, inputs, Answers::Classes(labels), rows).unwrap();
        let spec = SupervisedSpec::read(&Settings::default(), &data, 4).unwrap();
        let learner = Supervised::build(&spec, &Arc::new(data), 0, &mut Room::default());
        let stuck = |loss: f64, accuracy: f64| {
            learner.stuck(&vec![("val_loss".to_owned(), loss), ("val_accuracy".to_owned(), accuracy)])
        };
        assert!(stuck(0.7, 0.5) && stuck(3.0, 0.52) && learner.stuck(&Metrics::new()));
        assert!(!stuck(0.6, 0.5), "better than chance");
        assert!(!stuck(3.0, 0.8), "confidently wrong, and right in four of five");
    }
}
