//! Linear warmup (Goyal et al. 2017, §2.2), before any schedule.

use super::reader::Reader;
use crate::SettingError;
use crate::settings::{Kind, Setting};

pub(super) const WARMUP: Setting = Setting {
    name: "warmup",
    kind: Kind::Length,
    scale: None,
    default: Some("0"),
    when: None,
    help: "length over which the rate rises linearly to lr before the schedule begins",
};

/// A linear rise to `lr`: at step t < steps its share is from + (1 − from)(t + ahead)/steps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Warmup {
    pub steps: u64,
    /// Share of `lr` that the rise starts from.
    pub from: f64,
    /// 1 where the first update is one rise above `from` and the last is at `lr`, 0 where the first is at `from`.
    pub ahead: f64,
}

impl Warmup {
    /// The rates lr·(t+1)/steps.
    pub fn of(steps: u64) -> Warmup {
        Warmup { steps, from: 0.0, ahead: 1.0 }
    }

    /// The share of `lr` at `step`; `None` once the warmup is over.
    pub fn share(&self, step: u64) -> Option<f64> {
        let done = || (step as f64 + self.ahead) / self.steps as f64;
        (step < self.steps).then(|| self.from + (1.0 - self.from) * done())
    }

    /// The warmup in whole steps. `noam` without one takes a tenth of the run.
    pub fn read(read: &Reader, noam: bool) -> Result<Warmup, SettingError> {
        let total = read.horizon.total_steps;
        let steps = read.settings.length(&WARMUP)?.map_or(0.0, |length| read.steps(length)).round() as u64;
        if steps > total {
            return Err(read.refuse(&WARMUP, &format!("is {steps} steps, longer than the run of {total}")));
        }
        let own = if noam && steps == 0 { total.div_ceil(10) } else { steps };
        Ok(Warmup::of(own))
    }
}
