//! The comparison of two studies, paired by point and seed.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sweep_stats::compare::{Paired, Verdict, at_look, holm};
use sweep_study::{Point, StudyRecord};

use super::merge::{Compared, Difference};
use crate::facts::{Best, Cell, Estimate, Facts, Measure, STUDY, Status, cost::excess};

/// One of the two studies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The one named first.
    First,
    /// The other.
    Second,
}

/// How the second does against the first, on seeds that both ran.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Counted {
    /// By how much the second is worse: a share of the first one's loss (steps, wrong answers), or a difference; below
    /// zero where it is better. Without an interval where they share one seed.
    #[serde(flatten)]
    pub difference: Estimate,
    /// The p value of no difference, corrected; `None` for one seed.
    pub p: Option<f64>,
    /// The conclusion: `undecided` for one seed.
    pub verdict: Verdict,
    /// The better one, where the verdict is that one is.
    pub better: Option<Side>,
    /// Seeds that would find the smallest difference that matters in 80 of 100 studies; `None` for one seed.
    pub advised: Option<u64>,
}

/// A point that both ran.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PointPair {
    /// The point.
    pub params: Point,
    /// The two against each other; p is corrected for all points (Holm).
    #[serde(flatten)]
    pub counted: Counted,
}

/// All points that both ran with the same seeds, on average.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Overall {
    /// How many points.
    pub points: usize,
    /// The two against each other: the mean over the points, seed by seed.
    #[serde(flatten)]
    pub counted: Counted,
}

/// The best point of a study.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Peak {
    /// The point.
    pub params: Point,
    /// Its mean over seeds.
    pub value: f64,
    /// Its standard error.
    pub stderr: Option<f64>,
    /// How many seeds.
    pub n: usize,
    /// Whether its learning rate lies on the border of what the study tried, so that better ones may lie beyond.
    pub border: bool,
}

/// Each study's best against the other's.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BestPair {
    /// The best of each.
    pub best: [Peak; 2],
    /// The two compared; `None` if they share no seed.
    pub counted: Option<Counted>,
}

/// The comparison of two studies.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CompareFacts {
    /// Their names.
    pub studies: [String; 2],
    /// The metric of both.
    pub metric: String,
    /// The budget and seeds of each, in words.
    pub conditions: [String; 2],
    /// The fixed settings that differ.
    pub differ: Vec<Difference>,
    /// The smallest difference that matters, in the unit of the differences.
    pub smallest: f64,
    /// All shared points on average; `None` where none is shared with a seed.
    pub overall: Option<Overall>,
    /// The shared points.
    pub points: Vec<PointPair>,
    /// Points of both that completed in only one of them: in the first, in the second.
    pub one_sided: [usize; 2],
    /// The best of each; `None` where one of them has none.
    pub best: Option<BestPair>,
}

/// The costs of a cell by seed.
type Costs = BTreeMap<u64, f64>;

/// A point that both ran, and its cost in each.
type Shared<'a> = (&'a Point, [Costs; 2]);

/// How costs are counted: by which measure, and which difference of them matters.
struct Scale {
    measure: Measure,
    margin: f64,
}

/// The facts of `both` (whose own facts are `merged`), which came from `records`.
pub fn facts(both: &Compared, merged: &Facts, records: [&StudyRecord; 2]) -> CompareFacts {
    let measure = merged.measure;
    let margin = merged.noise.smallest;
    let scale = Scale { measure, margin };
    let own = records.map(crate::facts);
    let seeds: BTreeMap<u64, u64> =
        both.record.trials.iter().map(|trial| (trial.number, trial.seed)).collect();
    let costs = |cell: &Cell| -> Costs {
        let values = cell.trials.iter().zip(&cell.values);
        values.filter_map(|(number, value)| Some((*seeds.get(number)?, measure.cost((*value)?)?))).collect()
    };
    let pairs = pairs(merged, &both.names);
    let ended = |cell: &&Cell| cell.value.is_some();
    let shared: Vec<Shared<'_>> = pairs
        .iter()
        .filter(|(_, pair)| pair.iter().all(ended))
        .map(|(params, pair)| (params, pair.map(costs)))
        .filter(|(_, [a, b])| a.keys().any(|seed| b.contains_key(seed)))
        .collect();
    let only = |index: usize| {
        let one = |(_, pair): &&(Point, [&Cell; 2])| ended(&pair[index]) && !ended(&pair[1 - index]);
        pairs.iter().filter(one).count()
    };
    CompareFacts {
        studies: both.names.clone(),
        metric: merged.metric.clone(),
        conditions: own.each_ref().map(|facts| crate::text::conditions(facts, ", ")),
        differ: both.differ.clone(),
        smallest: merged.difference(margin),
        overall: overall(&shared, &scale),
        points: points(&shared, &scale),
        one_sided: [only(0), only(1)],
        best: best(merged, records, &own, &scale, &costs),
    }
}

