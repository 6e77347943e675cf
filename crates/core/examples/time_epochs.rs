//! Times the training loop alone, without readings, and prints one line of JSON: seconds of the fastest epoch.
//!
//! `cargo run --release -p sweep-core --example time_epochs -- [data=FILE] [count=3] lr=0.01 batch=32`
//!
//! `count` is the number of epochs; with `count=100st` that many steps are timed together instead.

use std::env;
use std::error::Error;
use std::time::Instant;

use sweep_core::data::{self, Options, Split};
use sweep_core::{Flow, Observer, Reading, Run, Settings, TrainSpec};

/// Records the time after every given number of steps.
struct Clock {
    every: u64,
    marks: Vec<Instant>,
}

impl Observer for Clock {
    fn reading(&mut self, _reading: &Reading, _run: &Run) -> Flow {
        Flow::Continue
    }

    fn step(&mut self, step: u64) -> Flow {
        if step.is_multiple_of(self.every) {
            self.marks.push(Instant::now());
        }
        Flow::Continue
    }
}

#[expect(clippy::print_stdout, reason = "an example shows what it does")]
fn main() -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let (mut settings, mut source, mut count) = (Settings::default(), "mnist".to_owned(), "3".to_owned());
    for word in env::args().skip(1) {
        match word.split_once('=').ok_or("write name=value")? {
            ("data", value) => source = value.to_owned(),
            ("count", value) => count = value.to_owned(),
            (name, value) => settings.set(name, value),
        }
    }
    let split = if source == "mnist" { Split::Textbook } else { Split::Holdout };
    let data = data::open(&source, &Options { split, ..Options::default() })?;
    settings.set("report_every", "1000000ep");
    let (every, times) = match count.strip_suffix("st") {
        Some(steps) => (steps.parse::<u64>()?, 1),
        None => {
            settings.set("steps", "1");
            let horizon = TrainSpec::read(&settings, &data)?.horizon;
            (horizon.steps_per_epoch as u64, count.parse::<u64>()?)
        }
    };
    // The last step takes a reading, so there is one more.
    settings.set("steps", (every * times + 1).to_string());
    let spec = TrainSpec::read(&settings, &data)?;
    let mut clock = Clock { every, marks: vec![Instant::now()] };
    let mut run = Run::new(&spec, 0);
    clock.marks[0] = Instant::now();
    let startup = start.elapsed().as_secs_f64();
    let ending = run.advance(&mut clock);
    let epochs = clock.marks.windows(2).map(|pair| (pair[1] - pair[0]).as_secs_f64());
    let fastest = epochs.fold(f64::INFINITY, f64::min);
    let loss = run.end(ending).readings.last().map_or(f64::NAN, |reading| reading.metric("val_loss"));
    println!(
        r#"{{"epoch_s": {fastest}, "step_ms": {}, "startup_s": {startup}, "val_loss": {loss}}}"#,
        1e3 * fastest / every as f64
    );
    Ok(())
}
