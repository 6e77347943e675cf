//! Replaying searches on a finished grid, in parallel on several jobs.

use std::collections::HashMap;

use anyhow::Result;
use rayon::prelude::*;
use sweep_report::Facts;
use sweep_report::decide::replay::{Played, ReplayRecord, SamplerReplays};
use sweep_report::facts::State;
use sweep_search::replay::{Rules, Table};
use sweep_search::{Evidence, sampler};
use sweep_study::{GIVEN, Point, SECONDS, StudyRecord, Trial};

use crate::refusal::refuse;
use crate::study::progress;

/// The samplers that are compared by default.
pub const COMPARED: &str = "random,tpe,gp,ridge";

/// How searches are replayed.
pub struct Replay {
    /// Replays of each sampler.
    pub repeats: u64,
    /// The most trials of a replay; the whole table where not given.
    pub trials: Option<u64>,
    /// Proposal n knows of the trials up to n minus this.
    pub lag: u64,
    /// The seed of the first replay.
    pub seed: u64,
    /// The regret that counts as success, as a fraction of the best value.
    pub within: f64,
}

impl Replay {
    /// Replays searches with `samplers` on the finished grid of `record`, of which `facts` are.
    ///
    /// # Errors
    /// A study that is not a finished grid.
    pub fn run(
        &self,
        record: &StudyRecord,
        facts: &Facts,
        samplers: &[&'static str],
        (jobs, quiet): (usize, bool),
    ) -> Result<ReplayRecord> {
        let trials = finished(record, facts)?;
        let evidence = |trial: &&Trial| Evidence::from_trial(&record.study, trial);
        let cells: Vec<(Point, Vec<Evidence>)> = facts
            .cells
            .iter()
            .zip(&trials)
            .map(|(cell, trials)| (cell.params.clone(), trials.iter().map(evidence).collect()))
            .collect();
        let most = self.trials.unwrap_or(u64::MAX).min(cells.len() as u64);
        let table = Table::new(&record.study.space, cells);
        let tasks: Vec<(usize, u64)> = (0..samplers.len())
            .flat_map(|index| (0..self.repeats).map(move |repeat| (index, repeat)))
            .collect();
        let bar = progress::bar(tasks.len(), "replays", quiet);
        let one = |(index, repeat): &(usize, u64)| -> Vec<Played> {
            let seed = self.seed.wrapping_add(*repeat);
            let rules = Rules { seed, lag: self.lag, trials: most };
            let sampler = sampler::find(samplers[*index]).ok().map(|entry| (entry.new)());
            let lookups =
                sampler.map(|mut sampler| table.replay(sampler.as_mut(), rules)).unwrap_or_default();
            bar.inc(1);
            let played = |lookup: &sweep_search::replay::Lookup| Played {
                chosen: lookup.chosen,
                seconds: trials[lookup.cell].get(lookup.draw).and_then(|trial| seconds(trial)),
            };
            lookups.iter().map(played).collect()
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs).build()?;
        let mut done =
            pool.install(|| tasks.par_iter().with_max_len(1).map(one).collect::<Vec<_>>()).into_iter();
        bar.finish_and_clear();
        let samplers = samplers.iter().map(|name| SamplerReplays {
            name: (*name).to_owned(),
            repeats: done.by_ref().take(self.repeats as usize).collect(),
        });
        let samplers = samplers.collect();
        let Replay { lag, seed, within, .. } = *self;
        Ok(ReplayRecord { trials: most, lag, seed, within, samplers })
    }
}

/// The trials of each cell.
fn finished<'a>(record: &'a StudyRecord, facts: &Facts) -> Result<Vec<Vec<&'a Trial>>> {
    let study = &record.study;
    if study.sampler == GIVEN && study.space.finite() {
        full(record, facts)?;
    } else if study.sampler != "grid" {
        return refuse(format!(
            "the study {} is not a grid: {} proposed its points; replay needs a finished grid",
            study.name,
            if study.sampler == GIVEN { "another program" } else { &study.sampler }
        ));
    }
    if facts.cells.iter().any(|cell| cell.state == State::Missing)
        || facts.cells.len() as u128 > study.space.cells()
    {
        return refuse(format!(
            "the grid {} is not finished ({} of {} trials); finish it with: sweep resume {}",
            study.name,
            record.trials.len(),
            record.planned,
            study.name
        ));
    }
    if facts.best.is_none() {
        return refuse(format!(
            "no point of the study {} completed, so there is nothing to find",
            study.name
        ));
    }
    let by_number: HashMap<u64, &Trial> = record.trials.iter().map(|trial| (trial.number, trial)).collect();
    let trials =
        |numbers: &[u64]| numbers.iter().filter_map(|number| by_number.get(number).copied()).collect();
    Ok(facts.cells.iter().map(|cell| trials(&cell.trials)).collect())
}

/// Refuses imported runs that are no full grid, with a cell that is missing.
fn full(record: &StudyRecord, facts: &Facts) -> Result<()> {
    let space = &record.study.space;
    let run = |point: &Point| facts.cells.iter().any(|cell| cell.params == *point);
    let missing = (0..space.cells()).filter_map(|index| space.cell(index)).find(|point| !run(point));
    match missing {
        None => Ok(()),
        Some(point) => refuse(format!(
            "the runs of {} are no full grid: {} of its {} cells were run, and {point} was not; add what is missing with sweep \
             extend, or read fewer columns with --params",
            record.study.name,
            facts.cells.len(),
            space.cells()
        )),
    }
}

/// Seconds that a trial took, where they were measured.
fn seconds(trial: &Trial) -> Option<f64> {
    trial.metrics.get(SECONDS).or(trial.curve.metric(SECONDS).last()).copied()
}
