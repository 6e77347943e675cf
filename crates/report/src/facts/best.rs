//! The best point of a study, and the best learning rate of each batch size.

use serde::Serialize;
use sweep_settings::names;
use sweep_stats::Mean;
use sweep_stats::distribution::student_tail;
use sweep_study::{Point, Study, Value};

use super::cells::{Cell, State};
use super::edge::{Side, borders, is_sampled, is_waiting};
use super::estimate::{Estimate, Status};
use super::measure::Measure;
use super::optimum;
use super::optimum::Near;
use super::valleys::Valleys;

/// The best point measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Best {
    /// The point.
    pub params: Point,
    /// The numbers of its trials.
    pub trials: Vec<u64>,
    /// The metric of `value`.
    pub metric: String,
    /// Its mean over replicates.
    pub value: f64,
    /// The standard error of the mean; `None` without replicates.
    pub stderr: Option<f64>,
    /// How many replicates the mean is of.
    pub n: usize,
    /// Which of the facts' cells it is.
    #[serde(skip)]
    pub cell: usize,
}

/// The best learning rate at one batch size of one panel, an estimate, and the cell in which it was measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BatchBest {
    /// The panel; `None` where neither agent nor schedule is an axis.
    pub panel: Option<String>,
    /// The batch size in examples.
    pub batch: Option<f64>,
    /// The best learning rate.
    #[serde(flatten)]
    pub lr: Estimate,
    /// The learning rates about as good, where the best has an interval.
    pub near: Option<Near>,
    /// The sides of the axis on whose border the best lies; empty unless the status is EDGE.
    pub edge: Vec<Side>,
    /// The learning rate of that border.
    pub border: Option<f64>,
    /// The value in the best cell measured, be it on the border or not.
    pub value: Option<f64>,
    /// The standard error of `value`.
    pub stderr: Option<f64>,
    /// The best cell measured, as an index into the cells.
    pub cell: Option<usize>,
}

/// The best cell among those at `candidates`; the first where several are level.
fn best_of(cells: &[Cell], candidates: impl Iterator<Item = usize>, measure: &Measure) -> Option<usize> {
    let value = |index: usize| cells.get(index).and_then(|cell| cell.value);
    candidates.filter(|index| value(*index).is_some()).reduce(|best, index| {
        match (value(index), value(best)) {
            (Some(new), Some(old)) if measure.better(new, old) => index,
            _ => best,
        }
    })
}

/// The best point of the study; `None` when no point completed. Where points were confirmed on fresh seeds it is one of
/// these: the search's own best, unless another is significantly better on the fresh seeds. So the figure that is
/// reported is not the best of several, which would be too optimistic.
pub fn best(study: &Study, cells: &[Cell], measure: &Measure) -> Option<Best> {
    let index = winner(cells, &(0..cells.len()).collect::<Vec<_>>(), measure)?;
    let cell = cells.get(index)?;
    Some(Best {
        params: study.params(&cell.params),
        trials: cell.trials.clone(),
        metric: study.goal.metric.clone(),
        value: cell.value?,
        stderr: cell.stderr,
        n: cell.n,
        cell: index,
    })
}

/// The chance of taking a rival of a confirmed winner for better than it is, over all rivals.
const DOUBT: f64 = 0.01;

/// The best of the cells at `candidates`: of those that were confirmed and completed, if there are any.
fn winner(cells: &[Cell], candidates: &[usize], measure: &Measure) -> Option<usize> {
    let confirmed = |index: &usize| cells[*index].confirmed && cells[*index].value.is_some();
    let all: Vec<usize> = candidates.iter().copied().filter(confirmed).collect();
    let chosen = |index: usize| cells[index].chosen_by;
    let first = all.iter().copied().reduce(|best, index| match (chosen(index), chosen(best)) {
        (Some(new), Some(old)) if measure.better(new, old) => index,
        (Some(_), None) => index,
        _ => best,
    });
    let Some(winner) = first else { return best_of(cells, candidates.iter().copied(), measure) };
    let rivals = all.iter().copied().filter(|index| *index != winner);
    let beyond_doubt = rivals.filter(|index| {
        let pairs = cells[*index].values.iter().zip(&cells[winner].values);
        let lead = pairs.map(|(rival, winner)| Some(measure.cost((*winner)?)? - measure.cost((*rival)?)?));
        let lead: Option<Vec<f64>> = lead.collect();
        lead.is_some_and(|lead| above_zero(&lead) < DOUBT / (all.len() - 1) as f64)
    });
    Some(best_of(cells, beyond_doubt, measure).unwrap_or(winner))
}

