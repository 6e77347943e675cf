//! The plan: every trial of a study, numbered.
//!
//! A study grows by revisions (more points, replicates, a wider axis). The plan is a function of the revisions
//! alone: each adds the trials that no earlier one had, in its sampler's order, so a trial keeps its number and an
//! interrupted study continues exactly as it would have.

use std::collections::HashSet;

use anyhow::Result;
use sweep_search::{Ask, pruner, sampler};
use sweep_study::{Domain, Pruning, Study};

use crate::event::Planned;

/// The trials of a study whose revisions are `revisions`, by number; none of one that is planned as results come in.
///
/// # Errors
/// A sampler that this program does not know.
pub fn plan(revisions: &[Study]) -> Result<Vec<Planned>> {
    let mut known = HashSet::new();
    let mut trials = Vec::new();
    for study in revisions.iter().filter(|study| !adapts(study) && study.imported.is_none()) {
        let mut sampler = sampler::for_study(study)?;
        for number in 0..study.trials.unwrap_or(u64::MAX) {
            let ask =
                Ask { space: &study.space, seed: study.seed, number, history: &[], earlier: 0, pending: &[] };
            let Some(point) = sampler.propose(&ask) else { break };
            for replicate in 0..study.replicates {
                let seed = study.replicate_seed(replicate);
                if known.insert(study.identity(&point, seed)) {
                    let number = trials.len() as u64;
                    trials.push(Planned { number, point: point.clone(), replicate, seed });
                }
            }
        }
    }
    let extras = revisions.iter().filter_map(|study| Some((study, study.extra.as_ref()?)));
    let mut number = EXTRA;
    for (study, extra) in extras {
        for point in &extra.points {
            for replicate in extra.first..extra.first + extra.count {
                let seed = study.replicate_seed(replicate);
                if known.insert(study.identity(point, seed)) {
                    trials.push(Planned { number, point: point.clone(), replicate, seed });
                    number += 1;
                }
            }
        }
    }
    trials.shrink_to_fit();
    Ok(trials)
}

/// Trials beside those of the sampler are numbered from here, so that the study can still grow.
pub const EXTRA: u64 = 1_000_000;

/// Whether the study's sampler or its pruner looks at results, so that trials are planned as these come in.
pub fn adapts(study: &Study) -> bool {
    study.imported.is_none() && (sampler::learns(&study.sampler) || study.pruning.any())
}

/// Trials that show what those of the study will be like: all of them, or where they are not known yet as many random
/// ones and the two ends of the space.
///
/// # Errors
/// As [`plan`].
pub fn likely(study: &Study) -> Result<Vec<Planned>> {
    let study = &Study { pruning: Pruning::default(), ..study.clone() };
    if !adapts(study) {
        return plan(std::slice::from_ref(study));
    }
    let mut trials = plan(&[Study { sampler: "random".to_owned(), ..study.clone() }])?;
    let ends = [0, study.space.cells().saturating_sub(1)];
    for point in ends.into_iter().filter_map(|cell| study.space.cell(cell)) {
        trials.push(Planned { number: 0, point, replicate: 0, seed: study.seed });
    }
    Ok(trials)
}

/// Why `study` cannot continue with a study whose last revision is `before`, where a sampler or a pruner looks at
/// all its trials.
pub fn breaks(before: &Study, study: &Study) -> Option<String> {
    // A larger population would have been another one from its first generation on.
    let population = pruner::for_study(study).is_ok_and(|pruner| pruner.population().is_some());
    let same = before.sampler == study.sampler
        && before.space == study.space
        && before.pruning == study.pruning
        && before.enqueue == study.enqueue
        && before.from == study.from
        && before.subject_to == study.subject_to
        && (before.trials == study.trials || !population)
        && before.seeds == study.seeds
        && (before.replicates, before.seed, before.lag) == (study.replicates, study.seed, study.lag);
    let adapting = adapts(before) || adapts(study);
    (adapting && !same).then(|| {
        format!(
            "its trials were proposed by {} with other axes, replicates, seed, lag, pruner or earlier trials",
            before.sampler
        )
    })
}

