//! What a trial's end means: its outcome, and why its metric was not found.

use sweep_study::{Outcome, SECONDS};

use crate::supervisor::Exit;
use crate::trial_folder::folder::Attempt;
use crate::trial_folder::gather::Gather;
use crate::trial_folder::suggestion::{Suggestion, suggestion};
use crate::trial_folder::{out_of_memory, output};

/// How often a figure must have been printed that looks like the metric.
const OFTEN: usize = 3;

/// What is known of an attempt whose end is judged.
pub struct Judged<'a> {
    /// What was read of it.
    pub gather: &'a Gather,
    /// Its folder.
    pub attempt: &'a Attempt,
}

impl Judged<'_> {
    /// The outcome of the trial, from the end of the program.
    ///
    /// # Errors
    /// It completed, and its metric was not found; what would do.
    pub fn outcome(&self, exit: &Exit) -> Result<Outcome, String> {
        if let Some(step) = self.gather.diverged {
            return Ok(Outcome::Diverged { step });
        }
        let failed = |reason: String| Ok(Outcome::Failed { reason });
        if !self.attempt.path().is_dir() {
            return failed(format!("its folder {} was removed while it ran", self.attempt.path().display()));
        }
        let stderr = output::reasons(&self.attempt.stderr());
        let stdout = output::reasons(&self.attempt.stdout());
        if let Some(reason) = out_of_memory::reason(exit, &[&stderr, &stdout]) {
            return Ok(Outcome::Infeasible { reason: format!("out of memory: {reason}") });
        }
        let words = output::last_words(&stderr);
        let words = if words.is_empty() { String::new() } else { format!(": {words}") };
        let goal = self.gather.goal();
        if self.gather.reached.is_some() {
            return Ok(self.at_target());
        }
        match exit {
            // Seconds are measured, even if a program reports its own.
            Exit::Code(0) if goal == SECONDS || self.gather.metrics.contains_key(goal) => {
                Ok(Outcome::Complete { stuck: false })
            }
            Exit::Code(0) => Err(self.unread("it completed")),
            Exit::Code(code) => failed(format!("exit code {code}{words}")),
            Exit::Signal(number) => failed(format!("ended by signal {number}{words}")),
            Exit::NotStarted(reason) | Exit::Lost(reason) => failed(reason.clone()),
        }
    }

    /// The outcome of a trial that has reached its target: complete, where it is known in which step.
    pub fn at_target(&self) -> Outcome {
        if self.gather.stepped {
            return Outcome::Complete { stuck: false };
        }
        let reason = "it reached the target, but reported no steps to it; print step beside the metric, or give \
                      --steps-per-epoch";
        Outcome::Failed { reason: reason.to_owned() }
    }

    /// That the metric was not found, and what would do.
    pub fn unread(&self, how: &str) -> String {
        let goal = self.gather.goal();
        let names: Vec<&str> = self.gather.metrics.keys().map(String::as_str).collect();
        let said = match (self.suggestion(), names.as_slice()) {
            (Some(suggestion), _) => format!("to read it, give {}", suggestion.option),
            (None, []) => "none of its output looks like it; see --read".to_owned(),
            (None, names) => format!("it reported {}", names.join(", ")),
        };
        format!("{how} without reporting {goal}; {said}")
    }

    fn suggestion(&self) -> Option<Suggestion> {
        let printed = [output::end(&self.attempt.stdout()), output::end(&self.attempt.stderr())];
        suggestion(self.gather.goal(), &printed.join("\n"))
    }

    /// Whether the program has long printed a figure that looks like the metric, and never the metric.
    pub fn is_misread(&self) -> bool {
        !self.gather.metrics.contains_key(self.gather.goal())
            && self.gather.goal() != SECONDS
            && self.suggestion().is_some_and(|suggestion| suggestion.count >= OFTEN)
    }
}
