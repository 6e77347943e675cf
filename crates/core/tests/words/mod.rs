//! Settings as a command line gives them.

use sweep_core::Settings;

/// `lr=0.1 batch=32` as settings.
pub fn settings(words: &str) -> Settings {
    let mut settings = Settings::default();
    for word in words.split_whitespace() {
        let (name, value) = word.split_once('=').unwrap();
        settings.set(name, value);
    }
    settings
}
