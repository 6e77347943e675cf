//! Properties of every model: its gradient is the slope of its loss, and a batch fed in pieces gives the same result.

use super::*;
use crate::data::{Answers, Inputs, Task};
use crate::stream;
use rand::RngExt;

/// Forty random examples of five numbers in three classes.
fn data() -> Dataset {
    data_of(1.0)
}

/// Such examples in which about a `share` of the numbers is not zero.
fn data_of(share: f64) -> Dataset {
    let mut rng = stream(7, "data");
    let mut number = || if rng.random_bool(share) { rng.random::<f32>() * 2.0 - 1.0 } else { 0.0 };
    let inputs = (0..200).map(|_| number()).collect();
    let labels = (0..40).map(|_| rng.random_range(0..3)).collect();
    let rows = [(0..20).collect(), (20..30).collect(), (30..40).collect()];
    let task = Task::Classification { classes: 3 };
    let inputs = Inputs::from_floats(&[5], inputs).unwrap();
    Dataset::new("random", task, inputs, Answers::Classes(labels), rows).unwrap()
}

fn settings(words: &[(&str, &str)]) -> Settings {
    let mut settings = Settings::default();
    words.iter().for_each(|(name, value)| settings.set(*name, *value));
    settings
}

/// Compares the gradient with the slopes of the loss over ±2 `step`, parameter by parameter.
fn check_gradient(words: &[(&str, &str)], step: f32, tolerance: f64) {
    check_gradient_on(&data(), words, step, tolerance);
}

fn check_gradient_on(data: &Dataset, words: &[(&str, &str)], step: f32, tolerance: f64) {
    let rows: Vec<u32> = (0..20).collect();
    let batch = Batch { data, rows: &rows };
    let mut model = ModelSpec::read(&settings(words), data).unwrap().build(20, &mut Room::default());
    let mut parameters = vec![0.0; model.size()];
    model.init(&mut parameters, &mut stream(1, "init"));
    parameters.iter_mut().for_each(|p| *p += 0.01); // so that no bias lies on a kink
    let mut gradient = vec![0.0; model.size()];
    let pass = Pass { scale: 1.0 / 20.0, add: false };
    let score = model.loss_and_gradient(&parameters, &batch, pass, &mut gradient);
    assert_eq!(score, model.evaluate(&parameters, &batch), "{words:?}: both ways give the same loss");
    let largest = gradient.iter().fold(0.0_f32, |most, g| most.max(g.abs()));
    for index in 0..parameters.len() {
        let mut at = |shift: f32| {
            let kept = parameters[index];
            parameters[index] = kept + shift;
            let loss = model.evaluate(&parameters, &batch).loss / 20.0;
            parameters[index] = kept;
            loss
        };
        let slope =
            (8.0 * (at(step) - at(-step)) - (at(2.0 * step) - at(-2.0 * step))) / (12.0 * f64::from(step));
        let error = (slope - f64::from(gradient[index])).abs() / f64::from(largest);
        assert!(
            error < tolerance,
            "{words:?}: parameter {index} has slope {slope}, gradient {}",
            gradient[index]
        );
    }
}

#[test]
fn gradients_are_the_slopes_of_the_loss() {
    check_gradient(&[("hidden", "0")], 1e-2, 1e-3);
    check_gradient(&[("hidden", "6/5"), ("activation", "gelu")], 1e-2, 1e-3);
    for init in ["glorot_uniform", "torch"] {
        check_gradient(&[("hidden", "7"), ("activation", "tanh"), ("init", init)], 1e-2, 1e-3);
        check_gradient(&[("hidden", "6/4/5"), ("activation", "tanh"), ("init", init)], 1e-2, 1e-3);
    }
}

#[test]
fn gradients_of_relu_are_the_slopes_of_the_loss() {
    // A small step, so that it seldom crosses a kink, at the cost of more rounding.
    check_gradient(&[("hidden", "7"), ("init", "he")], 1e-3, 5e-3);
    check_gradient(&[("hidden", "6/5"), ("init", "torch")], 1e-3, 5e-3);
}

#[test]
fn a_sparse_input_has_the_gradients_of_a_dense_one() {
    let data = data_of(0.3);
    assert!(data.nonzeros().is_some() && data_of(1.0).nonzeros().is_none());
    check_gradient_on(&data, &[("hidden", "7"), ("activation", "tanh")], 1e-2, 1e-3);
    check_gradient_on(&data, &[("hidden", "0")], 1e-2, 1e-3);
}

#[test]
fn a_step_in_place_is_a_step_along_the_gradient() {
    let rows: Vec<u32> = (0..20).collect();
    for share in [0.3, 1.0] {
        let data = data_of(share);
        let batch = Batch { data: &data, rows: &rows };
        let mut model =
            ModelSpec::read(&settings(&[("hidden", "37/6")]), &data).unwrap().build(20, &mut Room::default());
        let mut moved = vec![0.0; model.size()];
        model.init(&mut moved, &mut stream(1, "init"));
        let (before, mut gradient) = (moved.clone(), vec![0.0; model.size()]);
        let pass = Pass { scale: 1.0 / 20.0, add: false };
        let score = model.loss_and_gradient(&before, &batch, pass, &mut gradient);
        assert!(model.descends());
        assert_eq!(model.loss_before_descent(&moved, &batch), score);
        model.descend(&mut moved, &batch, 0.5);
        for ((moved, before), gradient) in moved.iter().zip(&before).zip(&gradient) {
            assert!((moved - (before - 0.5 * gradient)).abs() < 1e-7, "{moved} {before} {gradient}");
        }
    }
}

