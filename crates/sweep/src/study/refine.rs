//! More runs where the result is least certain: near the best learning rates, or on fresh seeds.

use std::process::ExitCode;

use anyhow::Result;
use sweep_report::facts::refinement;
use sweep_study::{Extra, FRESH, SpecFile, Study};

use crate::engine::Ended;
use crate::options::RunOptions;
use crate::stop::Stop;
use crate::store::Store;
use crate::study::report::Reported;
use crate::study::run::{StudyRun, resume};
use crate::study::tune::{MOST, announcement};
use crate::study::{as_trial, study_dir};

/// How often points that look better than the confirmed best are confirmed in turn.
const ROUNDS: usize = 4;

/// Runs learning rates beside the best ones of the study `name`, or the latest; or, to `confirm`, its best point and
/// the rivals of that on so many fresh seeds. Where the best falls behind points that were not confirmed these follow,
/// until the order is settled.
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
    let confirming = |points, count| Extra { points, first: FRESH, count };
    let extra = match confirm {
        Some(count) => {
            let rivals = refinement::rivals(&facts, MOST);
            confirming(if rivals.is_empty() { refinement::unsettled(&facts, MOST) } else { rivals }, count)
        }
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
    let newest = |extra| (Study { extra: Some(extra), ..study.clone() }, objective.clone());
    let mut study_run =
        StudyRun { store, folder: &folder, options, stop: Stop::on_signals()?, close: options.stop.close() };
    let (mut ended, mut executor) = study_run.advance(Some(newest(extra)))?;
    for count in std::iter::repeat_n(confirm, ROUNDS).flatten() {
        let Reported { facts, .. } = Reported::started(&study_run.store, &folder)?;
        let points = refinement::unsettled(&facts, MOST);
        if points.is_empty() || ended != Ended::Finished {
            break;
        }
        let extra = confirming(points, count);
        options.report.print(&format!("The best fell behind points not confirmed. {}", announcement(&extra)));
        (ended, executor) = study_run.advance(Some(newest(extra)))?;
    }
    study_run.finish(ended, executor.as_ref())
}
