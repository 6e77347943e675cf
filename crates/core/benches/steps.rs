//! Whole steps of training, forward, back and update: a perceptron, LeNet and an LSTM, by batch size.
//!
//! `cargo bench -p sweep-core --bench steps`; elements are examples.

#![expect(clippy::expect_used, reason = "a benchmark stops where it cannot be run")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use sweep_core::data::{self, Dataset, Options};
use sweep_core::{Flow, Observer, Reading, Run, Settings, TrainSpec};

/// Ends a run after a given number of steps, before the reading at its end.
struct Steps(u64);

impl Observer for Steps {
    fn reading(&mut self, _reading: &Reading, _run: &Run) -> Flow {
        Flow::Stop
    }

    fn step(&mut self, step: u64) -> Flow {
        if step < self.0 { Flow::Continue } else { Flow::Stop }
    }
}

/// The total time of a given number of steps.
fn time(settings: &Settings, data: &Arc<Dataset>, steps: u64) -> Duration {
    let mut settings = settings.clone();
    settings.set("steps", (steps + 1).to_string());
    let spec = TrainSpec::read(&settings, data).expect("settings of a benchmark");
    let mut run = Run::new(&spec, 0);
    let start = Instant::now();
    run.advance(&mut Steps(steps));
    start.elapsed()
}

fn steps(criterion: &mut Criterion) {
    for (model, source, rate) in
        [("mlp", "mnist", "0.01"), ("cnn", "mnist", "0.01"), ("lstm", "moby-dick", "0.1")]
    {
        let data = data::open(source, &Options::default()).expect("a data set that comes with the program");
        let mut group = criterion.benchmark_group(model);
        group.sampling_mode(SamplingMode::Flat);
        for batch in [1_u64, 8, 32, 128, 1024] {
            let mut settings = Settings::default();
            for (name, value) in
                [("model", model), ("lr", rate), ("batch", &batch.to_string()), ("report_every", "1000000ep")]
            {
                settings.set(name, value);
            }
            group.throughput(Throughput::Elements(batch));
            group.bench_function(format!("B={batch}"), |b| {
                b.iter_custom(|count| time(&settings, &data, count));
            });
        }
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).measurement_time(Duration::from_secs(2));
    targets = steps
}
criterion_main!(benches);
