//! Training as a whole: it learns, it is reproducible, it ends when and how it should.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[cfg(test)]
mod words;

use std::sync::Arc;

use sweep_core::data;
use sweep_core::data::{Answers, Inputs, Task};
use sweep_core::{Dataset, Ending, Flow, Observer, Part, Reading, Run, TrainSpec, Trained, train};
use words::settings;

fn mnist() -> Arc<Dataset> {
    data::open("mnist", &data::Options::default()).unwrap()
}

/// `count` examples for training (and as many again for the other parts), two numbers each, on either side of a line.
fn line(count: u32) -> Arc<Dataset> {
    let total = 2 * count as usize;
    let inputs: Vec<f32> =
        (0..2 * total).map(|i| ((i * 7919 + i / 2 * 31) % 1000) as f32 / 500.0 - 1.0).collect();
    let labels = inputs.chunks(2).map(|x| u32::from(x[0] + 0.5 * x[1] > 0.1)).collect();
    let rows = [
        (0..count).collect(),
        (count..count + count / 2).collect(),
        (count + count / 2..2 * count).collect(),
    ];
    let task = Task::Classification { classes: 2 };
    let inputs = Inputs::from_floats(&[2], inputs).unwrap();
    Arc::new(Dataset::new("line", task, inputs, Answers::Classes(labels), rows).unwrap())
}

fn run(words: &str, data: &Arc<Dataset>, seed: u64) -> Trained {
    let spec = TrainSpec::read(&settings(words), data).unwrap();
    train(&spec, seed, &mut ())
}

#[test]
fn one_epoch_of_mnist_is_as_good_as_in_keras() {
    let data = mnist();
    let trained = run("lr=0.1 batch=32 epochs=1", &data, 0);
    let last = trained.readings.last().unwrap();
    assert_eq!(trained.ending, Ending::Complete { stuck: false });
    assert_eq!((trained.steps, trained.examples, last.epoch), (1563, 50_000, 1.0));
    assert!(last.metric("val_accuracy") > 0.93, "{last:?}");
    assert!(last.metric("train_loss") > last.metric("val_loss"), "the running mean lags behind: {last:?}");
}

#[test]
fn the_same_seed_gives_the_same_bits() {
    let data = line(100);
    let words = "lr=0.1 batch=8 epochs=3 hidden=9/5";
    assert_eq!(run(words, &data, 5).parameters, run(words, &data, 5).parameters);
    assert_ne!(run(words, &data, 5).parameters, run(words, &data, 6).parameters);
}

#[test]
fn a_rate_of_a_hundred_diverges_with_its_step() {
    let trained = run("lr=100 batch=32 epochs=1", &mnist(), 0);
    let Ending::Diverged { step } = trained.ending else { panic!("{:?}", trained.ending) };
    assert!((2..100).contains(&step) && step == trained.steps, "step {step}");
}

#[test]
fn stochastic_gradient_descent_survives_single_bad_examples() {
    let trained = run("lr=0.01 batch=1 examples=3000", &mnist(), 0);
    assert_eq!(trained.ending, Ending::Complete { stuck: false });
    assert_eq!(trained.steps, 3000);
}

#[test]
fn a_net_that_learns_nothing_is_stuck() {
    let trained = run("lr=1e-12 batch=32 epochs=1 hidden=3", &line(100), 0);
    assert!(matches!(trained.ending, Ending::Complete { .. }));
    let dead = run("lr=1e-20 batch=32 steps=1", &mnist(), 0);
    assert_eq!(dead.ending, Ending::Complete { stuck: true });
}

#[test]
fn the_full_batch_is_gradient_descent() {
    let data = line(300); // more than the model takes at once, so it is fed in pieces
    let full = run("lr=0.5 batch=full steps=4", &data, 1);
    let number = run("lr=0.5 batch=300 steps=4", &data, 1);
    assert_eq!(full.parameters, number.parameters);
    assert_eq!((full.steps, full.examples, full.epochs), (4, 1200, 4.0));
    // The mean gradient does not depend on the order: another order of examples gives the same up to rounding.
    let mut rows: Vec<u32> = data.rows(Part::Train).to_vec();
    rows.reverse();
    let parts = [rows, data.rows(Part::Validation).to_vec(), data.rows(Part::Test).to_vec()];
    let (inputs, answers) = (data.inputs().clone(), data.answers().clone());
    let turned = Arc::new(Dataset::new("turned", data.task(), inputs, answers, parts).unwrap());
    let turned = run("lr=0.5 batch=full steps=4", &turned, 1);
    for (a, b) in full.parameters.iter().zip(&turned.parameters) {
        assert!((a - b).abs() < 1e-5, "{a} {b}");
    }
}

#[test]
fn the_last_batch_of_an_epoch_is_smaller_and_has_its_own_mean() {
    let data = line(10);
    let trained = run("lr=0.1 batch=4 epochs=2 report_every=1st", &data, 0);
    let examples: Vec<u64> = trained.readings.iter().map(|reading| reading.examples).collect();
    assert_eq!(examples, [4, 8, 10, 14, 18, 20]);
    // The running mean starts again with each epoch: after its first step it is the loss of that batch alone.
    let losses: Vec<f64> = trained.readings.iter().map(|reading| reading.metric("train_loss")).collect();
    assert!(losses.iter().all(|loss| loss.is_finite() && *loss > 0.0));
    assert_eq!(trained.epochs, 2.0);
}

