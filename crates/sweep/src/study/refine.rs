//! More runs where the result is least certain: near the best learning rates, or on fresh seeds.

use std::process::ExitCode;

use anyhow::Result;
use sweep_report::facts::refinement;
use sweep_study::{Extra, FRESH, SpecFile, Study};

use crate::options::RunOptions;
use crate::store::Store;
use crate::study::report::Reported;
use crate::study::run::resume;
use crate::study::tune::{MOST, announcement};
use crate::study::{as_trial, study_dir};

/// Runs learning rates beside the best ones of the study `name`, or the latest; or, to `confirm`, its best point and
/// the rivals of that on so many fresh seeds.
///
/// # Errors
/// A study that there is not, a store that cannot be written.
pub fn refine(
    name: Option<&str>,
    confirm: Option<u32>,
    typed: &dyn Fn(SpecFile) -> SpecFile,
    options: &RunOptions,
) -> Result<ExitCode> {
    let folder = study_dir::find(&options.report.results, name)?;
    let store = Store::write(&folder)?;
    let Reported { study, facts, .. } = Reported::started(&store, &folder)?;
    let (study, objective) = &as_trial::over(&study, typed)?;
    let extra = match confirm {
        Some(count) => Extra { points: refinement::rivals(&facts, MOST), first: FRESH, count },
        None => Extra { points: refinement::between(study, &facts), first: 0, count: study.replicates },
    };
    if extra.points.is_empty() {
        options.report.print(match confirm {
            Some(_) => "there are no more points to confirm",
            None => "there are no more learning rates to try near the best",
        });
        return resume(store, &folder, None, options);
    }
    options.report.print(&announcement(&extra));
    let newest = Study { extra: Some(extra), ..study.clone() };
    resume(store, &folder, Some((newest, objective.clone())), options)
}
