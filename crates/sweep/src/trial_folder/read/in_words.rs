//! What a program prints in its own words, where it says nothing in a known format.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::printed::Printed;
use super::{Place, Report};
use crate::trial_folder::tail::Tail;

/// How long a figure waits for the same one in a known format, which may have its step: trainers print it first and then
/// write their files.
const PATIENCE: Duration = Duration::from_secs(2);

/// The ranked metric as printed on standard output and, beside bars and by loggers, on standard error.
pub struct InWords {
    printed: Printed,
    stderr: Tail,
    /// What was read and is not told yet.
    held: Option<(Report, Instant)>,
    /// Whether the metric comes in a known format.
    silent: bool,
}

impl InWords {
    /// For `metric`; `None` for a name that no words could say.
    pub fn new(metric: &str, stderr: PathBuf) -> Option<InWords> {
        Some(InWords { printed: Printed::new(metric)?, stderr: Tail::new(stderr), held: None, silent: false })
    }

    /// The metric came in a known format: from here on words are not read.
    pub fn silence(&mut self) {
        (self.silent, self.held) = (true, None);
    }

    /// Reads a line of standard output.
    pub fn read(&mut self, line: &str, take: &mut dyn FnMut(Place, Report)) {
        if self.silent {
            return;
        }
        if let Some(report) = self.printed.read(line)
            && let Some((before, _)) = self.held.replace((report, Instant::now()))
        {
            take(Place::Words, before);
        }
    }

    /// Reads what is new on standard error, and tells what has waited for long enough; all of it once the program is
    /// `over`.
    pub fn follow(&mut self, over: bool, take: &mut dyn FnMut(Place, Report)) {
        let mut lines = Vec::new();
        let mut line = |line: &str| lines.push(line.to_owned());
        if over {
            self.stderr.finish(&mut line)
        } else {
            self.stderr.read(&mut line)
        }
        for line in lines {
            self.read(&line, take);
        }
        if over || self.held.as_ref().is_some_and(|(_, since)| since.elapsed() >= PATIENCE) {
            self.held.take().into_iter().for_each(|(report, _)| take(Place::Words, report));
        }
    }
}
