//! Surfaces of made-up runs whose losses are known.

use super::super::measured::Laws;
use super::super::power::{Observation, PowerLaw};
use super::super::runs::{Location, Reached, Run};
use super::super::tried::Tests;
use super::*;
use crate::facts::Measure;

/// A number from −0.5 to 0.5.
fn noise(at: f64) -> f64 {
    ((at * 12.9898).sin() * 43758.5453).rem_euclid(1.0) - 0.5
}

/// Roughly normal, with a standard deviation of 1.
fn normal(at: f64) -> f64 {
    (0..12).map(|part| noise(at + 0.137 * f64::from(part))).sum()
}

const NOISE: f64 = 0.002;

fn names() -> Vec<String> {
    ["N", "D", "H"].map(str::to_owned).to_vec()
}

/// The logarithms of the best η and B: 2 N^-0.7 D^0.3 H^-0.2 (B/B*)^0.35 with B* = 0.03 D^0.6.
fn best(variables: &[f64], batch: f64) -> (f64, f64) {
    let of = |at: usize| variables.get(at).copied().unwrap_or(0.0);
    let best_batch = 0.03f64.ln() + 0.6 * of(1);
    let lr = 2f64.ln() - 0.7 * of(0) + 0.3 * of(1) - 0.2 * of(2) + 0.35 * (batch - best_batch);
    (lr, best_batch)
}

/// The logarithm of the loss without noise: a level with a floor, and a valley that is steeper to one side.
fn truth(at: &Location) -> f64 {
    let of = |index: usize| at.variables.get(index).copied().unwrap_or(0.0);
    let (lr, batch) = best(&at.variables, at.batch);
    let (x, y) = (at.lr - lr, at.batch - batch);
    let level = 1.7 + 400.0 * (-0.35 * of(0)).exp() + 400.0 * (-0.3 * of(1)).exp() + 0.02 * of(2);
    level.ln() + 0.006 * x * x + 0.002 * x.powi(3) + 0.002 * y * y * (1.0 - 0.1 * (of(1) - 22.0))
}

/// The runs of groups at these logarithms of variables: nine η half an octave apart by seven B an octave apart.
fn runs(groups: &[Vec<f64>], deviation: f64) -> Vec<Run> {
    let mut all = Vec::new();
    for (group, variables) in groups.iter().enumerate() {
        let best_batch = best(variables, 0.0).1;
        let own = |step: i32| {
            let (lr, batch) = (step / 7 - 4, step % 7 - 3);
            let batch = best_batch + f64::from(batch) * 2f64.ln();
            let lr = best(variables, batch).0 + 0.5 * f64::from(lr) * 2f64.ln();
            let at = Location { variables: variables.clone(), lr, batch };
            let cost = truth(&at) + deviation * normal((group * 1000) as f64 + f64::from(step));
            (at, cost)
        };
        let cells: Vec<(Location, f64)> = (0..63).map(own).collect();
        let lowest = cells.iter().map(|cell| cell.1).fold(f64::INFINITY, f64::min);
        all.extend(cells.into_iter().map(|(at, cost)| {
            let reached = Some(Reached { value: cost.exp(), cost, excess: cost - lowest });
            Run { group, at, reached }
        }));
    }
    all
}

/// Six N by four D.
fn groups() -> Vec<Vec<f64>> {
    let n = [1e7, 3e7, 6e7, 1e8, 3e8, 1e9];
    let of = |n: &f64| [1e9, 4e9, 1.6e10, 6.4e10].map(|d: f64| vec![n.ln(), d.ln()]);
    n.iter().flat_map(of).collect()
}

fn laws(groups: &[Vec<f64>]) -> Laws {
    let names = &names()[..groups[0].len()];
    let with_batch: Vec<String> = names.iter().cloned().chain(["B".to_owned()]).collect();
    let rate = |(group, variables): (usize, &Vec<f64>)| {
        let best_batch = best(variables, 0.0).1;
        [-1.0, 0.0, 1.0].map(|off| {
            let x = variables.iter().copied().chain([best_batch + off]).collect();
            Observation { group, x, y: best(variables, best_batch + off).0 + 0.01 * noise(off), error: 0.02 }
        })
    };
    let rates: Vec<Observation> = groups.iter().enumerate().flat_map(rate).collect();
    let size = |(group, variables): (usize, &Vec<f64>)| {
        let y = best(variables, 0.0).1;
        Observation { group, x: variables.clone(), y, error: 0.05 }
    };
    let sizes: Vec<Observation> = groups.iter().enumerate().map(size).collect();
    let lr = PowerLaw::through(&rates, &with_batch).unwrap();
    Laws { lr, batch: PowerLaw::through(&sizes, names) }
}

