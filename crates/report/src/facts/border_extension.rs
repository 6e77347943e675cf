//! Beyond the borders of what was tried: the points that show whether a best value on the border is the best.

use sweep_settings::names::{self, SCHEDULE};
use sweep_settings::plain;
use sweep_study::{Point, Study, Value};

use super::Facts;
use super::axes::Axes;
use super::best::BatchBest;
use super::cells::{Cell, State};
use super::edge;
use super::edge::Side;
use super::estimate::Status;
use super::rate::{at_rate, but_rate, rate};

/// How far beyond a border learning rates are tried, as factors.
const BEYOND: [f64; 2] = [2.0, 4.0];

/// How far below the rates at which all trials diverged others are tried, as factors.
const BELOW: [f64; 2] = [10.0, 100.0];

/// The learning rates at a batch size beyond the border, as factors of the best one times the change of the batch size
/// to this power: the best rate stays at least and grows in proportion at most (S. McCandlish et al. 2018, eq. 2.6).
const SCALINGS: [f64; 2] = [0.0, 1.0];

/// The learning rates at which the other schedules are tried, as factors of the best one: a schedule that decays takes
/// about twice the constant rate.
const ACROSS: [f64; 2] = [1.0, 2.0];

/// Why points are added to those that were tried.
#[derive(Clone, Debug, PartialEq)]
pub enum BorderReason {
    /// The best learning rate of a batch size is the last tried on one side.
    Rate {
        /// The batch size in examples.
        batch: Option<f64>,
        /// The side.
        side: Side,
        /// The best learning rate.
        lr: f64,
    },
    /// Every learning rate tried diverged.
    Diverged {
        /// The lowest of them.
        lowest: f64,
    },
    /// The best batch size is the last tried on one side.
    Batch {
        /// The best batch size in examples.
        batch: f64,
        /// The side.
        side: Side,
        /// The next one beyond it.
        next: f64,
    },
    /// Other schedules were not tried where the best point lies.
    Schedule {
        /// The schedule of the best point.
        best: String,
        /// Those that are added.
        others: Vec<String>,
    },
}

/// Points beyond a border on which a best value lies.
#[derive(Clone, Debug, PartialEq)]
pub struct BorderExtension {
    /// What lies on which border.
    pub reason: BorderReason,
    /// The points that are added, none run before.
    pub points: Vec<Point>,
}

/// The axes of the `sweep extend` command that moves every border on which a best learning rate lies: one text that
/// widens `lr` on the sides that ask for it. Empty when none does, or when the study has not reached the axis' own end
/// yet. Where nothing completed and low rates diverged, it continues downward.
pub fn border_axes(study: &Study, axes: &Axes, cells: &[Cell], rows: &[BatchBest]) -> Vec<String> {
    let Some(domain) = study.space.get(names::LR).map(|axis| &axis.domain).filter(|_| axes.lr) else {
        return Vec::new();
    };
    let sampled = edge::is_sampled(study, domain);
    let asks = |side: Side| {
        rows.iter().filter(|row| row.edge.contains(&side)).any(|row| {
            row.border.is_some_and(|at| {
                sampled
                    || edge::ends(domain)
                        .is_some_and(|(low, high)| if side == Side::Low { at <= low } else { at >= high })
            })
        })
    };
    let hopeless = edge::hopeless(cells);
    let reach = |side: Side| {
        let end = if asks(side) || (hopeless && side == Side::Low) {
            domain.beyond(side == Side::High)
        } else {
            None
        };
        end.map(plain).unwrap_or_default()
    };
    let (low, high) = (reach(Side::Low), reach(Side::High));
    if low.is_empty() && high.is_empty() { Vec::new() } else { vec![format!("lr={low}..{high}")] }
}

