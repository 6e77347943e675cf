//! Where the loop keeps events.

use anyhow::Result;

use crate::event::Event;
use crate::store::Store;

/// Keeps events in their order.
pub trait EventLog {
    /// Appends events, all or none, durable when this returns.
    ///
    /// # Errors
    /// They cannot be written.
    fn append(&mut self, events: &[Event]) -> Result<()>;

    /// Refuses a log that nobody would ever read, since its file was removed.
    ///
    /// # Errors
    /// The file is gone.
    fn check_present(&self) -> Result<()>;

    /// What a paused trial continues from; `None` where it is not kept.
    ///
    /// # Errors
    /// It cannot be read.
    fn checkpoint(&self, trial: u64) -> Result<Option<Vec<u8>>>;
}

impl EventLog for Store {
    fn append(&mut self, events: &[Event]) -> Result<()> {
        Store::append(self, events)
    }

    fn check_present(&self) -> Result<()> {
        Store::check_present(self)
    }

    fn checkpoint(&self, trial: u64) -> Result<Option<Vec<u8>>> {
        Store::checkpoint(self, trial)
    }
}
