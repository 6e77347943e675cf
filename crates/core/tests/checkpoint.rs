//! A run that was paused and resumed gives the same numbers as one that never paused, bit for bit.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[cfg(test)]
mod words;

use std::sync::Arc;

use sweep_core::data::{Answers, Inputs, Options, Task};
use sweep_core::{Dataset, Ending, Flow, Observer, Reading, Run, TrainSpec, data, optimizer, schedule};
use words::settings;

/// Records the readings and stops after a given step.
struct Until(u64, Vec<Reading>);

impl Observer for Until {
    fn reading(&mut self, reading: &Reading, _run: &Run) -> Flow {
        self.1.push(reading.clone());
        self.step(reading.step)
    }

    fn step(&mut self, step: u64) -> Flow {
        if step >= self.0 { Flow::Stop } else { Flow::Continue }
    }
}

/// Sixty small images in three classes.
fn images() -> Arc<Dataset> {
    let pixels: Vec<f32> =
        (0..60 * 36_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as f32 / 256.0).collect();
    let labels = pixels.chunks(36).map(|image| (image[0] * 2.99) as u32).collect();
    let rows = [(0..40).collect(), (40..50).collect(), (50..60).collect()];
    let (inputs, answers) = (Inputs::from_floats(&[6, 6, 1], pixels).unwrap(), Answers::Classes(labels));
    Arc::new(Dataset::new("images", Task::Classification { classes: 3 }, inputs, answers, rows).unwrap())
}

fn text() -> Arc<Dataset> {
    let file = tempfile::Builder::new().suffix(".txt").tempfile().unwrap();
    std::fs::write(file.path(), "the cat sat on the mat and that was that. ".repeat(20)).unwrap();
    let options = Options { length: Some(8), ..Options::default() };
    data::open(&file.path().to_string_lossy(), &options).unwrap()
}

/// Parameters and readings of the run to its end, and of the same run stopped, saved and resumed at `pauses`.
fn compare(words: &str, data: &Arc<Dataset>, pauses: &[u64]) {
    let spec = TrainSpec::read(&settings(words), data).unwrap();
    let begin = || Run::new(&spec, 3);
    let mut whole = Until(u64::MAX, Vec::new());
    let mut run = begin();
    let ending = run.advance(&mut whole);
    let expected = run.end(ending);

    let mut readings = Vec::new();
    let (mut run, mut ended) = (begin(), Ending::Stopped);
    for &pause in pauses.iter().chain([&u64::MAX]) {
        let mut part = Until(pause, Vec::new());
        ended = run.advance(&mut part);
        readings.append(&mut part.1);
        let checkpoint = run.checkpoint();
        if ended != Ending::Stopped {
            break;
        }
        run = begin();
        run.restore(&checkpoint).unwrap();
        assert_eq!(run.checkpoint(), checkpoint, "{words}: saved again at step {pause}");
    }
    let trained = run.end(ended);
    assert_eq!(ended, expected.ending, "{words}");
    assert!(trained.parameters == expected.parameters, "{words}: other parameters");
    assert_eq!(readings, whole.1, "{words}");

    let mut run = begin();
    for &pause in pauses {
        run.advance(&mut Until(pause, Vec::new()));
        run.cooled(0.5, &mut ()).unwrap();
    }
    let ended = run.advance(&mut ());
    assert!(run.end(ended).parameters == expected.parameters, "{words}: a cool-down left traces");
}

#[test]
fn every_optimizer_schedule_and_model_resumes() {
    let (images, text) = (images(), text());
    let models = [
        ("model=mlp hidden=9", &images),
        ("model=cnn conv=2x3 hidden=5 pool=2 norm=batch dropout=0.3", &images),
        ("model=rnn hidden=5 embedding=3", &text),
        ("model=lstm hidden=5 embedding=3", &text),
        ("model=gru hidden=5 embedding=3", &text),
    ];
    let mut case = 0;
    for optimizer in optimizer::NAMES {
        for schedule in schedule::NAMES {
            for (model, data) in &models {
                case += 1;
                let extra = match case % 4 {
                    0 => " ema=0.9",
                    1 => " clip_norm=1",
                    2 => " accumulate=2",
                    _ => "",
                };
                let extra = if optimizer.starts_with("schedule_free") { "" } else { extra };
                let words = format!(
                    "{model} optimizer={optimizer} schedule={schedule} lr=0.01 batch=7 steps=17 report_every=3st{extra}"
                );
                // Everywhere in the run, and within and between epochs.
                compare(&words, data, &[1 + case % 5, 7 + case % 7]);
            }
        }
    }
}

