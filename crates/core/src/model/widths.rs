//! The widths of layers, as they are typed.

use sweep_settings::{Setting, SettingError, Settings};

/// The maximum width of a layer: beyond it a single weight matrix would take gigabytes.
const WIDEST: usize = 65_536;

/// The widths of the hidden layers that `setting` lists; none for `0`.
pub(crate) fn read_widths(settings: &Settings, setting: &Setting) -> Result<Vec<usize>, SettingError> {
    if matches!(settings.text(setting).as_str(), "0" | "none") {
        return Ok(Vec::new());
    }
    let widths = settings.list::<usize>(setting)?.unwrap_or_default();
    match widths.iter().find(|&&width| width == 0 || width > WIDEST) {
        Some(width) => {
            let why =
                format!("has a layer of {width} units; a layer has 1 to {WIDEST}, and hidden=0 means none");
            Err(settings.error(setting, why))
        }
        None => Ok(widths),
    }
}
