//! Regret against trials and seconds, and how long it took to find a cell near the best.

use serde::Serialize;
use sweep_stats::{median, quantile};

use super::{Played, ReplayRecord, SamplerReplays};
use crate::facts::{Best, CONFIDENCE, Cell, Estimate, Facts, Measure, State, Status};

/// Number of times at which the regret against seconds is reported.
const TIMES: usize = 60;

/// The results of replays, as numbers. The true value of a cell is the mean over its replicates; the regret of a cell
/// is how far that falls short of the best, as a share of the best. A cell without a mean has no regret: it is never
/// near.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReplayFacts {
    /// How many cells there are.
    pub cells: usize,
    /// How many of them have no mean, since replicates diverged, got stuck or failed.
    pub without_mean: usize,
    /// How many of these ended in divergence with every replicate.
    pub diverged: usize,
    /// How many lie within the margin of the best, that one included.
    pub near: usize,
    /// The smallest regret above 0 of any cell.
    pub least_regret: Option<f64>,
    /// The samplers, in the order asked for.
    pub samplers: Vec<SamplerFacts>,
}

/// The results of one sampler's replays.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SamplerFacts {
    /// Its name.
    pub name: String,
    /// How many replays came within the margin.
    pub reached: usize,
    /// Trials until the chosen cell is within the margin of the best: the median over replays. Where fewer than half
    /// came there, a bound.
    pub trials: Estimate,
    /// The regret of the chosen cell after each trial, over replays.
    pub regret: Quartiles,
    /// The same against seconds of training, one trial at a time; `None` where they were not measured. It comes from a
    /// clock.
    #[serde(skip)]
    pub seconds: Option<TimeFacts>,
}

/// Regret against seconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TimeFacts {
    /// Seconds until the chosen cell is within the margin of the best: the median over replays.
    pub within: Estimate,
    /// The times at which the regret is reported, rising.
    pub at: Vec<f64>,
    /// The regret at each.
    pub regret: Quartiles,
}

/// Quartiles over replays, one number per trial or time; infinite (null in JSON) while the chosen cell has no regret.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Quartiles {
    /// The lower quartile.
    pub low: Vec<f64>,
    /// The median.
    pub median: Vec<f64>,
    /// The upper quartile.
    pub high: Vec<f64>,
}

impl Quartiles {
    fn push(&mut self, mut values: Vec<f64>) {
        values.sort_by(f64::total_cmp);
        // Between a number and infinity lies infinity, not the result of interpolation.
        let at = |p: f64| quantile(&values, p).filter(|value| !value.is_nan()).unwrap_or(f64::INFINITY);
        self.low.push(at(0.25));
        self.median.push(at(0.5));
        self.high.push(at(0.75));
    }
}

/// The facts of replays on the grid described by `facts`; `None` if none of its points completed.
pub fn facts(record: &ReplayRecord, facts: &Facts) -> Option<ReplayFacts> {
    let best = facts.best.as_ref()?;
    let regrets: Vec<f64> = facts.cells.iter().map(|cell| regret(cell, best, &facts.measure)).collect();
    let near = |regret: &&f64| **regret <= record.within;
    let state = |state: State| facts.cells.iter().filter(|cell| cell.state == state).count();
    Some(ReplayFacts {
        cells: regrets.len(),
        without_mean: regrets.iter().filter(|regret| regret.is_infinite()).count(),
        diverged: state(State::Diverged),
        near: regrets.iter().filter(near).count(),
        least_regret: regrets.iter().copied().filter(|regret| *regret > 0.0).reduce(f64::min),
        samplers: record.samplers.iter().map(|sampler| of_sampler(sampler, record, &regrets)).collect(),
    })
}

/// The smallest difference that matters in a study, as a share of its best value (of a best of 0, as it is): the default
/// of what counts as found.
pub fn margin(facts: &Facts) -> f64 {
    let Some(best) = facts.best.as_ref() else { return 0.0 };
    let measure = &facts.measure;
    let Some(cost) = measure.cost(best.value) else { return 0.0 };
    let far = (measure.value(cost + facts.noise.smallest) - best.value).abs();
    if best.value == 0.0 { far } else { far / best.value.abs() }
}

/// How far the true value of a cell falls short of the best, as a share of it (of a best of 0, as it is).
fn regret(cell: &Cell, best: &Best, measure: &Measure) -> f64 {
    let Some(value) = cell.value else { return f64::INFINITY };
    let short = if measure.better(best.value, value) { (value - best.value).abs() } else { 0.0 };
    if best.value == 0.0 { short } else { short / best.value.abs() }
}

