//! Linear warmup (Goyal et al. 2017, §2.2), before any schedule.

use sweep_settings::{Kind, Setting, SettingError, names};

use super::reader::Reader;

pub(super) const WARMUP: Setting = Setting::new(
    names::WARMUP,
    Kind::Length,
    "length over which the rate rises linearly to lr before the schedule begins",
)
.or("0");

/// A linear rise to `lr`: at step t < steps its share is from + (1 − from)(t + ahead)/steps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Warmup {
    pub steps: u64,
    /// Share of `lr` that the rise starts from.
    pub from: f64,
    /// 1 if the first update is one increment above `from` and the last is at `lr`, 0 if the first is at `from`.
    pub ahead: f64,
}

impl Warmup {
    /// The rates lr·(t+1)/steps.
    pub fn to_peak(steps: u64) -> Warmup {
        Warmup { steps, from: 0.0, ahead: 1.0 }
    }

    /// The share of `lr` at `step`; `None` once the warmup is over.
    pub fn share(&self, step: u64) -> Option<f64> {
        let done = || (step as f64 + self.ahead) / self.steps as f64;
        (step < self.steps).then(|| self.from + (1.0 - self.from) * done())
    }

    /// The warmup in whole steps; a tenth of the run if none is given and the schedule `warms_up` by default.
    pub fn read(read: &Reader, warms_up: bool) -> Result<Warmup, SettingError> {
        let total = read.horizon.total_steps;
        let steps = read.settings.length(&WARMUP)?.map_or(0.0, |length| read.steps(length)).round() as u64;
        if steps > total {
            return Err(read.refuse(&WARMUP, &format!("is {steps} steps, longer than the run of {total}")));
        }
        let own = if warms_up && steps == 0 { total.div_ceil(10) } else { steps };
        Ok(Warmup::to_peak(own))
    }
}
