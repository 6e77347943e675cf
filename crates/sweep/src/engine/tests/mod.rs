//! The loop, driven in this process by simulated trials with a store in a temporary folder.

mod faults;
mod order;
mod search;
mod stopping;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use sweep_search::{Limits, Sampler};
use sweep_study::{Catalogue, Metrics, SpecFile, Study, Trial};
use tempfile::TempDir;

use super::{Ended, Engine, EventLog, Observer, Timing};
use crate::event::{Ending, Event, Planned, Reading, Segment};
use crate::executor::Executor;
use crate::executor::simulated::Simulated;
use crate::plan;
use crate::stop::Stop;
use crate::store::Store;

/// A duration longer than any test.
const NEVER: Duration = Duration::from_secs(3600);

/// Waits for another thread.
fn wait_until(reached: &dyn Fn() -> bool) {
    let begun = Instant::now();
    while !reached() {
        assert!(begun.elapsed() < Duration::from_secs(60), "the awaited condition was never met");
        std::thread::sleep(Duration::from_micros(100));
    }
}

/// A study of simulated trials, each of ten readings; `words` are axes.
fn study(words: &str, change: impl FnOnce(&mut SpecFile)) -> Study {
    let mut spec = SpecFile {
        axes: words.split(' ').map(str::to_owned).collect(),
        settings: vec![("steps".to_owned(), "10".to_owned())],
        minimize: Some("val_loss".to_owned()),
        ..SpecFile::default()
    };
    change(&mut spec);
    spec.resolve(&Catalogue { open: true, ..Catalogue::default() }).unwrap()
}

/// A grid of five learning rates.
fn five() -> Study {
    study("lr=0.001,0.003,0.01,0.03,0.1", |_| ())
}

/// A worker's action on a segment.
#[derive(Clone, Copy)]
enum Act {
    Run,
    Panic,
    /// It reports nothing until it is stopped.
    Hang,
}

/// Simulated trials, some of which go wrong.
struct Scripted {
    inner: Simulated,
    act: Box<dyn Fn(&Segment) -> Act + Send + Sync>,
    segments: Mutex<Vec<Segment>>,
}

impl Executor for Scripted {
    fn run(
        &self,
        segment: &Segment,
        stop: &dyn Fn() -> bool,
        report: &mut dyn FnMut(Reading),
    ) -> Option<Ending> {
        self.segments.lock().unwrap().push(segment.clone());
        match (self.act)(segment) {
            Act::Run => self.inner.run(segment, stop, report),
            Act::Panic => panic!("the worker died"),
            Act::Hang => {
                wait_until(stop);
                None
            }
        }
    }

    fn cost(&self, _: &Planned) -> u64 {
        1
    }

    fn test(&self, _: &Trial, _: &dyn Fn() -> bool) -> Metrics {
        Metrics::new()
    }
}

/// A store that records its transactions and fails in the transaction of a given number.
struct Log {
    store: Store,
    transactions: Vec<Vec<Event>>,
    fails_at: Option<usize>,
}

impl EventLog for Log {
    fn append(&mut self, events: &[Event]) -> Result<()> {
        if self.fails_at == Some(self.transactions.len()) {
            bail!("the disk is full");
        }
        self.store.append(events)?;
        self.transactions.push(events.to_vec());
        Ok(())
    }

    fn check_present(&self) -> Result<()> {
        self.store.check_present()
    }

    fn checkpoint(&self, trial: u64) -> Result<Option<Vec<u8>>> {
        self.store.checkpoint(trial)
    }
}

/// Records the announced events, and runs an action at each.
struct Announced<'a> {
    events: Vec<Event>,
    then: &'a mut dyn FnMut(&Event),
}

impl Observer for Announced<'_> {
    fn observe(&mut self, event: &Event) {
        self.events.push(event.clone());
        (self.then)(event);
    }
}

/// How a study is run.
struct Bench {
    study: Study,
    jobs: usize,
    timing: Timing,
    close: Option<Instant>,
    stop: Stop,
    fails_at: Option<usize>,
    folder: TempDir,
}

/// The result of a run.
struct Ran {
    ended: Result<Ended>,
    /// The announced events.
    events: Vec<Event>,
    transactions: Vec<Vec<Event>>,
    /// The segments given to workers, in the order in which they started.
    segments: Vec<Segment>,
}

impl Bench {
    fn new(study: Study) -> Bench {
        Bench {
            study,
            jobs: 1,
            timing: Timing { group: Duration::ZERO, ..Timing::default() },
            close: None,
            stop: Stop::default(),
            fails_at: None,
            folder: TempDir::new().unwrap(),
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The trials in the store.
    fn trials(&self) -> Vec<Trial> {
        Store::read(self.path()).unwrap().load().unwrap().trials
    }

    /// Runs the study with its own sampler, all trials as simulated.
    fn run(&self) -> Ran {
        self.run_with(|_| Act::Run, &mut |_| ())
    }

    /// Runs the study with its own sampler.
    fn run_with(
        &self,
        act: impl Fn(&Segment) -> Act + Send + Sync + 'static,
        then: &mut dyn FnMut(&Event),
    ) -> Ran {
        let sampler =
            sweep_search::sampler::for_study(&self.study).ok().filter(|_| plan::adapts(&self.study));
        self.run_by(sampler, act, then)
    }

    /// Runs the trials that are not in the store yet, proposed by `sampler` if there is one.
    fn run_by(
        &self,
        sampler: Option<Box<dyn Sampler>>,
        act: impl Fn(&Segment) -> Act + Send + Sync + 'static,
        then: &mut dyn FnMut(&Event),
    ) -> Ran {
        let store = Store::write(self.path()).unwrap();
        let known = store.load().unwrap().trials;
        let executor = Arc::new(Scripted {
            inner: Simulated::new(self.study.clone()),
            act: Box::new(act),
            segments: Mutex::default(),
        });
        let mut log = Log { store, transactions: Vec::new(), fails_at: self.fails_at };
        let mut observer = Announced { events: Vec::new(), then };
        let mut engine = Engine {
            log: &mut log,
            executor: Arc::clone(&executor) as Arc<dyn Executor>,
            jobs: self.jobs,
            observer: &mut observer,
            stop: self.stop.clone(),
            close: self.close,
            timing: self.timing,
        };
        let ended = match sampler {
            Some(sampler) => engine.search(&self.study, known, sampler, Limits::default()),
            None => {
                let mut left = plan::plan(std::slice::from_ref(&self.study)).unwrap();
                left.retain(|planned| known.iter().all(|trial| trial.number != planned.number));
                engine.run(&self.study, left, Limits::default())
            }
        };
        let segments = executor.segments.lock().unwrap().clone();
        Ran { ended, events: observer.events, transactions: log.transactions, segments }
    }
}

impl Ran {
    /// The numbers of the trials that were announced as started.
    fn started(&self) -> Vec<u64> {
        let started = self.events.iter().filter_map(|event| match event {
            Event::TrialStarted { trial, .. } => Some(trial.number),
            _ => None,
        });
        started.collect()
    }

    /// The numbers of the trials that were announced as ended or paused.
    fn ended(&self) -> Vec<u64> {
        let ended = self.events.iter().filter_map(|event| match event {
            Event::TrialEnded { number, .. } => Some(*number),
            _ => None,
        });
        ended.collect()
    }
}
