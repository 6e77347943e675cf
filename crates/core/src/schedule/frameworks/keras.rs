//! The schedules of `keras.optimizers.schedules`.

use super::names::{ABOVE_ZERO, FROM_ONE, FROM_ZERO, Names, refuse};
use super::{Built, alone, base, warmed};
use crate::schedule::cosine::Cosine;
use crate::schedule::decay::Decay;
use crate::schedule::warmup::Warmup;

/// The schedule called `name`, as Keras' class in snake case or lower case; `None` if Keras has no such schedule.
pub(super) fn read(name: &str, names: &mut Names) -> Option<Built> {
    Some(match name {
        "exponential_decay" | "exponentialdecay" => exponential(names),
        "inverse_time_decay" | "inversetimedecay" => inverse_time(names),
        "polynomial_decay" | "polynomialdecay" => polynomial(names),
        "cosine_decay" | "cosinedecay" => cosine(names),
        "cosine_decay_restarts" | "cosinedecayrestarts" => restarts(names),
        "piecewise_constant" | "piecewiseconstantdecay" => piecewise(names),
        _ => return None,
    })
}

fn exponential(names: &mut Names) -> Built {
    let lr = base(names)?;
    let every = names.number(&["decay_steps"], None, ABOVE_ZERO)?;
    let gamma = names.number(&["decay_rate"], None, ABOVE_ZERO)?;
    let staircase = names.flag(&["staircase"], false)?;
    Ok(alone(lr, Box::new(Decay::Exponential { gamma, every, staircase })))
}

fn inverse_time(names: &mut Names) -> Built {
    let lr = base(names)?;
    let every = names.number(&["decay_steps"], None, ABOVE_ZERO)?;
    let rate = names.number(&["decay_rate"], None, FROM_ZERO)?;
    let staircase = names.flag(&["staircase"], false)?;
    Ok(alone(lr, Box::new(Decay::InverseTime { rate, every, staircase })))
}

fn polynomial(names: &mut Names) -> Built {
    let lr = base(names)?;
    let over = names.number(&["decay_steps"], None, ABOVE_ZERO)?;
    let end = names.number(&["end_learning_rate", "end"], Some(1e-4), FROM_ZERO)? / lr;
    let power = names.number(&["power"], Some(1.0), ABOVE_ZERO)?;
    let cycle = names.flag(&["cycle"], false)?;
    Ok(alone(lr, Box::new(Decay::Polynomial { over, end, power, cycle })))
}

/// With a `warmup_target` the rate first rises to it from its initial value, and the decay then begins there.
fn cosine(names: &mut Names) -> Built {
    let initial = base(names)?;
    let over = names.number(&["decay_steps"], None, ABOVE_ZERO)?;
    let end = names.number(&["alpha"], Some(0.0), FROM_ZERO)?;
    let steps = names.number(&["warmup_steps"], Some(0.0), FROM_ZERO)?.round() as u64;
    let target = names.number(&["warmup_target"], Some(initial), ABOVE_ZERO)?;
    let warmup = Warmup { steps, from: initial / target, ahead: 0.0 };
    let course = Box::new(Cosine::Once { over, end, periodic: false });
    Ok(warmed(target, warmup, course))
}

fn restarts(names: &mut Names) -> Built {
    let lr = base(names)?;
    Ok(alone(
        lr,
        Box::new(Cosine::Restarts {
            first: names.number(&["first_decay_steps"], None, ABOVE_ZERO)?,
            mult: names.number(&["t_mul"], Some(2.0), FROM_ONE)?,
            decay: names.number(&["m_mul"], Some(1.0), ABOVE_ZERO)?,
            end: names.number(&["alpha"], Some(0.0), FROM_ZERO)?,
        }),
    ))
}

/// A value holds up to and including its boundary, one step longer than a milestone of PyTorch's.
fn piecewise(names: &mut Names) -> Built {
    let at: Vec<f64> = names.rising(&["boundaries"])?.into_iter().map(|step| step + 1.0).collect();
    let shares = names.numbers(&["values"])?;
    if shares.len() != at.len() + 1 {
        let why = format!("must be one more than the {} boundaries", at.len());
        return Err(refuse("values", &shares.len().to_string(), why));
    }
    Ok(alone(1.0, Box::new(Decay::Piecewise { at, shares })))
}
