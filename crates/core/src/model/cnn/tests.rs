//! The convolutional network: its gradient, its state, and its refusals.

use super::*;
use crate::data::{Answers, Inputs, Options, Part, Task};
use crate::model::ModelSpec;
use crate::nn::check::{KINKED, SMOOTH, check_gradient_to};
use crate::room::Room;
use crate::{TrainSpec, train};
use rand::RngExt;
use std::sync::Arc;

/// Forty random images of 9 × 8 pixels of two channels, in three classes.
fn images() -> Dataset {
    let mut rng = stream(7, "data");
    let numbers = (0..40 * 144).map(|_| rng.random::<f32>() * 2.0 - 1.0).collect();
    let inputs = Inputs::from_floats(&[9, 8, 2], numbers).unwrap();
    let labels = (0..40).map(|_| rng.random_range(0..3)).collect();
    let rows = [(0..20).collect(), (20..30).collect(), (30..40).collect()];
    let task = Task::Classification { classes: 3 };
    Dataset::new("random", task, inputs, Answers::Classes(labels), rows).unwrap()
}

fn settings(words: &str) -> Settings {
    let mut settings = Settings::default();
    for word in words.split_whitespace() {
        let (name, value) = word.split_once('=').unwrap();
        settings.set(name, value);
    }
    settings
}

const VARIANTS: [&str; 9] = [
    "conv=3x3/4x2 activation=tanh hidden=5",
    "conv=3x3 pool=1 hidden=0 activation=sigmoid",
    "conv=3x3/4x2 activation=tanh norm=batch init=torch hidden=5",
    "conv=5x2/9x2 pool=1 activation=tanh norm=layer hidden=4",
    "conv=3x3 activation=tanh norm=layer hidden=6/5 dropout=0.5",
    "conv=3x3 pool=1 activation=tanh norm=batch hidden=3",
    "conv=3x3/4x2 activation=gelu hidden=5 dropout=0.5",
    "conv=3x3/4x2 activation=tanh pooling=average hidden=5",
    "conv=3x3 activation=gelu pooling=average norm=batch hidden=3",
];

#[test]
fn gradients_are_the_slopes_of_the_loss() {
    let (data, rows) = (images(), (0..20).collect::<Vec<u32>>());
    let batch = Batch { data: &data, rows: &rows };
    for words in VARIANTS {
        let mut model =
            Cnn::build(&CnnSpec::read(&settings(words), &data).unwrap(), 20, &mut Room::default());
        let mut parameters = vec![0.0; model.size()];
        model.init(&mut parameters, &mut stream(1, "init"));
        let mut gradient = vec![9.0; model.size()];
        let mut loss = |parameters: &[f32], gradient: &mut [f32]| {
            model.seed(3); // so that dropout drops the same units each time
            let pass = Pass { scale: 1.0 / 20.0, add: false };
            model.loss_and_gradient(parameters, &batch, pass, gradient).loss / 20.0
        };
        loss(&parameters, &mut gradient);
        let mut unused = gradient.clone();
        let precision = if words.contains("pool=1") { SMOOTH } else { KINKED };
        check_gradient_to(precision, words, &parameters, &gradient, |parameters| {
            loss(parameters, &mut unused)
        });
    }
}

#[test]
fn a_batch_fed_in_pieces_is_one_batch() {
    let (data, rows) = (images(), (0..20).collect::<Vec<u32>>());
    let mut model =
        Cnn::build(&CnnSpec::read(&settings("conv=3x3"), &data).unwrap(), 20, &mut Room::default());
    let mut parameters = vec![0.0; model.size()];
    model.init(&mut parameters, &mut stream(1, "init"));
    let mut gradients = |pieces: usize| {
        let (mut gradient, mut add) = (vec![9.0; model.size()], false);
        for rows in rows.chunks(20 / pieces) {
            let pass = Pass { scale: 1.0 / 20.0, add };
            model.loss_and_gradient(&parameters, &Batch { data: &data, rows }, pass, &mut gradient);
            add = true;
        }
        gradient
    };
    let (whole, pieces) = (gradients(1), gradients(4));
    assert!(whole.iter().zip(&pieces).all(|(a, b)| (a - b).abs() < 1e-6));
}

