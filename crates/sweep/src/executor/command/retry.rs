//! The wait before a program that failed is started again.

use std::time::{Duration, Instant};

/// How often the wish to stop is looked at.
const PULSE: Duration = Duration::from_millis(50);

/// The longest wait, in doublings of a second.
const DOUBLINGS: u32 = 6;

/// Waits before attempt number `count` after the first, twice as long each time; false when the study is interrupted.
pub fn wait(count: u32, stop: &dyn Fn() -> bool) -> bool {
    let end = Instant::now() + Duration::from_secs(1 << count.saturating_sub(1).min(DOUBLINGS));
    while Instant::now() < end {
        if stop() {
            return false;
        }
        std::thread::sleep(PULSE);
    }
    true
}
