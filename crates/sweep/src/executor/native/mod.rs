//! The built-in trainer as an executor: one trial on the thread that calls.

mod pace;
mod threads;

use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use sweep_core::range_test::RangeTest;
use sweep_core::state::StateMismatch;
use sweep_core::{
    Cost, Dataset, Ending as End, Flow, Observer, Part, Run, SettingError, Settings, TrainSpec, data,
};
use sweep_search::pruner;
use sweep_settings::{Value, names};
use sweep_study::{
    COOLED_STEPS, Metrics, Outcome, Point, SECONDS, Split, StepTime, Study, Trial, WORKERS, cooled,
};

use super::Executor;
use crate::event::{Checkpoint, Ending, Planned, Reading, Segment, pauses};
use pace::Clock;
use threads::Threads;

/// Trains the trials of one study on one data set, which all of them share.
#[derive(Clone)]
pub struct Native {
    study: Study,
    data: Arc<Dataset>,
    threads: Threads,
}

impl Native {
    /// The executor of `study`, its data read.
    ///
    /// # Errors
    /// Data that is not there or cannot be used.
    pub fn open(study: &Study) -> Result<Native> {
        let split = match study.split {
            Split::Holdout => data::Split::Holdout,
            Split::Textbook => data::Split::Textbook,
        };
        let options = data::Options {
            label: study.label.clone(),
            predict: study.task.as_deref().map(str::parse).transpose().map_err(data::DataError::Request)?,
            text: study.text.clone(),
            tokens: study.tokens.as_deref().map(str::parse).transpose().map_err(data::DataError::Request)?,
            length: study.length.map(|length| length as usize),
            split,
        };
        let data = data::open(&study.data, &options)?;
        Ok(Native { study: study.clone(), data, threads: Threads::default() })
    }

    /// The same data for another specification of the study.
    pub fn with(self, study: Study) -> Native {
        Native { study, ..self }
    }

    /// Examples in the training part.
    pub fn train_examples(&self) -> u64 {
        self.data.count(Part::Train) as u64
    }

    /// The checked specification of the run at `point`.
    ///
    /// # Errors
    /// A setting that cannot be used, alone, with the others or with the data.
    pub fn specification(&self, point: &Point) -> Result<TrainSpec, SettingError> {
        TrainSpec::read(&self.settings(point), &self.data)
    }

    fn settings(&self, point: &Point) -> Settings {
        let mut settings = Settings::default();
        for (name, value) in self.study.settings_at(point) {
            settings.set(name, value);
        }
        settings
    }

    /// The learning-rate range test at `point`; see [`RangeTest::read`].
    ///
    /// # Errors
    /// As [`Native::specification`].
    pub fn range_test(
        &self,
        point: &Point,
        lr: (f64, f64),
        (ramp_steps, probe_steps): (Option<u64>, Option<u64>),
    ) -> Result<RangeTest, SettingError> {
        RangeTest::read(&self.settings(point), &self.data, lr, ramp_steps, probe_steps)
    }

    /// What the run at `point` will take; nothing where it cannot start.
    pub fn needs(&self, point: &Point) -> Cost {
        self.specification(point).map_or(Cost { steps: 0, examples: 0, bytes: 0 }, |spec| spec.cost())
    }

    /// Bytes of the data that all trials share.
    pub fn data_bytes(&self) -> u64 {
        self.data.bytes() as u64
    }

    /// The run of a point with a seed, not begun.
    ///
    /// # Errors
    /// As [`Native::specification`].
    pub fn begin(&self, point: &Point, seed: u64) -> Result<Run, SettingError> {
        self.begin_with(&self.settings(point), seed)
    }

    fn begin_with(&self, settings: &Settings, seed: u64) -> Result<Run, SettingError> {
        let specification = TrainSpec::read(settings, &self.data)?;
        let mut run = Run::new(&specification, seed);
        if let Some(pool) = self.threads.pool(specification.workers()) {
            run.use_threads(pool);
        }
        Ok(run)
    }
}

