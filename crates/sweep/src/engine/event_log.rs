//! The loop's log of events.

use anyhow::Result;

use crate::event::Event;
use crate::store::Store;

/// Stores events in order.
pub trait EventLog {
    /// Appends events, all or none, durable when this returns.
    ///
    /// # Errors
    /// They cannot be written.
    fn append(&mut self, events: &[Event]) -> Result<()>;

    /// Refuses a log whose file was removed, since it could never be read.
    ///
    /// # Errors
    /// The file was removed.
    fn check_present(&self) -> Result<()>;

    /// The checkpoint of a paused trial; `None` if there is none.
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
