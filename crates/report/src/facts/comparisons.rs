//! Batch sizes compared, each at its own best learning rate, on the seeds that they share.

use std::collections::BTreeSet;

use serde::Serialize;
use sweep_stats::compare::{Paired, Verdict, at_look, holm, not_worse};
use sweep_stats::distribution::largest_of;

use super::best::{BatchBest, Best};
use super::cells::Cell;
use super::cost;
use super::estimate::{CONFIDENCE, Estimate, Status};
use super::measure::Measure;

/// The most pairs that are tested; beyond it the set of the best is enough.
const MOST_PAIRS: usize = 200;

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Arm {
    /// The panel; `None` where the schedule is not an axis.
    pub panel: Option<String>,
    /// The batch size in examples.
    pub batch: Option<f64>,
}

/// Two batch sizes on shared seeds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The one with the better mean.
    pub better: Arm,
    /// The other.
    pub worse: Arm,
    /// By how much the other is worse: a share of the better one's loss (steps, wrong answers), or a difference.
    #[serde(flatten)]
    pub difference: Estimate,
    /// The p value of no difference, by Student's t on the pairs, corrected for all pairs (Holm) and for looks at
    /// fewer seeds.
    pub p: f64,
    /// The smallest difference that matters, in the unit of the difference.
    pub smallest: f64,
    /// The conclusion.
    pub verdict: Verdict,
    /// Seeds that would find the smallest difference that matters in 80 of 100 studies.
    pub advised: u64,
}

/// The comparison of the study's batch sizes.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Comparisons {
    /// Those not significantly worse than the best (Hsu), at 95 %; empty without shared seeds.
    pub best: Vec<Arm>,
    /// All pairs.
    pub pairs: Vec<Comparison>,
    /// By how much the best measured value is too optimistic, having been picked among all that are level with it (the
    /// winner's curse), on the scale of the differences; `None` without replicates.
    pub flattery: Option<f64>,
}

/// Compares the batch sizes (and panels), each at its best cell; nothing for fewer than two, or fewer than two seeds.
/// Where no learning rates were compared the panels are, if each is a single cell.
pub fn comparisons(
    cells: &[Cell],
    rows: &[BatchBest],
    best: Option<&Best>,
    (measure, smallest): (&Measure, f64),
    look: u32,
) -> Comparisons {
    let Some(best) = best else { return Comparisons::default() };
    let costs = |panel: &Option<String>, batch: Option<f64>, cell: &Cell| {
        let costs = measure.costs(&cell.values)?;
        (costs.len() == best.n).then(|| (Arm { panel: panel.clone(), batch }, costs))
    };
    let of_row = |row: &BatchBest| costs(&row.panel, row.batch, cells.get(row.cell?)?);
    let arms: Vec<(Arm, Vec<f64>)> = if rows.is_empty() && single(cells) {
        cells.iter().filter_map(|cell| costs(&cell.panel, None, cell)).collect()
    } else {
        rows.iter().filter_map(of_row).collect()
    };
    let plain: Vec<Vec<f64>> = arms.iter().map(|arm| arm.1.clone()).collect();
    let set = not_worse(&plain, CONFIDENCE).unwrap_or_default();
    let level = arms.iter().zip(&set).filter(|(_, level)| **level).map(|(arm, _)| arm.0.clone());
    Comparisons {
        best: level.collect(),
        pairs: pairs(&arms, (measure, smallest), look),
        flattery: flattery(cells, best),
    }
}

/// Whether each panel is one cell.
fn single(cells: &[Cell]) -> bool {
    let panels: BTreeSet<&String> = cells.iter().filter_map(|cell| cell.panel.as_ref()).collect();
    panels.len() == cells.len()
}

fn pairs(arms: &[(Arm, Vec<f64>)], (measure, margin): (&Measure, f64), look: u32) -> Vec<Comparison> {
    let count = arms.len() * arms.len().saturating_sub(1) / 2;
    if count > MOST_PAIRS {
        return Vec::new();
    }
    let all = (0..arms.len()).flat_map(|a| (a + 1..arms.len()).map(move |b| (a, b)));
    let paired = all.filter_map(|(a, b)| {
        let pair = Paired::of(&arms[b].1, &arms[a].1)?;
        let (a, b, pair) =
            if pair.mean < 0.0 { (b, a, Paired { mean: -pair.mean, ..pair }) } else { (a, b, pair) };
        Some((&arms[a].0, &arms[b].0, pair))
    });
    let paired: Vec<(&Arm, &Arm, Paired)> = paired.collect();
    let p = at_look(&holm(&paired.iter().map(|(_, _, pair)| pair.p()).collect::<Vec<f64>>()), look);
    let base = |arm: &Arm| {
        let costs = arms.iter().find(|(other, _)| other == arm).map(|(_, costs)| cost::mean(costs));
        costs.unwrap_or_default()
    };
    let comparison = |((better, worse, pair), p): ((&Arm, &Arm, Paired), f64)| {
        let base = base(better);
        let difference = |cost: f64| measure.difference(base, cost);
        let interval = pair.interval(CONFIDENCE);
        Comparison {
            better: better.clone(),
            worse: worse.clone(),
            difference: Estimate {
                estimate: Some(difference(interval.estimate)),
                low: Some(difference(interval.low)),
                high: Some(difference(interval.high)),
                confidence: Some(CONFIDENCE),
                ..Estimate::none(cost::unit(measure.logarithmic()), pair.n, Status::Ok)
            },
            p,
            smallest: difference(margin),
            verdict: pair.verdict(p, margin),
            advised: pair.advised(margin),
        }
    };
    paired.into_iter().zip(p).map(comparison).collect()
}

