//! The schedulers of `torch.optim.lr_scheduler`.

use sweep_settings::SettingError;

use super::names::{ABOVE_ZERO, BELOW_ONE, FROM_ONE, FROM_ZERO, Names, SHARE, refuse};
use super::{Built, alone, base, warmed};
use crate::schedule::cosine::Cosine;
use crate::schedule::cyclic::{Cyclic, Swing};
use crate::schedule::decay::Decay;
use crate::schedule::onecycle::{Form, OneCycle, OneCycleCourse};
use crate::schedule::plateau::{Plateau, Watch};

/// The scheduler called `name`, its class in lower case without `lr`; `None` if PyTorch has no such scheduler.
pub(super) fn read(name: &str, names: &mut Names) -> Option<Built> {
    Some(match name {
        "constant" => constant(names),
        "step" => step(names),
        "multistep" => multistep(names),
        "exponential" => exponential(names),
        "linear" | "linear_warmup" => linear(names),
        "polynomial" => polynomial(names),
        "cosine" | "cosineannealing" => cosine(names),
        "cosine_restarts" | "cosineannealingwarmrestarts" => restarts(names),
        "onecycle" => onecycle(names),
        "cyclic" => cyclic(names),
        "plateau" | "reducelronplateau" => plateau(names),
        "noam" => noam(names),
        _ => return None,
    })
}

/// `ConstantLR`: `factor` for `total_iters` steps, then 1; without either, the rate alone.
fn constant(names: &mut Names) -> Built {
    let lr = base(names)?;
    let factor = names.number(&["factor"], Some(1.0), ABOVE_ZERO)?;
    let total = names.number(&["total_iters"], Some(5.0), FROM_ZERO)?;
    Ok(alone(lr, Box::new(Decay::Piecewise { at: vec![total], shares: vec![factor, 1.0] })))
}

fn step(names: &mut Names) -> Built {
    let lr = base(names)?;
    let size = names.number(&["step_size"], None, ABOVE_ZERO)?;
    let gamma = names.number(&["gamma"], Some(0.1), ABOVE_ZERO)?;
    Ok(alone(lr, Box::new(Decay::Step { size, gamma })))
}

fn multistep(names: &mut Names) -> Built {
    let lr = base(names)?;
    let at = names.rising(&["milestones"])?;
    let gamma = names.number(&["gamma"], Some(0.1), ABOVE_ZERO)?;
    let shares = (0..=at.len()).map(|drops| libm::pow(gamma, drops as f64)).collect();
    Ok(alone(lr, Box::new(Decay::Piecewise { at, shares })))
}

fn exponential(names: &mut Names) -> Built {
    let lr = base(names)?;
    let gamma = names.number(&["gamma"], None, ABOVE_ZERO)?;
    Ok(alone(lr, Box::new(Decay::Exponential { gamma, every: 1.0, staircase: false })))
}

fn linear(names: &mut Names) -> Built {
    let lr = base(names)?;
    let from = names.number(&["start_factor"], Some(1.0 / 3.0), ABOVE_ZERO)?;
    let to = names.number(&["end_factor"], Some(1.0), FROM_ZERO)?;
    let over = names.number(&["total_iters"], Some(5.0), ABOVE_ZERO)?;
    Ok(alone(lr, Box::new(Decay::Linear { from, to, over })))
}

fn polynomial(names: &mut Names) -> Built {
    let lr = base(names)?;
    let over = names.number(&["total_iters"], Some(5.0), ABOVE_ZERO)?;
    let power = names.number(&["power"], Some(1.0), ABOVE_ZERO)?;
    Ok(alone(lr, Box::new(Decay::Polynomial { over, end: 0.0, power, cycle: false })))
}

fn cosine(names: &mut Names) -> Built {
    let lr = base(names)?;
    let over = names.number(&["t_max"], None, ABOVE_ZERO)?;
    let end = names.number(&["eta_min"], Some(0.0), FROM_ZERO)? / lr;
    Ok(alone(lr, Box::new(Cosine::Once { over, end, periodic: true })))
}

fn restarts(names: &mut Names) -> Built {
    let lr = base(names)?;
    let first = names.number(&["t_0"], None, ABOVE_ZERO)?;
    let mult = names.number(&["t_mult"], Some(1.0), FROM_ONE)?;
    let end = names.number(&["eta_min"], Some(0.0), FROM_ZERO)? / lr;
    Ok(alone(lr, Box::new(Cosine::Restarts { first, mult, decay: 1.0, end })))
}

