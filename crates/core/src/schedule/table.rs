//! The table of the schedules: one line each.

use sweep_settings::{Kind, Setting, SettingError, Settings, names};

use super::course::{Constant, Course};
use super::reader::Reader;
use super::{batch, cosine, cyclic, decay, onecycle, piecewise, plateau, wsd};

/// One schedule.
pub(super) struct Entry {
    /// Its name.
    pub name: &'static str,
    /// Its settings; settings shared by several schedules are listed under the first.
    pub settings: &'static [Setting],
    /// Reads its shape.
    pub read: fn(&Reader) -> Result<Box<dyn Course>, SettingError>,
    /// Whether it changes the momentum under the given settings.
    pub moves_momentum: fn(&Settings) -> Result<bool, SettingError>,
    /// Whether it warms up over a tenth of the run by default.
    pub warms_up: bool,
}

/// A schedule of the rate alone.
const fn entry(
    name: &'static str,
    settings: &'static [Setting],
    read: fn(&Reader) -> Result<Box<dyn Course>, SettingError>,
) -> Entry {
    Entry { name, settings, read, moves_momentum: |_| Ok(false), warms_up: false }
}

/// Every schedule, in the order in which help lists them.
pub(super) const TABLE: &[Entry] = &[
    entry("constant", &[], |_| Ok(Box::new(Constant))),
    entry("step", decay::STEP, decay::step),
    entry("multistep", decay::MULTISTEP, decay::multistep),
    entry("exponential", decay::EXPONENTIAL, decay::exponential),
    entry("inverse_time", decay::INVERSE_TIME, decay::inverse_time),
    entry("polynomial", decay::POLYNOMIAL, decay::polynomial),
    entry("linear", decay::LINEAR, decay::linear),
    entry("cosine", cosine::ONCE, cosine::once),
    entry("cosine_restarts", cosine::RESTARTS, cosine::restarts),
    Entry {
        moves_momentum: onecycle::moves_momentum,
        ..entry("onecycle", onecycle::SETTINGS, onecycle::read)
    },
    entry("cyclic", cyclic::SETTINGS, cyclic::read),
    entry("wsd", wsd::SETTINGS, wsd::read),
    entry("inverse_sqrt", decay::INVERSE_SQRT, decay::inverse_sqrt),
    Entry { warms_up: true, ..entry("noam", &[], decay::inverse_sqrt) },
    Entry {
        moves_momentum: piecewise::moves_momentum,
        ..entry("piecewise", piecewise::SETTINGS, piecewise::read)
    },
    entry("plateau", plateau::SETTINGS, plateau::read),
    entry("batch_growth", batch::GROWTH, batch::growth),
    entry("batch_linear", batch::LINEAR, batch::linear),
    entry("batch_plateau", batch::PLATEAU, batch::plateau),
];

/// The schedules by name.
pub const NAMES: &[&str] = &{
    let mut names = [""; TABLE.len()];
    let mut index = 0;
    while index < TABLE.len() {
        names[index] = TABLE[index].name;
        index += 1;
    }
    names
};

pub(crate) const SCHEDULE: Setting = Setting::new(
    names::SCHEDULE,
    Kind::Choice(NAMES),
    "how the learning rate (or, under batch_…, the batch size) changes over the run",
)
.or("constant");

/// The schedule that `settings` name.
pub(super) fn named(settings: &Settings) -> Result<&'static Entry, SettingError> {
    settings.checked(&SCHEDULE)?;
    let name = settings.text(&SCHEDULE);
    Ok(TABLE.iter().find(|entry| entry.name == name).unwrap_or(&TABLE[0]))
}