fn of_sampler(sampler: &SamplerReplays, record: &ReplayRecord, regrets: &[f64]) -> SamplerFacts {
    let regret =
        |played: &Played| played.chosen.and_then(|cell| regrets.get(cell)).copied().unwrap_or(f64::INFINITY);
    let runs: Vec<Vec<f64>> =
        sampler.repeats.iter().map(|repeat| repeat.iter().map(regret).collect()).collect();
    let first: Vec<Option<usize>> =
        runs.iter().map(|run| run.iter().position(|regret| *regret <= record.within)).collect();
    let longest = runs.iter().map(Vec::len).max().unwrap_or(0);
    let mut over_trials = Quartiles::default();
    for trial in 0..longest {
        // A replay that has used up the table keeps its choice.
        let after = runs.iter().filter_map(|run| run.get(trial).or(run.last()));
        over_trials.push(after.copied().collect());
    }
    let until = first.iter().map(|first| first.map(|trial| trial as f64 + 1.0)).collect();
    SamplerFacts {
        name: sampler.name.clone(),
        reached: first.iter().flatten().count(),
        trials: estimate(until, longest as f64, "trials"),
        regret: over_trials,
        seconds: times(sampler, &runs, &first),
    }
}

/// The median over replays, `None` for a replay that took longer than `most`.
fn estimate(taken: Vec<Option<f64>>, most: f64, unit: &'static str) -> Estimate {
    let n = taken.len();
    let mut sorted: Vec<f64> = taken.into_iter().map(|taken| taken.unwrap_or(f64::INFINITY)).collect();
    sorted.sort_by(f64::total_cmp);
    let Some((middle, interval)) = median(&sorted, CONFIDENCE) else {
        return Estimate::none(unit, n, Status::None);
    };
    if !middle.is_finite() {
        return Estimate { low: Some(most), ..Estimate::none(unit, n, Status::Bound) };
    }
    Estimate {
        estimate: Some(middle),
        low: interval.map(|ends| ends.0),
        high: interval.map(|ends| ends.1).filter(|high| high.is_finite()),
        confidence: interval.map(|_| CONFIDENCE),
        unit,
        n,
        status: Status::Ok,
    }
}

fn times(sampler: &SamplerReplays, runs: &[Vec<f64>], first: &[Option<usize>]) -> Option<TimeFacts> {
    // The seconds at which each trial of each replay had ended.
    let ends: Vec<Vec<f64>> = sampler.repeats.iter().map(|repeat| elapsed(repeat)).collect::<Option<_>>()?;
    let start = ends.iter().filter_map(|ends| ends.first()).copied().fold(f64::INFINITY, f64::min);
    let most = ends.iter().filter_map(|ends| ends.last()).copied().fold(f64::INFINITY, f64::min);
    if !(start > 0.0 && most > start) {
        return None;
    }
    let at: Vec<f64> =
        (0..TIMES).map(|step| start * (most / start).powf(step as f64 / (TIMES - 1) as f64)).collect();
    let mut regret = Quartiles::default();
    for time in &at {
        let by = |(ends, run): (&Vec<f64>, &Vec<f64>)| {
            let ended = ends.partition_point(|end| end <= time);
            ended.checked_sub(1).and_then(|last| run.get(last)).copied().unwrap_or(f64::INFINITY)
        };
        regret.push(ends.iter().zip(runs).map(by).collect());
    }
    let until = ends.iter().zip(first).map(|(ends, first)| first.and_then(|trial| ends.get(trial)).copied());
    Some(TimeFacts { within: estimate(until.collect(), most, "seconds"), at, regret })
}

fn elapsed(repeat: &[Played]) -> Option<Vec<f64>> {
    let mut total = 0.0;
    let end = |played: &Played| {
        total += played.seconds?;
        Some(total)
    };
    repeat.iter().map(end).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::replay::fixtures::{grid, record};

    #[test]
    fn regret_is_that_of_the_true_value_of_the_chosen_cell() {
        let (_study, facts) = grid();
        let record = record(vec![("random", vec![vec![3, 1, 0], vec![1, 1, 0], vec![0, 0, 2]])]);
        let replays = super::facts(&record, &facts).unwrap();
        assert_eq!((replays.cells, replays.without_mean, replays.diverged, replays.near), (4, 1, 1, 2));
        let sampler = &replays.samplers[0];
        // Cell 3 diverged; cell 1 is 50 % above the best, cell 2 by 2 %.
        assert!((sampler.regret.median[0] - 0.5).abs() < 1e-12, "{:?}", sampler.regret);
        assert!(sampler.regret.high[0].is_infinite());
        assert_eq!(sampler.regret.median[2], 0.0);
        assert_eq!((sampler.trials.estimate, sampler.reached), (Some(3.0), 3));
        let seconds = sampler.seconds.as_ref().unwrap();
        assert_eq!(seconds.within.estimate, Some(6.0), "trials take 2 seconds each");
        assert_eq!((seconds.at[0], seconds.at.len()), (2.0, TIMES));
    }

    #[test]
    fn what_half_of_the_replays_miss_is_a_bound() {
        let (_study, facts) = grid();
        let record = record(vec![("grid", vec![vec![1, 1], vec![1, 1], vec![1, 0]])]);
        let replays = super::facts(&record, &facts).unwrap();
        let trials = &replays.samplers[0].trials;
        assert_eq!((trials.estimate, trials.low, trials.status), (None, Some(2.0), Status::Bound));
        assert_eq!(replays.samplers[0].reached, 1);
    }
}
