//! A training step allocates nothing: all buffers exist before the first step.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::sync::Arc;

use allocation_counter::measure;
use sweep_core::data;
use sweep_core::{Dataset, Ending, Flow, Observer, Part, Reading, Room, Run, Settings, TrainSpec};

struct StopAt(u64);

impl Observer for StopAt {
    fn reading(&mut self, _reading: &Reading, _run: &Run) -> Flow {
        Flow::Continue
    }

    fn step(&mut self, step: u64) -> Flow {
        if step >= self.0 { Flow::Stop } else { Flow::Continue }
    }
}

fn spec(words: &str, data: &Arc<Dataset>) -> TrainSpec {
    let mut settings = Settings::default();
    words.split_whitespace().for_each(|word| {
        let (name, value) = word.split_once('=').unwrap();
        settings.set(name, value);
    });
    TrainSpec::read(&settings, data).unwrap()
}

#[test]
fn steps_allocate_nothing() {
    let mnist = data::open("mnist", &data::Options::default()).unwrap();
    let cartpole = data::open("cartpole", &data::Options::default()).unwrap();
    for (words, data) in [
        ("batch=1", &mnist),
        ("batch=32 momentum=0.9", &mnist),
        ("batch=1000 hidden=64/32 activation=tanh", &mnist),
        ("batch=100 hidden=64/32 activation=gelu", &mnist),
        ("batch=30000 hidden=0", &mnist),
        ("batch=32 optimizer=adam schedule=cosine", &mnist),
        ("batch=32 schedule=batch_growth", &mnist),
        ("batch=600 optimizer=adam", &cartpole),
        ("batch=64 optimizer=adam agent=dqn", &cartpole),
    ] {
        let spec = spec(&format!("{words} report_every=1000st steps=1000"), data);
        let mut run = Run::new(&spec, 0);
        let steps = measure(|| assert_eq!(run.advance(&mut StopAt(5)), Ending::Stopped));
        assert_eq!(steps.count_total, 0, "{words}: five steps");
        let evaluation = measure(|| assert!(run.evaluate(Part::Validation)[0].1.is_finite()));
        // The names of the metrics.
        assert!(evaluation.count_total <= 8, "{words}: an evaluation allocated {}", evaluation.count_total);
    }
}

#[test]
fn a_run_takes_the_estimated_memory() {
    let mnist = data::open("mnist", &data::Options::default()).unwrap();
    let novel = data::open("moby-dick", &data::Options::default()).unwrap();
    let cartpole = data::open("cartpole", &data::Options::default()).unwrap();
    for (words, data) in [
        ("batch=32", &mnist),
        ("batch=1000 hidden=1024/512 optimizer=adam", &mnist),
        ("batch=32 model=cnn", &mnist),
        ("batch=512 model=cnn norm=batch", &mnist),
        ("batch=32 model=lstm", &novel),
        ("batch=256 model=gru hidden=256/256 optimizer=adam", &novel),
        ("batch=32 sharpness=1st noise_scale=1st", &mnist),
        ("batch=2000 hidden=512/512", &cartpole),
        ("batch=64 agent=dqn optimizer=adam", &cartpole),
    ] {
        let spec = spec(&format!("{words} steps=2"), data);
        let taken = measure(|| {
            Run::new(&spec, 0).advance(&mut ());
        });
        let (announced, peak) = (spec.cost().bytes as f64, taken.bytes_max as f64);
        assert!((0.8..1.25).contains(&(announced / peak)), "{words}: {announced} estimated, {peak} taken");
    }
}

/// Bytes that the learner of `words` takes and [`Room`] does not count: names, shapes and the like.
fn uncounted(words: &str, data: &Arc<Dataset>) -> i64 {
    let spec = spec(&format!("{words} steps=2"), data);
    let (mut counting, mut real) = (Room::counting(), Room::default());
    drop(spec.learner.build(data, 0, &mut counting));
    let mut learner = None;
    let taken = measure(|| learner = Some(spec.learner.build(data, 0, &mut real)));
    assert_eq!(counting.bytes(), real.bytes(), "{words}");
    taken.bytes_current - counting.bytes() as i64
}

#[test]
fn every_buffer_is_counted_to_the_byte() {
    let mnist = data::open("mnist", &data::Options::default()).unwrap();
    let novel = data::open("moby-dick", &data::Options::default()).unwrap();
    let cartpole = data::open("cartpole", &data::Options::default()).unwrap();
    for (words, data) in [
        ("batch=32", &mnist),
        ("batch=64 workers=3", &mnist),
        ("batch=32 model=cnn", &mnist),
        ("batch=32 model=cnn pool=1 dropout=0.5", &mnist),
        ("batch=512 model=cnn norm=batch", &mnist),
        ("batch=32 model=cnn norm=layer", &mnist),
        ("batch=32 model=cnn activation=gelu pooling=average", &mnist),
        ("batch=32 activation=gelu", &mnist),
        ("batch=32 model=rnn", &novel),
        ("batch=32 model=lstm", &novel),
        ("batch=32 model=gru", &novel),
        ("batch=64", &cartpole),
        ("batch=64 agent=dqn", &cartpole),
    ] {
        // A buffer that is forgotten grows with the hidden layer or is large; the rest does not and is small.
        let (narrow, wide) =
            (uncounted(&format!("{words} hidden=32"), data), uncounted(&format!("{words} hidden=256"), data));
        assert_eq!(narrow, wide, "{words}");
        assert!((0..65_536).contains(&narrow), "{words}: {narrow} bytes");
    }
}
