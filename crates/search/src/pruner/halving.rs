//! Successive halving: without waiting for a rung to fill (ASHA), and from several first rungs at once (Hyperband).

use super::{Entry, Field, Pruner, Setting, Standing, Values, Verdict};

const ETA: Setting = Setting {
    name: "eta",
    help: "reduction factor: one trial in eta continues at each rung",
    default: Some(3.0),
    low: 1.5,
    high: 100.0,
};

const COOL_DOWN: Setting = Setting {
    name: "cool_down",
    help: "under a decaying schedule, compare after a cool-down of this share of the steps so far; 0 for none",
    default: Some(0.25),
    low: 0.0,
    high: 1.0,
};

const HALVINGS: Setting = Setting {
    name: "rungs",
    help: "number of rungs (shares of the budget at which trials are compared), including the end",
    default: Some(3.0),
    low: 2.0,
    high: 10.0,
};

const BRACKETS: Setting =
    Setting { help: "number of rungs, which is also the number of brackets", ..HALVINGS };

const STOPS: Setting = Setting {
    name: "stops",
    help: "1: a trial that is not promoted at once ends instead of waiting",
    default: Some(0.0),
    low: 0.0,
    high: 1.0,
};

/// The table entry of ASHA.
pub const ASHA: Entry = Entry {
    name: "asha",
    help: "successive halving: the best 1/eta of the trials continue at each rung",
    command: Some("Random points; the best third continue at each rung of the budget"),
    asynchronous: false,
    settings: &[ETA, HALVINGS, STOPS, COOL_DOWN],
    new: |values| Box::new(asha(values)),
};

/// The table entry of ASHA in a study whose proposals wait for no trial.
pub const ASHA_ASYNC: Entry = Entry {
    name: "asha-async",
    help: "asha without waiting for running trials: not reproducible",
    command: None,
    asynchronous: true,
    ..ASHA
};

/// The table entry of Hyperband.
pub const HYPERBAND: Entry = Entry {
    name: "hyperband",
    help: "successive halving in several brackets, which start at different rungs",
    command: Some("Random points, halved in brackets that start at different rungs"),
    asynchronous: false,
    settings: &[ETA, BRACKETS, COOL_DOWN],
    new: |values| Box::new(hyperband(values)),
};

fn asha(values: &Values) -> Halving {
    let halving =
        Halving::asha(values.number("eta"), values.count("rungs")).cooling(values.number("cool_down"));
    if values.number("stops") >= 0.5 { halving.stopping() } else { halving }
}

fn hyperband(values: &Values) -> Halving {
    Halving::hyperband(values.number("eta"), values.count("rungs")).cooling(values.number("cool_down"))
}

/// A trial continues as soon as it is among the best 1/η of the trials that reached its rung, and waits until then (Li
/// et al. 2020, MLSys, algorithm 2). When no more trials will come, the best trial of a rung continues even if 1/η of
/// the rung is less than one, so that some trial completes. Brackets begin at different rungs and halve independently.
pub struct Halving {
    eta: f64,
    rungs: Vec<f64>,
    /// The first rung of each point of a round.
    round: Vec<usize>,
    /// Whether a trial that is not promoted at once ends.
    stops: bool,
    /// The length of the cool-downs, see [`Pruner::cool_down`].
    cool_down: f64,
}

impl Halving {
    /// ASHA: one bracket that keeps 1 of `eta` at each of `count` rungs but the last.
    pub fn asha(eta: f64, count: usize) -> Halving {
        Halving { eta, rungs: rungs(eta, count), round: vec![0], stops: false, cool_down: 0.0 }
    }

    /// The stopping form of ASHA: a trial that is not among the best 1/η when it reaches a rung ends, so no trial waits
    /// or is resumed. The first trials at a rung continue, because there is nothing to compare them with.
    pub fn stopping(self) -> Halving {
        Halving { stops: true, ..self }
    }

    /// The same, comparing after cool-downs of this `share` of the steps so far.
    pub fn cooling(self, share: f64) -> Halving {
        Halving { cool_down: share, ..self }
    }

