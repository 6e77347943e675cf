//! Optimizers equal PyTorch's and the authors' own over 25 steps: every `optimizer_*` file of the fixtures.

#[cfg(test)]
mod golden;

use golden::{Case, all_pass, cases, compare, family, numbers};
use serde_json::Value;
use sweep_core::optimizer::{NAMES, OptimizerSpec};
use sweep_core::schedule::{Horizon, Progress, Schedule};
use sweep_settings::Settings;

/// Relative to the largest magnitude of the losses, or of a tensor; updates are f32.
const TOLERANCE: f64 = 2e-5;

const TENSORS: [&str; 4] = ["w1", "b1", "w2", "b2"];

#[test]
fn optimizers() {
    all_pass(cases("torch", "optimizer_").iter().map(check));
}

/// Trains the case's classifier with the case's own configuration and compares losses and final weights.
fn check(case: &Case) -> Result<(), String> {
    let name = &case.name;
    let (settings, lr, steps) = read(case)?;
    let mut params: Vec<f32> = Vec::new();
    let mut blocks = Vec::new();
    for tensor in TENSORS {
        let start = params.len();
        params.extend(numbers(&case.inputs[tensor]).into_iter().map(|number| number as f32));
        blocks.push(start..params.len());
    }
    let mut optimizer =
        OptimizerSpec::read(&settings).map_err(|why| format!("{name}: {why}"))?.build(&blocks);
    let horizon = Horizon {
        total_steps: steps,
        steps_per_epoch: 1.0,
        total_examples: 8 * steps,
        examples_per_epoch: 8,
        in_steps: true,
    };
    let schedule = Schedule::read(&settings, lr, &horizon).map_err(|why| format!("{name}: {why}"))?;
    let (x, y) = (numbers(&case.inputs["x"]), numbers(&case.inputs["y"]));
    let mut losses = Vec::new();
    for step in 0..steps {
        let (loss, mut gradient) = loss_and_gradient(&params, &x, &y);
        losses.push(loss);
        let rate = schedule.rate(&Progress { step, ..Progress::default() });
        optimizer.step(&mut params, &mut gradient, rate);
    }
    let expected = numbers(&case.expected["loss_before_each_step"]);
    compare(&format!("{name}, loss before step"), &losses, &expected, TOLERANCE)?;
    let mut scratch = Vec::new();
    let weights = optimizer.evaluation_parameters(&params, &mut scratch);
    for (tensor, block) in TENSORS.iter().zip(blocks) {
        let found: Vec<f64> = weights[block].iter().map(|weight| f64::from(*weight)).collect();
        let what = format!("{name}, {tensor} after {steps} steps, number");
        compare(&what, &found, &numbers(&case.expected[tensor]), TOLERANCE)?;
    }
    Ok(())
}

/// The settings of this program that the case's configuration means, its rate and its steps.
fn read(case: &Case) -> Result<(Settings, f64, u64), String> {
    let name = &case.name;
    let short = name.strip_prefix("optimizer_").unwrap_or(name);
    let optimizer = family(short, NAMES).ok_or(format!("{name}: no code knows this case"))?;
    let mut settings = Settings::default();
    settings.set("optimizer", optimizer);
    let number = |key: &str| case.config[key].as_f64().ok_or(format!("{name}: {key} is missing"));
    let entries = case.config.as_object().ok_or(format!("{name}: no configuration"))?;
    for (key, value) in entries {
        let text = match value {
            Value::Array(items) => items.iter().map(Value::to_string).collect::<Vec<_>>().join("/"),
            other => other.to_string(),
        };
        let ours = match key.as_str() {
            "lr" | "steps" | "model" | "defaults" | "weights" => continue,
            "warmup_steps" => {
                settings.set("warmup", format!("{text}st"));
                continue;
            }
            "momentum" if optimizer == "schedule_free_sgd" => "beta1".to_owned(),
            "momentum" | "nesterov" | "dampening" | "weight_decay" | "betas" | "eps" | "amsgrad"
            | "centered" => key.clone(),
            _ => {
                let family = if optimizer.starts_with("schedule_free") { "schedule_free" } else { optimizer };
                format!("optimizer.{family}.{key}")
            }
        };
        let known = sweep_core::optimizer::settings().iter().any(|setting| setting.name == ours);
        if !known {
            return Err(format!("{name}: no code knows its parameter {key}"));
        }
        settings.set(ours, text);
    }
    Ok((settings, number("lr")?, number("steps")? as u64))
}

/// The mean cross-entropy of logits = tanh(x W1ᵀ + b1) W2ᵀ + b2, W1 [6, 5] and W2 [3, 6], and its gradient, in f64
/// so that the optimizer alone rounds to f32.
fn loss_and_gradient(params: &[f32], x: &[f64], y: &[f64]) -> (f64, Vec<f32>) {
    const INPUTS: usize = 5;
    const HIDDEN: usize = 6;
    const CLASSES: usize = 3;
    let p: Vec<f64> = params.iter().map(|p| f64::from(*p)).collect();
    let (w1, rest) = p.split_at(HIDDEN * INPUTS);
    let (b1, rest) = rest.split_at(HIDDEN);
    let (w2, b2) = rest.split_at(CLASSES * HIDDEN);
    let mut gradient = vec![0.0; p.len()];
    let mut loss = 0.0;
    for (x, label) in x.chunks(INPUTS).zip(y) {
        let dot = |w: &[f64], x: &[f64]| w.iter().zip(x).map(|(w, x)| w * x).sum::<f64>();
        let hidden: Vec<f64> = w1.chunks(INPUTS).zip(b1).map(|(w, b)| (dot(w, x) + b).tanh()).collect();
        let logits: Vec<f64> = w2.chunks(HIDDEN).zip(b2).map(|(w, b)| dot(w, &hidden) + b).collect();
        let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = logits.iter().map(|logit| (logit - largest).exp()).sum();
        let share = 1.0 / y.len() as f64;
        loss += share * (largest + sum.ln() - logits[*label as usize]);
        let (own1, rest) = gradient.split_at_mut(HIDDEN * INPUTS);
        let (own_b1, rest) = rest.split_at_mut(HIDDEN);
        let (own2, own_b2) = rest.split_at_mut(CLASSES * HIDDEN);
        let mut back = [0.0; HIDDEN];
        for class in 0..CLASSES {
            let target = f64::from(u8::from(class == *label as usize));
            let delta = share * ((logits[class] - largest).exp() / sum - target);
            own_b2[class] += delta;
            for unit in 0..HIDDEN {
                own2[class * HIDDEN + unit] += delta * hidden[unit];
                back[unit] += delta * w2[class * HIDDEN + unit];
            }
        }
        for unit in 0..HIDDEN {
            let delta = back[unit] * (1.0 - hidden[unit] * hidden[unit]);
            own_b1[unit] += delta;
            for input in 0..INPUTS {
                own1[unit * INPUTS + input] += delta * x[input];
            }
        }
    }
    (loss, gradient.into_iter().map(|g| g as f32).collect())
}
