//! The best point, or the best learning rate of each batch size; what is level with it; or that nothing completed.

use sweep_study::StudyRecord;

use super::status;
use crate::facts::refinement::unsettled;
use crate::facts::{BatchBest, Facts, Source, hopeless};
use crate::table::mean;
use crate::{format, text};

/// That no point completed, and what to try.
pub fn nothing(record: &StudyRecord, facts: &Facts) -> Vec<String> {
    if facts.best.is_some() {
        return Vec::new();
    }
    if record.trials.is_empty() {
        return vec!["No trial has ended yet.".to_owned()];
    }
    let conditions = text::conditions(facts, ", ");
    if !hopeless(&facts.cells) {
        return vec![format!("No point completed ({conditions}), so there is no best point.")];
    }
    let stuck = facts.divergence.trials.stuck > 0;
    let run = facts.cells.iter().filter(|cell| cell.n > 0);
    let lowest = run.min_by(|a, b| a.lr.unwrap_or(f64::INFINITY).total_cmp(&b.lr.unwrap_or(f64::INFINITY)));
    let mut text = format!("Every trial diverged{} ({conditions})", if stuck { " or got stuck" } else { "" });
    if let Some((lr, step)) =
        lowest.and_then(|cell| cell.lr.zip(cell.diverged_at).filter(|(_, step)| *step > 0))
    {
        text += &format!("; at the lowest learning rate tried, lr={}, in step {step}", format::short(lr));
    }
    vec![text + ". Try lower learning rates."]
}

/// The best of each batch size, or the best point.
pub fn best(record: &StudyRecord, facts: &Facts) -> Vec<String> {
    let metric = text::metric(facts);
    let conditions = text::conditions(facts, ", ");
    let measured =
        |value: f64, stderr| format!("{metric} {} ({conditions})", format::with_error(facts, value, stderr));
    if facts.best_per_batch.is_empty() {
        let best = facts.best.iter();
        return best
            .map(|best| {
                let point =
                    if best.params.0.is_empty() { String::new() } else { format!(" at {}", best.params) };
                format!("Best{point}: {}.", measured(best.value, best.stderr))
            })
            .collect();
    }
    let sentence = |row: &BatchBest| {
        let name = text::row_name(&record.study, row.panel.as_ref(), row.batch);
        let name = if name.is_empty() { String::new() } else { format!("{name}: ") };
        let lr = row.cell.and_then(|index| facts.cells.get(index)?.lr).map(format::short).unwrap_or_default();
        let Some(value) = row.value else {
            let why = status::why_none(row.lr.status).unwrap_or_default();
            return format!("{name}{why} ({conditions}).");
        };
        let value = measured(value, row.stderr);
        match (status::why_none(row.lr.status), row.lr.estimate.filter(|_| row.lr.low.is_some())) {
            (Some(why), _) => {
                format!(
                    "{name}no estimate of the best learning rate ({why}); at {lr}, the best measured, {value}."
                )
            }
            (None, Some(best)) => format!(
                "{name}best learning rate {}{}; at {lr}, the best measured, {value}.",
                format::brief(best),
                format::interval(&row.lr)
            ),
            (None, None) => format!("{name}best learning rate {lr}, {value}."),
        }
    };
    facts.best_per_batch.iter().map(sentence).collect()
}

/// That the best trial changed its settings during training, which makes a schedule.
pub fn on_the_way(record: &StudyRecord, facts: &Facts) -> Vec<String> {
    let best = facts.best.as_ref().and_then(|best| best.trials.first());
    let trial = record.trials.iter().find(|trial| Some(&trial.number) == best);
    let Some(trial) = trial.filter(|trial| !trial.past.is_empty()) else { return Vec::new() };
    let rates = trial.past.iter().map(|past| &past.point).chain([&trial.point]);
    let rates: Vec<String> = rates.filter_map(|point| record.study.lr(point)).map(format::short).collect();
    let rates = if rates.is_empty() { String::new() } else { format!(": lr {}", rates.join(", ")) };
    vec![format!(
        "The best trial changed its settings {} during training{rates}; `sweep best --as args` prints them as a \
         schedule.",
        text::count(trial.past.len() as u64, "time")
    )]
}