/// The cells of both studies at each point that both ran, the study left out of the point.
fn pairs<'a>(merged: &'a Facts, names: &[String; 2]) -> Vec<(Point, [&'a Cell; 2])> {
    let mut all: BTreeMap<String, (Point, [Option<&Cell>; 2])> = BTreeMap::new();
    for cell in merged.cells.iter().filter(|cell| cell.n > 0) {
        let Some(side) = names.iter().position(|name| cell.panel.as_ref() == Some(name)) else { continue };
        let mut point = cell.params.clone();
        point.0.remove(STUDY);
        all.entry(point.key()).or_insert((point, [None; 2])).1[side] = Some(cell);
    }
    let whole = |(point, [a, b]): (Point, [Option<&'a Cell>; 2])| Some((point, [a?, b?]));
    all.into_values().filter_map(whole).collect()
}

impl Scale {
    /// Costs of the second against the first, seed by seed; p is not corrected yet.
    fn counted(&self, first: &[f64], second: &[f64]) -> (Counted, Option<Paired>) {
        let pair = Paired::of(second, first);
        let counted = Counted {
            difference: excess(second, first, &self.measure),
            p: pair.map(|pair| pair.p()),
            verdict: Verdict::Undecided,
            better: None,
            advised: pair.map(|pair| pair.advised(self.margin)),
        };
        (counted, pair)
    }

    /// Draws the conclusion at a corrected p value.
    fn judge(&self, counted: &mut Counted, pair: Option<Paired>, p: f64) {
        let Some(pair) = pair else { return };
        counted.p = Some(p);
        counted.verdict = pair.verdict(p, self.margin);
        if counted.verdict == Verdict::Better {
            counted.better = Some(if pair.mean > 0.0 { Side::First } else { Side::Second });
        }
    }
}

fn points(shared: &[Shared<'_>], scale: &Scale) -> Vec<PointPair> {
    let mut counted: Vec<(Counted, Option<Paired>)> = shared
        .iter()
        .map(|(_, [a, b])| {
            let both = a.iter().filter_map(|(seed, a)| Some((*a, *b.get(seed)?)));
            let (a, b): (Vec<f64>, Vec<f64>) = both.unzip();
            scale.counted(&a, &b)
        })
        .collect();
    let p: Vec<f64> = counted.iter().filter_map(|(counted, _)| counted.p).collect();
    let mut p = at_look(&holm(&p), 1).into_iter();
    for (counted, pair) in counted.iter_mut().filter(|(counted, _)| counted.p.is_some()) {
        scale.judge(counted, *pair, p.next().unwrap_or(1.0));
    }
    let params = shared.iter().map(|(params, _)| (*params).clone());
    params.zip(counted).map(|(params, (counted, _))| PointPair { params, counted }).collect()
}

/// The mean over the shared points, seed by seed, on the seeds that all of them share.
fn overall(shared: &[Shared<'_>], scale: &Scale) -> Option<Overall> {
    let all = shared.iter().flat_map(|(_, costs)| costs);
    let seeds = all.map(|costs| costs.keys().copied().collect::<BTreeSet<u64>>());
    let seeds = seeds.reduce(|a, b| a.intersection(&b).copied().collect())?;
    if seeds.is_empty() {
        return None;
    }
    let mean = |side: usize| -> Vec<f64> {
        let at = |seed: &u64| shared.iter().filter_map(|(_, costs)| costs[side].get(seed)).sum::<f64>();
        seeds.iter().map(|seed| at(seed) / shared.len() as f64).collect()
    };
    let (mut counted, pair) = scale.counted(&mean(0), &mean(1));
    let p = once(&counted);
    scale.judge(&mut counted, pair, p);
    Some(Overall { points: shared.len(), counted })
}

/// The best of each study and its costs by seed; `None` where one of them has none.
fn best(
    merged: &Facts,
    records: [&StudyRecord; 2],
    own: &[Facts; 2],
    scale: &Scale,
    costs: &dyn Fn(&Cell) -> Costs,
) -> Option<BestPair> {
    let peak = |side: usize| -> Option<(Costs, Peak)> {
        let best = own[side].best.as_ref()?;
        let row = own[side].best_per_batch.iter().find(|row| row.cell == Some(best.cell));
        let border = row.is_some_and(|row| row.lr.status == Status::Edge);
        // The trials of both are numbered in the order in which they stand, those of the second after the first.
        let first = best.trials.first()?;
        let place = records[side].trials.iter().position(|trial| trial.number == *first)?;
        let number = (place + side * records[0].trials.len()) as u64;
        let cell = merged.cells.iter().find(|cell| cell.trials.contains(&number))?;
        let Best { params, value, stderr, n, .. } = best.clone();
        Some((costs(cell), Peak { params, value, stderr, n, border }))
    };
    let ((first, a), (second, b)) = (peak(0)?, peak(1)?);
    let shared = first.iter().filter_map(|(seed, cost)| Some((*cost, *second.get(seed)?)));
    let (first, second): (Vec<f64>, Vec<f64>) = shared.unzip();
    let counted = (!first.is_empty()).then(|| {
        let (mut counted, pair) = scale.counted(&first, &second);
        let p = once(&counted);
        scale.judge(&mut counted, pair, p);
        counted
    });
    Some(BestPair { best: [a, b], counted })
}

/// The p value of a single test.
fn once(counted: &Counted) -> f64 {
    at_look(&[counted.p.unwrap_or(1.0)], 1)[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::compare::merged;
    use crate::fixtures::{Made, diverged};

    /// Six seeds at each of three rates, all `factor` times as much; the largest rate diverges where `breaks`.
    fn study(name: &str, factor: f64, breaks: bool) -> StudyRecord {
        let noise = [1.00, 1.04, 0.97, 1.02, 0.98, 1.01];
        let mut made = Made::new(&["lr=0.01,0.1,1", "batch=16,32"]).replicates(6);
        for (lr, level) in [("0.01", 0.3), ("0.1", 0.1), ("1", 0.2)] {
            for batch in [16, 32] {
                let point = format!("lr={lr} batch={batch}");
                let own = |(seed, noise): (usize, &f64)| {
                    level * factor * noise * (1.0 + 0.002 * seed as f64 * factor)
                };
                let values: Vec<f64> = noise.iter().enumerate().map(own).collect();
                made = if breaks && lr == "1" {
                    made.outcomes(&point, vec![diverged(3); 6])
                } else {
                    made.trial(&point, &values)
                };
            }
        }
        made.with(|study| study.name = name.to_owned()).record()
    }

    fn compared(first: &StudyRecord, second: &StudyRecord) -> CompareFacts {
        let both = merged(first, second).unwrap();
        facts(&both, &crate::facts(&both.record), [first, second])
    }

    #[test]
    fn a_known_factor_is_found_point_by_point_and_on_average() {
        let comparison = compared(&study("a", 1.0, false), &study("b", 1.2, true));
        let overall = comparison.overall.unwrap();
        assert_eq!((overall.points, comparison.points.len(), comparison.one_sided), (4, 4, [2, 0]));
        let found = overall.counted.difference;
        assert!((found.estimate.unwrap() - 0.2).abs() < 0.01 && found.n == 6, "{found:?}");
        assert!(0.15 < found.low.unwrap() && found.low < found.estimate && found.estimate < found.high);
        assert_eq!((overall.counted.verdict, overall.counted.better), (Verdict::Better, Some(Side::First)));
        assert!(
            comparison.points.iter().all(|point| point.counted.better == Some(Side::First)),
            "{:?}",
            comparison.points
        );
        let best = comparison.best.unwrap();
        assert_eq!(best.best[0].params.to_string(), "batch=16 lr=0.1");
        assert_eq!(best.counted.unwrap().better, Some(Side::First));
        // The other way round the other one is better, by the same ratio.
        let turned = compared(&study("b", 1.2, true), &study("a", 1.0, false)).overall.unwrap().counted;
        assert_eq!(turned.better, Some(Side::Second));
        assert!(
            (1.0 / (1.0 + turned.difference.estimate.unwrap()) - 1.0 - found.estimate.unwrap()).abs() < 1e-9
        );
    }

    #[test]
    fn level_studies_are_equivalent_and_single_seeds_undecided() {
        let level = compared(&study("a", 1.0, false), &study("b", 1.01, false)).overall.unwrap().counted;
        assert_eq!((level.verdict, level.better), (Verdict::Equivalent, None));
        let single = |name: &str| {
            let made = Made::new(&["lr=0.1,1"]).row(&["0.1", "1"], &[0.1, 0.2]);
            made.with(|study| study.name = name.to_owned()).record()
        };
        let comparison = compared(&single("a"), &single("b"));
        let counted = comparison.overall.unwrap().counted;
        assert_eq!((counted.verdict, counted.p, counted.difference.low), (Verdict::Undecided, None, None));
        assert!(comparison.best.unwrap().best[0].border, "0.1 is the lowest rate tried");
    }

    #[test]
    fn seeds_that_are_not_shared_pair_nothing() {
        let other = study("b", 1.0, false);
        let shift = |mut record: StudyRecord| {
            record.study.seed += 100;
            record.trials.iter_mut().for_each(|trial| trial.seed += 100);
            record
        };
        let comparison = compared(&study("a", 1.0, false), &shift(other));
        assert_eq!((comparison.overall, comparison.points.len()), (None, 0));
        assert_eq!(comparison.best.unwrap().counted, None);
    }
}
