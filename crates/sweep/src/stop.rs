//! The request to stop, as a shared flag.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use anyhow::{Context, Result};

/// Shared by all who look at the flag.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicU8>);

impl Stop {
    /// A flag raised by Ctrl-C or a termination signal. The second one ends the process at once with exit code
    /// 130; every trial announced as ended is in the store by then.
    ///
    /// # Errors
    /// The signal handler cannot be set.
    pub fn on_signals() -> Result<Stop> {
        let stop = Stop::default();
        let flag = stop.clone();
        ctrlc::set_handler(move || {
            if flag.0.fetch_add(1, Ordering::Relaxed) > 0 {
                std::process::exit(130);
            }
        })
        .context("cannot listen for Ctrl-C")?;
        Ok(stop)
    }

    /// Raises the flag.
    pub fn raise(&self) {
        self.0.fetch_max(1, Ordering::Relaxed);
    }

    /// Whether to stop.
    pub fn requested(&self) -> bool {
        self.0.load(Ordering::Relaxed) > 0
    }
}