/// What became of the best point of the search on fresh seeds, and whether points that were not confirmed look better.
pub fn confirmed(facts: &Facts) -> Vec<String> {
    let Some((best, cell)) = facts.best.as_ref().zip(facts.best_cell()).filter(|(_, cell)| cell.confirmed)
    else {
        return Vec::new();
    };
    let Some(chosen) = cell.chosen_by else { return Vec::new() };
    let now = format::with_error(facts, best.value, best.stderr);
    let mut text = format!(
        "Confirmed on {}: {}, which the search had at {}, is at {now}.",
        text::count(best.n as u64, "fresh seed"),
        best.params,
        format::with_error(facts, chosen, None)
    );
    let ahead = unsettled(facts, usize::MAX);
    if let Some(first) = ahead.first() {
        let ahead = ahead.len() as u64;
        let are = if ahead == 1 { "looks" } else { "look" };
        text += &format!(
            " {} that {} not confirmed {are} better, first {first}: `sweep refine --confirm 3` runs them.",
            text::count(ahead, "point"),
            if ahead == 1 { "was" } else { "were" }
        );
    }
    vec![text]
}

/// What to use, in one line: the best point with its value and its figures on the test part; `None` where no point
/// completed or the best lies on the border of what was tried.
pub fn answer(record: &StudyRecord, facts: &Facts) -> Option<String> {
    let (best, cell) = (facts.recommended()?, facts.best_cell()?);
    let seeds = text::count(cell.n as u64, if cell.confirmed { "fresh seed" } else { "seed" });
    let tests: Vec<String> = ["test_loss", "test_accuracy"]
        .into_iter()
        .filter_map(|name| {
            Some(format!("{} {}", text::metric_name(name), format::short(mean(record, cell, name)?)))
        })
        .collect();
    let tests = if tests.is_empty() { String::new() } else { format!("; {}", tests.join(", ")) };
    let value = format::with_error(facts, best.value, best.stderr);
    Some(format!("Use {}: {} {value} ({seeds}){tests}.", best.params, text::metric(facts)))
}

/// How many points cannot be distinguished from the best, given the noise.
pub fn ties(facts: &Facts) -> Vec<String> {
    let tied = facts.cells.iter().filter(|cell| cell.tied).count() as u64;
    if tied < 2 {
        return Vec::new();
    }
    let noise = &facts.noise;
    let run =
        noise.at_best.map(|deviation| format!("runs of one point differ by {}", format::brief(deviation)));
    let how = match (noise.source, run) {
        (Source::Replicates, Some(run)) => format!("95 %, all together; {run}, from replicates"),
        (Source::Neighbours, Some(run)) => {
            format!("95 %, all together; {run}, from the scatter of neighbouring learning rates")
        }
        _ => "within 5 %: each point ran once, and nothing shows the noise".to_owned(),
    };
    vec![format!("{tied} points, including the best, cannot be distinguished ({how}).")]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::Made;

    #[test]
    fn what_to_use_has_the_mean_of_its_test_figures_and_is_not_named_on_a_border() {
        let grid = Made::new(&["lr=0.01,0.1,1"]).replicates(2);
        let made = grid.trial("lr=0.01", &[0.3, 0.31]).trial("lr=1", &[0.2, 0.21]);
        let mut record = made.clone().trial("lr=0.1", &[0.1, 0.12]).record();
        for (trial, accuracy) in record.trials.iter_mut().skip(4).zip([0.97, 0.99]) {
            trial.metrics.insert("test_accuracy".into(), accuracy);
        }
        let said = answer(&record, &crate::facts(&record)).unwrap();
        assert!(said.starts_with("Use lr=0.1: final validation loss 0.110"), "{said}");
        assert!(said.ends_with("(2 seeds); test accuracy 0.98."), "{said}");
        let border = made.trial("lr=0.1", &[0.25, 0.26]).record();
        assert_eq!(answer(&border, &crate::facts(&border)), None);
    }
}