#[test]
fn a_restored_state_continues_identically() {
    let (data, rows) = (images(), (0..20).collect::<Vec<u32>>());
    let batch = Batch { data: &data, rows: &rows };
    let words = settings("conv=3x3 norm=batch dropout=0.5");
    let mut model = Cnn::build(&CnnSpec::read(&words, &data).unwrap(), 20, &mut Room::default());
    let mut parameters = vec![0.0; model.size()];
    model.init(&mut parameters, &mut stream(1, "init"));
    let step = |model: &mut Cnn| {
        let mut gradient = vec![0.0; parameters.len()];
        let score =
            model.loss_and_gradient(&parameters, &batch, Pass { scale: 0.05, add: false }, &mut gradient);
        (score, model.evaluate(&parameters, &batch), gradient)
    };
    model.seed(5);
    step(&mut model);
    let state = model.state();
    let mut other = Cnn::build(&CnnSpec::read(&words, &data).unwrap(), 20, &mut Room::default());
    other.seed(5);
    other.restore(&state).unwrap();
    assert_eq!(step(&mut model), step(&mut other));
    assert_eq!(other.restore(&state[1..]), Err(StateMismatch));
}

#[test]
fn the_default_is_lenet() {
    let data = crate::data::open("mnist", &Options::default()).unwrap();
    let model = ModelSpec::read(&settings("model=cnn"), &data).unwrap().build(32, &mut Room::default());
    let shapes: Vec<_> =
        model.blocks().iter().map(|block| (block.name.as_str(), block.shape.clone())).collect();
    assert_eq!(shapes[0], ("conv1.weight", vec![5, 5, 1, 8]));
    assert_eq!(shapes[2], ("conv2.weight", vec![5, 5, 8, 16]));
    assert_eq!(shapes[4], ("hidden1.weight", vec![256, 64]));
    assert_eq!(shapes[7], ("output.bias", vec![10]));
    assert_eq!(model.size(), 20_522);
}

#[test]
fn a_few_hundred_steps_learn_mnist() {
    let data = crate::data::open("mnist", &Options::default()).unwrap();
    for (words, least) in [("init=torch", 0.93), ("norm=batch dropout=0.2", 0.95)] {
        let words = format!("model=cnn lr=0.1 batch=32 steps=400 {words}");
        let trained = train(&TrainSpec::read(&settings(&words), &data).unwrap(), 0, &mut ());
        let last = trained.readings.last().unwrap();
        assert!(last.metric("val_accuracy") > least, "{words}: {last:?}");
    }
}

#[test]
fn invalid_shapes_are_refused() {
    let data = Arc::new(images());
    let refusal = |words: &str| CnnSpec::read(&settings(words), &data).err().unwrap().to_string();
    for (words, reason) in [
        ("conv=8x9", "a kernel of 9 × 9, larger than the 9 × 8 pixels that convolution 1 reads"),
        ("conv=8x3/4x4", "larger than the 3 × 3 pixels that convolution 2 reads"),
        ("conv=8x3 pool=7", "larger than the 7 × 6 pixels after convolution 1"),
        ("conv=8", "such as 8x5/16x5"),
        ("conv=0x3", "1 to 4096 filters"),
        ("conv=8x3/", "such as 8x5/16x5"),
        ("dropout=1", "below 1"),
        ("dropout=0.5 hidden=0", "needs a hidden layer"),
        ("norm=group", "none, batch, layer"),
    ] {
        let message = refusal(words);
        assert!(message.contains(reason), "{words}: {message}");
    }
    let rows = [vec![0], vec![1], vec![2]];
    let task = Task::Classification { classes: 2 };
    let inputs = Inputs::from_floats(&[2], vec![0.0; 6]).unwrap();
    let table = Dataset::new("table", task, inputs, Answers::Classes(vec![0, 1, 0]), rows).unwrap();
    let message = CnnSpec::read(&settings(""), &table).err().unwrap().to_string();
    assert!(message.contains("needs images") && message.contains("model=mlp"), "{message}");
    assert_eq!(data.count(Part::Train), 20);
}