impl Native {
    /// Runs `segment` to its end and, where the trial is complete, adds what `measure` finds.
    pub fn train(
        &self,
        segment: &Segment,
        stop: &dyn Fn() -> bool,
        report: &mut dyn FnMut(Reading),
        measure: &mut dyn FnMut(&mut Run) -> Metrics,
    ) -> Option<Ending> {
        let start = Instant::now();
        let mut run = match self.taken_up(segment) {
            Ok(run) => run,
            Err(reason) => return Some(Ending::failed(reason)),
        };
        let before = segment.from.as_ref().map_or(0.0, |checkpoint| checkpoint.seconds);
        let until = segment.until;
        let mut watch = Watch { stop, report, start, before, until, rest: None, last: Metrics::new() };
        let end = run.advance(&mut watch);
        let paused = watch.rest.take();
        if let Some(reading) = &paused {
            // A run may reach its end where it was to pause.
            let share = if end == End::Stopped { self.cool_down() } else { 0.0 };
            match cool_down(&mut run, share, &mut watch) {
                Ok(Some(figures)) => watch.tell(reading, figures),
                Ok(None) => return None,
                Err(error) => return Some(Ending::failed(error.to_string())),
            }
        }
        let seconds = watch.seconds();
        let mut metrics = watch.last;
        // The rate in force belongs to the curve; of the trial it is a setting.
        metrics.remove(names::LR);
        metrics.insert(SECONDS.to_owned(), seconds);
        let outcome = match end {
            End::Complete { stuck } => Outcome::Complete { stuck },
            End::Diverged { step } => Outcome::Diverged { step },
            End::Stopped if paused.is_some() => Outcome::Pruned,
            End::Stopped => return None,
        };
        let checkpoint = (outcome == Outcome::Pruned).then(|| run.checkpoint().into());
        if matches!(end, End::Complete { .. }) {
            metrics.extend(measure(&mut run));
        }
        let trained = run.end(end);
        Some(Ending {
            outcome,
            steps: trained.steps,
            counted: false,
            epochs: trained.epochs,
            metrics,
            checkpoint,
        })
    }

    /// How long the cool-down is after which the study's pruner judges, see [`pruner::Pruner::cool_down`].
    fn cool_down(&self) -> f64 {
        pruner::for_study(&self.study).map_or(0.0, |pruner| pruner.cool_down())
    }

    /// Runs a finished trial again from its start to its end, through all that it was, for what `measure` finds.
    fn again(
        &self,
        trial: &Trial,
        stop: &dyn Fn() -> bool,
        measure: &mut dyn FnMut(&mut Run) -> Metrics,
    ) -> Option<Ending> {
        let Trial { number, replicate, seed, .. } = *trial;
        let planned = |point: &Point| Planned { number, point: point.clone(), replicate, seed };
        let mut from = None;
        for past in &trial.past {
            let segment = Segment { trial: planned(&past.point), from, until: past.until };
            let state = self.run(&segment, stop, &mut |_| {})?.checkpoint?;
            from = Some(Checkpoint { state, seconds: 0.0 });
        }
        let last = Segment { trial: planned(&trial.point), from, until: 1.0 };
        self.train(&last, stop, &mut |_| {}, measure)
    }

    /// The run of a segment's trial, where the segment begins.
    fn taken_up(&self, segment: &Segment) -> Result<Run, String> {
        let trial = &segment.trial;
        let mut run = self.begin(&trial.point, trial.seed).map_err(|error| error.to_string())?;
        if let Some(checkpoint) = &segment.from {
            run.restore(&checkpoint.state).map_err(|error| error.to_string())?;
        }
        Ok(run)
    }
}

impl Executor for Native {
    fn run(
        &self,
        segment: &Segment,
        stop: &dyn Fn() -> bool,
        report: &mut dyn FnMut(Reading),
    ) -> Option<Ending> {
        self.train(segment, stop, report, &mut |_| Metrics::new())
    }

    fn cost(&self, trial: &Planned) -> u64 {
        // An update costs about as much beside its examples as a hundred examples do: small batches take longest.
        let needs = self.needs(&trial.point);
        needs.examples.saturating_add(needs.steps.saturating_mul(100)).max(1)
    }

    fn test(&self, trial: &Trial, stop: &dyn Fn() -> bool) -> Metrics {
        if self.study.split == Split::Textbook {
            // The test set is what validated.
            let renamed = |(name, value): (&String, &f64)| (name.replacen("val_", "test_", 1), *value);
            return trial.metrics.iter().filter(|(name, _)| name.starts_with("val_")).map(renamed).collect();
        }
        let ending = self.again(trial, stop, &mut test_figures);
        let figures = ending.map(|ending| ending.metrics).unwrap_or_default();
        figures.into_iter().filter(|(name, _)| name.starts_with("test_")).collect()
    }