#[test]
fn agents_resume() {
    let cartpole = data::open("cartpole", &Options::default()).unwrap();
    let mut case = 0;
    for agent in ["policy_gradient batch=40", "policy_gradient batch=3", "dqn batch=9 dqn.buffer=60"] {
        for schedule in ["constant", "cosine", "plateau schedule.plateau.mode=max", "batch_growth"] {
            for optimizer in ["sgd", "adam", "schedule_free_adamw"] {
                case += 1;
                let words = format!(
                    "agent={agent} schedule={schedule} optimizer={optimizer} hidden=8 lr=0.01 steps=50 \
                     report_every=9st dqn.learning_starts=20 dqn.target_every=7st"
                );
                compare(&words, &cartpole, &[1 + case % 7, 12 + case % 31]);
            }
        }
    }
}

#[test]
fn measurements_resume_and_change_nothing() {
    let (images, text) = (images(), text());
    for (model, data) in [
        ("model=mlp hidden=9 parametrization=mup optimizer=adam", &images),
        ("model=cnn conv=2x3 hidden=5 pool=2 dropout=0.3", &images),
        ("model=lstm hidden=5 embedding=3", &text),
    ] {
        let words = format!("{model} lr=0.01 batch=7 steps=17 report_every=3st");
        let measured = format!("{words} noise_scale=1st sharpness=4st");
        compare(&measured, data, &[3, 10]);
        let ends = |words: &str| {
            let mut run = Run::new(&TrainSpec::read(&settings(words), data).unwrap(), 0);
            let ending = run.advance(&mut ());
            run.end(ending)
        };
        let (with, without) = (ends(&measured), ends(&words));
        assert_eq!(with.parameters, without.parameters, "{words}");
        let last = with.readings.last().unwrap();
        assert!(last.metric("noise_scale") > 0.0 && last.metric("sharpness").is_finite(), "{last:?}");
    }
}

#[test]
fn a_cool_down_is_a_share_of_the_steps_so_far_and_at_most_the_rest() {
    let data = images();
    let steps = |schedule: &str, pause: u64| {
        let words = format!("hidden=9 batch=7 steps=40 schedule={schedule}");
        let spec = TrainSpec::read(&settings(&words), &data).unwrap();
        let mut run = Run::new(&spec, 3);
        run.advance(&mut Until(pause, Vec::new()));
        run.cooled(0.25, &mut ()).unwrap().map(|cooled| (cooled.steps, cooled.metrics.len()))
    };
    assert_eq!([1, 13, 39].map(|pause| steps("cosine", pause)), [1, 4, 1].map(|steps| Some((steps, 2))));
    assert_eq!((steps("constant", 13), steps("plateau", 13)), (None, None));
}

#[test]
fn a_checkpoint_of_another_run_is_refused() {
    let data = images();
    let run = |words: &str| Run::new(&TrainSpec::read(&settings(words), &data).unwrap(), 0);
    let saved = run("hidden=9 batch=7").checkpoint();
    assert!(run("hidden=8 batch=7").restore(&saved).is_err());
    assert!(run("hidden=9 batch=7 optimizer=adam").restore(&saved).is_err());
    assert!(run("hidden=9 batch=7 schedule=plateau").restore(&saved).is_err());
    assert!((0..saved.len()).step_by(17).all(|cut| run("hidden=9 batch=7").restore(&saved[..cut]).is_err()));
    assert!(run("hidden=9 batch=7").restore(&saved).is_ok());

    let cartpole = data::open("cartpole", &Options::default()).unwrap();
    let agent = |words: &str| {
        let words = format!("agent=dqn batch=4 steps=9 dqn.learning_starts=9 {words}");
        Run::new(&TrainSpec::read(&settings(&words), &cartpole).unwrap(), 0)
    };
    let mut acted = agent("dqn.buffer=40");
    acted.advance(&mut ());
    let saved = acted.checkpoint();
    assert!(agent("dqn.buffer=20").restore(&saved).is_err());
    assert!((0..saved.len()).step_by(97).all(|cut| agent("dqn.buffer=40").restore(&saved[..cut]).is_err()));
    assert!(agent("dqn.buffer=40").restore(&saved).is_ok());
}
