//! Workers that share a batch give the same result as a single one, on any number of threads.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[cfg(test)]
mod words;

use std::sync::Arc;

use allocation_counter::measure;
use rayon::{ThreadPool, ThreadPoolBuilder};
use sweep_core::data::{self, Answers, Inputs, Options, Task};
use sweep_core::{Dataset, Ending, Flow, Observer, Reading, Run, SettingError, TrainSpec, Trained};
use words::settings;

fn pool(threads: usize) -> Arc<ThreadPool> {
    Arc::new(ThreadPoolBuilder::new().num_threads(threads).build().unwrap())
}

fn begin(words: &str, data: &Arc<Dataset>) -> Run {
    Run::new(&TrainSpec::read(&settings(words), data).unwrap(), 1)
}

/// The run that `words` describe, on this many `threads`; 0 for the caller's thread only.
fn run(words: &str, data: &Arc<Dataset>, threads: usize) -> Trained {
    let mut run = begin(words, data);
    if threads > 0 {
        run.use_threads(&pool(threads));
    }
    let ending = run.advance(&mut ());
    run.end(ending)
}

fn refusal(words: &str, data: &Arc<Dataset>) -> String {
    let refused: SettingError = TrainSpec::read(&settings(words), data).unwrap_err();
    refused.to_string()
}

fn mnist() -> Arc<Dataset> {
    data::open("mnist", &Options::default()).unwrap()
}

/// A text of words that follow each other by a rule.
fn text() -> Arc<Dataset> {
    let words = ["the cat sat", "on the mat", "and that", "was that."];
    let text: String = (0..900_usize).map(|i| format!("{} ", words[i * i / 7 % 4])).collect();
    let file = tempfile::Builder::new().suffix(".txt").tempfile().unwrap();
    std::fs::write(file.path(), text).unwrap();
    data::open(&file.path().to_string_lossy(), &Options { length: Some(16), ..Options::default() }).unwrap()
}

/// Forty-two numbers for training, above or below a half.
fn few() -> Dataset {
    let numbers: Vec<f32> = (0..62_u32).map(|i| (i * 37 % 62) as f32 / 62.0).collect();
    let classes = numbers.iter().map(|number| u32::from(*number > 0.5)).collect();
    let (inputs, answers) = (Inputs::from_floats(&[1], numbers).unwrap(), Answers::Classes(classes));
    let rows = [(0..42).collect(), (42..52).collect(), (52..62).collect()];
    Dataset::new("few", Task::Classification { classes: 2 }, inputs, answers, rows).unwrap()
}

/// Networks of every kind with optimizers of several, each with its budget.
fn networks() -> [(&'static str, &'static str, Arc<Dataset>); 6] {
    let (mnist, text) = (mnist(), text());
    [
        ("batch=50 lr=0.1 hidden=32", "epochs=1", mnist.clone()),
        ("batch=600 lr=0.002 hidden=32/16 optimizer=adam accumulate=3", "epochs=1", mnist.clone()),
        // With rectifiers and maxima, rounding separates runs after some hundred updates: hence tanh.
        ("batch=64 lr=0.02 model=cnn conv=4x5 hidden=16 activation=tanh", "epochs=1", mnist),
        ("batch=24 lr=0.5 model=rnn hidden=16", "epochs=1", text.clone()),
        ("batch=24 lr=0.5 model=lstm hidden=16/8 momentum=0.5", "epochs=1", text.clone()),
        ("batch=24 lr=0.5 model=gru hidden=16", "epochs=1", text),
    ]
}

#[test]
fn several_workers_give_the_result_of_one() {
    for (words, budget, data) in networks() {
        let words = format!("{words} {budget}");
        let loss = |trained: Trained| trained.readings.last().unwrap().metric("val_loss");
        let one = loss(run(&words, &data, 0));
        for count in [2, 3, 8] {
            let several = loss(run(&format!("{words} workers={count}"), &data, 0));
            assert!((several / one - 1.0).abs() < 1e-5, "{words}: {one} alone, {several} with {count}");
        }
    }
}