#[test]
fn runs_end_with_their_budget() {
    let data = line(10);
    let ends = |words: &str| {
        let spec = TrainSpec::read(&settings(words), &data).unwrap();
        let trained = train(&spec, 0, &mut ());
        assert_eq!((spec.cost().steps, spec.cost().examples), (trained.steps, trained.examples), "{words}");
        (trained.steps, trained.examples)
    };
    assert_eq!(ends("batch=4"), (9, 30), "three epochs by default");
    assert_eq!(ends("batch=4 epochs=1"), (3, 10));
    assert_eq!(ends("batch=4 epochs=0.5"), (2, 8));
    assert_eq!(ends("batch=4 steps=5"), (5, 18));
    assert_eq!(ends("batch=4 examples=5"), (2, 8));
    assert_eq!(ends("batch=4 examples=10"), (3, 10));
    assert_eq!(ends("batch=4 examples=21"), (7, 24));
    assert_eq!(ends("batch=full epochs=2"), (2, 20));
    assert_eq!(ends("batch=1 epochs=1"), (10, 10));
}

#[test]
fn the_steps_of_a_growing_batch_are_counted_in_advance() {
    let data = line(100);
    for budget in ["epochs=6", "steps=20", "examples=333"] {
        for schedule in ["batch_growth", "batch_linear"] {
            let words = format!("batch=8 {budget} schedule={schedule}");
            let spec = TrainSpec::read(&settings(&words), &data).unwrap();
            let trained = train(&spec, 0, &mut ());
            assert_eq!(
                (spec.cost().steps, spec.cost().examples),
                (trained.steps, trained.examples),
                "{words}"
            );
            assert!(trained.readings.last().unwrap().batch > 8, "{words}");
        }
    }
}

#[test]
fn contradictions_are_refused_by_name() {
    let data = line(10);
    let refusal =
        |words: &str| TrainSpec::read(&settings(&format!("batch=4 {words}")), &data).unwrap_err().to_string();
    assert_eq!(refusal("lr=0"), "lr=0 must be above 0");
    assert!(refusal("batch=0").contains("whole number of examples from 1"));
    assert!(refusal("batch=1.5").contains("whole number of examples from 1"));
    assert_eq!(
        refusal("batch=100"),
        "batch=100 is more than the 10 training examples; batch=full uses them all"
    );
    assert_eq!(refusal("epochs=2 steps=5"), "steps=5 contradicts epochs: give one budget");
    assert!(refusal("epochs=0").contains("above 0"));
    assert!(refusal("steps=1.5").contains("whole number"));
    assert!(refusal("report_every=5").contains("5st"));
    assert!(refusal("activation=gelu2").contains("relu"));
    assert!(refusal("init=zero").contains("torch"));
    assert!(refusal("model=transformer").contains("model=transformer"));
}

struct StopAt(u64, Vec<u64>);

impl Observer for StopAt {
    fn reading(&mut self, reading: &Reading, run: &Run) -> Flow {
        assert!(run.parameters().iter().all(|p| p.is_finite()));
        self.1.push(reading.step);
        if reading.step >= self.0 { Flow::Stop } else { Flow::Continue }
    }

    fn step(&mut self, step: u64) -> Flow {
        if step >= self.0 { Flow::Stop } else { Flow::Continue }
    }
}

#[test]
fn an_observer_can_stop_between_steps_and_at_readings() {
    let data = line(100);
    let spec = TrainSpec::read(&settings("batch=10 epochs=5"), &data).unwrap();
    let mut between = StopAt(7, Vec::new());
    let trained = train(&spec, 0, &mut between);
    assert_eq!((trained.ending, trained.steps, between.1), (Ending::Stopped, 7, vec![]));
    let mut at = StopAt(20, Vec::new());
    let trained = train(&spec, 0, &mut at);
    assert_eq!((trained.ending, trained.steps, at.1), (Ending::Stopped, 20, vec![10, 20]));
}

#[test]
fn a_target_ends_a_run_at_the_first_reading_that_reaches_it() {
    let data = line(200);
    let trained = run("lr=0.5 batch=10 steps=2000 until=val_loss=0.3 report_every=x1.2", &data, 0);
    let (last, before) = trained.readings.split_last().unwrap();
    assert_eq!(trained.ending, Ending::Complete { stuck: false });
    assert_eq!((last.metric("steps_to_target"), last.step), (trained.steps as f64, trained.steps));
    assert!(last.metric("val_loss") < 0.3 && trained.steps < 2000, "{last:?}");
    assert!(before.iter().all(|reading| reading.metric("val_loss") >= 0.3));
    let capped = run("lr=1e-5 batch=10 steps=50 until=val_loss=0.3", &data, 0);
    assert_eq!(capped.steps, 50);
    assert!(capped.readings.last().unwrap().metric("steps_to_target").is_nan());
}
