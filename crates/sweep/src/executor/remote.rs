//! The built-in trainer on another [`Host`]: each segment of a trial is a program there, which `sweep trial-train` is,
//! in a folder of its own.
//!
//! ```text
//! attempts/N/order.json     the study, the trial, where the segment ends     from      what it continues from
//! attempts/N/metrics.jsonl  its readings        ending.json  how it ended    checkpoint/state  what may continue from it
//! ```

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sweep_study::{Metrics, Outcome, Point, Study, Trial};

use super::Executor;
use super::command::LOSSES;
use super::command::host::{Host, Job, Start};
use super::native::Native;
use crate::event::{Checkpoint, Ending, Planned, Reading, Segment};
use crate::files;
use crate::stop::Stop;
use crate::supervisor::{Exit, Program, Signal};
use crate::trial_folder::folder::{Attempt, Folder, Verdict};
use crate::trial_folder::output;
use crate::trial_folder::tail::Tail;

/// What is to be trained.
#[derive(Serialize, Deserialize)]
struct Order {
    study: Study,
    number: u64,
    point: Point,
    replicate: u32,
    seed: u64,
    until: f64,
    /// Seconds of training behind the state in the file `from`; `None` where the trial begins.
    seconds: Option<f64>,
}

/// A reading or an ending as a line of JSON, in which null stands for what is not a number.
#[derive(Serialize, Deserialize)]
struct Message {
    step: u64,
    epoch: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outcome: Option<Outcome>,
    metrics: BTreeMap<String, Option<f64>>,
}

impl Message {
    fn new(step: u64, epoch: f64, outcome: Option<Outcome>, metrics: Metrics) -> Message {
        let metrics = metrics.into_iter().map(|(name, value)| (name, Some(value))).collect();
        Message { step, epoch, outcome, metrics }
    }

    fn metrics(self) -> Metrics {
        self.metrics.into_iter().map(|(name, value)| (name, value.unwrap_or(f64::NAN))).collect()
    }
}

fn order(attempt: &Attempt) -> PathBuf {
    attempt.path().join("order.json")
}

fn from(attempt: &Attempt) -> PathBuf {
    attempt.path().join("from")
}

fn ending(attempt: &Attempt) -> PathBuf {
    attempt.path().join("ending.json")
}

fn state(attempt: &Attempt) -> PathBuf {
    attempt.checkpoint().join("state")
}

/// Trains what is ordered in the attempt's `folder`, until `stop` is raised.
///
/// # Errors
/// A folder without an order, or one that cannot be written; data that is not there.
pub fn train(folder: &Path, stop: &Stop) -> Result<()> {
    let attempt = Attempt::at(std::path::absolute(folder)?);
    let path = order(&attempt);
    let text = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let order: Order =
        serde_json::from_slice(&text).with_context(|| format!("{} is not a valid order", path.display()))?;
    let Order { study, number, point, replicate, seed, until, seconds } = order;
    let from = match seconds {
        Some(seconds) => Some(Checkpoint { state: std::fs::read(from(&attempt))?.into(), seconds }),
        None => None,
    };
    let segment = Segment { trial: Planned { number, point, replicate, seed }, from, until };
    let mut readings = std::fs::File::create(attempt.metrics())?;
    let mut written = Ok(());
    let ended = Native::open(&study)?.run(&segment, &|| stop.requested(), &mut |reading| {
        let message = Message::new(reading.step, reading.epoch, None, reading.metrics);
        if written.is_ok() {
            written = files::json(&message).and_then(|line| Ok(readings.write_all(&line)?));
        }
    });
    written.with_context(|| format!("cannot write {}", attempt.metrics().display()))?;
    let Some(Ending { outcome, steps, epochs, metrics, checkpoint, .. }) = ended else { return Ok(()) };
    if let Some(bytes) = checkpoint {
        files::write(&state(&attempt), &bytes)?;
    }
    files::write(&ending(&attempt), &files::json(&Message::new(steps, epochs, Some(outcome), metrics))?)
}

/// Runs the trials of one study on a host.
pub struct RemoteTrainer {
    native: Arc<Native>,
    study: Study,
    folder: PathBuf,
    host: Box<dyn Host>,
    grace: Duration,
    memory: Option<u64>,
}

impl RemoteTrainer {
    /// What runs the trials of `study`, whose folder is `folder`, on `host`; each has `grace` to end and may have
    /// `memory` bytes for itself.
    pub fn new(
        native: Arc<Native>,
        (study, folder): (&Study, &Path),
        host: Box<dyn Host>,
        (grace, memory): (Duration, Option<u64>),
    ) -> RemoteTrainer {
        RemoteTrainer { native, study: study.clone(), folder: folder.to_owned(), host, grace, memory }
    }

