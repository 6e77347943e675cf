//! The price of a rule: the cost of carrying a learning rate from one batch size to another, from the measured cells.

use serde::Serialize;

use crate::facts::{
    Cell, Estimate, Facts, Measure, State, Status,
    cost::{self, excess},
    differs_in_lr_alone,
};

/// Two rates whose logarithms differ by no more are the same.
const SAME: f64 = 1e-6;

/// A rule of thumb: η ∝ B^exponent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// η ∝ B (P. Goyal et al. 2017, for SGD).
    Linear,
    /// η ∝ √B (A. Krizhevsky 2014; for Adam, S. Malladi et al. 2022).
    Sqrt,
    /// The same η.
    None,
}

impl Rule {
    /// All of them, the steepest first.
    pub const ALL: [Rule; 3] = [Rule::Linear, Rule::Sqrt, Rule::None];

    /// The exponent of B.
    pub fn exponent(self) -> f64 {
        match self {
            Rule::Linear => 1.0,
            Rule::Sqrt => 0.5,
            Rule::None => 0.0,
        }
    }

    /// How η changes.
    pub fn title(self) -> &'static str {
        match self {
            Rule::Linear => "η grows as B",
            Rule::Sqrt => "η grows as √B",
            Rule::None => "the same η",
        }
    }
}

/// How a learning rate does at a batch size, compared with the best measured there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It is the rate tuned there.
    Own,
    /// It was measured, or lies between two rates that were: there is a price.
    Priced,
    /// It is at or above a rate that diverged or got stuck there.
    Diverges,
    /// It lies between a rate that completed and one that did not, so it has no price.
    Cliff,
    /// It lies at or next to a rate that never reached the target, or beyond what was measured, so it has no price.
    Unmeasured,
}

/// One move: tuned at one batch size, used at another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Move {
    /// The learning rate that the rule gives.
    pub lr: f64,
    /// Its outcome.
    pub fate: Fate,
    /// The price: the ratio to the best less one, or a difference where values are not losses.
    pub price: Estimate,
}

/// The moves by one rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RulePrices {
    /// The rule.
    pub rule: Rule,
    /// `moves[i][j]`: tuned at the i-th batch size, used at the j-th.
    pub moves: Vec<Vec<Move>>,
    /// The largest batch size to which every move of known outcome from a smaller one costs at most the smallest
    /// difference that matters.
    pub free_to: Option<f64>,
    /// The upward moves that end at most at the knee, and those that end beyond it.
    pub groups: Vec<Group>,
}

/// Upward moves taken together: to larger batches than tuned at, as rules are used.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// Whether they end beyond the knee; `None` where the knee is unknown.
    pub beyond: Option<bool>,
    /// Moves whose price or divergence is known.
    pub known: usize,
    /// Those of them that diverge.
    pub diverging: usize,
    /// The median price, divergence counted as more expensive than any price; `None` where the median is divergence or
    /// unknown.
    pub median: Option<f64>,
    /// The moves of unknown outcome.
    pub unknown: usize,
}

/// What the rules cost in a study.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RuleFacts {
    /// The panel, that of the best point; `None` where the study has one.
    pub panel: Option<String>,
    /// The batch sizes, rising.
    pub batches: Vec<f64>,
    /// The best rate measured at each.
    pub tuned: Vec<f64>,
    /// The unit of the prices.
    pub unit: &'static str,
    /// The batch size up to which the best rate rises: the critical one, else the knee of the ridge.
    pub knee: Option<f64>,
    /// The prices, a rule each.
    pub rules: Vec<RulePrices>,
}

/// The prices of the rules; `None` where fewer than two batch sizes have a best learning rate.
///
/// The tuned rate of a batch size is the best measured, which is also the reference of all prices. Between two rates
/// measured the cost is interpolated in log η, seed by seed; beyond them there is no price.
pub fn facts(facts: &Facts) -> Option<RuleFacts> {
    let measure = &facts.measure;
    let panel = facts.best_cell().and_then(|cell| cell.panel.clone());
    let own = facts.best_per_batch.iter().filter(|row| row.panel == panel);
    let rows: Vec<Row<'_>> = own.filter_map(|row| Row::of(facts, row.batch?, row.cell?)).collect();
    if rows.len() < 2 {
        return None;
    }
    let critical = facts.critical_batch.iter().find(|critical| critical.panel == panel);
    let ridge = facts.ridge.iter().find(|ridge| ridge.panel == panel);
    let knee = critical.and_then(|critical| critical.batch.estimate).or(ridge.and_then(|ridge| ridge.knee));
    let unit = cost::unit(measure.logarithmic());
    let free = facts.difference(facts.noise.smallest);
    let prices = |rule: Rule| {
        let carried = |from: &Row<'_>, to: &Row<'_>| {
            let lr = from.lr * (to.batch / from.batch).powf(rule.exponent());
            if from.batch == to.batch { to.own(lr, unit) } else { to.carried(lr, measure, unit) }
        };
        let moves: Vec<Vec<Move>> =
            rows.iter().map(|from| rows.iter().map(|to| carried(from, to)).collect()).collect();
        RulePrices { rule, free_to: free_to(&rows, &moves, free), groups: groups(&rows, &moves, knee), moves }
    };
    Some(RuleFacts {
        panel,
        batches: rows.iter().map(|row| row.batch).collect(),
        tuned: rows.iter().map(|row| row.lr).collect(),
        unit,
        knee,
        rules: Rule::ALL.into_iter().map(prices).collect(),
    })
}

