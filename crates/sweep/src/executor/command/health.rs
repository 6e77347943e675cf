//! Whether the study should continue: if the first trials all fail quickly, the command is at fault.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use sweep_study::Outcome;

use crate::stop::Stop;

/// Number of failures at the start, and the time within which they end a study.
const FAILURES: u32 = 3;
const WITHIN: Duration = Duration::from_secs(60);

/// What is known so far.
pub struct Health {
    state: Mutex<State>,
    begun: Instant,
    stop: Stop,
}

struct State {
    failures: u32,
    /// Whether a trial has completed, or failures are ignored.
    well: bool,
    verdict: Option<String>,
}

impl Health {
    /// Nothing has ended yet; where `keep_going`, nothing ever stops the study.
    pub fn new(keep_going: bool, stop: Stop) -> Health {
        let state = State { failures: 0, well: keep_going, verdict: None };
        Health { state: Mutex::new(state), begun: Instant::now(), stop }
    }

    /// A trial has ended, without its metric where it is `unread`.
    pub fn saw(&self, outcome: &Outcome, unread: bool) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Outcome::Failed { reason } = outcome else {
            state.well = true;
            return;
        };
        state.failures += 1;
        if state.well || state.verdict.is_some() {
            return;
        }
        if unread {
            state.verdict = Some(format!("the first trial shows that no other can be ranked: {reason}"));
            self.stop.raise();
        } else if state.failures == FAILURES && self.begun.elapsed() < WITHIN {
            state.verdict = Some(format!("the first {FAILURES} trials failed within a minute: {reason}"));
            self.stop.raise();
        }
    }

    /// Whether no trial has reported its metric yet.
    pub fn is_unknown(&self) -> bool {
        !self.state.lock().unwrap_or_else(PoisonError::into_inner).well
    }

    /// Why the study was stopped, if it was.
    pub fn verdict(&self) -> Option<String> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).verdict.clone()
    }
}
