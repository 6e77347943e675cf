//! Whether a best value lies on the border of what was tried, and how to continue beyond it.

use serde::Serialize;
use sweep_study::{Domain, Study, Value};

use super::cells::{Cell, State};

/// How near the end of an axis that is drawn at random (as a share of its length) a best value counts as on it.
const NEAR: f64 = 0.1;

/// The share of the length of an axis that is drawn at random by which a completed learning rate must lie beyond the
/// best to be another.
const BESIDE: f64 = 0.02;

/// A side of an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Its lower end.
    Low,
    /// Its upper end.
    High,
}

/// The sides on which nothing beyond `at` shows the best to be inside.
///
/// `row` holds the cells that differ from the best in the learning rate alone. A neighbour beyond bounds the best
/// whether it completed, diverged, got stuck, is unstable or was pruned; one that is missing or failed does not count.
/// On an axis drawn at random (`sampled`) only a best near the end of the axis itself counts as on the border, and only
/// where at least two draws came there: elsewhere the gap to the end is chance. There a completed rate about as high
/// adds nothing to the best itself. On a side where cells are still to be run nothing is known.
pub fn borders(row: &[&Cell], at: f64, domain: &Domain, sampled: bool) -> Vec<Side> {
    let counts = |cell: &&Cell| !matches!(cell.state, State::Missing | State::Failed | State::Infeasible);
    let from = place(domain, at);
    let far = |cell: &&Cell| {
        let to = cell.lr.and_then(|lr| place(domain, lr));
        let beside = from.zip(to).is_some_and(|(from, to)| (from - to).abs() < BESIDE);
        !(sampled && beside && cell.value.is_some())
    };
    let measured = || row.iter().copied().filter(|cell| counts(cell) && far(cell)).filter_map(|cell| cell.lr);
    let mut sides = Vec::new();
    if !measured().any(|lr| lr < at) && domain.beyond(false).is_some() {
        sides.push(Side::Low);
    }
    if !measured().any(|lr| lr > at) && domain.beyond(true).is_some() {
        sides.push(Side::High);
    }
    if sampled {
        let draws =
            |side: Side| row.iter().filter_map(|cell| cell.lr).filter(move |lr| near_end(domain, *lr, side));
        sides.retain(|side| near_end(domain, at, *side) && draws(*side).count() > 1);
    }
    sides.retain(|side| !is_waiting(row, at, *side));
    sides
}

/// Whether cells of a grid that lie on this side of `at` are still to be run, and none was.
pub fn is_waiting(row: &[&Cell], at: f64, side: Side) -> bool {
    let beyond = |cell: &&&Cell| match side {
        Side::Low => cell.lr.is_some_and(|lr| lr < at),
        Side::High => cell.lr.is_some_and(|lr| lr > at),
    };
    let mut there = row.iter().filter(beyond).peekable();
    there.peek().is_some() && there.all(|cell| cell.state == State::Missing)
}

/// Whether `at` is within a tenth of the axis of its end.
fn near_end(domain: &Domain, at: f64, side: Side) -> bool {
    place(domain, at).is_some_and(|place| match side {
        Side::Low => place <= NEAR,
        Side::High => place >= 1.0 - NEAR,
    })
}

/// Where `at` lies along an ordered axis, 0 at its lower end and 1 at its upper one.
fn place(domain: &Domain, at: f64) -> Option<f64> {
    let ((low, high), scale) = (ends(domain)?, domain.scale()?);
    Some((scale.line(at) - scale.line(low)) / (scale.line(high) - scale.line(low)))
}

/// The ends of an ordered axis.
pub fn ends(domain: &Domain) -> Option<(f64, f64)> {
    if let Domain::Interval { low, high, .. } = domain {
        return Some((*low, *high));
    }
    let mut numbers = domain.levels().iter().filter_map(Value::number);
    let first = numbers.next()?;
    Some((first, numbers.next_back().unwrap_or(first)))
}

/// Whether every point that was run diverged or got stuck, and the lowest learning rates diverged: only lower ones
/// promise more.
pub fn hopeless(cells: &[Cell]) -> bool {
    let run = || cells.iter().filter(|cell| cell.state != State::Missing);
    let lowest = run().filter_map(|cell| cell.lr).reduce(f64::min);
    let mut first = run().filter(|cell| cell.lr == lowest).peekable();
    first.peek().is_some()
        && first.all(|cell| cell.state == State::Diverged)
        && run().all(|cell| matches!(cell.state, State::Diverged | State::Stuck | State::Collapsed))
}

/// Whether the values of `domain` are drawn from a continuum rather than taken at levels.
pub fn is_sampled(study: &Study, domain: &Domain) -> bool {
    study.sampler != "grid" && !domain.finite()
}

