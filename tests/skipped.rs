//! What a test does that cannot run here: it leaves one line. Included by path in crates whose own tests may skip.

use std::io::Write;

/// Notes that `what` was not tested, and why: in the file that the environment variable `SWEEP_SKIPPED` names, which
/// `.ci/run` prints at its end, or else on the terminal. (`eprintln!` would not do: `cargo test` swallows what a passing
/// test prints.)
pub fn skipped(what: &str, why: &str) {
    let line = format!("skipped: {what} ({})\n", why.trim());
    let written = match std::env::var_os("SWEEP_SKIPPED") {
        // One call of `write` to a file open for appending, so that lines of tests that run at once stay whole.
        Some(path) => std::fs::File::options()
            .create(true)
            .append(true)
            .open(path)
            .and_then(|mut file| file.write_all(line.as_bytes())),
        None => std::io::stderr().write_all(line.as_bytes()),
    };
    written.expect("a skipped test can be noted");
}