/// The mean of the largest of as many normal variables as there are cells level with the best, in its standard errors.
fn flattery(cells: &[Cell], best: &Best) -> Option<f64> {
    Some(best.stderr? * largest_of(cells.iter().filter(|cell| cell.tied).count()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::facts;
    use crate::fixtures::Made;
    use sweep_study::StudyRecord;

    fn three() -> Made {
        Made::new(&["batch=16,32,64", "lr=0.1"])
    }

    #[test]
    fn level_batch_sizes_are_a_set_and_a_worse_one_is_not_in_it() {
        let noise = [1.00, 1.04, 0.97, 1.02, 0.98, 1.01, 0.99, 1.03];
        let seeds = |level: f64, shift: usize| -> Vec<f64> {
            (0..8).map(|seed| level * noise[(seed + shift) % 8] * noise[seed]).collect()
        };
        let mut made = Made::new(&["batch=16,32,64", "lr=0.01,0.1,1"]).replicates(8);
        for (batch, level, shift) in [(16, 0.100, 0), (32, 0.101, 3), (64, 0.150, 5)] {
            for (lr, worse) in [("0.01", 1.5), ("0.1", 1.0), ("1", 2.0)] {
                made = made.trial(&format!("batch={batch} lr={lr}"), &seeds(level * worse, shift));
            }
        }
        let facts = facts(&made.record());
        let batches: Vec<Option<f64>> = facts.comparisons.best.iter().map(|arm| arm.batch).collect();
        assert_eq!(batches, [Some(16.0), Some(32.0)]);
        let [level, worse, also] = facts.comparisons.pairs.as_slice() else { panic!("three pairs") };
        assert_eq!((worse.verdict, also.verdict), (Verdict::Better, Verdict::Better));
        assert_eq!((worse.better.batch, worse.worse.batch), (Some(16.0), Some(64.0)));
        assert!((worse.difference.estimate.unwrap() - 0.5).abs() < 0.03, "{worse:?}");
        assert!(level.verdict != Verdict::Better && level.advised >= 2);
        assert!((level.smallest.ln_1p() - facts.noise.smallest).abs() < 1e-12);
        assert!(facts.comparisons.flattery.unwrap() > 0.0);
    }

    #[test]
    fn schedules_at_one_learning_rate_are_compared() {
        let noise = [1.00, 1.04, 0.97, 1.02, 0.98, 1.01];
        let seeds = |level: f64| noise.map(|noise| level * noise);
        let [mut level, worse] = [seeds(0.1), seeds(0.2)];
        level[0] *= 1.01;
        let made = Made::new(&["schedule=constant,step,cosine"]).replicates(6);
        let made = made.trial("schedule=constant", &worse).trial("schedule=step", &level);
        let record = made.trial("schedule=cosine", &seeds(0.1)).record();
        let facts = facts(&record);
        let verdicts: Vec<Verdict> = facts.comparisons.pairs.iter().map(|pair| pair.verdict).collect();
        assert_eq!(verdicts, [Verdict::Better, Verdict::Better, Verdict::Equivalent]);
        let sentences = crate::verdict::sentences(&record, &facts);
        let sentence = sentences.iter().find(|sentence| sentence.text.contains("Equivalent")).unwrap();
        assert!(sentence.text.contains("Equivalent, within 2.61 %: cosine and step."), "{}", sentence.text);
        assert!(!sentence.text.contains("learning rate"), "{}", sentence.text);
    }

    #[test]
    fn a_second_look_asks_for_more_evidence() {
        let made = |looks| {
            let made = Made::new(&["schedule=constant,step"]).replicates(4);
            let made = made.trial("schedule=constant", &[0.1, 0.11, 0.105, 0.112]);
            let record = made.trial("schedule=step", &[0.115, 0.14, 0.125, 0.12]).record();
            facts(&StudyRecord { looks, ..record }).comparisons.pairs.remove(0)
        };
        assert_eq!((made(1).verdict, made(2).verdict), (Verdict::Better, Verdict::Undecided));
        assert!((made(2).p / made(1).p - 5.0).abs() < 1e-9);
    }

    #[test]
    fn single_seeds_are_not_compared() {
        let made = three().trial("batch=16", &[0.1]).trial("batch=32", &[0.2]).trial("batch=64", &[0.3]);
        assert_eq!(facts(&made.record()).comparisons, Comparisons::default());
    }
}
