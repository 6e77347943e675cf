//! One range test: its settings, its run, and the files it writes.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rayon::prelude::*;
use serde_json::{Value as Json, json};
use sweep_core::SettingError;
use sweep_core::range_test::{self, OWN_SETTINGS, Ramp, RangeTest, Replicate};
use sweep_report::Format;
use sweep_report::decide::range::{self, BatchRange, Place, RangeFacts, RangeRecord, SeedPlaces, SeedRange};
use sweep_settings::names;
use sweep_study::{Domain, Parameter, Scale, Space, Study, Value};

use crate::executor::native::Native;
use crate::files;
use crate::refusal::refuse;
use crate::study::progress::bar;

/// The document a test leaves in its folder.
const DOCUMENT: &str = "lr-find.json";
/// The picture it leaves there.
const PICTURE: &str = "lr-find.png";

/// Options of a test.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The first and the last rate of the ramps; those of [`Ramp::RANGE`] where not given.
    pub lr: Option<(f64, f64)>,
    /// Updates of a ramp; by the batch size where not given.
    pub ramp_steps: Option<u64>,
    /// Updates of a probe; by the batch size where not given.
    pub probe_steps: Option<u64>,
    /// Seeds: the study's and those that follow it.
    pub replicates: u32,
}

/// A range test to be made.
pub struct Test {
    /// Its name, data, fixed settings and seeds; its space is the range of rates and the batch sizes.
    study: Study,
    lr: (f64, f64),
    options: Options,
}

/// A range test that was made.
pub struct Finished {
    /// What it found.
    pub record: RangeRecord,
    /// The same as facts.
    pub facts: RangeFacts,
    /// The same as a document.
    pub document: Json,
}

impl Test {
    /// The test of the network that `study` trains, at each of its batch sizes. What a test sets itself (the rate and
    /// its schedule, the budget) is left aside.
    ///
    /// # Errors
    /// A study in which the network itself varies.
    pub fn new(study: &Study, options: Options) -> Result<Test> {
        if let Some(derived) = study.derived.first() {
            return refuse(format!(
                "a range test sets the learning rate itself, but {} follows the formula {}; leave it out, or give lr a range",
                derived.name(),
                derived.rule()
            ));
        }
        let own = |name: &str| OWN_SETTINGS.contains(&name) || name.starts_with("schedule.");
        let mut study = Study { sampler: "lr-find".to_owned(), trials: None, ..study.clone() };
        study.replicates = options.replicates;
        study.settings.retain(|name, _| !own(name));
        let axes = std::mem::take(&mut study.space.parameters);
        let mut batches = study.settings.remove(names::BATCH).into_iter().collect::<Vec<Value>>();
        for axis in axes.into_iter().filter(|axis| !own(&axis.name)) {
            match (axis.name.as_str(), axis.domain.levels()) {
                (names::BATCH, levels) => batches = levels.to_vec(),
                (name, [only]) => drop(study.settings.insert(name.to_owned(), only.clone())),
                (name, _) => {
                    return refuse(format!(
                        "a range test trains one network, but {name} varies; fix it, or give lr a range"
                    ));
                }
            }
        }
        let (low, high) = options.lr.unwrap_or(Ramp::RANGE);
        let rates = Domain::Interval { low, high, scale: Scale::Log, integer: false, grid: Vec::new() };
        let sizes = Domain::Levels { values: batches, scale: Scale::Pow2 };
        let axis = |name: &str, domain| Parameter { name: name.to_owned(), domain, when: None };
        study.space = Space::new(vec![axis(names::LR, rates), axis(names::BATCH, sizes)]);
        study.train_examples = 0;
        study.name = study.default_name();
        Ok(Test { study, lr: (low, high), options })
    }

    /// The folder that keeps it, among those of the studies in `results`.
    pub fn folder(&self, results: &Path) -> PathBuf {
        results.join(&self.study.name)
    }

    /// Everything that its result depends on.
    fn identity(&self) -> Json {
        let Options { ramp_steps, probe_steps, .. } = self.options;
        json!({ "study": self.study, "ramp_steps": ramp_steps, "probe_steps": probe_steps })
    }

