//! Whether a command keeps to the budget of its trial, and reports what a pruner needs.

use sweep_study::keeps;

use crate::trial_folder::budget::Budget;
use crate::trial_folder::gather::Gather;

/// What a pruner cannot do, where the first reading does not tell which share of the budget was used.
pub fn unpruned(budget: &Budget, gather: &Gather) -> Option<String> {
    let (amount, unit) = (budget.amount?, budget.unit);
    let reported = match (gather.stepped, gather.reported_epochs > 0.0) {
        (true, _) => "steps alone",
        (false, true) => "epochs alone",
        (false, false) => "neither steps nor epochs",
    };
    let more = if unit == "epochs" && gather.stepped { ", or give the budget as --steps" } else { "" };
    Some(format!(
        "the script reports {reported}, and its budget is {amount} {unit}: no trial can be pruned before it ends; print {} \
         beside the metric{more}",
        unit.trim_end_matches('s')
    ))
}

/// What is odd about the budget of a trial that has ended: it used another one. `passed` tells whether a word of the
/// command names it.
pub fn unkept(budget: &Budget, gather: &Gather, passed: bool) -> Option<String> {
    let (amount, unit) = (budget.amount?, budget.unit);
    let used = match unit {
        "epochs" => Some(gather.reported_epochs).filter(|epochs| *epochs > 0.0),
        "steps" => gather.stepped.then_some(gather.steps as f64),
        _ => None,
    }?;
    if keeps(used, amount) {
        return None;
    }
    let why = if passed {
        "it does not keep to what it is given"
    } else {
        "no word of the command names it: add {budget}, or read SWEEP_BUDGET"
    };
    Some(format!("the script ran {used} {unit}, and its budget is {amount}; {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial_folder::read::{Place, Report};

    fn gather(unit: &'static str, amount: f64, step: Option<u64>, epoch: Option<f64>) -> (Budget, Gather) {
        let budget = Budget { unit, amount: Some(amount), steps_an_epoch: None };
        let mut gather = Gather::new("loss", budget.clone(), "loss is nan".parse().unwrap(), None);
        let metrics = [("loss".to_owned(), 1.0)].into();
        gather.take(Place::Stdout, Report { step, epoch, metrics, ..Report::default() }, 0.0);
        gather.finish();
        (budget, gather)
    }

    #[test]
    fn another_length_than_the_budget_is_noticed() {
        for (last, odd) in [(9.0, false), (8.0, false), (50.0, true), (3.0, true)] {
            let (budget, gather) = gather("epochs", 9.0, None, Some(last));
            assert_eq!(unkept(&budget, &gather, false).is_some(), odd, "{last}");
        }
        let (budget, steps) = gather("steps", 1000.0, Some(995), None);
        assert_eq!(unkept(&budget, &steps, true), None);
        let (budget, nothing) = gather("epochs", 9.0, None, None);
        assert_eq!(unkept(&budget, &nothing, true), None, "nothing is known of its epochs");
        assert!(unpruned(&budget, &nothing).unwrap().contains("neither steps nor epochs"));
    }
}