/// The points to run so that the best learning rate of each batch size, and the best batch size, lie inside of what was
/// tried: that of the best point first, then by batch size. Empty when all lie inside.
///
/// A batch size is judged by its best schedule (or agent), and only where two learning rates completed and one is
/// better; one alone gives no direction. Batch sizes are compared once the best learning rate lies inside.
pub fn beyond(study: &Study, facts: &Facts) -> Vec<BorderExtension> {
    let mut all: Vec<BorderExtension> = Vec::new();
    if facts.axes.lr && edge::hopeless(&facts.cells) {
        all.extend(below(facts));
    }
    let best = facts.best.as_ref().map(|best| best.cell);
    let mut rows = at_each_batch(facts);
    rows.sort_by_key(|row| row.cell != best);
    for row in rows.iter().filter(|row| row.lr.status == Status::Edge && (row.cell == best || row.lr.n > 1)) {
        all.extend(row.edge.iter().filter_map(|side| rates(facts, row, *side)));
    }
    let open = rows.iter().any(|row| row.cell == best && row.lr.status == Status::Edge);
    let sides: &[Side] = if open { &[] } else { &[Side::Low, Side::High] };
    all.extend(sides.iter().filter_map(|side| batches(study, facts, *side)));
    all
}

/// The best point under each other schedule, at its learning rate and at twice that: a search that found one good point
/// early may never have tried the others there. `None` where all were, where no schedule is an axis, or once points are
/// confirmed.
pub fn across(study: &Study, facts: &Facts) -> Option<BorderExtension> {
    let cell = facts.best_cell().filter(|cell| !cell.confirmed)?;
    let levels = study.space.get(SCHEDULE)?.domain.levels();
    let (own, lr) = (cell.params.get(SCHEDULE)?, rate(&cell.params)?);
    // A schedule with parameters of its own is not a single point.
    let single = |level: &&Value| {
        let whens = study.space.parameters.iter().filter_map(|parameter| parameter.when.as_ref());
        *level != own
            && !whens.into_iter().any(|(of, words)| of == SCHEDULE && words.contains(&level.to_string()))
    };
    let at = |level: &Value, factor: f64| {
        let mut point = at_rate(&cell.params, lr * factor);
        point.0.insert(SCHEDULE.to_owned(), level.clone());
        point
    };
    let near = |point: &Point| facts.cells.iter().any(|other| other.n > 0 && is_near(&other.params, point));
    let points = levels.iter().filter(single).flat_map(|level| ACROSS.map(|factor| at(level, factor)));
    let points: Vec<Point> = points.filter(|point| !near(point)).collect();
    if points.is_empty() {
        return None;
    }
    let mut tried: Vec<&Value> = points.iter().filter_map(|point| point.get(SCHEDULE)).collect();
    tried.dedup();
    let others = tried.iter().map(ToString::to_string).collect();
    Some(BorderExtension { reason: BorderReason::Schedule { best: own.to_string(), others }, points })
}

/// Whether two points differ in the learning rate alone, by less than a factor √2.
fn is_near(one: &Point, other: &Point) -> bool {
    let ratio = rate(one).zip(rate(other)).map_or(1.0, |(a, b)| (a / b).max(b / a));
    ratio <= std::f64::consts::SQRT_2 && but_rate(one) == but_rate(other)
}

/// The best row of each batch size, batch sizes rising.
fn at_each_batch(facts: &Facts) -> Vec<&BatchBest> {
    let measure = facts.measure;
    let mut rows: Vec<&BatchBest> = Vec::new();
    for row in &facts.best_per_batch {
        match rows.iter_mut().find(|other| other.batch == row.batch) {
            Some(other) if measure.order(row.value, other.value).is_lt() => *other = row,
            Some(_) => (),
            None => rows.push(row),
        }
    }
    rows.sort_by(|a, b| a.batch.unwrap_or(f64::INFINITY).total_cmp(&b.batch.unwrap_or(f64::INFINITY)));
    rows
}

/// Learning rates beyond the border on which the best of `row` lies.
fn rates(facts: &Facts, row: &BatchBest, side: Side) -> Option<BorderExtension> {
    let cell = facts.cells.get(row.cell?)?;
    let lr = cell.lr?;
    let rate = |factor: &f64| if side == Side::High { lr * factor } else { lr / factor };
    let points: Vec<Point> = BEYOND.iter().map(|factor| at_rate(&cell.params, rate(factor))).collect();
    let points = untried(facts, points)?;
    Some(BorderExtension { reason: BorderReason::Rate { batch: row.batch, side, lr }, points })
}

