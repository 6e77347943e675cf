//! Reads the settings of a schedule, with lengths resolved to steps, and builds the entries of their table.

use sweep_settings::{Kind, Length, Setting, SettingError, Settings, names};

use super::Horizon;

/// A number of readings.
pub(super) const READINGS: Kind = Kind::Int { low: 0, high: 1_000_000 };

/// An entry of the table: a setting that applies under the schedules `under`.
pub(super) const fn entry(
    name: &'static str,
    kind: Kind,
    default: Option<&'static str>,
    under: &'static [&'static str],
    help: &'static str,
) -> Setting {
    Setting { default, ..Setting::new(name, kind, help).under(names::SCHEDULE, under) }
}

/// The settings of a run, the lengths that they are measured against, and the steps left after the warmup.
pub(super) struct Reader<'a> {
    pub settings: &'a Settings,
    pub horizon: &'a Horizon,
    /// The largest rate.
    pub lr: f64,
    /// Steps of the warmup.
    pub warmup: u64,
    /// Steps of the schedule after the warmup, at least one.
    pub left: f64,
}

impl Reader<'_> {
    /// A number; an error if the table has no default and none is given.
    pub fn number(&self, of: &Setting) -> Result<f64, SettingError> {
        self.settings.required(of)
    }

    /// Whether the user gave `of` a value.
    pub fn given(&self, of: &Setting) -> bool {
        self.settings.given(of)
    }

    /// A length in steps, above 0; `None` if there is no value or default.
    pub fn length(&self, of: &Setting) -> Result<Option<f64>, SettingError> {
        let Some(length) = self.settings.length(of)? else { return Ok(None) };
        let steps = self.steps(length);
        if steps > 0.0 {
            return Ok(Some(steps));
        }
        Err(self.refuse(of, "must be longer than 0"))
    }

    /// Lengths joined by `/` that rise strictly, as typed; `None` if there is no value or default.
    pub fn rising(&self, of: &Setting) -> Result<Option<Vec<Length>>, SettingError> {
        if self.settings.value(of).is_none() {
            return Ok(None);
        }
        let mut lengths: Vec<Length> = Vec::new();
        for item in self.settings.text(of).split('/') {
            let fault = |why| self.refuse(of, &format!("has the item {item}, which {why}"));
            let length: Length = item.trim().parse().map_err(|why: String| fault(why))?;
            let before = lengths.last().map_or(0.0, |last| self.steps(*last));
            if self.steps(length) <= before {
                return Err(self.refuse(of, "must rise, each point later than the one before it"));
            }
            lengths.push(length);
        }
        Ok(Some(lengths))
    }

    /// A length in steps at the starting batch size, not rounded.
    pub fn steps(&self, length: Length) -> f64 {
        match length {
            Length::Steps(steps) => steps,
            Length::Epochs(epochs) => epochs * self.horizon.steps_per_epoch,
            Length::Share(share) => share * self.horizon.total_steps as f64,
        }
    }

    /// The meaning of the word of a choice.
    pub fn choice<T: Clone>(&self, of: &Setting, meanings: &[(&str, T)]) -> Result<T, SettingError> {
        self.settings.choice(of, meanings)
    }

    /// An error about the value of `of`.
    pub fn refuse(&self, of: &Setting, why: &str) -> SettingError {
        self.settings.error(of, why)
    }
}