#[cfg(test)]
mod tests {
    use crate::facts::{Side, Status, facts};
    use crate::fixtures::{Made, diverged, stuck};

    fn edge(made: Made) -> (Status, Vec<Side>, Vec<String>) {
        let facts = facts(&made.record());
        let row = &facts.best_per_batch[0];
        (row.lr.status, row.edge.clone(), facts.extend)
    }

    fn three() -> Made {
        Made::new(&["lr=0.01..0.1"])
    }

    #[test]
    fn the_last_level_is_an_edge_and_shows_how_to_continue() {
        let made = three().row(&["0.01", "0.022", "0.046", "0.1"], &[0.4, 0.3, 0.2, 0.1]);
        assert_eq!(edge(made), (Status::Edge, vec![Side::High], vec!["lr=..2.2".to_owned()]));
        let made = three().row(&["0.01", "0.022", "0.046", "0.1"], &[0.1, 0.2, 0.3, 0.4]);
        assert_eq!(edge(made), (Status::Edge, vec![Side::Low], vec!["lr=4.6e-4..".to_owned()]));
        let made = three().row(&["0.01", "0.022", "0.046", "0.1"], &[0.4, 0.2, 0.3, 0.4]);
        assert_eq!(edge(made), (Status::Ok, vec![], vec![]));
    }

    #[test]
    fn divergence_or_chance_beyond_closes_the_border() {
        let low = three().row(&["0.022", "0.046"], &[0.3, 0.2]);
        let made = low.outcomes("lr=0.1", vec![diverged(3)]).outcomes("lr=0.01", vec![stuck(2.3)]);
        assert_eq!(edge(made), (Status::Cliff, vec![], vec![]));
    }

    #[test]
    fn where_trials_are_still_to_be_run_no_border_is_named() {
        let made = three().row(&["0.01", "0.022"], &[0.3, 0.2]);
        assert_eq!(edge(made), (Status::Waiting, vec![], vec![]));
        let made = Made::new(&["lr=0.01,0.1,1", "batch=16,32"]).trial("lr=0.1 batch=16", &[0.3]);
        let rows: Vec<Status> =
            facts(&made.record()).best_per_batch.iter().map(|row| row.lr.status).collect();
        assert_eq!(rows, [Status::Waiting, Status::Waiting]);
    }

    #[test]
    fn both_sides_may_ask() {
        let made = Made::new(&["lr=0.01,0.1", "batch=16,32"])
            .trial("lr=0.01 batch=16", &[0.1])
            .trial("lr=0.1 batch=16", &[0.2])
            .trial("lr=0.01 batch=32", &[0.2])
            .trial("lr=0.1 batch=32", &[0.1]);
        assert_eq!(facts(&made.record()).extend, ["lr=0.001..1"]);
    }

    #[test]
    fn random_points_are_on_the_border_only_near_the_end_of_the_axis() {
        let random = |values: &[f64]| {
            edge(Made::new(&["lr=0.001..1"]).sampler("random").row(&["0.0015", "0.05", "0.3"], values))
        };
        assert_eq!(random(&[0.3, 0.2, 0.1]), (Status::Few, vec![], vec![]));
        assert_eq!(random(&[0.3, 0.1, 0.2]), (Status::Ok, vec![], vec![]));
        // One draw near the end is chance; two are a border.
        assert_eq!(random(&[0.1, 0.2, 0.3]), (Status::Few, vec![], vec![]));
        let two = |lrs: &[&str], values: &[f64]| {
            edge(Made::new(&["lr=0.001..1"]).sampler("random").row(lrs, values))
        };
        assert_eq!(
            two(&["0.0012", "0.0015", "0.05", "0.3"], &[0.1, 0.11, 0.2, 0.3]),
            (Status::Edge, vec![Side::Low], vec!["lr=4.6e-5..".to_owned()])
        );
        assert_eq!(
            two(&["0.01", "0.05", "0.7", "0.9"], &[0.3, 0.2, 0.15, 0.1]),
            (Status::Edge, vec![Side::High], vec!["lr=..22".to_owned()])
        );
        // Another rate as good as at the end bounds nothing, unless it diverged.
        let beside =
            Made::new(&["lr=0.001..1"]).sampler("random").row(&["0.01", "0.6", "0.99"], &[0.3, 0.15, 0.1]);
        assert_eq!(edge(beside.clone().row(&["1"], &[0.2])).0, Status::Edge);
        assert_ne!(edge(beside.outcomes("lr=1", vec![diverged(3)])).0, Status::Edge);
    }
}
