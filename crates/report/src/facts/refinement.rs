//! Which points to run next, so that the answer gets surer.

use sweep_settings::names;
use sweep_study::{Point, Study, Value};

use super::cells::Cell;
use super::estimate::Status;
use super::rate::{at_rate, but_rate};
use super::{Axes, BatchBest, Facts};

/// The ratio of two learning rates below which nothing between them is worth a run.
const CLOSE: f64 = 1.2;

/// The learning rates around a best one that show how wide its valley is, as factors.
const AROUND: [f64; 4] = [0.5, std::f64::consts::FRAC_1_SQRT_2, std::f64::consts::SQRT_2, 2.0];

/// The best point and those that cannot be distinguished from it, the best first, at most `most`, no two of them near
/// copies; those that are confirmed already are left out.
pub fn rivals(facts: &Facts, most: usize) -> Vec<Point> {
    let best = facts.best.as_ref().map(|best| best.cell);
    let measure = facts.measure;
    let there = |(index, cell): &(usize, &Cell)| cell.value.is_some() && (cell.tied || Some(*index) == best);
    let mut all: Vec<(usize, &Cell)> = facts.cells.iter().enumerate().filter(there).collect();
    all.sort_by(|a, b| measure.order(a.1.value, b.1.value));
    all.sort_by_key(|(index, _)| Some(*index) != best);
    let mut apart: Vec<&Cell> = Vec::new();
    for (_, cell) in all {
        if apart.len() < most && apart.iter().all(|other| !near_copies(&cell.params, &other.params)) {
            apart.push(cell);
        }
    }
    apart.into_iter().filter(|cell| !cell.confirmed).map(|cell| cell.params.clone()).collect()
}

/// Whether two points agree but for numbers that differ by less than [`CLOSE`].
fn near_copies(a: &Point, b: &Point) -> bool {
    a.0.len() == b.0.len()
        && a.0.iter().all(|(name, value)| match (value.number(), b.get(name).and_then(Value::number)) {
            (Some(one), Some(other)) => one == other || (one > 0.0 && (one / other).max(other / one) < CLOSE),
            _ => b.get(name) == Some(value),
        })
}

/// The points that were not confirmed and look better than the confirmed best, the best of them first, at most `most`;
/// without near copies of each other and of points that were confirmed, which only were luckier.
pub fn unsettled(facts: &Facts, most: usize) -> Vec<Point> {
    let Some(winner) = facts.best_cell().filter(|cell| cell.confirmed) else { return Vec::new() };
    let ahead = |cell: &&Cell| {
        let better = cell.value.zip(winner.value).is_some_and(|(a, b)| facts.measure.better(a, b));
        better && !cell.confirmed
    };
    let mut rivals: Vec<&Cell> = facts.cells.iter().filter(ahead).collect();
    rivals.sort_by(|a, b| facts.measure.order(a.value, b.value));
    let mut known: Vec<&Cell> = facts.cells.iter().filter(|cell| cell.confirmed).collect();
    let mut apart: Vec<Point> = Vec::new();
    for rival in rivals {
        if apart.len() < most && known.iter().all(|other| !near_copies(&rival.params, &other.params)) {
            known.push(rival);
            apart.push(rival.params.clone());
        }
    }
    apart
}

/// The best point, where it was confirmed, and those that are better by the smallest difference that matters or more on as many
/// fresh seeds, though not significantly, the best of them first, at most `most`; empty if there are none.
pub fn doubtful(facts: &Facts, most: usize) -> Vec<Point> {
    let Some(winner) = facts.best_cell().filter(|cell| cell.confirmed) else { return Vec::new() };
    let measure = facts.measure;
    let better = |cell: &&Cell| {
        let costs = |value: Option<f64>| value.and_then(|value| measure.cost(value));
        let lead = costs(winner.value).zip(costs(cell.value)).map(|(old, new)| old - new);
        cell.confirmed && cell.n == winner.n && lead.is_some_and(|lead| lead >= facts.noise.smallest)
    };
    let mut rivals: Vec<&Cell> = facts.cells.iter().filter(better).collect();
    if rivals.is_empty() {
        return Vec::new();
    }
    rivals.sort_by(|a, b| measure.order(a.value, b.value));
    std::iter::once(winner).chain(rivals).take(most).map(|cell| cell.params.clone()).collect()
}