    /// Hyperband (Li et al. 2018, JMLR 18): `count` brackets. Their sizes are those of the authors' code,
    /// ⌊(s_max+1)/(s+1)⌋·ηˢ (81, 27, 9, 6, 5 for a budget of 81 and η = 3; the printed formula rounds after the
    /// product); points are distributed in these proportions from the first one.
    pub fn hyperband(eta: f64, count: usize) -> Halving {
        let round = dealt(&sizes(eta, count));
        Halving { eta, rungs: rungs(eta, count), round, stops: false, cool_down: 0.0 }
    }
}

impl Pruner for Halving {
    fn rungs(&self) -> &[f64] {
        &self.rungs
    }

    fn first(&self, point: u64) -> usize {
        self.round.get((point % self.round.len().max(1) as u64) as usize).copied().unwrap_or(0)
    }

    fn cool_down(&self) -> f64 {
        self.cool_down
    }

    fn judge(&self, trial: &Standing, field: &Field<'_>) -> Verdict {
        let Some((rung, loss)) = trial.rung().zip(trial.losses.last()) else { return Verdict::Continue };
        let (unknown, worse) =
            if self.stops { (Verdict::Continue, Verdict::Stop) } else { (Verdict::Pause, Verdict::Pause) };
        let Some(rivals) = field.rivals(trial, rung) else { return unknown };
        let least = usize::from(!field.more || self.stops);
        if promoted(*loss, &rivals, self.eta, least) { Verdict::Continue } else { worse }
    }
}

/// The rungs of a halving by `eta`: `count` of them, the first at a share `eta`^(1 − `count`) of the budget.
fn rungs(eta: f64, count: usize) -> Vec<f64> {
    (0..count).rev().map(|power| eta.powi(-(power as i32))).collect()
}

/// Whether `loss` is among the best `1/eta` of `rivals` (which include it), or among the best `least`.
fn promoted(loss: f64, rivals: &[f64], eta: f64, least: usize) -> bool {
    let kept = ((rivals.len() as f64 / eta).floor() as usize).max(least);
    loss.is_finite() && rivals.iter().filter(|other| **other < loss).count() < kept
}

/// Points of a bracket by its first rung.
fn sizes(eta: f64, count: usize) -> Vec<usize> {
    let size = |halvings: usize| (count / (halvings + 1)) * eta.powi(halvings as i32).floor() as usize;
    (0..count).rev().map(size).collect()
}

/// A round in which each bracket appears once per point that it has, spread as evenly as possible.
fn dealt(sizes: &[usize]) -> Vec<usize> {
    let mut given = vec![0; sizes.len()];
    let mut round = Vec::new();
    for _ in 0..sizes.iter().sum::<usize>() {
        let due = |bracket: &usize| (given[*bracket] + 1) as f64 / sizes[*bracket] as f64;
        let next = (0..sizes.len()).min_by(|a, b| due(a).total_cmp(&due(b))).unwrap_or(0);
        given[next] += 1;
        round.push(next);
    }
    round
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rungs_and_promotions_are_those_of_successive_halving() {
        assert_eq!(rungs(3.0, 3), [1.0 / 9.0, 1.0 / 3.0, 1.0]);
        let rivals: Vec<f64> = (0..9).map(f64::from).collect();
        let kept = |eta| rivals.iter().filter(|loss| promoted(**loss, &rivals, eta, 0)).count();
        assert_eq!((kept(3.0), kept(2.0), kept(10.0)), (3, 4, 0));
        assert!(promoted(0.0, &rivals, 10.0, 1) && !promoted(f64::INFINITY, &[f64::INFINITY], 3.0, 1));
    }

    #[test]
    fn brackets_have_the_sizes_of_the_paper() {
        assert_eq!(sizes(3.0, 5), [81, 27, 9, 6, 5]);
        let round = dealt(&sizes(3.0, 4));
        let count = |bracket| round.iter().filter(|other| **other == bracket).count();
        assert_eq!([0, 1, 2, 3].map(count), [27, 9, 6, 4]);
        assert!((0..4).all(|bracket| round[..12].contains(&bracket)), "{round:?}");
    }
}