/// The chance of a mean as high as that of `values`, were the true one zero (one-sided t test); 1 below two values.
fn above_zero(values: &[f64]) -> f64 {
    let Some(Mean { value, stderr: Some(stderr), .. }) = sweep_stats::mean(values, None) else { return 1.0 };
    if stderr > 0.0 { student_tail(value / stderr, values.len() as f64 - 1.0) } else { 1.0 }
}

/// The best learning rate of each batch size in each panel: panels in the order of the cells, batch sizes rising.
pub fn per_batch(
    study: &Study,
    cells: &[Cell],
    valleys: &Valleys,
    margin: f64,
    measure: &Measure,
) -> Vec<BatchBest> {
    if study.space.get(names::LR).is_none() {
        return Vec::new();
    }
    let mut rows: Vec<(Option<String>, Option<f64>)> = Vec::new();
    for cell in cells {
        let row = (cell.panel.clone(), cell.batch);
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    let panels: Vec<Option<String>> = rows.iter().map(|row| row.0.clone()).collect();
    let first = |panel: &Option<String>| panels.iter().position(|other| other == panel);
    rows.sort_by(|a, b| {
        let batch = |row: &(Option<String>, Option<f64>)| row.1.unwrap_or(f64::INFINITY);
        first(&a.0).cmp(&first(&b.0)).then(batch(a).total_cmp(&batch(b)))
    });
    rows.into_iter()
        .map(|(panel, batch)| batch_best(study, cells, (valleys, margin), measure, panel, batch))
        .collect()
}

fn batch_best(
    study: &Study,
    cells: &[Cell],
    (valleys, margin): (&Valleys, f64),
    measure: &Measure,
    panel: Option<String>,
    batch: Option<f64>,
) -> BatchBest {
    let own =
        |index: &usize| cells.get(*index).is_some_and(|cell| cell.panel == panel && cell.batch == batch);
    let index = winner(cells, &(0..cells.len()).filter(own).collect::<Vec<_>>(), measure);
    let best = index.and_then(|index| cells.get(index));
    let (mut lr, mut near, mut edge) = (Estimate::none("learning rate", 0, Status::None), None, Vec::new());
    if let (Some(at), Some(best), Some(axis)) = (index, best, study.space.get(names::LR)) {
        let row: Vec<&Cell> = cells.iter().filter(|cell| differs_in_lr_alone(cell, best)).collect();
        let sampled = is_sampled(study, &axis.domain);
        edge = borders(&row, best.lr.unwrap_or(f64::NAN), &axis.domain, sampled);
        let n = row.iter().map(|cell| cell.n_usable).sum();
        let at_rate = best.lr.unwrap_or(f64::NAN);
        let waiting = [Side::Low, Side::High].into_iter().any(|side| is_waiting(&row, at_rate, side));
        (lr, near) = if waiting {
            (Estimate::none("learning rate", n, Status::Waiting), None)
        } else if !edge.is_empty() {
            (Estimate::none("learning rate", n, Status::Edge), None)
        } else if sampled && !bracketed(&row, best) {
            (Estimate::none("learning rate", n, Status::Few), None)
        } else {
            optimum::estimate(&row, at, best, valleys, margin)
        };
    }
    if index.is_none()
        && cells.iter().enumerate().any(|(index, cell)| own(&index) && cell.state == State::Missing)
    {
        lr.status = Status::Waiting;
    }
    let border = best.and_then(|cell| cell.lr).filter(|_| lr.status == Status::Edge);
    BatchBest {
        panel,
        batch,
        lr,
        near,
        border,
        edge,
        value: best.and_then(|cell| cell.value),
        stderr: best.and_then(|cell| cell.stderr),
        cell: index,
    }
}

/// Whether a usable learning rate was measured on either side of the best. On a grid the levels see to that; draws at
/// random leave gaps that may hold a better one.
fn bracketed(row: &[&Cell], best: &Cell) -> bool {
    let usable = || row.iter().filter(|cell| cell.value.is_some()).filter_map(|cell| cell.lr.zip(best.lr));
    usable().any(|(lr, best)| lr < best) && usable().any(|(lr, best)| lr > best)
}

/// Whether two points agree in every parameter but the learning rate.
pub fn differs_in_lr_alone(a: &Cell, b: &Cell) -> bool {
    fn rest(cell: &Cell) -> impl Iterator<Item = (&String, &Value)> {
        cell.params.0.iter().filter(|(name, _)| name.as_str() != names::LR)
    }
    rest(a).eq(rest(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts;
    use crate::facts::refinement;
    use crate::fixtures::{Made, diverged};
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use rand_distr::{Distribution, StandardNormal};

    fn grid() -> Made {
        let mut made = Made::new(&["batch=16,32", "lr=0.01,0.1,1"]);
        for (batch, values) in [(16, [0.4, 0.1, 0.3]), (32, [0.5, 0.2, 0.11])] {
            for (lr, value) in ["0.01", "0.1", "1"].iter().zip(values) {
                made = made.trial(&format!("batch={batch} lr={lr}"), &[value]);
            }
        }
        made
    }

    /// Twenty-eight equal points; the best by one seed is confirmed with its rivals on five fresh seeds.
    fn confirmed_study(chance: &mut ChaCha8Rng) -> (f64, bool) {
        let mut loss = || {
            let deviation: f64 = StandardNormal.sample(chance);
            (0.1 * deviation).exp()
        };
        let lrs: Vec<String> = (1..=28).map(|lr| lr.to_string()).collect();
        let axis = format!("lr={}", lrs.join(","));
        let mut made = Made::new(&[&axis]);
        for lr in &lrs {
            made = made.trial(&format!("lr={lr}"), &[loss()]);
        }
        let record = made.clone().record();
        let rivals = refinement::rivals(&facts(&record), 8);
        for point in &rivals {
            made = made.confirmed(&point.to_string(), (0..5).map(|_| loss()).collect());
        }
        let best = facts(&made.record()).best.unwrap();
        (best.value.ln() / 0.1, best.params == rivals[0])
    }

    #[test]
    fn a_confirmed_winner_is_not_flattered_by_its_luck() {
        let mut chance = ChaCha8Rng::seed_from_u64(3);
        let studies: Vec<(f64, bool)> = (0..400).map(|_| confirmed_study(&mut chance)).collect();
        let bias = studies.iter().map(|(value, _)| value).sum::<f64>() / 400.0;
        // Without confirmation it is −2 standard deviations of a seed; its own chance here is 0.022.
        assert!(bias.abs() < 0.05, "{bias}");
        let replaced = studies.iter().filter(|(_, first)| !first).count();
        assert!(replaced <= 12, "{replaced} of 400 winners were replaced by rivals that are not better");
    }

    #[test]
    fn the_best_is_found_whichever_way_is_better() {
        let record = grid().record();
        let best = facts(&record).best.unwrap();
        assert_eq!((best.value, best.trials.as_slice(), best.n), (0.1, &[1][..], 1));
        assert_eq!(best.params.to_string(), "batch=16 lr=0.1");
        let best = facts(&grid().maximize("val_accuracy").record()).best.unwrap();
        assert_eq!((best.value, best.trials.as_slice()), (0.5, &[3][..]));
    }

    #[test]
    fn each_batch_size_has_its_own_best() {
        let facts = facts(&grid().record());
        let [small, large] = facts.best_per_batch.as_slice() else { panic!("two batch sizes") };
        assert_eq!((small.batch, small.lr.estimate, small.lr.status), (Some(16.0), Some(0.1), Status::Ok));
        assert_eq!((large.lr.estimate, large.lr.status), (None, Status::Edge));
        assert_eq!(
            (large.border, large.value, large.edge.as_slice()),
            (Some(1.0), Some(0.11), &[Side::High][..])
        );
    }

    #[test]
    fn nothing_usable_is_no_estimate() {
        let record = Made::new(&["lr=0.1,1"])
            .outcomes("lr=0.1", vec![diverged(1)])
            .outcomes("lr=1", vec![diverged(1)])
            .record();
        let facts = facts(&record);
        let row = &facts.best_per_batch[0];
        assert_eq!((row.lr.status, row.value, row.cell), (Status::None, None, None));
        assert_eq!(facts.extend, ["lr=0.01.."]);
    }

    #[test]
    fn few_random_draws_name_no_best() {
        let made = Made::new(&["lr=0.001..1"]).sampler("random").row(&["0.01", "0.1"], &[0.3, 0.1]);
        assert_eq!(facts(&made.record()).best_per_batch[0].lr.status, Status::Few);
    }
}
