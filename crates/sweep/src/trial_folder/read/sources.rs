//! All places where an attempt at a trial may write metrics, followed while it runs.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use sweep_study::SECONDS;

use super::hugging_face;
use super::in_words::InWords;
use super::keras::Keras;
use super::lightning;
use super::lines;
use super::tensorboard;
use super::tensorboard::Timed;
use super::{Patterns, Report};
use crate::trial_folder::folder::Attempt;
use crate::trial_folder::tail::Tail;

/// How often the attempt's folder is searched for files of loggers.
const SEARCH: Duration = Duration::from_secs(1);

/// How deep below the attempt's folder loggers are expected to write, and how many entries are looked at.
const DEPTH: usize = 5;
const ENTRIES: usize = 2_000;

/// The kinds of places; each counts its own steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// `metrics.jsonl`.
    Metrics,
    /// Standard output.
    Stdout,
    /// The file of a logger.
    Logger,
    /// Words on standard output or error.
    Words,
}

/// The places of one attempt.
pub struct Sources {
    metrics: Tail,
    stdout: Tail,
    keras: Keras,
    patterns: Patterns,
    /// The metric that ranks, and how it is found in words; `None` where a pattern reads it.
    goal: String,
    words: Option<InWords>,
    folder: PathBuf,
    loggers: Vec<Logger>,
    events: Vec<EventFile>,
    /// The last step reported by an event file.
    event_step: u64,
    searched: Option<Instant>,
}

/// Reads a logger's file from an entry on; returns its reports and the number of entries.
type Reader = fn(&str, usize) -> (Vec<Report>, usize);

/// An event file of TensorBoard, which only grows.
struct EventFile {
    path: PathBuf,
    /// Bytes already read.
    read: u64,
}

/// The most bytes of an event file that are read at once.
const MOST: u64 = 64 << 20;

/// A file that a logger replaces or extends.
struct Logger {
    path: PathBuf,
    read: Reader,
    /// Whether files of this kind continue one history.
    successive: bool,
    /// Entries already read.
    seen: usize,
    changed: Option<(SystemTime, u64)>,
}

impl Sources {
    /// The places of `attempt`, its output read by `patterns` too, and in its own words for the metric `goal` where no
    /// pattern reads it.
    pub fn new(attempt: &Attempt, patterns: Patterns, goal: &str) -> Sources {
        let words = InWords::new(goal, attempt.stderr()).filter(|_| goal != SECONDS && !patterns.reads(goal));
        Sources {
            goal: goal.to_owned(),
            words,
            metrics: Tail::new(attempt.metrics()),
            stdout: Tail::new(attempt.stdout()),
            keras: Keras::default(),
            patterns,
            folder: attempt.path().to_owned(),
            loggers: Vec::new(),
            events: Vec::new(),
            event_step: 0,
            searched: None,
        }
    }

    /// Hands over what is new.
    pub fn read(&mut self, take: &mut dyn FnMut(Place, Report)) {
        self.hand_over(false, take);
    }

    /// Hands over what is left once nothing more is written.
    pub fn finish(&mut self, take: &mut dyn FnMut(Place, Report)) {
        self.hand_over(true, take);
    }

    fn hand_over(&mut self, over: bool, take: &mut dyn FnMut(Place, Report)) {
        let mut formatted = false;
        let goal = self.goal.clone();
        let mut told = |place, report: Report| {
            formatted |= place != Place::Words && report.metrics.contains_key(&goal);
            take(place, report);
        };
        self.follow(over, &mut told);
        if over || self.searched.is_none_or(|searched| searched.elapsed() >= SEARCH) {
            self.searched = Some(Instant::now());
            self.loggers(&mut told);
        }
        self.in_words(formatted, over, take);
    }

    fn in_words(&mut self, formatted: bool, over: bool, take: &mut dyn FnMut(Place, Report)) {
        match &mut self.words {
            Some(words) if formatted => words.silence(),
            Some(words) => words.follow(over, take),
            None => {}
        }
    }

    /// Bytes of standard output that were read.
    pub fn stdout_read(&mut self) -> u64 {
        self.stdout.position()
    }

    fn follow(&mut self, over: bool, take: &mut dyn FnMut(Place, Report)) {
        let Sources { metrics, stdout, keras, patterns, words, .. } = self;
        let mut metric = |line: &str| {
            if let Some(report) = lines::read(line) {
                take(Place::Metrics, report);
            }
        };
        if over {
            metrics.finish(&mut metric)
        } else {
            metrics.read(&mut metric)
        }
        let mut printed = |line: &str| {
            let progress = keras.read(line);
            match patterns.read(line).or_else(|| lines::read(line)).or(progress) {
                Some(report) => take(Place::Stdout, report),
                None => {
                    if let Some(words) = words {
                        words.read(line, take);
                    }
                }
            }
        };
        if over { stdout.finish(&mut printed) } else { stdout.read(&mut printed) }
    }