fn onecycle(names: &mut Names) -> Built {
    names.ignore("base_lr"); // The optimizer's rate, which one-cycle replaces.
    names.ignore("lr");
    let lr = names.number(&["max_lr"], None, ABOVE_ZERO)?;
    let epochs = names.number(&["epochs"], Some(0.0), ABOVE_ZERO)?;
    let per_epoch = names.number(&["steps_per_epoch"], Some(0.0), ABOVE_ZERO)?;
    let counted = Some(epochs * per_epoch).filter(|steps| *steps > 0.0);
    let total_steps = names.number(&["total_steps"], counted, ABOVE_ZERO)?;
    let pct_start = names.number(&["pct_start"], Some(0.3), SHARE)?;
    let three_phase = names.flag(&["three_phase"], false)?;
    if three_phase && pct_start > 0.5 {
        let why = "leaves no steps for the fall: three phases need at most 0.5".to_owned();
        return Err(refuse("pct_start", &pct_start.to_string(), why));
    }
    let form = Form {
        total_steps,
        up: pct_start * total_steps,
        div_factor: names.number(&["div_factor"], Some(25.0), ABOVE_ZERO)?,
        final_div_factor: names.number(&["final_div_factor"], Some(1e4), ABOVE_ZERO)?,
        cosine: names.word(&["anneal_strategy", "anneal"], &["cos", "linear"])? == "cos",
        three_phase,
    };
    let momentum = momentum(names, 0.85, 0.95)?;
    Ok(alone(lr, Box::new(OneCycleCourse { cycle: OneCycle::new(form), momentum })))
}

fn cyclic(names: &mut Names) -> Built {
    let lr = names.number(&["max_lr"], None, ABOVE_ZERO)?;
    let base = names.number(&["base_lr"], None, FROM_ZERO)? / lr;
    let up = names.number(&["step_size_up"], Some(2000.0), ABOVE_ZERO)?;
    let down = names.number(&["step_size_down"], Some(up), ABOVE_ZERO)?;
    let gamma = names.number(&["gamma"], Some(1.0), ABOVE_ZERO)?;
    let swing = match names.word(&["mode"], &["triangular", "triangular2", "exp_range"])? {
        "triangular2" => Swing::Halved,
        "exp_range" => Swing::Falling(gamma),
        _ => Swing::Equal,
    };
    let momentum = momentum(names, 0.8, 0.9)?;
    Ok(alone(lr, Box::new(Cyclic { base, up, down, swing, momentum })))
}

/// The range of the momentum, if it changes: PyTorch's default.
fn momentum(names: &mut Names, base: f64, max: f64) -> Result<Option<(f64, f64)>, SettingError> {
    let moves = names.flag(&["cycle_momentum"], true)?;
    let base = names.number(&["base_momentum"], Some(base), SHARE)?;
    let max = names.number(&["max_momentum"], Some(max), SHARE)?;
    Ok(moves.then_some((base, max)))
}

fn plateau(names: &mut Names) -> Built {
    let lr = base(names)?;
    let watch = Watch {
        threshold: names.number(&["threshold"], Some(1e-4), FROM_ZERO)?,
        relative: names.word(&["threshold_mode"], &["rel", "abs"])? == "rel",
        patience: names.number(&["patience"], Some(10.0), FROM_ZERO)?,
        cooldown: names.number(&["cooldown"], Some(0.0), FROM_ZERO)?,
        ..Watch::new(names.word(&["mode"], &["min", "max"])? == "max")
    };
    let factor = names.number(&["factor"], Some(0.1), BELOW_ONE)?;
    let min_lr = names.number(&["min_lr"], Some(0.0), FROM_ZERO)?;
    let eps = names.number(&["eps"], Some(1e-8), FROM_ZERO)?;
    Ok(alone(lr, Box::new(Plateau { watch, rate: lr, factor, min_lr, eps })))
}

/// factor·d_model^−½·min(s^−½, s·warmup^−3/2) for update s = 1, 2, … (Vaswani et al. 2017, §5.3), not PyTorch's own.
fn noam(names: &mut Names) -> Built {
    let factor = names.number(&["factor"], Some(1.0), ABOVE_ZERO)?;
    let width = names.number(&["d_model", "model_size"], Some(512.0), ABOVE_ZERO)?;
    let warmup = names.number(&["warmup_steps", "warmup"], Some(4000.0), FROM_ONE)?.round();
    let peak = factor / (width * warmup).sqrt();
    let course = Box::new(Decay::InverseSqrt { scale: warmup, ahead: 1.0 });
    let rise = crate::schedule::warmup::Warmup::to_peak(warmup as u64);
    Ok(warmed(peak, rise, course))
}