fn fit(runs: &[&Run], window: f64, groups: &[Vec<f64>]) -> Result<Surface, Unsupported> {
    Surface::fit(runs, Some(window), &names()[..groups[0].len()], &laws(groups))
}

#[test]
fn a_surface_predicts_the_groups_of_the_largest_model_left_out() {
    let groups = groups();
    let all = runs(&groups, NOISE);
    let (kept, out): (Vec<&Run>, Vec<&Run>) = all.iter().partition(|run| run.group < 20);
    let surface = fit(&kept, 0.05, &groups).unwrap();
    let loss = Measure { kind: crate::facts::Kind::Loss, ..Measure::RATIO };
    let trial = Tests::of(&surface, &out, &loss).trial(1.0);
    assert!(trial.r2.unwrap() > 0.98 && trial.r2_within.unwrap() > 0.8, "{trial:?}");
    let covered = trial.covered as f64 / trial.of as f64;
    assert!((0.85..=0.995).contains(&covered) && trial.of > 100, "{trial:?}");
    assert!(trial.regret.unwrap().worst < 0.01 && trial.proposed == 4, "{trial:?}");
    assert!((NOISE / 1.5..NOISE * 1.5).contains(&surface.scatter), "{}", surface.scatter);
    // Three times beyond the largest model, the level still falls, and its interval holds the truth.
    let variables = vec![3e9f64.ln(), 6.4e10f64.ln()];
    let batch = best(&variables, 0.0).1;
    let at = Location { lr: best(&variables, batch).0, batch, variables };
    let found = surface.at(&at);
    assert!(surface.form.bend > 0.0 && (found.cost - truth(&at)).abs() < found.reach, "{found:?}");
    assert!(found.reach < 0.05, "{found:?}");
}

#[test]
fn one_and_three_variables_have_surfaces() {
    let one: Vec<Vec<f64>> = (0..8).map(|at| vec![1e7f64.ln() + 0.6 * f64::from(at)]).collect();
    let three: Vec<Vec<f64>> = groups()
        .into_iter()
        .enumerate()
        .map(|(at, group)| group.into_iter().chain([(at % 3) as f64]).collect())
        .collect();
    for groups in [one, three] {
        let all = runs(&groups, NOISE);
        let surface = fit(&all.iter().collect::<Vec<_>>(), 0.05, &groups).unwrap();
        assert_eq!(surface.frame.variables.len(), groups[0].len());
        let off = all.iter().map(|run| (surface.at(&run.at).cost - truth(&run.at)).abs());
        let off = off.sum::<f64>() / all.len() as f64;
        assert!(off < 0.003, "{off}");
    }
}

#[test]
fn a_variable_that_follows_from_others_adds_nothing() {
    let groups: Vec<Vec<f64>> =
        (0..8).map(|at| 1e7f64.ln() + 0.6 * f64::from(at)).map(|n| vec![n, n + 3.0]).collect();
    let all = runs(&groups, NOISE);
    let surface = fit(&all.iter().collect::<Vec<_>>(), 0.05, &groups).unwrap();
    assert_eq!(surface.frame.variables.len(), 1);
}

#[test]
fn what_the_runs_do_not_support_is_refused_with_the_reason() {
    let groups = groups();
    let all = runs(&groups, NOISE);
    let some = |groups: usize| all.iter().filter(|run| run.group < groups).collect::<Vec<_>>();
    assert_eq!(fit(&some(4), 0.05, &groups).unwrap_err(), Unsupported::Groups(4));
    assert!(fit(&some(6), 0.05, &groups).is_ok());
    let few = fit(&some(6), 1e-5, &groups).unwrap_err();
    assert_eq!(few, Unsupported::Undetermined { runs: 6, groups: 6 });
    let laws = laws(&groups);
    let names = &names()[..2];
    assert_eq!(Surface::fit(&some(6), None, names, &laws).unwrap_err(), Unsupported::NoNoise);
    let without = Laws { batch: None, ..laws };
    assert_eq!(Surface::fit(&some(6), Some(0.05), names, &without).unwrap_err(), Unsupported::NoBatch);
}

#[test]
fn runs_far_from_the_laws_are_not_proposed() {
    let groups = groups();
    let all = runs(&groups, NOISE);
    let near: Vec<&Run> = all.iter().collect();
    let surface = fit(&near, 0.05, &groups).unwrap();
    let mut far = all[31].clone();
    far.at.lr += 20.0;
    assert!(
        surface.proposed([&far].into_iter()).is_none() && surface.proposed([&all[31]].into_iter()).is_some()
    );
}
