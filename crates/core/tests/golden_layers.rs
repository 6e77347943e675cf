//! Layers and losses equal PyTorch's, outputs and every gradient: every `layer_*` and `loss_*` file of the fixtures.
//!
//! The files hold PyTorch's layouts (channels first, batch first, weights (out, in)); each check turns them into the
//! layer's own and its answers back.

#[cfg(test)]
mod golden;
#[cfg(test)]
#[path = "golden/tensor.rs"]
mod tensor;

use golden::{Case, all_pass, cases, compare, family, numbers};
use serde_json::Value;
use sweep_core::Room;
use sweep_core::nn::Image;
use sweep_core::nn::activation::{Activation, ActivationLayer};
use sweep_core::nn::conv::{Conv2d, ConvShape, OutputGradient};
use sweep_core::nn::embedding::Embedding;
use sweep_core::nn::linear::Linear;
use sweep_core::nn::loss::{binary_cross_entropy, mean_squared_error, softmax_cross_entropy};
use sweep_core::nn::norm::{BatchNorm, LayerNorm, RunningStatistics};
use sweep_core::nn::pool::{AvgPool, MaxPool, Pooling};
use sweep_core::nn::recurrent::{Cell, Recurrent, Sequences};
use tensor::Tensor;

/// Relative to the largest magnitude of a tensor.
const TOLERANCE: f64 = 2e-5;

/// PyTorch's axes from ours, for images, kernels, matrices and sequences; the last two are their own inverse.
const IMAGES: [usize; 4] = [0, 3, 1, 2];
const TO_IMAGES: [usize; 4] = [0, 2, 3, 1];
const KERNEL: [usize; 4] = [3, 2, 0, 1];
const TO_KERNEL: [usize; 4] = [2, 3, 1, 0];
const MATRIX: [usize; 2] = [1, 0];
const SEQUENCES: [usize; 3] = [1, 0, 2];