    /// The document of the same test where it was made before.
    pub fn kept(&self, results: &Path) -> Option<Json> {
        let text = std::fs::read_to_string(self.folder(results).join(DOCUMENT)).ok()?;
        let document: Json = serde_json::from_str(&text).ok()?;
        (document.get("test") == Some(&self.identity())).then_some(document)
    }

    /// Makes the test, `jobs` seeds and batch sizes at once.
    ///
    /// # Errors
    /// Data that cannot be read, settings that do not go with it.
    pub fn run(&self, jobs: usize, quiet: bool) -> Result<Finished> {
        let native = Native::open(&self.study)?;
        let steps = (self.options.ramp_steps, self.options.probe_steps);
        let levels = self.study.space.get(names::BATCH).map(|axis| axis.domain.levels()).unwrap_or_default();
        let point = |batch: &Value| sweep_study::Point([(names::BATCH.to_owned(), batch.clone())].into());
        let tests: Result<Vec<RangeTest>, SettingError> =
            levels.iter().map(|batch| native.range_test(&point(batch), self.lr, steps)).collect();
        let tests = tests?;
        let seeds = || (0..self.study.replicates).map(|r| self.study.replicate_seed(r));
        // Large batches take longest and start first.
        let tasks: Vec<(usize, u64)> =
            (0..tests.len()).rev().flat_map(|index| seeds().map(move |seed| (index, seed))).collect();
        let bar = bar(tasks.len(), "range tests", quiet);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build()?;
        let one = |(index, seed): &(usize, u64)| {
            let replicate = tests[*index].replicate(*seed);
            bar.inc(1);
            (*index, seed_range(*seed, replicate))
        };
        let done: Vec<(usize, SeedRange)> =
            pool.install(|| tasks.par_iter().with_max_len(1).map(one).collect());
        bar.finish_and_clear();
        let batch = |(index, test): (usize, &RangeTest)| BatchRange {
            batch: test.batch() as u64,
            ramp_steps: test.ramp().steps,
            probe_steps: test.probe_steps(),
            replicates: done.iter().filter(|(of, _)| *of == index).map(|(_, seed)| seed.clone()).collect(),
        };
        let batches = tests.iter().enumerate().map(batch).collect();
        let record = RangeRecord { subject: sweep_report::subject(&self.study), lr: self.lr, batches };
        let facts = range::facts(&record);
        let document = range::document(&record, &facts, self.identity());
        Ok(Finished { record, facts, document })
    }

    /// Writes document and picture, and gives their paths.
    ///
    /// # Errors
    /// A folder that cannot be written.
    pub fn keep(&self, finished: &Finished, results: &Path) -> Result<Vec<PathBuf>> {
        let folder = self.folder(results);
        std::fs::create_dir_all(&folder).with_context(|| {
            format!("cannot create the folder {}; choose another with --results", folder.display())
        })?;
        let picture = range::chart(&finished.record, &finished.facts, Format::Png)?;
        let text = files::json(&finished.document)?;
        let (picture_at, document_at) = (folder.join(PICTURE), folder.join(DOCUMENT));
        files::write(&picture_at, &picture)?;
        files::write(&document_at, &text)?;
        Ok(vec![picture_at, document_at])
    }
}

fn seed_range(seed: u64, replicate: Replicate) -> SeedRange {
    let place = |place: range_test::Place| match place {
        range_test::Place::At(rate) => Place::At(rate),
        range_test::Place::Above(bound) => Place::Above(bound),
        range_test::Place::Below(bound) => Place::Below(bound),
    };
    let smoothed = replicate.curve.smoothed();
    let places = replicate.found.map(|found| SeedPlaces {
        smallest_useful: place(found.ramp.smallest_useful),
        steepest: Place::At(found.ramp.steepest),
        edge: place(found.edge),
    });
    let range_test::Curve { lr, loss, blown_up } = replicate.curve;
    SeedRange { seed, lr, loss, smoothed, blown_up, places: places.map_err(|why| why.to_string()) }
}
