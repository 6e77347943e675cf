//! The only place that writes to the terminal, apart from the progress display.

use std::io::{ErrorKind, Write};

/// Prints `text` and a line end on standard output. A reader that has gone away is not an error: the process ends
/// quietly, as `sweep best | head` should.
pub fn println(text: &str) {
    let mut out = std::io::stdout().lock();
    if let Err(error) = writeln!(out, "{text}").and_then(|()| out.flush())
        && error.kind() == ErrorKind::BrokenPipe
    {
        std::process::exit(0);
    }
}

/// Prints `text` and a line end on standard error.
pub fn eprintln(text: &str) {
    // Where even standard error is closed there is nobody left to tell.
    drop(writeln!(std::io::stderr().lock(), "{text}"));
}