#[test]
fn the_bits_are_the_same_on_any_number_of_threads() {
    for (words, _, data) in networks() {
        // Neither 5 nor the last batch of an epoch of texts divides evenly among the workers.
        let words = format!("{words} steps=40 workers=5");
        let alone = run(&words, &data, 0);
        for threads in 1..=3 {
            let shared = run(&words, &data, threads);
            assert_eq!(alone.readings, shared.readings, "{words}: {threads} threads");
            assert_eq!(alone.parameters, shared.parameters, "{words}: {threads} threads");
        }
    }
}

#[test]
fn a_batch_smaller_than_the_workers_leaves_some_idle() {
    // The last batch of each epoch has two of the 42 training examples.
    let data = Arc::new(few());
    let one = run("batch=8 hidden=4 epochs=2 lr=0.5", &data, 0);
    let several = run("batch=8 hidden=4 epochs=2 lr=0.5 workers=8", &data, 2);
    assert_eq!((one.steps, several.steps), (12, 12));
    for (one, several) in one.parameters.iter().zip(&several.parameters) {
        assert!((one - several).abs() < 1e-5, "{one} alone, {several} with eight");
    }
}

/// Stops after a step.
struct Until(u64);

impl Observer for Until {
    fn reading(&mut self, _reading: &Reading, _run: &Run) -> Flow {
        Flow::Continue
    }

    fn step(&mut self, step: u64) -> Flow {
        if step >= self.0 { Flow::Stop } else { Flow::Continue }
    }
}

#[test]
fn a_paused_run_of_several_workers_resumes_to_the_same_bits() {
    let data = mnist();
    let words = "batch=64 lr=0.05 model=cnn conv=4x5 hidden=16 dropout=0.3 steps=20 workers=3";
    let whole = run(words, &data, 0);
    let mut first = begin(words, &data);
    assert_eq!(first.advance(&mut Until(7)), Ending::Stopped);
    let mut second = begin(words, &data);
    second.restore(&first.checkpoint()).unwrap();
    let ending = second.advance(&mut ());
    assert_eq!(second.end(ending).parameters, whole.parameters);
    let other = begin(&words.replace("workers=3", "workers=2"), &data).restore(&first.checkpoint());
    assert!(other.is_err(), "a checkpoint of three workers does not fit two");
}

#[test]
fn steps_of_several_workers_allocate_nothing_and_take_the_estimated_memory() {
    let data = mnist();
    let words = "batch=64 workers=4 hidden=512 steps=1000 report_every=1000st";
    let mut run = begin(words, &data);
    let steps = measure(|| assert_eq!(run.advance(&mut Until(5)), Ending::Stopped));
    assert_eq!(steps.count_total, 0);
    let taken = measure(|| {
        begin(words, &data).advance(&mut Until(2));
    });
    let taken = taken.bytes_max as f64;
    let announced = TrainSpec::read(&settings(words), &data).unwrap().cost().bytes as f64;
    assert!((0.8..1.25).contains(&(announced / taken)), "{announced} estimated, {taken} taken");
}

#[test]
fn workers_that_cannot_share_a_batch_are_refused() {
    let data = mnist();
    assert_eq!(
        refusal("batch=4 workers=8", &data),
        "workers=8 is too many for a batch of 4: use at most 4, or a larger batch"
    );
    assert!(refusal("workers=0", &data).starts_with("workers=0 must be a whole number from 1"));
    assert!(refusal("workers=1.5", &data).contains("must be a whole number"));
    assert!(
        refusal("batch=8 workers=4 accumulate=3", &data).contains("into more parts than it has examples")
    );
    assert!(refusal("model=cnn norm=batch workers=2", &data).contains("use norm=layer or workers=1"));
    let cartpole = data::open("cartpole", &Options::default()).unwrap();
    assert!(refusal("workers=2", &cartpole).contains("works only with data sets"));
}