/// What a layer answers, by the names of the file: `out`, `grad_x`, and a parameter's name for its gradient.
type Answers = Vec<(&'static str, Tensor)>;

#[test]
fn layers() {
    all_pass(cases("torch", "layer_").iter().map(check_layer));
}

#[test]
fn losses() {
    all_pass(cases("torch", "loss_").iter().map(check_loss));
}

fn check_layer(case: &Case) -> Result<(), String> {
    let short = case.name.trim_start_matches("layer_");
    let known = [
        "activation",
        "avgpool2",
        "batchnorm2d",
        "conv2d",
        "embedding",
        "gru",
        "layernorm",
        "linear",
        "lstm",
        "maxpool2",
        "rnn_tanh",
    ];
    let answers = match family(short, &known) {
        Some("activation") => activation(case, short.trim_start_matches("activation_"))?,
        Some(kind @ ("avgpool2" | "maxpool2")) => pool(case, kind)?,
        Some("batchnorm2d") => batch_norm(case)?,
        Some("conv2d") => conv(case)?,
        Some("embedding") => embedding(case)?,
        Some("gru") => recurrent(case, Cell::Gru),
        Some("layernorm") => layer_norm(case)?,
        Some("linear") => linear(case),
        Some("lstm") => recurrent(case, Cell::Lstm),
        Some("rnn_tanh") => recurrent(case, Cell::Rnn),
        _ => return Err(format!("{}: no test knows this layer", case.name)),
    };
    let mut expected = vec![("out", &case.expected["out"]), ("grad_x", &case.expected["grad_x"])];
    let gradients = case.expected["grads"].as_object();
    expected
        .extend(gradients.iter().flat_map(|all| all.iter().map(|(name, tensor)| (name.as_str(), tensor))));
    for (name, tensor) in expected.into_iter().filter(|(_, tensor)| !tensor.is_null()) {
        let what = format!("{}, {name}", case.name);
        let found = answers.iter().find(|(answer, _)| *answer == name).ok_or(format!("{what}: no answer"))?;
        let found: Vec<f64> = found.1.data.iter().map(|&number| f64::from(number)).collect();
        compare(&what, &found, &numbers(tensor), TOLERANCE)?;
    }
    Ok(())
}

fn input(case: &Case, name: &str) -> Tensor {
    Tensor::read(&case.inputs[name])
}

fn parameter(case: &Case, name: &str) -> Tensor {
    Tensor::read(&case.inputs["params"][name])
}

fn setting(case: &Case, name: &str) -> Result<usize, String> {
    let number = case.config[name].as_u64().ok_or(format!("{}: no whole number {name}", case.name))?;
    Ok(number as usize)
}

/// Sizes of PyTorch images, as ours.
fn image(x: &Tensor) -> Image {
    Image { channels: x.shape[1], height: x.shape[2], width: x.shape[3] }
}

fn epsilon_is_ours(case: &Case) -> Result<(), String> {
    if case.config["eps"] == 1e-5 { Ok(()) } else { Err(format!("{}: eps is not 1e-5", case.name)) }
}

fn activation(case: &Case, name: &str) -> Result<Answers, String> {
    let (x, mut dx) = (input(case, "x"), input(case, "upstream_grad"));
    let mut out = x.clone();
    let kind = match name {
        "relu" => Activation::Relu,
        "tanh" => Activation::Tanh,
        "sigmoid" => Activation::Sigmoid,
        "gelu" => Activation::Gelu,
        _ => return Err(format!("{}: no test knows this activation", case.name)),
    };
    let mut layer = ActivationLayer::new(kind, x.data.len(), &mut Room::default());
    layer.forward(&mut out.data, &[0.0]);
    layer.backward(&out.data, &mut dx.data);
    Ok(vec![("out", out), ("grad_x", dx)])
}

fn linear(case: &Case) -> Answers {
    let (x, dy) = (input(case, "x"), input(case, "upstream_grad"));
    let layer = Linear::new(x.shape[1], dy.shape[1], 0);
    let bias = parameter(case, "bias").data;
    let parameters = [parameter(case, "weight").permute(&MATRIX).data, bias.clone()].concat();
    let (mut y, mut dx) = (vec![0.0; dy.data.len()], vec![0.0; x.data.len()]);
    let mut gradient = vec![0.0; parameters.len()];
    layer.forward(&parameters, &x.data, &mut y, x.shape[0]);
    y.chunks_mut(bias.len()).for_each(|row| row.iter_mut().zip(&bias).for_each(|(y, b)| *y += b));
    layer.gradient(&x.data, &dy.data, &mut gradient, false);
    layer.backward(&parameters, &dy.data, &mut dx);
    let weight = Tensor::new(&[layer.inputs, layer.outputs], gradient[layer.weights].to_vec());
    vec![
        ("out", Tensor::new(&dy.shape, y)),
        ("grad_x", Tensor::new(&x.shape, dx)),
        ("weight", weight.permute(&MATRIX)),
        ("bias", Tensor::new(&[layer.outputs], gradient[layer.bias].to_vec())),
    ]
}

fn conv(case: &Case) -> Result<Answers, String> {
    let (x, dy, weight) = (input(case, "x"), input(case, "upstream_grad"), parameter(case, "weight"));
    let shape = ConvShape {
        image: image(&x),
        filters: weight.shape[0],
        kernel: (weight.shape[2], weight.shape[3]),
        stride: setting(case, "stride")?,
        padding: setting(case, "padding")?,
    };
    let layer = Conv2d::new(shape, 0);
    let mut workspace = layer.workspace(x.shape[0], &mut Room::default());
    let parameters = [weight.permute(&TO_KERNEL).data, parameter(case, "bias").data].concat();
    let (x, dy) = (x.permute(&TO_IMAGES), dy.permute(&TO_IMAGES));
    let (mut y, mut dx) = (vec![0.0; dy.data.len()], vec![0.0; x.data.len()]);
    let mut gradient = vec![0.0; parameters.len()];
    layer.forward(&parameters, &x.data, &mut y, &mut workspace);
    let dense = OutputGradient::Dense(&dy.data);
    layer.backward(&parameters, dense, &mut gradient, Some(&mut dx), &mut workspace);
    let kernel = [shape.kernel.0, shape.kernel.1, shape.image.channels, shape.filters];
    Ok(vec![
        ("out", Tensor::new(&dy.shape, y).permute(&IMAGES)),
        ("grad_x", Tensor::new(&x.shape, dx).permute(&IMAGES)),
        ("weight", Tensor::new(&kernel, gradient[layer.weights].to_vec()).permute(&KERNEL)),
        ("bias", Tensor::new(&[shape.filters], gradient[layer.bias].to_vec())),
    ])
}

fn pool(case: &Case, kind: &str) -> Result<Answers, String> {
    let (x, dy) = (input(case, "x"), input(case, "upstream_grad").permute(&TO_IMAGES));
    let windows = Pooling::new(image(&x), setting(case, "kernel")?, setting(case, "stride")?)
        .ok_or(format!("{}: a window larger than the image", case.name))?;
    let x = x.permute(&TO_IMAGES);
    let (mut y, mut dx) = (vec![0.0; dy.data.len()], vec![0.0; x.data.len()]);
    if kind == "maxpool2" {
        let (layer, mut winners) = (MaxPool::new(windows), vec![0; y.len()]);
        layer.forward(&x.data, &mut y, &mut winners);
        layer.backward(&dy.data, &winners, &mut dx);
    } else {
        let layer = AvgPool { windows };
        layer.forward(&x.data, &mut y);
        layer.backward(&dy.data, &mut dx);
    }
    let (out, dx) = (Tensor::new(&dy.shape, y), Tensor::new(&x.shape, dx));
    Ok(vec![("out", out.permute(&IMAGES)), ("grad_x", dx.permute(&IMAGES))])
}

fn batch_norm(case: &Case) -> Result<Answers, String> {
    epsilon_is_ours(case)?;
    if case.config["mode"] != "train" {
        return Err(format!("{}: no test knows this mode", case.name));
    }
    let (x, dy) = (input(case, "x").permute(&TO_IMAGES), input(case, "upstream_grad").permute(&TO_IMAGES));
    let channels = x.shape[3];
    let layer = BatchNorm::new(channels, 0);
    let mut workspace = layer.workspace(x.data.len() / channels, &mut Room::default());
    let mut running = RunningStatistics::new(channels);
    let parameters = [parameter(case, "weight").data, parameter(case, "bias").data].concat();
    let (mut y, mut dx) = (vec![0.0; x.data.len()], vec![0.0; x.data.len()]);
    let mut gradient = vec![0.0; parameters.len()];
    layer.train(&parameters, &x.data, &mut y, &mut running, &mut workspace);
    layer.backward(&parameters, &dy.data, &mut gradient, &mut dx, &mut workspace);
    Ok(vec![
        ("out", Tensor::new(&x.shape, y).permute(&IMAGES)),
        ("grad_x", Tensor::new(&x.shape, dx).permute(&IMAGES)),
        ("weight", Tensor::new(&[channels], gradient[layer.scale].to_vec())),
        ("bias", Tensor::new(&[channels], gradient[layer.shift].to_vec())),
    ])
}

fn layer_norm(case: &Case) -> Result<Answers, String> {
    epsilon_is_ours(case)?;
    let (x, dy) = (input(case, "x"), input(case, "upstream_grad"));
    let channels = x.shape[1];
    let layer = LayerNorm::new(channels, 0);
    let mut workspace = layer.workspace(x.shape[0], &mut Room::default());
    let parameters = [parameter(case, "weight").data, parameter(case, "bias").data].concat();
    let (mut y, mut dx) = (vec![0.0; x.data.len()], vec![0.0; x.data.len()]);
    let mut gradient = vec![0.0; parameters.len()];
    layer.forward(&parameters, &x.data, &mut y, &mut workspace);
    layer.backward(&parameters, &dy.data, &mut gradient, &mut dx, &mut workspace);
    Ok(vec![
        ("out", Tensor::new(&x.shape, y)),
        ("grad_x", Tensor::new(&x.shape, dx)),
        ("weight", Tensor::new(&[channels], gradient[layer.scale].to_vec())),
        ("bias", Tensor::new(&[channels], gradient[layer.shift].to_vec())),
    ])
}

fn embedding(case: &Case) -> Result<Answers, String> {
    let dy = input(case, "upstream_grad");
    let tokens: Vec<u32> = numbers(&case.inputs["x"]).into_iter().map(|token| token as u32).collect();
    let layer = Embedding::new(setting(case, "vocab")?, setting(case, "dim")?, 0);
    let parameters = parameter(case, "weight");
    let (mut y, mut gradient) = (vec![0.0; dy.data.len()], vec![0.0; parameters.data.len()]);
    layer.forward(&parameters.data, &tokens, &mut y);
    layer.backward(&tokens, &dy.data, &mut gradient);
    Ok(vec![("out", Tensor::new(&dy.shape, y)), ("weight", Tensor::new(&parameters.shape, gradient))])
}

fn recurrent(case: &Case, cell: Cell) -> Answers {
    let (x, dy) = (input(case, "x").permute(&SEQUENCES), input(case, "upstream_grad").permute(&SEQUENCES));
    let sequences = Sequences { steps: x.shape[0], examples: x.shape[1], lengths: None };
    let layer = Recurrent::new(cell, x.shape[2], dy.shape[2], 0);
    let mut workspace = layer.workspace(sequences.steps, sequences.examples, &mut Room::default());
    let parameters = [
        parameter(case, "weight_ih_l0").permute(&MATRIX).data,
        parameter(case, "weight_hh_l0").permute(&MATRIX).data,
        parameter(case, "bias_ih_l0").data,
        parameter(case, "bias_hh_l0").data,
    ]
    .concat();
    let (mut gradient, mut dx) = (vec![0.0; parameters.len()], vec![0.0; x.data.len()]);
    layer.forward(&parameters, &x.data, sequences, &mut workspace);
    let out = Tensor::new(&dy.shape, workspace.outputs().to_vec());
    let into = (&mut gradient[..], Some(&mut dx[..]));
    layer.backward(&parameters, (&x.data, &dy.data), sequences, into, &mut workspace);
    let matrix = |rows: usize, range: std::ops::Range<usize>| {
        Tensor::new(&[rows, layer.width()], gradient[range].to_vec()).permute(&MATRIX)
    };
    let bias = |range: std::ops::Range<usize>| Tensor::new(&[layer.width()], gradient[range].to_vec());
    vec![
        ("out", out.permute(&SEQUENCES)),
        ("grad_x", Tensor::new(&x.shape, dx).permute(&SEQUENCES)),
        ("weight_ih_l0", matrix(layer.inputs, layer.input_weights.clone())),
        ("weight_hh_l0", matrix(layer.hidden, layer.state_weights.clone())),
        ("bias_ih_l0", bias(layer.input_bias.clone())),
        ("bias_hh_l0", bias(layer.state_bias.clone())),
    ]
}

fn check_loss(case: &Case) -> Result<(), String> {
    let name = &case.name;
    if case.config["reduction"] != "mean" {
        return Err(format!("{name}: no test knows this reduction"));
    }
    let short = name.trim_start_matches("loss_");
    let rows = |values: &Value| values.as_array().map_or(0, Vec::len);
    let (score, gradient, examples) = match family(short, &["bce_logits", "cross_entropy", "mse"]) {
        Some("cross_entropy") => {
            let (mut logits, labels) = (input(case, "logits"), numbers(&case.inputs["labels"]));
            let (classes, examples) = (logits.shape[1], labels.len());
            let (bias, scale) = (vec![0.0; classes], 1.0 / examples as f32);
            let class = |example: usize| labels[example] as usize;
            (softmax_cross_entropy(&mut logits.data, &bias, class, Some(scale)), logits.data, examples)
        }
        Some("mse") => {
            let (mut y, target, examples) =
                (input(case, "x"), input(case, "target"), rows(&case.inputs["x"]));
            let (width, scale) = (y.data.len() / examples, 1.0 / examples as f32);
            let wanted = |example: usize, output: usize| target.data[example * width + output];
            (mean_squared_error(&mut y.data, &vec![0.0; width], wanted, Some(scale)), y.data, examples)
        }
        Some("bce_logits") => {
            let (mut z, target) = (input(case, "logits"), input(case, "target"));
            let examples = z.data.len();
            let wanted = |example: usize| target.data[example] > 0.5;
            (binary_cross_entropy(&mut z.data, 0.0, wanted, Some(1.0 / examples as f32)), z.data, examples)
        }
        _ => return Err(format!("{name}: no test knows this loss")),
    };
    let loss = score.loss / examples as f64;
    compare(&format!("{name}, loss"), &[loss], &numbers(&case.expected["loss"]), TOLERANCE)?;
    let gradient: Vec<f64> = gradient.into_iter().map(f64::from).collect();
    compare(&format!("{name}, grad"), &gradient, &numbers(&case.expected["grad"]), TOLERANCE)
}
