//! The training loop.

pub(crate) mod cool_down;

use std::sync::Arc;

use rayon::ThreadPool;

use sweep_settings::names::STEPS_TO_TARGET;
use sweep_settings::{Target, stream};

use crate::data::{Part, npz_bytes};
use crate::divergence::Divergence;
use crate::kernels::Aligned;
use crate::learner::Learner;
use crate::measure::Measures;
use crate::optimizer::Optimizer;
use crate::reading::{Metrics, Reading, metric};
use crate::room::Room;
use crate::schedule::{Progress, Schedule};
use crate::spec::TrainSpec;
use crate::state::{StateMismatch, Writer, reader};

pub use cool_down::Cooled;

/// The decision of an observer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Continue.
    Continue,
    /// Stop here.
    Stop,
}

/// An observer of a run: clocks, progress lines, pruners.
pub trait Observer {
    /// Called at every reading, with the current state of the run.
    fn reading(&mut self, reading: &Reading, run: &Run) -> Flow;

    /// Called after every other step; must be cheap.
    fn step(&mut self, _step: u64) -> Flow {
        Flow::Continue
    }
}

/// Observes nothing.
impl Observer for () {
    fn reading(&mut self, _reading: &Reading, _run: &Run) -> Flow {
        Flow::Continue
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Its budget is used up, or its target was reached.
    Complete {
        /// Whether it is no better than the best constant prediction.
        stuck: bool,
    },
    /// Its loss or its parameters diverged.
    Diverged {
        /// The step in which this was detected, counted from 1.
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
    /// The final parameters: averaged ones if the optimizer keeps them, otherwise those of the last update.
    pub parameters: Vec<f32>,
    /// Every reading, in order.
    pub readings: Vec<Reading>,
}

/// Trains once, start to end. `seed` feeds the streams `init` and `batches`.
///
/// ```
/// use sweep_core::{Ending, Settings, TrainSpec, data, train};
///
/// let data = data::open("mnist", &data::Options::default())?;
/// let mut settings = Settings::default();
/// settings.set("lr", "0.1");
/// settings.set("batch", "32");
/// settings.set("steps", "20");
/// let trained = train(&TrainSpec::read(&settings, &data)?, 0, &mut ());
/// assert_eq!((trained.ending, trained.steps), (Ending::Complete { stuck: false }, 20));
/// assert!(trained.readings[0].metric("val_loss") < 2.3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn train(spec: &TrainSpec, seed: u64, observer: &mut dyn Observer) -> Trained {
    let mut run = Run::new(spec, seed);
    let ending = run.advance(observer);
    run.end(ending)
}

/// A running training: everything that a step reads or writes, allocated once.
pub struct Run {
    spec: TrainSpec,
    learner: Box<dyn Learner>,
    schedule: Schedule,
    optimizer: Optimizer,
    parameters: Aligned,
    gradient: Aligned,
    /// Buffer for averaged weights, if the optimizer computes them.
    averaged: Vec<f32>,
    step: u64,
    examples: u64,
    divergence: Divergence,
    measures: Measures,
    readings: Vec<Reading>,
}

impl Run {
    /// A run before its first step, with initial parameters drawn.
    pub fn new(spec: &TrainSpec, seed: u64) -> Run {
        let learner = spec.learner.build(&spec.data, seed, &mut Room::default());
        let blocks: Vec<_> = learner.blocks().iter().map(|block| block.range.clone()).collect();
        let mut parameters = Aligned::zeros(learner.size());
        learner.init(&mut parameters, &mut stream(seed, "init"));
        let mut optimizer = spec.optimizer.build(&blocks);
        if let Some(factors) = spec.parametrization.factors(learner.blocks()) {
            for (block, factors) in blocks.iter().zip(&factors) {
                parameters[block.clone()].iter_mut().for_each(|weight| *weight *= factors.init as f32);
            }
            optimizer.scale_rates(factors.iter().map(|factors| factors.rate).collect());
        }
        Run {
            schedule: spec.schedule.clone(),
            optimizer,
            gradient: Aligned::zeros(parameters.len()),
            averaged: Vec::new(),
            step: 0,
            examples: 0,
            divergence: Divergence::new(learner.chance_loss()),
            measures: spec.measures.build(parameters.len(), &spec.horizon, seed),
            readings: Vec::new(),
            spec: spec.clone(),
            learner,
            parameters,
        }
    }