    /// Begins an attempt at a segment.
    fn begin(&self, segment: &Segment) -> Result<(Attempt, Box<dyn Job>)> {
        let attempt = Folder::new(&self.folder, segment.trial.number).begin()?;
        let Planned { number, point, replicate, seed } = segment.trial.clone();
        let (study, until) = (self.study.clone(), segment.until);
        let seconds = segment.from.as_ref().map(|checkpoint| checkpoint.seconds);
        if let Some(checkpoint) = &segment.from {
            files::write(&from(&attempt), &checkpoint.state)?;
        }
        let document = Order { study, number, point, replicate, seed, until, seconds };
        files::write(&order(&attempt), &files::json(&document)?)?;
        let own = std::env::current_exe().context("cannot find this program's own file")?;
        let words =
            [own.display().to_string(), "trial-train".to_owned(), attempt.path().display().to_string()];
        let program = Program {
            words: words.to_vec(),
            environment: BTreeMap::new(),
            cwd: None,
            stdout: attempt.stdout(),
            stderr: attempt.stderr(),
            memory: self.memory,
            warm: false,
        };
        let job = self.host.start(Start { attempt: &attempt, program, continues: false });
        Ok((attempt, job))
    }

    /// The attempt at a segment that an earlier process began, if it continues.
    fn adopted(&self, segment: &Segment) -> Option<(Attempt, Box<dyn Job>)> {
        let adopted = self.host.adopt(&Folder::new(&self.folder, segment.trial.number))?;
        let text = std::fs::read(order(&adopted.attempt)).ok()?;
        let order: Order = serde_json::from_slice(&text).ok()?;
        let same = order.point == segment.trial.point
            && (order.seed, order.until) == (segment.trial.seed, segment.until)
            && order.seconds == segment.from.as_ref().map(|checkpoint| checkpoint.seconds);
        same.then_some((adopted.attempt, adopted.job))
    }

    /// Ends an attempt.
    fn end(&self, number: u64, job: &mut dyn Job) {
        // A removed folder has no trainer to stop.
        drop(Folder::new(&self.folder, number).tell(Verdict::Stop));
        job.signal(Signal::Terminate);
        while job.wait(self.grace.max(Duration::from_millis(100))).is_none() {
            job.signal(Signal::Kill);
        }
    }

    fn segment(
        &self,
        segment: &Segment,
        stop: &dyn Fn() -> bool,
        report: &mut dyn FnMut(Reading),
    ) -> Result<Option<Ending>> {
        let (mut attempt, mut job) = match self.adopted(segment) {
            Some(adopted) => adopted,
            None => self.begin(segment)?,
        };
        let mut tail = Tail::new(attempt.metrics());
        let (mut reported, mut losses) = (0, 0);
        loop {
            let exit = job.wait(self.host.pulse());
            let mut take = |line: &str| {
                // A restarted attempt repeats earlier readings.
                if let Ok(message) = serde_json::from_str::<Message>(line)
                    && message.step > reported
                {
                    reported = message.step;
                    report(Reading { step: message.step, epoch: message.epoch, metrics: message.metrics() });
                }
            };
            if exit.is_some() {
                tail.finish(&mut take)
            } else {
                tail.read(&mut take)
            }
            match exit {
                None if stop() => {
                    self.end(segment.trial.number, job.as_mut());
                    return Ok(None);
                }
                None => {}
                Some(Exit::Lost(_)) if losses < LOSSES && !stop() => {
                    losses += 1;
                    (attempt, job) = self.begin(segment)?;
                    tail = Tail::new(attempt.metrics());
                }
                Some(Exit::Lost(_)) if stop() => return Ok(None),
                Some(exit) => return concluded(&attempt, &exit).map(Some),
            }
        }
    }
}

/// How an attempt ended, which is noted in its folder.
fn concluded(attempt: &Attempt, exit: &Exit) -> Result<Ending> {
    let message =
        std::fs::read(ending(attempt)).ok().and_then(|text| serde_json::from_slice::<Message>(&text).ok());
    let message = message
        .filter(|_| *exit == Exit::Code(0))
        .and_then(|message| Some((message.outcome.clone()?, message)));
    let ending = match message {
        Some((outcome, message)) => {
            let paused = outcome == Outcome::Pruned;
            let checkpoint = if paused { Some(std::fs::read(state(attempt))?.into()) } else { None };
            let (steps, epochs) = (message.step, message.epoch);
            Ending { outcome, steps, counted: false, epochs, metrics: message.metrics(), checkpoint }
        }
        None => {
            let words = output::last_words(&output::end(&attempt.stderr()));
            Ending::failed(format!("the trainer ended by {exit:?}: {words}"))
        }
    };
    let result = json!({ "outcome": ending.outcome, "exit": exit });
    attempt.conclude(&result)?;
    Ok(ending)
}

impl Executor for RemoteTrainer {
    fn run(
        &self,
        segment: &Segment,
        stop: &dyn Fn() -> bool,
        report: &mut dyn FnMut(Reading),
    ) -> Option<Ending> {
        self.segment(segment, stop, report).unwrap_or_else(|error| Some(Ending::failed(format!("{error:#}"))))
    }

    fn cost(&self, trial: &Planned) -> u64 {
        self.native.cost(trial)
    }

    fn test(&self, trial: &Trial, stop: &dyn Fn() -> bool) -> Metrics {
        self.native.test(trial, stop)
    }

    fn weights(&self, trial: &Trial, stop: &dyn Fn() -> bool) -> Result<Option<Vec<u8>>> {
        self.native.weights(trial, stop)
    }
}
