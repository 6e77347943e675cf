//! The axes of a tuning run that were not typed.

use anyhow::Result;
use sweep_settings::{names, plain, round_significant};
use sweep_study::SpecFile;
use sweep_study::space::axis::typed_name;

use crate::options::RunOptions;
use crate::study::lr_range;
use crate::study::prepare::prepare;

/// The batch size of the range test.
const TESTED: u64 = 64;

/// The factor by which the range is wider than the one found at that batch size.
const WIDER: f64 = 4.0;

/// Least number of training examples per example of the largest batch, so that an epoch has enough steps.
const STEPS_AN_EPOCH: u64 = 16;

/// The specification with default axes for those it does not set.
pub fn with_ranges(mut spec: SpecFile) -> Result<SpecFile> {
    let open = spec.command.is_some();
    let catalogue = crate::catalogue::for_spec(&spec)?;
    let named = |spec: &SpecFile, full: &str| {
        spec.names().any(|name| catalogue.find(name).is_some_and(|entry| entry.name == full))
    };
    if !named(&spec, names::BATCH) {
        let largest = if open { 512 } else { largest_batch(&spec)? };
        spec.axes.push(format!("batch=8..{largest}"));
    }
    if !named(&spec, names::LR) {
        let range = if open || varies(&spec, &[names::BATCH, names::SCHEDULE, names::LR]) {
            "1e-5..10"
        } else {
            "@find"
        };
        spec.axes.push(format!("lr={range}"));
    }
    if !open && !named(&spec, names::SCHEDULE) {
        spec.axes.push("schedule=constant,linear,cosine".to_owned());
    }
    Ok(spec)
}

/// The specification with the range of lr by a range test at one batch size, wide enough for all others; `None`, with
/// the reason printed, if the test finds none.
pub fn with_range_found(mut spec: SpecFile, options: &RunOptions) -> Result<Option<SpecFile>> {
    if !lr_range::asked(&spec) {
        return Ok(Some(spec));
    }
    options.report.print(&format!("Finding the range of lr by a range test at B={TESTED}."));
    let mut one = spec.clone();
    one.axes.retain(|axis| typed_name(axis) != names::BATCH);
    one.settings.retain(|(name, _)| name != names::BATCH);
    one.axes.push(format!("batch={TESTED}"));
    let Some(found) = lr_range::filled_in(&one, options)? else { return Ok(None) };
    let range = found.axes.iter().find_map(|axis| axis.strip_prefix("lr="));
    let Some(axis) = range.and_then(widened) else { return Ok(Some(found)) };
    spec.axes.retain(|axis| typed_name(axis) != names::LR);
    spec.axes.push(axis);
    Ok(Some(spec))
}

/// A range as typed, `low..high` and its suffixes, with its ends further apart.
fn widened(range: &str) -> Option<String> {
    let (low, rest) = range.split_once("..")?;
    let (high, suffixes) = rest.split_at(rest.find(':').unwrap_or(rest.len()));
    let wide = |end: f64| plain(round_significant(end, 2));
    let (low, high) = (wide(low.parse::<f64>().ok()? / WIDER), wide(high.parse::<f64>().ok()? * WIDER));
    Some(format!("lr={low}..{high}{suffixes}"))
}

/// Whether anything but the axes named varies, so that there is not one network to make a range test of.
fn varies(spec: &SpecFile, but: &[&str]) -> bool {
    spec.axes.iter().any(|axis| !but.contains(&typed_name(axis)) && axis.contains([',', '.']))
}

/// The largest batch size worth trying on the data: a power of two.
fn largest_batch(spec: &SpecFile) -> Result<u64> {
    let probe = SpecFile {
        axes: vec!["lr=0.1".into()],
        trials: Some(1),
        sampler: Some("random".into()),
        ..spec.clone()
    };
    let examples = prepare(&probe, u64::MAX)?.study.train_examples;
    let most = (examples / STEPS_AN_EPOCH).clamp(16, 2048);
    Ok(1 << most.ilog2())
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_range_keeps_its_suffixes_when_it_is_widened() {
        assert_eq!(super::widened("0.01..1").as_deref(), Some("lr=0.0025..4"));
        assert_eq!(super::widened("0.01..1:9:log").as_deref(), Some("lr=0.0025..4:9:log"));
        assert_eq!(super::widened("0.01,1"), None);
    }
}