    /// The parameters after the last update.
    pub fn parameters(&self) -> &[f32] {
        &self.parameters
    }

    /// The share of the budget that is used up, 0 to 1.
    pub fn share(&self) -> f64 {
        self.place().2
    }

    /// The readings so far.
    pub fn readings(&self) -> &[Reading] {
        &self.readings
    }

    /// Lets workers that share a batch use the threads of `pool`: faster, with the same results.
    pub fn use_threads(&mut self, pool: &Arc<ThreadPool>) {
        self.learner.use_threads(pool);
    }

    /// Trains until the budget is used up, the run diverges or `observer` stops it.
    pub fn advance(&mut self, observer: &mut dyn Observer) -> Ending {
        loop {
            let (before, progress) = (self.place(), self.progress());
            let most = self.spec.horizon.examples_per_epoch as usize;
            let batch = self.schedule.batch(self.spec.batch, &progress).clamp(1, most);
            let rate = self.schedule.rate(&progress);
            if let Some(momentum) = self.schedule.momentum(&progress) {
                self.optimizer.set_momentum(momentum);
            }
            if self.update(batch, rate, &progress) {
                return Ending::Diverged { step: self.step };
            }
            let complete = self.complete();
            let flow = if complete || self.spec.report_every.due(before, self.place()) {
                let (reading, reached) = self.read(batch, rate);
                let target = reading.metrics.iter().any(|(name, _)| name == STEPS_TO_TARGET);
                self.readings.push(reading.clone());
                let watched = reached.first().map_or(f64::NAN, |(_, value)| *value);
                if !watched.is_finite() || !self.parameters.iter().all(|p| p.is_finite()) {
                    return Ending::Diverged { step: self.step };
                }
                self.schedule.observe(watched);
                let flow = observer.reading(&reading, self);
                if complete || target {
                    return Ending::Complete { stuck: self.learner.stuck(&reached) };
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

    /// The current metrics of the network on `part`, with averaged weights if the optimizer keeps them.
    pub fn evaluate(&mut self, part: Part) -> Metrics {
        let parameters = self.optimizer.evaluation_parameters(&self.parameters, &mut self.averaged);
        self.learner.evaluate(parameters, part)
    }

    /// Text of `tokens` tokens generated by the current network, for language models; see [`Learner::sample`].
    pub fn sample(&mut self, tokens: usize, seed: u64) -> Option<String> {
        let parameters = self.optimizer.evaluation_parameters(&self.parameters, &mut self.averaged);
        self.learner.sample(parameters, tokens, seed)
    }

    /// The network as a NumPy archive with one array per tensor under its name, such as `hidden1.weight`, with averaged
    /// weights if the optimizer keeps them. Weights of dense layers are (inputs, outputs).
    ///
    /// # Errors
    /// Only those of writing to memory.
    pub fn weights(&mut self) -> std::io::Result<Vec<u8>> {
        let parameters = self.optimizer.evaluation_parameters(&self.parameters, &mut self.averaged);
        let blocks = self.learner.blocks().iter();
        let tensors: Result<Vec<_>, _> =
            blocks.map(|block| Ok((block.name.as_str(), block.view(parameters)?))).collect();
        npz_bytes(&tensors.map_err(|error: ndarray::ShapeError| std::io::Error::other(error))?)
    }

    /// The rest of the run.
    pub fn end(mut self, ending: Ending) -> Trained {
        let parameters = self.optimizer.evaluation_parameters(&self.parameters, &mut self.averaged).to_vec();
        Trained {
            parameters,
            ending,
            steps: self.step,
            examples: self.examples,
            epochs: self.progress().epoch,
            readings: self.readings,
        }
    }

    /// The run as bytes: parameters, the state of optimizer and schedule, the positions in its random streams and in
    /// the epoch. The readings so far belong to the observer and are not included.
    pub fn checkpoint(&self) -> Vec<u8> {
        let mut state = Writer::default();
        state.number(self.step);
        state.number(self.examples);
        state.floats(&self.parameters);
        state.bytes(&self.optimizer.state());
        let schedule = self.schedule.state();
        state.number(schedule.len() as u64);
        schedule.iter().for_each(|&number| state.float(number));
        self.divergence.write(&mut state);
        self.measures.write(&mut state);
        state.bytes(&self.learner.state());
        state.end()
    }

    /// Restores the state of a run of the same specification, data and seed from this `checkpoint`; the run then
    /// continues to the same numbers, bit for bit. After an error the run must not be used any more.
    ///
    /// # Errors
    /// A checkpoint of other settings or another size of network, or a damaged one.
    pub fn restore(&mut self, checkpoint: &[u8]) -> Result<(), StateMismatch> {
        let mut state = reader(checkpoint);
        self.step = state.number()?;
        self.examples = state.number()?;
        state.floats(&mut self.parameters)?;
        self.optimizer.restore(state.bytes()?)?;
        let count = state.number()?;
        let numbers: Vec<f64> = (0..count).map_while(|_| state.float().ok()).collect();
        self.schedule.restore(&numbers)?;
        self.divergence.read(&mut state)?;
        self.measures.read(&mut state)?;
        self.learner.restore(state.bytes()?)?;
        self.readings.clear();
        state.end()
    }

    /// One update of the starting batch size at `rate`, whatever the schedule says; returns the mean loss of the batch
    /// before the update, which is infinite or NaN once the run has diverged.
    pub(crate) fn step_at(&mut self, rate: f64) -> f64 {
        let progress = self.progress();
        let learned = self.learner.gradient(&self.parameters, self.spec.batch, &progress, &mut self.gradient);
        self.step += 1;
        self.examples += learned.examples as u64;
        self.optimizer.step(&mut self.parameters, &mut self.gradient, rate);
        learned.loss / learned.examples as f64
    }

    /// One update with the next batch. Returns whether the run has diverged, in which case the parameters are not
    /// changed.
    fn update(&mut self, batch: usize, rate: f64, progress: &Progress) -> bool {
        let in_place = if self.optimizer.plain() {
            self.learner.loss_before_descent(&self.parameters, batch)
        } else {
            None
        };
        let learned = match in_place {
            Some(learned) => learned,
            None => self.learner.gradient(&self.parameters, batch, progress, &mut self.gradient),
        };
        self.step += 1;
        self.examples += learned.examples as u64;
        if self.divergence.observe(learned.loss, learned.examples, batch) {
            return true;
        }
        if in_place.is_some() {
            self.learner.descend(&mut self.parameters, rate as f32);
            self.optimizer.count_update();
        } else {
            self.optimizer.step(&mut self.parameters, &mut self.gradient, rate);
        }
        self.measures.take(self.step, self.learner.as_mut(), &self.parameters);
        false
    }

    /// Measures the current run; returns the metrics on the validation part separately, too.
    fn read(&mut self, batch: usize, rate: f64) -> (Reading, Metrics) {
        let reached = self.evaluate(Part::Validation);
        let mut metrics = vec![("train_loss".to_owned(), self.learner.train_loss())];
        metrics.extend(reached.iter().cloned());
        metrics.extend(self.measures.metrics());
        if self.reached(&metrics) {
            metrics.push((STEPS_TO_TARGET.to_owned(), self.step as f64));
        }
        let (step, examples, epoch) = (self.step, self.examples, self.progress().epoch);
        (Reading { step, examples, epoch, lr: rate, batch, metrics }, reached)
    }

    /// Whether the metrics reach the target of the run.
    fn reached(&self, metrics: &Metrics) -> bool {
        let value = |target: &Target| metric(metrics, &target.metric);
        self.spec.until.as_ref().is_some_and(|target| value(target).is_some_and(|now| target.reached(now)))
    }

    /// Whether the budget is used up.
    fn complete(&self) -> bool {
        self.spec.complete(self.step, self.examples)
    }

    /// Step, epoch and share of the budget, which determine when readings are taken.
    fn place(&self) -> (u64, f64, f64) {
        let progress = self.progress();
        let share = if self.spec.horizon.in_steps {
            self.step as f64 / progress.total_steps as f64
        } else {
            self.examples as f64 / progress.total_examples as f64
        };
        (self.step, progress.epoch, share)
    }

    /// The progress of the run.
    fn progress(&self) -> Progress {
        self.spec.progress(self.step, self.examples)
    }
}
