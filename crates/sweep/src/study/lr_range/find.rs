//! `lr=@find`: an axis whose range a range test finds.

use anyhow::Result;
use serde_json::Value as Json;
use sweep_core::range_test::Ramp;
use sweep_settings::{names, plain};
use sweep_study::SpecFile;

use super::{Options, REPLICATES, Test};
use crate::options::RunOptions;
use crate::output;
use crate::refusal::refuse;
use crate::study::prepare::{Prepared, prepare};

/// What stands for the range, with the suffixes of a range behind it.
const WORD: &str = "@find";

/// Whether `spec` asks for a range to be found.
pub fn asked(spec: &SpecFile) -> bool {
    spec.axes.iter().any(|axis| finds(axis))
}

/// Whether an axis as typed is one whose range is to be found.
fn finds(axis: &str) -> bool {
    axis.split_once('=').is_some_and(|(_, values)| values.trim().starts_with(WORD))
}

/// `spec` with the range found where it says `lr=@find`: from the smallest useful rate of any of its batch sizes to the
/// largest edge of stability of any. A test that was made before is not made again. `None`, with the reason printed, if
/// the loss falls on no curve.
///
/// # Errors
/// A specification that cannot be meant, also apart from the range; a dry run of one whose range is not yet known.
pub fn filled_in(spec: &SpecFile, options: &RunOptions) -> Result<Option<SpecFile>> {
    let Some(index) = spec.axes.iter().position(|axis| finds(axis)) else { return Ok(Some(spec.clone())) };
    if spec.command.is_some() {
        return refuse(format!(
            "{WORD} works only with the built-in trainer; for a command, give lr a range such as lr=1e-4..1"
        ));
    }
    let (name, suffixes) = spec.axes[index].split_once('=').unwrap_or_default();
    let suffixes = suffixes.trim().trim_start_matches(WORD);
    let name = name.trim();
    if crate::catalogue::native().find(name).is_none_or(|entry| entry.name != names::LR) {
        return refuse(format!("{WORD} finds the range of lr, not of {name}; give {name} values"));
    }
    if !(suffixes.is_empty() || suffixes.starts_with(':')) {
        return refuse(format!(
            "{name}={WORD}{suffixes} is not valid; write {name}={WORD} or {name}={WORD}:9"
        ));
    }
    let with = |(low, high): (f64, f64)| {
        let mut spec = spec.clone();
        spec.axes[index] = format!("{name}={}..{}{suffixes}", plain(low), plain(high));
        spec
    };
    // With a range that stands in, every other fault of the words is found before anything is trained.
    let Prepared { study, .. } = prepare(&with(Ramp::RANGE), u64::MAX)?;
    let test = Test::new(&study, Options { replicates: REPLICATES, ..Options::default() })?;
    let results = &options.report.results;
    let document = match test.kept(results) {
        Some(document) => document,
        None if options.dry_run => {
            return refuse(format!(
                "--dry-run trains nothing, so the range of {name}={WORD} is not known; run sweep lr-find first"
            ));
        }
        None => {
            let finished = test.run(options.jobs(), options.report.quiet)?;
            test.keep(&finished, results)?;
            finished.document
        }
    };
    let end = |name: &str| document["range"][name].as_f64();
    let (Some(low), Some(high)) = (end("low"), end("high")) else {
        output::eprintln(&format!("{name}={WORD} found no range: {}", reason(&document)));
        return Ok(None);
    };
    let folder = test.folder(results);
    options.report.print(&format!(
        "{name} from {} to {}, by the range test in {}",
        plain(low),
        plain(high),
        folder.display()
    ));
    Ok(Some(with((low, high))))
}

/// Why the first curve has no descent.
fn reason(document: &Json) -> &str {
    document["batches"][0]["refusals"][0].as_str().unwrap_or("the loss falls on no curve")
}