    fn loggers(&mut self, take: &mut dyn FnMut(Place, Report)) {
        let mut left = ENTRIES;
        search(&self.folder, DEPTH, &mut left, &mut |path| {
            let reader: Option<Reader> = match path.file_name().and_then(|name| name.to_str()) {
                Some("metrics.csv") => Some(lightning::read),
                Some("trainer_state.json") => Some(hugging_face::read),
                _ => None,
            };
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if tensorboard::is_event_file(name) && !self.events.iter().any(|file| file.path == path) {
                self.events.push(EventFile { path, read: 0 });
            } else if let Some(read) = reader
                && !self.loggers.iter().any(|logger| logger.path == path)
            {
                let successive = path.ends_with("trainer_state.json");
                self.loggers.push(Logger { path, read, successive, seen: 0, changed: None });
            }
        });
        // Each checkpoint holds the whole history up to it.
        let mut history = self
            .loggers
            .iter()
            .filter(|logger| logger.successive)
            .map(|logger| logger.seen)
            .max()
            .unwrap_or(0);
        for logger in &mut self.loggers {
            if logger.successive {
                logger.seen = history;
            }
            logger.reports().into_iter().for_each(|report| take(Place::Logger, report));
            if logger.successive {
                history = history.max(logger.seen);
            }
        }
        self.events(take);
    }

    /// Hands over what is new in the event files, in the order in which it was written, whatever the file. Each of
    /// their figures counts steps of its own: one that falls behind the others is report without its step, as belonging
    /// to the last.
    fn events(&mut self, take: &mut dyn FnMut(Place, Report)) {
        let mut all: Vec<Timed> = self.events.iter_mut().flat_map(EventFile::reports).collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (_, mut report) in all {
            report.step = report.step.filter(|step| *step >= self.event_step);
            self.event_step = report.step.unwrap_or(self.event_step);
            take(Place::Logger, report);
        }
    }
}

impl EventFile {
    fn reports(&mut self) -> Vec<Timed> {
        let mut bytes = Vec::new();
        let mut read = || {
            let mut file = File::open(&self.path)?;
            file.seek(SeekFrom::Start(self.read))?;
            file.take(MOST).read_to_end(&mut bytes)
        };
        if read().is_err() {
            return Vec::new();
        }
        let (reports, length) = tensorboard::read(&self.path, &bytes);
        self.read += length as u64;
        reports
    }
}

impl Logger {
    fn reports(&mut self) -> Vec<Report> {
        let Ok(about) = self.path.metadata() else { return Vec::new() };
        let changed = about.modified().ok().map(|time| (time, about.len()));
        if changed == self.changed {
            return Vec::new();
        }
        let Ok(text) = std::fs::read_to_string(&self.path) else { return Vec::new() };
        let (reports, count) = (self.read)(&text, self.seen);
        // A file in the middle of being replaced has fewer entries, and is read again.
        if count >= self.seen {
            (self.seen, self.changed) = (count, changed);
        }
        reports
    }
}

/// Calls `found` with the files below `folder`; no link is followed.
fn search(folder: &Path, depth: usize, left: &mut usize, found: &mut dyn FnMut(PathBuf)) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if *left == 0 {
            return;
        }
        *left -= 1;
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth > 0 => search(&entry.path(), depth - 1, left, found),
            Ok(kind) if kind.is_file() => found(entry.path()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial_folder::folder::Folder;

    #[test]
    fn everything_that_is_written_is_told_once() {
        let study = tempfile::tempdir().unwrap();
        let attempt = Folder::new(study.path(), 0).begin().unwrap();
        let mut sources = Sources::new(&attempt, Patterns::new(&[]).unwrap(), "a");
        let mut reports = Vec::new();
        std::fs::write(attempt.metrics(), "{\"step\": 1, \"a\": 1}\n{\"step\": 2, \"a\": 2}").unwrap();
        std::fs::write(attempt.stdout(), "noise\n[tune-metric]: {\"a\": 3}\n").unwrap();
        sources.read(&mut |place, what| reports.push((place, what)));
        assert_eq!(reports.len(), 2);
        for (checkpoint, entries) in [(4, 1), (8, 2)] {
            let folder = attempt.path().join(format!("out/checkpoint-{checkpoint}"));
            std::fs::create_dir_all(&folder).unwrap();
            let history = [r#"{"loss": 1.0, "step": 4}"#, r#"{"eval_loss": 0.5, "step": 8}"#];
            let state = format!(r#"{{"log_history": [{}]}}"#, history[..entries].join(","));
            std::fs::write(folder.join("trainer_state.json"), state).unwrap();
        }
        sources.finish(&mut |place, what| reports.push((place, what)));
        sources.finish(&mut |place, what| reports.push((place, what)));
        let places: Vec<Place> = reports.iter().map(|(place, _)| *place).collect();
        assert_eq!(places, [Place::Metrics, Place::Stdout, Place::Metrics, Place::Logger, Place::Logger]);
    }
}