    fn step_time(&self, trial: &Trial, stop: &dyn Fn() -> bool) -> Option<StepTime> {
        if stop() {
            return None;
        }
        let mut settings = Settings::default();
        for (name, value) in self.study.shape(&trial.point).0 {
            settings.set(name, value);
        }
        if let Some(lr) = self.study.lr(&trial.point) {
            settings.set(names::LR, Value::Float(lr));
        }
        settings.set(names::STEPS, Value::Int(pace::NEEDED as i64));
        settings.set(names::REPORT_EVERY, format!("{}st", pace::NEEDED));
        // What is measured on the way is not part of a step.
        ["noise_scale", "sharpness"].into_iter().for_each(|name| settings.remove(name));
        let mut run = self.begin_with(&settings, trial.seed).ok()?;
        let mut clock = Clock::start();
        run.advance(&mut clock);
        let (steps, [low, seconds, high]) = clock.quartiles()?;
        let workers = self.study.setting(&trial.point, WORKERS)?.number()? as usize;
        let threads = self.threads.pool(workers).map_or(1, |pool| pool.current_num_threads());
        Some(StepTime {
            trial: trial.number,
            workers: workers as u64,
            threads: threads as u64,
            parameters: run.parameters().len() as u64,
            steps,
            seconds,
            low,
            high,
            bytes: self.needs(&trial.point).bytes,
        })
    }

    /// A trial is the same every time, so it is run again for them.
    fn weights(&self, trial: &Trial, stop: &dyn Fn() -> bool) -> Result<Option<Vec<u8>>> {
        let mut weights = None;
        self.again(trial, stop, &mut |run| {
            weights = Some(run.weights());
            Metrics::new()
        });
        Ok(weights.transpose()?)
    }
}

/// The figures of a run on the test set.
pub fn test_figures(run: &mut Run) -> Metrics {
    run.evaluate(Part::Test).into_iter().collect()
}

/// What `run`, which pauses, comes to after a cool-down over `share` of its steps so far, and the steps of that:
/// nothing where there is none to be made. `None` where it was stopped.
fn cool_down(run: &mut Run, share: f64, watch: &mut Watch<'_>) -> Result<Option<Metrics>, StateMismatch> {
    let Some(branch) = run.cooled(share, watch)? else { return Ok(Some(Metrics::new())) };
    if branch.metrics.is_empty() && (watch.stop)() {
        return Ok(None);
    }
    let figures = branch.metrics.iter().map(|(name, value)| (cooled(name), *value));
    Ok(Some(figures.chain([(COOLED_STEPS.to_owned(), branch.steps as f64)]).collect()))
}

/// Passes readings on, with the seconds they took, and asks whether to stop.
struct Watch<'a> {
    stop: &'a dyn Fn() -> bool,
    report: &'a mut dyn FnMut(Reading),
    start: Instant,
    /// Seconds of training before the segment.
    before: f64,
    until: f64,
    /// The reading at which the run pauses, held back until it is known what a cool-down makes of it.
    rest: Option<sweep_core::Reading>,
    last: Metrics,
}

impl Watch<'_> {
    fn seconds(&self) -> f64 {
        self.before + self.start.elapsed().as_secs_f64()
    }

    fn flow(&self) -> Flow {
        if (self.stop)() { Flow::Stop } else { Flow::Continue }
    }

    /// Passes a reading on, and what `more` was found there.
    fn tell(&mut self, reading: &sweep_core::Reading, more: Metrics) {
        self.last = metrics(reading);
        self.last.extend(more);
        let mut read = self.last.clone();
        read.insert(SECONDS.to_owned(), self.seconds());
        (self.report)(Reading { step: reading.step, epoch: reading.epoch, metrics: read });
    }
}

impl Observer for Watch<'_> {
    fn reading(&mut self, reading: &sweep_core::Reading, run: &Run) -> Flow {
        if pauses(self.until, run.share()) {
            self.rest = Some(reading.clone());
            return Flow::Stop;
        }
        self.tell(reading, Metrics::new());
        self.flow()
    }

    fn step(&mut self, _: u64) -> Flow {
        self.flow()
    }
}

/// The metrics of a reading by name.
pub fn metrics(reading: &sweep_core::Reading) -> Metrics {
    reading.metrics.iter().cloned().chain([(names::LR.to_owned(), reading.lr)]).collect()
}
