//! The training loop.

use std::sync::Arc;

use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use crate::data::{Batch, Dataset, Part};
use crate::divergence::Divergence;
use crate::evaluate::{Evaluation, evaluate};
use crate::model::{self, Model, Pass};
use crate::nn::loss::Score;
use crate::optimizer::Optimizer;
use crate::reading::Reading;
use crate::schedule::{Progress, Schedule};
use crate::spec::TrainSpec;
use crate::{SettingError, stream};

/// What whoever watches a run wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    Continue,
    /// End here.
    Stop,
}

/// Whoever watches a run: clocks, progress lines, pruners.
pub trait Observer {
    /// Called at every reading, with the run as it stands.
    fn reading(&mut self, reading: &Reading, run: &Run) -> Flow;

    /// Called after every other step; must be cheap.
    fn step(&mut self, _step: u64) -> Flow {
        Flow::Continue
    }
}

/// Watches nothing.
impl Observer for () {
    fn reading(&mut self, _reading: &Reading, _run: &Run) -> Flow {
        Flow::Continue
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Its budget is used up.
    Complete {
        /// Whether it is no better than the best constant prediction.
        stuck: bool,
    },
    /// Its loss or its parameters ran away.
    Diverged {
        /// The step in which that was seen, counted from 1.
        step: u64,
    },
    /// Its observer stopped it.
    Stopped,
}

/// A run that has ended.
#[derive(Clone, Debug)]
pub struct Trained {
    /// How it ended.
    pub ending: Ending,
    /// Updates begun; a diverging one counts.
    pub steps: u64,
    /// Training examples used.
    pub examples: u64,
    /// Passes over the training part, with fractions.
    pub epochs: f64,
    /// The parameters to keep: averaged ones, where the optimizer keeps such, else those of the last update.
    pub parameters: Vec<f32>,
    /// Every reading, in order.
    pub readings: Vec<Reading>,
}

/// Trains once, start to end. `seed` feeds the streams `init` and `batches`.
///
/// # Errors
/// Settings that do not go with `data`; those of a [`TrainSpec`] built for it always do.
pub fn train(
    spec: &TrainSpec,
    data: &Arc<Dataset>,
    seed: u64,
    observer: &mut dyn Observer,
) -> Result<Trained, SettingError> {
    let mut run = Run::new(spec, data, seed)?;
    let ending = run.advance(observer);
    Ok(run.end(ending))
}

/// A run under way: everything that a step reads or writes, allocated once.
pub struct Run {
    spec: TrainSpec,
    data: Arc<Dataset>,
    model: Box<dyn Model>,
    schedule: Schedule,
    optimizer: Optimizer,
    parameters: Vec<f32>,
    gradient: Vec<f32>,
    /// Room for averaged weights, where the optimizer has them to compute.
    averaged: Vec<f32>,
    batches: ChaCha8Rng,
    /// The rows of the training part in the order of this epoch, and how many of them are used.
    order: Vec<u32>,
    used: usize,
    step: u64,
    examples: u64,
    /// Loss of the examples that this epoch used.
    epoch_loss: f64,
    divergence: Divergence,
    readings: Vec<Reading>,
}

impl Run {
    /// A run before its first step, its parameters drawn.
    ///
    /// # Errors
    /// Settings that do not go with `data`.
    pub fn new(spec: &TrainSpec, data: &Arc<Dataset>, seed: u64) -> Result<Run, SettingError> {
        let mut model = model::build(spec.settings(), data, spec.batch)?;
        model.seed(seed);
        let blocks: Vec<_> = model.blocks().iter().map(|block| block.range.clone()).collect();
        let mut parameters = vec![0.0; model.size()];
        model.init(&mut parameters, &mut stream(seed, "init"));
        let order = data.rows(Part::Train).to_vec();
        Ok(Run {
            schedule: Schedule::build(spec.settings(), spec.lr, &spec.horizon)?,
            optimizer: Optimizer::build(spec.settings(), &blocks)?,
            gradient: vec![0.0; parameters.len()],
            averaged: Vec::new(),
            batches: stream(seed, "batches"),
            used: order.len(),
            step: 0,
            examples: 0,
            epoch_loss: 0.0,
            divergence: Divergence::new(data.chance_loss()),
            readings: Vec::new(),
            spec: spec.clone(),
            data: Arc::clone(data),
            model,
            parameters,
            order,
        })
    }

