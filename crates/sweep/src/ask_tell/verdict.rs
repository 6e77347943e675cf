//! Whether a reporting trial continues.

use sweep_search::pruner::{self, Field};
use sweep_search::{Evidence, Pruner, Standing, Stratum, Verdict};
use sweep_study::{Point, Study, Value};

use super::TrialResult;

/// The setting that holds the steps of a full trial; rungs are fractions of them.
pub const BUDGET: &str = "steps";

/// The pruner of a session and the reports it received.
pub struct Judge {
    pruner: Box<dyn Pruner>,
    budget: f64,
    /// By trial number.
    standings: Vec<Standing>,
}

impl Judge {
    /// The pruner of `study`; `None` if it has none, or no budget.
    pub fn new(study: &Study) -> Option<Judge> {
        let budget = study.settings.get(BUDGET).and_then(Value::number)?;
        let pruner = pruner::for_study(study).ok().filter(|_| study.pruning.any())?;
        Some(Judge { pruner, budget, standings: Vec::new() })
    }

    /// The verdict on a trial at `point` with the reading `value` at `step`. The first reading at or after a rung is
    /// compared with the trials that reached the rung before; between rungs the trial continues.
    pub fn report(
        &mut self,
        study: &Study,
        number: u64,
        point: &Point,
        (step, value): (u64, f64),
    ) -> Verdict {
        let share = step as f64 / self.budget;
        let first = self.pruner.first(number);
        let at = self.place(number).unwrap_or_else(|at| {
            let stratum = Stratum::at(study, point).into();
            self.standings.insert(at, Standing { point: number, stratum, first, losses: Vec::new() });
            at
        });
        let standing = &mut self.standings[at];
        let inner = self.pruner.rungs().len() - 1;
        let reached = self.pruner.rungs()[..inner].partition_point(|rung| *rung <= share);
        if first + standing.losses.len() >= reached {
            return Verdict::Continue;
        }
        // At a rung without readings, any trial is better than none.
        standing.losses.resize(reached - 1 - first, f64::INFINITY);
        standing
            .losses
            .push(Evidence::from_metric(value, study.goal.direction).loss().unwrap_or(f64::INFINITY));
        let standings = &self.standings;
        self.pruner.judge(&standings[at], &Field { standings, more: true })
    }

    /// The index of a trial's standing, or where to insert it.
    fn place(&self, number: u64) -> Result<usize, usize> {
        self.standings.binary_search_by_key(&number, |standing| standing.point)
    }

    /// Records how a trial ended: a diverged one counts at the rung that it did not reach.
    pub fn ended(&mut self, number: u64, result: TrialResult) {
        if let (Ok(at), true) = (self.place(number), result == TrialResult::Diverged) {
            self.standings[at].losses.push(f64::INFINITY);
        }
    }
}

/// The word for a verdict.
pub fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Continue => "continue",
        Verdict::Pause => "pause",
        Verdict::Stop => "stop",
    }
}