/// Learning rates far below the lowest, where every trial diverged.
fn below(facts: &Facts) -> Option<BorderExtension> {
    let run = facts.cells.iter().filter(|cell| cell.state == State::Diverged && cell.lr.is_some());
    let lowest = run.min_by(|a, b| a.lr.unwrap_or(f64::NAN).total_cmp(&b.lr.unwrap_or(f64::NAN)))?;
    let lr = lowest.lr?;
    let points = untried(facts, BELOW.iter().map(|factor| at_rate(&lowest.params, lr / factor)).collect())?;
    Some(BorderExtension { reason: BorderReason::Diverged { lowest: lr }, points })
}

/// The next batch size beyond the border, where the best point lies on it; half the lowest or twice the highest, within
/// the training part.
fn batches(study: &Study, facts: &Facts, side: Side) -> Option<BorderExtension> {
    let cell = facts.best_cell()?;
    let (axis, batch) = (study.space.get(names::BATCH)?, cell.batch?);
    axis.domain.scale().filter(|_| axis.domain.levels().len() > 1)?;
    let beyond = |other: f64| if side == Side::High { other > batch } else { other < batch };
    let ran = |cell: &&Cell| !matches!(cell.state, State::Missing | State::Failed);
    let tried = facts.cells.iter().filter(ran).filter_map(|cell| cell.batch);
    let levels = axis.domain.levels().iter().filter_map(Value::number);
    if tried.chain(levels).any(beyond) {
        return None;
    }
    let factor = if side == Side::High { 2.0 } else { 0.5 };
    let next = (batch * factor).floor();
    if next < 1.0 || (study.train_examples > 0 && next > study.train_examples as f64) {
        return None;
    }
    let at = |scaling: &f64| {
        let scaled = |lr| at_rate(&cell.params, lr * factor.powf(*scaling));
        let mut point = rate(&cell.params).map_or_else(|| cell.params.clone(), scaled);
        point.0.insert(names::BATCH.to_owned(), Value::Int(next as i64));
        point
    };
    let mut points: Vec<Point> = SCALINGS.iter().map(at).collect();
    points.dedup();
    let points = untried(facts, points)?;
    Some(BorderExtension { reason: BorderReason::Batch { batch, side, next }, points })
}