    /// The parameters as the last update left them.
    pub fn parameters(&self) -> &[f32] {
        &self.parameters
    }

    /// The readings so far.
    pub fn readings(&self) -> &[Reading] {
        &self.readings
    }

    /// Trains until the budget is used up, the run diverges or `observer` stops it.
    pub fn advance(&mut self, observer: &mut dyn Observer) -> Ending {
        loop {
            let (before, progress) = (self.place(), self.progress());
            let batch = self.schedule.batch(self.spec.batch, &progress).clamp(1, self.order.len());
            let rate = self.schedule.rate(&progress);
            if let Some(momentum) = self.schedule.momentum(&progress) {
                self.optimizer.set_momentum(momentum);
            }
            if self.update(batch, rate) {
                return Ending::Diverged { step: self.step };
            }
            let complete = self.complete();
            let flow = if complete || self.spec.report_every.due(before, self.place()) {
                let reading = self.read(batch, rate);
                self.readings.push(reading);
                if !reading.val_loss.is_finite() || !self.parameters.iter().all(|p| p.is_finite()) {
                    return Ending::Diverged { step: self.step };
                }
                self.schedule.observe(reading.val_loss);
                let flow = observer.reading(&reading, self);
                if complete {
                    return Ending::Complete { stuck: reading.val_loss >= self.data.chance_loss() };
                }
                flow
            } else {
                observer.step(self.step)
            };
            if flow == Flow::Stop {
                return Ending::Stopped;
            }
        }
    }

    /// Loss and accuracy of the network as it stands: with averaged weights, where the optimizer keeps such.
    pub fn evaluate(&mut self, part: Part) -> Evaluation {
        let parameters = self.optimizer.evaluation_parameters(&self.parameters, &mut self.averaged);
        evaluate(self.model.as_mut(), parameters, &self.data, part)
    }

    /// What is left of the run.
    pub fn end(mut self, ending: Ending) -> Trained {
        let parameters = self.optimizer.evaluation_parameters(&self.parameters, &mut self.averaged).to_vec();
        Trained {
            parameters,
            ending,
            steps: self.step,
            examples: self.examples,
            epochs: self.examples as f64 / self.order.len() as f64,
            readings: self.readings,
        }
    }

    /// One update with the next batch, reshuffling where an epoch ends. Says whether the run has diverged, in which
    /// case the parameters stay as they were.
    fn update(&mut self, batch: usize, rate: f64) -> bool {
        if self.used == self.order.len() {
            self.order.shuffle(&mut self.batches);
            self.used = 0;
            self.epoch_loss = 0.0;
        }
        let count = batch.min(self.order.len() - self.used);
        let rows = &self.order[self.used..self.used + count];
        let mut pass = Pass { scale: 1.0 / count as f32, add: false };
        let mut score = Score::default();
        for rows in rows.chunks(self.model.capacity()) {
            let piece = Batch { data: &self.data, rows };
            score += self.model.loss_and_gradient(&self.parameters, &piece, pass, &mut self.gradient);
            pass.add = true;
        }
        self.used += count;
        self.step += 1;
        self.examples += count as u64;
        self.epoch_loss += score.loss;
        if self.divergence.observe(score.loss, count, batch) {
            return true;
        }
        self.optimizer.step(&mut self.parameters, &mut self.gradient, rate);
        false
    }

    /// Measures the run as it stands.
    fn read(&mut self, batch: usize, rate: f64) -> Reading {
        let validation = self.evaluate(Part::Validation);
        Reading {
            step: self.step,
            examples: self.examples,
            epoch: self.examples as f64 / self.order.len() as f64,
            lr: rate,
            batch,
            train_loss: self.epoch_loss / self.used as f64,
            val_loss: validation.loss,
            val_accuracy: validation.accuracy,
        }
    }

    /// Whether the budget is used up.
    fn complete(&self) -> bool {
        self.spec.complete(self.step, self.examples)
    }

    /// Step, epoch and share of the budget, by which readings are timed.
    fn place(&self) -> (u64, f64, f64) {
        let progress = self.progress();
        let share = if self.spec.horizon.in_steps {
            self.step as f64 / progress.total_steps as f64
        } else {
            self.examples as f64 / progress.total_examples as f64
        };
        (self.step, progress.epoch, share)
    }

    /// How far the run has come.
    fn progress(&self) -> Progress {
        self.spec.progress(self.step, self.examples)
    }
}