/// How many trials a study has when it is finished.
pub fn trials(study: &Study) -> u64 {
    let points = u64::try_from(points(study)).unwrap_or(u64::MAX);
    pruner::for_study(study)
        .map_or(points, |pruner| pruner.trials(points))
        .saturating_mul(u64::from(study.replicates))
}

/// How many trials the study has, those imported among them, of which `plan` are known beforehand.
pub fn count(study: &Study, plan: &[Planned]) -> usize {
    let extra = plan.iter().filter(|trial| trial.number >= EXTRA).count();
    let before = study.imported.as_ref().map_or(0, |imported| imported.trials as usize);
    if adapts(study) { trials(study) as usize + extra } else { before + plan.len() }
}

/// How many points a study tries; saturates.
pub fn points(study: &Study) -> u128 {
    let cells = study.space.cells();
    match study.trials {
        None => cells,
        Some(trials) if study.space.finite() => cells.min(u128::from(trials)),
        Some(trials) => u128::from(trials),
    }
}

/// How often a study of these revisions compared its points on replicates: at first, and each time that it asked for
/// more. Single runs compare nothing.
pub fn looks(revisions: &[Study]) -> u32 {
    let (mut most, mut looks) = (1, 0);
    for study in revisions.iter().filter(|study| study.extra.is_none()) {
        looks += u32::from(study.replicates > most);
        most = most.max(study.replicates);
    }
    looks.max(1)
}

/// What all revisions together are: the last one, over all the levels that any of them had.
pub fn joined(revisions: &[Study]) -> Option<Study> {
    let mut study = Study { extra: None, ..revisions.last()?.clone() };
    for earlier in revisions {
        study.replicates = study.replicates.max(earlier.replicates);
        study.trials = study.trials.max(earlier.trials);
        for axis in &mut study.space.parameters {
            if let Some(before) = earlier.space.get(&axis.name) {
                axis.domain = union(&axis.domain, &before.domain);
            }
        }
    }
    Some(study)
}

fn union(domain: &Domain, other: &Domain) -> Domain {
    domain.with(other.levels().iter().cloned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sweep_study::{Catalogue, SpecFile};

    fn study(axes: &[&str], replicates: u64) -> Study {
        let axes = axes.iter().map(|axis| (*axis).to_owned()).collect();
        let spec = SpecFile { axes, replicates: Some(replicates), ..SpecFile::default() };
        spec.resolve(&Catalogue { open: true, ..Catalogue::default() }).unwrap()
    }

    #[test]
    fn replicates_share_their_seeds_across_points() {
        let trials = plan(&[study(&["lr=0.1,1"], 2)]).unwrap();
        let seeds: Vec<(u64, u32, u64)> = trials.iter().map(|t| (t.number, t.replicate, t.seed)).collect();
        assert_eq!(seeds, [(0, 0, 0), (1, 1, 1), (2, 0, 0), (3, 1, 1)]);
    }

    #[test]
    fn a_revision_adds_only_what_is_missing() {
        let first = study(&["lr=0.1,1", "batch=16,32"], 1);
        let wider = study(&["lr=0.1,1,10", "batch=16,32"], 1);
        let more = study(&["lr=0.1,1,10", "batch=16,32"], 2);
        let trials = plan(&[first.clone(), wider.clone(), more.clone()]).unwrap();
        assert_eq!(plan(std::slice::from_ref(&first)).unwrap(), trials[..4]);
        assert_eq!(plan(&[first.clone(), wider.clone()]).unwrap(), trials[..6]);
        assert_eq!(trials.len(), 12);
        assert_eq!(joined(&[wider, first]).unwrap().space.cells(), 6);
    }

    #[test]
    fn each_growth_of_the_replicates_is_a_look() {
        let grown = |replicates: &[u64]| {
            looks(&replicates.iter().map(|count| study(&["lr=0.1,1"], *count)).collect::<Vec<_>>())
        };
        assert_eq!((grown(&[1]), grown(&[5]), grown(&[1, 5]), grown(&[5, 5, 8, 8, 20])), (1, 1, 1, 3));
    }
}
