//! PyTorch's and Keras' own schedulers under their own parameter names, lengths in bare steps, value for value.
//!
//! Two differences from the settings of this program remain: PyTorch's cosine rises again after `T_max`, and its
//! one-cycle skips the peak if pct_start·total_steps is not a whole number.

mod keras;
mod names;
mod torch;

use sweep_settings::SettingError;

use super::course::Course;
use super::warmup::Warmup;
use super::with_warmup::Schedule;
use names::{ABOVE_ZERO, FROM_ZERO, Names, refuse};

type Built = Result<Schedule, SettingError>;

/// The schedulers that [`from_framework_names`] knows. Class names such as `StepLR` or `CosineDecay` work too.
pub const FRAMEWORK_SCHEDULERS: &[&str] = &[
    "constant",
    "step",
    "multistep",
    "exponential",
    "linear",
    "linear_warmup",
    "polynomial",
    "cosine",
    "cosine_restarts",
    "onecycle",
    "cyclic",
    "plateau",
    "noam",
    "exponential_decay",
    "inverse_time_decay",
    "polynomial_decay",
    "cosine_decay",
    "cosine_decay_restarts",
    "piecewise_constant",
];

/// The schedule that PyTorch or Keras builds under the name `scheduler` from the parameters `pairs`.
///
/// Names are those of the two libraries, in any case (`step_size`, `gamma`, `T_max`, `eta_min`, `max_lr`,
/// `total_steps`, `pct_start`, `decay_steps`, `alpha` …); parameters left out have the library's default. The
/// optimizer's rate is `lr`, `base_lr`, `initial` or `initial_learning_rate`. Lists are joined by `/`.
/// `warmup_then_cosine` is PyTorch's `SequentialLR` of a `LinearLR` with the names `warmup.start_factor` and
/// `warmup.total_iters` and a second scheduler with the names `cosine.t_max`, …; any scheduler may stand there.
///
/// # Errors
/// An unknown scheduler, a name that is not one of its parameters, or an invalid value.
pub fn from_framework_names<'a>(
    scheduler: &str,
    pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Built {
    let mut names = Names::new(pairs);
    let Some(then) = scheduler.strip_prefix("warmup_then_") else {
        return single(scheduler, names);
    };
    let mut warmup = names.under("warmup.");
    let rise = Warmup {
        steps: warmup.number(&["total_iters"], Some(5.0), ABOVE_ZERO)?.round() as u64,
        from: warmup.number(&["start_factor"], Some(1.0 / 3.0), ABOVE_ZERO)?,
        ahead: 0.0,
    };
    warmup.finish("the warmup")?;
    let own = names.under(&format!("{then}."));
    names.extend(own);
    Ok(Schedule { warmup: rise, ..single(then, names)? })
}

/// A scheduler that stands alone.
fn single(scheduler: &str, mut names: Names) -> Built {
    let short = scheduler.to_lowercase();
    let short = short.strip_suffix("lr").unwrap_or(&short);
    let built = torch::read(short, &mut names).or_else(|| keras::read(short, &mut names));
    let Some(schedule) = built.transpose()? else {
        let why = format!("is not one of {}", FRAMEWORK_SCHEDULERS.join(", "));
        return Err(refuse("schedule", scheduler, why));
    };
    names.finish(scheduler)?;
    Ok(schedule)
}

/// The optimizer's own rate.
fn base(names: &mut Names) -> Result<f64, SettingError> {
    let alternatives = ["lr", "base_lr", "initial", "initial_lr", "initial_learning_rate"];
    names.number(&alternatives, None, FROM_ZERO)
}

/// A schedule without warmup.
fn alone(lr: f64, course: Box<dyn Course>) -> Schedule {
    warmed(lr, Warmup::to_peak(0), course)
}

/// A schedule that follows a warmup.
fn warmed(lr: f64, warmup: Warmup, course: Box<dyn Course>) -> Schedule {
    Schedule { lr, warmup, course }
}