/// The best point at learning rates around its own, for an interval of the best one; none where lr is not an axis.
pub fn around(study: &Study, facts: &Facts) -> Vec<Point> {
    let (Some(cell), true) = (facts.best_cell(), drawn(study, &facts.axes)) else { return Vec::new() };
    let Some(lr) = cell.lr else { return Vec::new() };
    AROUND.iter().map(|factor| at_rate(&cell.params, lr * factor)).collect()
}

/// For each batch size the learning rates halfway between its best and its neighbours on either side, or one step
/// beyond the border on which the best lies.
pub fn between(study: &Study, facts: &Facts) -> Vec<Point> {
    if !drawn(study, &facts.axes) {
        return Vec::new();
    }
    facts.best_per_batch.iter().flat_map(|row| beside(facts, row)).collect()
}

fn beside(facts: &Facts, row: &BatchBest) -> Vec<Point> {
    let Some(best) = row.cell.and_then(|index| facts.cells.get(index)) else { return Vec::new() };
    let Some(lr) = best.lr else { return Vec::new() };
    let same = |cell: &&Cell| but_rate(&cell.params) == but_rate(&best.params);
    let rates = || facts.cells.iter().filter(same).filter(|cell| cell.n > 0).filter_map(|cell| cell.lr);
    let below = rates().filter(|rate| *rate < lr).reduce(f64::max);
    let above = rates().filter(|rate| *rate > lr).reduce(f64::min);
    let step = below.map(|below| lr / below).or(above.map(|above| above / lr)).unwrap_or(2.0);
    let beyond = |neighbour: Option<f64>, factor: f64| match neighbour {
        Some(rate) => Some((rate * lr).sqrt()),
        None if row.lr.status == Status::Edge => Some(lr * factor),
        None => None,
    };
    let rates = [beyond(below, 1.0 / step), beyond(above, step)];
    let far = rates.into_iter().flatten().filter(|rate| (rate / lr).max(lr / rate) > CLOSE.sqrt());
    far.map(|rate| at_rate(&best.params, rate)).collect()
}

/// Whether points may have any learning rate.
fn drawn(study: &Study, axes: &Axes) -> bool {
    axes.lr && study.space.get(names::LR).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::Made;

    #[test]
    fn the_best_and_its_rivals_are_confirmed_the_best_first() {
        let made = Made::new(&["lr=0.1,0.2,0.4,0.8"]);
        let record = made.row(&["0.1", "0.2", "0.4", "0.8"], &[0.104, 0.1, 0.102, 0.3]).record();
        let facts = crate::facts(&record);
        let named = |most| rivals(&facts, most).iter().map(Point::to_string).collect::<Vec<_>>();
        assert_eq!(named(8), ["lr=0.2", "lr=0.4", "lr=0.1"]);
        assert_eq!(named(2), ["lr=0.2", "lr=0.4"]);
    }

    #[test]
    fn what_is_run_next_lies_beside_the_best_of_each_batch_size() {
        let record = Made::new(&["lr=0.1,0.2,0.4,0.8", "batch=16,32"])
            .trial("lr=0.1 batch=16", &[0.3])
            .trial("lr=0.2 batch=16", &[0.1])
            .trial("lr=0.4 batch=16", &[0.2])
            .trial("lr=0.8 batch=16", &[0.4])
            .trial("lr=0.1 batch=32", &[0.4])
            .trial("lr=0.2 batch=32", &[0.3])
            .trial("lr=0.4 batch=32", &[0.2])
            .trial("lr=0.8 batch=32", &[0.1])
            .record();
        let facts = crate::facts(&record);
        let named: Vec<String> = between(&record.study, &facts).iter().map(Point::to_string).collect();
        assert_eq!(named, ["batch=16 lr=0.141", "batch=16 lr=0.283", "batch=32 lr=0.566", "batch=32 lr=1.6"]);
        let around: Vec<String> = around(&record.study, &facts).iter().map(Point::to_string).collect();
        assert_eq!(around, ["batch=16 lr=0.1", "batch=16 lr=0.141", "batch=16 lr=0.283", "batch=16 lr=0.4"]);
    }
}