/// Those of `points` not measured yet; `None` where there are none.
fn untried(facts: &Facts, mut points: Vec<Point>) -> Option<Vec<Point>> {
    points.retain(|point| !facts.cells.iter().any(|cell| cell.n > 0 && cell.params == *point));
    (!points.is_empty()).then_some(points)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{Made, diverged};
    use crate::verdict::reason;

    fn widened(made: Made) -> Vec<(String, Vec<String>)> {
        let record = made.record();
        let all = beyond(&record.study, &crate::facts(&record)).into_iter();
        all.map(|widening| {
            (reason(&record.study, &widening), widening.points.iter().map(Point::to_string).collect())
        })
        .collect()
    }

    /// Rates rising at two batch sizes; the first is the better.
    fn rising() -> Made {
        Made::new(&["batch=32,64,128", "lr=0.025,0.05,0.1"])
            .trial("batch=64 lr=0.025", &[0.4])
            .trial("batch=64 lr=0.05", &[0.3])
            .trial("batch=64 lr=0.1", &[0.1])
            .trial("batch=32 lr=0.05", &[0.4])
            .trial("batch=32 lr=0.1", &[0.3])
    }

    #[test]
    fn the_best_rate_on_the_border_is_followed_beyond_it() {
        let made = rising();
        let all = widened(made.clone());
        assert_eq!(all[0].0, "The best η at B = 64 is the highest tried, 0.1; adding 0.2 and 0.4.");
        assert_eq!(all[0].1, ["batch=64 lr=0.2", "batch=64 lr=0.4"]);
        assert_eq!(all[1].1, ["batch=32 lr=0.2", "batch=32 lr=0.4"]);
        assert_eq!(all.len(), 2, "batch sizes beyond 64 are on the axis, only not run yet: {all:?}");
        // A border is closed by a rate beyond it that is worse or diverged.
        let closed = made.trial("batch=64 lr=0.2", &[0.2]).outcomes("batch=32 lr=0.2", vec![diverged(3)]);
        assert_eq!(widened(closed), []);
    }

    #[test]
    fn a_single_rate_counts_only_if_it_is_the_best() {
        let made = Made::new(&["batch=16,32,64", "lr=0.1,0.2"]).sampler("random");
        let all = widened(made.trial("batch=16 lr=0.2", &[0.5]).trial("batch=32 lr=0.2", &[0.1]));
        assert_eq!(all[0].1, ["batch=32 lr=0.1", "batch=32 lr=0.05"]);
        assert!(all.iter().all(|(_, points)| points.iter().all(|p| p.contains("batch=32"))), "{all:?}");
    }

    #[test]
    fn the_best_batch_size_on_the_border_is_followed_too() {
        let made = Made::new(&["batch=16,32", "lr=0.1,0.2,0.4"])
            .trial("batch=16 lr=0.1", &[0.4])
            .trial("batch=16 lr=0.2", &[0.3])
            .trial("batch=16 lr=0.4", &[0.35])
            .trial("batch=32 lr=0.1", &[0.3])
            .trial("batch=32 lr=0.2", &[0.1])
            .trial("batch=32 lr=0.4", &[0.2]);
        let all = widened(made.clone());
        assert_eq!(
            all,
            [(
                "The best batch size is the largest tried, 32; adding B = 64 at η = 0.2 and 0.4.".to_owned(),
                vec!["batch=64 lr=0.2".to_owned(), "batch=64 lr=0.4".to_owned()]
            )]
        );
        let beyond = made.trial("batch=64 lr=0.2", &[0.2]);
        assert_eq!(widened(beyond), []);
        let one = Made::new(&["batch=1", "lr=0.1,0.2,0.4"]).row(&["0.1", "0.2", "0.4"], &[0.3, 0.1, 0.2]);
        assert_eq!(widened(one), [], "a batch size that is fixed stays");
    }

    #[test]
    fn the_other_schedules_are_tried_where_one_was_good() {
        let made = Made::new(&["schedule=constant,cosine,step", "lr=0.1,0.2,0.4"])
            .trial("lr=0.1 schedule=constant", &[0.4])
            .trial("lr=0.2 schedule=constant", &[0.1])
            .trial("lr=0.4 schedule=constant", &[0.3])
            .trial("lr=0.4 schedule=cosine", &[0.3]);
        let across = |made: &Made| {
            let record = made.clone().record();
            across(&record.study, &crate::facts(&record))
        };
        let found = across(&made).unwrap();
        assert_eq!(
            reason(&made.clone().record().study, &found),
            "The best so far has schedule=constant; trying cosine and step there."
        );
        let points: Vec<String> = found.points.iter().map(Point::to_string).collect();
        assert_eq!(points, ["lr=0.2 schedule=cosine", "lr=0.2 schedule=step", "lr=0.4 schedule=step"]);
        let all = ["lr=0.2 schedule=cosine", "lr=0.2 schedule=step", "lr=0.4 schedule=step"];
        let tried = all.iter().fold(made, |made, point| made.trial(point, &[0.5]));
        assert_eq!(across(&tried), None);
    }

    #[test]
    fn where_all_diverged_it_goes_far_down() {
        let made = Made::new(&["lr=0.1,1"])
            .outcomes("lr=0.1", vec![diverged(1)])
            .outcomes("lr=1", vec![diverged(1)]);
        let all = widened(made);
        assert_eq!(all[0].0, "Every η tried diverged, down to 0.1; adding 0.01 and 0.001.");
        assert_eq!(all[0].1, ["lr=0.01", "lr=0.001"]);
    }
}