#[test]
fn a_batch_fed_in_pieces_is_one_batch() {
    let data = data();
    let rows: Vec<u32> = (0..20).collect();
    let mut model = ModelSpec::read(&settings(&[]), &data).unwrap().build(20, &mut Room::default());
    let mut parameters = vec![0.0; model.size()];
    model.init(&mut parameters, &mut stream(1, "init"));
    let mut gradients = |pieces: usize| {
        let mut gradient = vec![9.0; model.size()];
        let mut pass = Pass { scale: 1.0 / 20.0, add: false };
        for rows in rows.chunks(20 / pieces) {
            model.loss_and_gradient(&parameters, &Batch { data: &data, rows }, pass, &mut gradient);
            pass.add = true;
        }
        gradient
    };
    let (whole, pieces) = (gradients(1), gradients(4));
    assert!(whole.iter().zip(&pieces).all(|(a, b)| (a - b).abs() < 1e-6));
}

#[test]
fn blocks_follow_each_other() {
    let model =
        ModelSpec::read(&settings(&[("hidden", "6/4")]), &data()).unwrap().build(8, &mut Room::default());
    let shapes: Vec<_> =
        model.blocks().iter().map(|block| (block.name.as_str(), block.shape.clone())).collect();
    assert_eq!(shapes[0], ("hidden1.weight", vec![5, 6]));
    assert_eq!(shapes[5], ("output.bias", vec![3]));
    let mut next = 0;
    for block in model.blocks() {
        assert_eq!(block.range, next..next + block.shape.iter().product::<usize>());
        next = block.range.end;
    }
    assert_eq!(next, model.size());
}

#[test]
fn invalid_sizes_are_refused() {
    let refusal =
        |hidden| ModelSpec::read(&settings(&[("hidden", hidden)]), &data()).err().unwrap().to_string();
    assert!(refusal("0/4").contains("a layer of 0 units"));
    assert!(refusal("99999999").contains("65536"));
    assert!(refusal("many").contains("256/128"));
}

/// Forty random texts of up to six tokens, in three classes or predicted token by token.
fn texts(each: bool) -> Dataset {
    let mut rng = stream(7, "data");
    let answers = if each {
        Answers::Following
    } else {
        Answers::Classes((0..40).map(|_| rng.random_range(0..3)).collect())
    };
    let task = if each { Task::Language { vocabulary: 7 } } else { Task::Classification { classes: 3 } };
    let mut tokens: Vec<u16> = (0..40 * 6 + usize::from(each)).map(|_| rng.random_range(1..7)).collect();
    if !each {
        tokens.chunks_mut(6).enumerate().for_each(|(example, text)| text[1 + example % 6..].fill(0));
    }
    let rows = [(0..20).collect(), (20..30).collect(), (30..40).collect()];
    let mut data = Dataset::new("texts", task, Inputs::from_tokens(6, tokens), answers, rows).unwrap();
    data.set_vocabulary("_abcdef".chars().map(String::from).collect());
    data
}

#[test]
fn recurrent_gradients_are_the_slopes_of_the_loss() {
    for name in ["rnn", "lstm", "gru"] {
        for each in [true, false] {
            let words = [("model", name), ("hidden", "4/3"), ("embedding", "3"), ("init", "torch")];
            check_gradient_on(&texts(each), &words, 1e-2, 2e-3);
        }
    }
}

/// The loss of a perceptron after sixty steps of sixteen examples at a rate, by the gradient of the batch's summed loss
/// or of its mean.
fn trained(rate: f32, scale: f32) -> f64 {
    let data = data();
    let mut model =
        ModelSpec::read(&settings(&[("hidden", "8")]), &data).unwrap().build(16, &mut Room::default());
    let mut parameters = vec![0.0; model.size()];
    model.init(&mut parameters, &mut stream(1, "init"));
    let mut gradient = vec![0.0; model.size()];
    for step in 0..60 {
        let rows: Vec<u32> = (0..16).map(|index| (step * 7 + index) % 20).collect();
        let pass = Pass { scale, add: false };
        model.loss_and_gradient(&parameters, &Batch { data: &data, rows: &rows }, pass, &mut gradient);
        parameters.iter_mut().zip(&gradient).for_each(|(p, g)| *p -= rate * g);
    }
    let rows: Vec<u32> = (0..20).collect();
    model.evaluate(&parameters, &Batch { data: &data, rows: &rows }).loss
}

/// Gradients are means over the batch: a sum's best rate is smaller by exactly the batch size.
#[test]
fn the_best_rate_of_a_summed_loss_is_that_of_the_mean_over_the_batch_size() {
    let best = |rates: &[f32], scale: f32| {
        let losses = rates.iter().map(|rate| (trained(*rate, scale), *rate));
        losses.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap()
    };
    let rates: Vec<f32> = (-8..4).map(|power| 1.3 * 2f32.powi(power)).collect();
    let summed: Vec<f32> = rates.iter().map(|rate| rate / 16.0).collect();
    let (of_mean, of_sum) = (best(&rates, 1.0 / 16.0), best(&summed, 1.0));
    assert_eq!((of_mean.0, of_mean.1), (of_sum.0, of_sum.1 * 16.0));
    assert!(of_mean.1 > rates[0] && of_mean.1 < rates[11], "the best is not at an end: {of_mean:?}");
}
