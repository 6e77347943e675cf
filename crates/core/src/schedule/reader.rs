//! Reads the settings of a schedule, with lengths resolved to steps, and builds the entries of their table.

use super::Horizon;
use crate::settings::{Kind, Setting, error};
use crate::{Length, SettingError, Settings};

/// Any share of `lr` below all of it.
pub(super) const SHARE: Kind = Kind::Float { low: 0.0, high: 1.0, closed: (true, false) };
/// A factor that makes smaller, or leaves as it is.
pub(super) const FACTOR: Kind = Kind::Float { low: 0.0, high: 1.0, closed: (false, true) };
/// Any number above 0.
pub(super) const POSITIVE: Kind = Kind::Float { low: 0.0, high: f64::INFINITY, closed: (false, false) };
/// Any number from 0.
pub(super) const FROM_ZERO: Kind = Kind::Float { low: 0.0, high: f64::INFINITY, closed: (true, false) };
/// Any number from 1.
pub(super) const FROM_ONE: Kind = Kind::Float { low: 1.0, high: f64::INFINITY, closed: (true, false) };
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
    Setting { name, kind, scale: None, default, when: Some(("schedule", under)), help }
}

/// The settings of a run, the lengths that they are measured against, and the steps left after the warmup.
pub(super) struct Reader<'a> {
    pub settings: &'a Settings,
    pub horizon: &'a Horizon,
    /// Steps that the schedule proper has, at least one.
    pub left: f64,
}

impl Reader<'_> {
    /// A number; an error where the table has no default and none is given.
    pub fn number(&self, of: &Setting) -> Result<f64, SettingError> {
        self.settings.number(of)?.ok_or_else(|| error(of, "", "needs a value".into()))
    }

    /// Whether the person gave `of` a value.
    pub fn given(&self, of: &Setting) -> bool {
        self.settings.names().any(|name| name == of.name)
    }

    /// A length in steps, above 0; `None` where neither value nor default is there.
    pub fn length(&self, of: &Setting) -> Result<Option<f64>, SettingError> {
        let Some(length) = self.settings.length(of)? else { return Ok(None) };
        let steps = self.steps(length);
        if steps > 0.0 {
            return Ok(Some(steps));
        }
        Err(self.refuse(of, "must be longer than 0"))
    }

    /// Lengths joined by `/` that rise strictly, as typed; `None` where neither value nor default is there.
    pub fn rising(&self, of: &Setting) -> Result<Option<Vec<Length>>, SettingError> {
        let Some(text) = self.settings.text(of) else { return Ok(None) };
        let mut lengths: Vec<Length> = Vec::new();
        for item in text.split('/') {
            let length: Length = item.trim().parse().map_err(|why: String| error(of, item, why))?;
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

    /// One word of the list that the table allows.
    pub fn choice(&self, of: &Setting) -> Result<&str, SettingError> {
        let text = self.settings.text(of).unwrap_or_default();
        match of.kind {
            Kind::Choice(words) if !words.contains(&text) => {
                Err(self.refuse(of, &format!("is not one of {}", words.join(", "))))
            }
            _ => Ok(text),
        }
    }

    /// An error about the value that `of` has.
    pub fn refuse(&self, of: &Setting, why: &str) -> SettingError {
        error(of, self.settings.text(of).unwrap_or_default(), why.to_owned())
    }
}