/// The cells of one batch size that differ in the learning rate alone, rising, the best among them.
struct Row<'a> {
    batch: f64,
    lr: f64,
    best: &'a Cell,
    cells: Vec<(f64, &'a Cell)>,
}

impl<'a> Row<'a> {
    fn of(facts: &'a Facts, batch: f64, best: usize) -> Option<Row<'a>> {
        let best = facts.cells.get(best)?;
        let along = facts.cells.iter().filter(|cell| cell.n > 0 && differs_in_lr_alone(cell, best));
        let mut cells: Vec<(f64, &Cell)> =
            along.filter_map(|cell| Some((cell.lr.filter(|lr| *lr > 0.0)?.ln(), cell))).collect();
        cells.sort_by(|a, b| a.0.total_cmp(&b.0));
        Some(Row { batch, lr: best.lr?, best, cells })
    }

    fn own(&self, lr: f64, unit: &'static str) -> Move {
        let price = Estimate { estimate: Some(0.0), ..Estimate::none(unit, self.best.n, Status::Ok) };
        Move { lr, fate: Fate::Own, price }
    }

    /// How `lr` does here.
    fn carried(&self, lr: f64, measure: &Measure, unit: &'static str) -> Move {
        let none = |fate| Move { lr, fate, price: Estimate::none(unit, 0, Status::None) };
        let at = lr.ln();
        let failed = |cell: &Cell| matches!(cell.state, State::Diverged | State::Stuck | State::Collapsed);
        if self.cells.iter().any(|(x, cell)| failed(cell) && *x <= at + SAME && *x > self.lr.ln()) {
            return none(Fate::Diverges);
        }
        let below = self.cells.iter().rev().find(|(x, _)| *x <= at + SAME);
        let above = self.cells.iter().find(|(x, _)| *x >= at - SAME);
        let (Some(below), Some(above)) = (below, above) else { return none(Fate::Unmeasured) };
        let bad = |cell: &Cell| failed(cell) || cell.state == State::Unstable;
        let costs = |cell: &Cell| measure.costs(&cell.values).filter(|costs| !costs.is_empty());
        match (costs(below.1), costs(above.1), costs(self.best)) {
            (Some(low), Some(high), Some(best)) => {
                let share = if above.0 > below.0 { (at - below.0) / (above.0 - below.0) } else { 0.0 };
                let between =
                    low.iter().zip(&high).map(|(low, high)| low + share * (high - low)).collect::<Vec<f64>>();
                Move { lr, fate: Fate::Priced, price: excess(&between, &best, measure) }
            }
            _ if bad(above.1) || bad(below.1) => none(Fate::Cliff),
            _ => none(Fate::Unmeasured),
        }
    }
}

/// The largest batch size up to which all moves cost at most `free`.
fn free_to(rows: &[Row<'_>], moves: &[Vec<Move>], free: f64) -> Option<f64> {
    let dear = |moved: &Move| match moved.fate {
        Fate::Diverges => true,
        _ => moved.price.estimate.is_some_and(|price| price > free),
    };
    let cheap = |to: &usize| {
        let mut into = moves[..*to].iter().map(|row| &row[*to]);
        into.clone().any(|moved| moved.price.estimate.is_some()) && !into.any(dear)
    };
    (1..rows.len()).take_while(cheap).last().map(|to| rows[to].batch)
}

fn groups(rows: &[Row<'_>], moves: &[Vec<Move>], knee: Option<f64>) -> Vec<Group> {
    let sides: Vec<Option<bool>> = if knee.is_some() { vec![Some(false), Some(true)] } else { vec![None] };
    let group = |beyond: Option<bool>| {
        let upward = moves.iter().enumerate().flat_map(|(from, row)| row.iter().enumerate().skip(from + 1));
        let inside =
            |to: usize| knee.zip(beyond).is_none_or(|(knee, beyond)| (rows[to].batch > knee) == beyond);
        let all: Vec<&Move> = upward.filter(|(to, _)| inside(*to)).map(|(_, moved)| moved).collect();
        let mut prices: Vec<f64> = all
            .iter()
            .filter_map(|moved| match moved.fate {
                Fate::Diverges => Some(f64::INFINITY),
                _ => moved.price.estimate,
            })
            .collect();
        prices.sort_by(f64::total_cmp);
        let middle = [prices.len().saturating_sub(1) / 2, prices.len() / 2];
        let middle: Vec<f64> = middle.iter().filter_map(|index| prices.get(*index).copied()).collect();
        let median = (!middle.is_empty()).then(|| middle.iter().sum::<f64>() / middle.len() as f64);
        Group {
            beyond,
            known: prices.len(),
            diverging: prices.iter().filter(|price| price.is_infinite()).count(),
            median: median.filter(|price| price.is_finite()),
            unknown: all.len() - prices.len(),
        }
    };
    sides.into_iter().map(group).filter(|group| group.known + group.unknown > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{Made, diverged, until};

    /// Two seeds at each cell; the best rate is 0.1 at B=16 and 0.4 at B=64, and 1.6 diverges at both.
    fn study() -> Facts {
        let mut made = Made::new(&["lr=0.025,0.1,0.4,1.6", "batch=16,64"]).replicates(2);
        for (batch, values) in [(16, [0.3, 0.1, 0.2]), (64, [0.8, 0.2, 0.1])] {
            for (lr, value) in ["0.025", "0.1", "0.4"].iter().zip(values) {
                made = made.trial(&format!("lr={lr} batch={batch}"), &[value, value * 1.1]);
            }
            made = made.outcomes(&format!("lr=1.6 batch={batch}"), vec![diverged(1); 2]);
        }
        let record = made.record();
        crate::facts(&record)
    }

    #[test]
    fn each_rule_has_its_price() {
        let facts = study();
        let costs = super::facts(&facts).unwrap();
        let up = |rule: usize| costs.rules[rule].moves[0][1].clone();
        assert_eq!((costs.batches.as_slice(), costs.tuned.as_slice()), (&[16.0, 64.0][..], &[0.1, 0.4][..]));
        assert_eq!((up(0).fate, up(0).lr), (Fate::Priced, 0.4));
        assert!(up(0).price.estimate.unwrap().abs() < 1e-12, "linear is right here");
        // Half way in log η between 0.2 and 0.1: their geometric mean, √2 times the best.
        assert!((up(1).price.estimate.unwrap() - (2f64.sqrt() - 1.0)).abs() < 1e-9);
        assert!((up(2).price.estimate.unwrap() - 1.0).abs() < 1e-9);
        assert!((up(2).price.low.unwrap() - 1.0).abs() < 1e-9, "the seeds differ alike");
        assert_eq!(costs.rules[0].groups[0].median, Some(up(0).price.estimate.unwrap()));
    }

    #[test]
    fn nothing_is_priced_beyond_what_was_measured() {
        let facts = study();
        let measure = facts.measure;
        let row = Row::of(&facts, 64.0, facts.best_per_batch[1].cell.unwrap()).unwrap();
        let fate = |lr: f64| {
            let moved = row.carried(lr, &measure, "ratio less 1");
            (moved.fate, moved.price.estimate.is_some())
        };
        assert_eq!(fate(0.01), (Fate::Unmeasured, false));
        assert_eq!(fate(0.8), (Fate::Cliff, false));
        assert_eq!(fate(1.6), (Fate::Diverges, false));
        assert_eq!(fate(20.0), (Fate::Diverges, false));
        assert_eq!(fate(0.2), (Fate::Priced, true));
    }

    #[test]
    fn a_knee_parts_the_moves() {
        let record = until(&["batch=8..4096", "lr=0.125,0.25,0.5,1,2,4"], 150.0);
        let costs = facts(&crate::facts(&record)).unwrap();
        let linear = &costs.rules[0].groups;
        assert_eq!(linear.iter().map(|group| group.beyond).collect::<Vec<_>>(), [Some(false), Some(true)]);
        assert!(linear[0].median.is_some_and(|price| price < 0.3), "{linear:?}");
        assert!(2 * linear[1].diverging > linear[1].known, "{linear:?}");
    }
}
