//! The verdict as sentences: what the facts come to, in the order in which a reader needs them.

use serde::Serialize;
use sweep_study::{Domain, Split, StudyRecord, Value, WORKERS};

use super::axes::varies;
use super::best::BatchBest;
use super::cells::State;
use super::edge::hopeless;
use super::{Facts, Status, findings, horizon};
use crate::words;

/// What a sentence of the verdict is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// The best lies on the border of what was tried.
    Edge,
    /// Nothing ended well.
    Nothing,
    /// The best learning rate of one batch size, or the best point.
    Best,
    /// The schedule that the best trial made of its settings on its way.
    Schedule,
    /// Points not told apart from the best.
    Ties,
    /// How the best learning rate moves with the batch size.
    Ridge,
    /// From where on larger batches save few steps.
    CriticalBatch,
    /// Batch sizes not told apart from the best.
    Comparison,
    /// Which parameters mattered.
    Importance,
    /// Points that diverged, got stuck or are unstable.
    Divergence,
    /// The points that no other beats in every metric.
    Pareto,
    /// How often pruning was wrong.
    Audit,
    /// Trials that have not ended or failed.
    Unfinished,
    /// The best point lies at the end of another axis.
    Border,
    /// How the data was divided.
    Split,
    /// Where runs made elsewhere were read from, and what they do not tell.
    Source,
}

/// One sentence of the verdict.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// What it is about.
    pub topic: Topic,
    /// The sentence.
    pub text: String,
}

/// The sentences of the verdict; a warning of the border comes first.
pub fn sentences(record: &StudyRecord, facts: &Facts) -> Vec<Verdict> {
    let mut all = Vec::new();
    let mut say = |topic, texts: Vec<String>| {
        all.extend(texts.into_iter().map(|text| Verdict { topic, text }));
    };
    say(Topic::Edge, edge(record, facts));
    say(Topic::Nothing, nothing(record, facts));
    say(Topic::Best, bests(record, facts));
    say(Topic::Schedule, on_the_way(record, facts));
    say(Topic::Ties, ties(facts));
    say(Topic::Ridge, findings::ridge(facts));
    say(Topic::Ridge, horizon::said(record, &facts.horizon));
    say(Topic::CriticalBatch, findings::critical_batch(facts));
    say(Topic::Comparison, findings::comparisons(record, facts));
    say(Topic::Importance, findings::importance(facts));
    if facts.pareto.as_ref().is_some_and(|pareto| !pareto.timed()) {
        say(Topic::Pareto, findings::pareto(facts));
    }
    say(Topic::Divergence, divergence(facts));
    say(Topic::Audit, findings::audit(facts));
    say(Topic::Unfinished, unfinished(facts));
    say(Topic::Border, other_borders(record, facts));
    say(Topic::Split, split(record));
    all
}

/// `B=16`, after the schedule where that is an axis.
pub fn row_name(record: &StudyRecord, panel: Option<&String>, batch: Option<f64>) -> String {
    let batch = batch.map(|size| format!("B={}", words::batch(&record.study, size)));
    [panel.cloned(), batch].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn edge(record: &StudyRecord, facts: &Facts) -> Vec<String> {
    let rows = || facts.best_per_batch.iter().filter(|row| row.lr.status == Status::Edge);
    let mut borders: Vec<f64> = rows().filter_map(|row| row.border).collect();
    borders.sort_by(f64::total_cmp);
    borders.dedup();
    let lies: Vec<String> = borders
        .iter()
        .map(|border| {
            let on = rows().filter(|row| row.border == Some(*border));
            let names: Vec<String> = on.map(|row| row.name(record)).collect();
            let whose = if names.iter().all(String::is_empty) {
                String::new()
            } else {
                format!(" for {}", words::list(&names))
            };
            format!("on the border lr={}{whose}", words::short(*border))
        })
        .collect();
    if lies.is_empty() {
        return Vec::new();
    }
    let mut text = format!(
        "The best learning rate lies {}. It may lie beyond, so no best is named there.",
        words::list(&lies)
    );
    if facts.extend.is_empty() {
        text += " The study has not reached the end of its axis yet.";
    }
    vec![text]
}

fn nothing(record: &StudyRecord, facts: &Facts) -> Vec<String> {
    if facts.best.is_some() {
        return Vec::new();
    }
    if record.trials.is_empty() {
        return vec!["No trial has ended yet.".to_owned()];
    }
    let conditions = words::conditions(facts, ", ");
    if !hopeless(&facts.cells) {
        return vec![format!("No point ended well ({conditions}), so none is best.")];
    }
    let stuck = facts.divergence.trials.stuck > 0;
    let run = facts.cells.iter().filter(|cell| cell.n > 0);
    let lowest = run.min_by(|a, b| a.lr.unwrap_or(f64::INFINITY).total_cmp(&b.lr.unwrap_or(f64::INFINITY)));
    let mut text = format!("Every trial diverged{} ({conditions})", if stuck { " or got stuck" } else { "" });
    if let Some((lr, step)) =
        lowest.and_then(|cell| cell.lr.zip(cell.diverged_at).filter(|(_, step)| *step > 0))
    {
        text += &format!("; at the lowest learning rate tried, lr={}, in step {step}", words::short(lr));
    }
    vec![text + ". Try lower learning rates."]
}

fn bests(record: &StudyRecord, facts: &Facts) -> Vec<String> {
    let metric = words::metric(facts);
    let conditions = words::conditions(facts, ", ");
    let measured =
        |value: f64, stderr| format!("{metric} {} ({conditions})", words::with_error(facts, value, stderr));
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
        let name = row.name(record);
        let name = if name.is_empty() { String::new() } else { format!("{name}: ") };
        let lr = row.cell.and_then(|index| facts.cells.get(index)?.lr).map(words::short).unwrap_or_default();
        let Some(value) = row.value else {
            return format!("{name}no learning rate ended well ({conditions}).");
        };
        let value = measured(value, row.stderr);
        match row.lr.status {
            Status::Ok => match row.lr.estimate.filter(|_| row.lr.low.is_some()) {
                Some(best) => format!(
                    "{name}best learning rate {}{}; at {lr}, the best measured, {value}.",
                    findings::brief(best),
                    findings::interval(&row.lr)
                ),
                None => format!("{name}best learning rate {lr}, {value}."),
            },
            Status::Cliff => format!(
                "{name}no best learning rate named: the next above {lr}, the best measured, ended badly; at {lr} {value}."
            ),
            Status::Flat => format!(
                "{name}no best learning rate named: too flat or noisy around {lr}, the best measured; there {value}."
            ),
            Status::Few => {
                format!("{name}too few learning rates drawn around the best, {lr}, to name it; {value}.")
            }
            _ => format!("{name}no best learning rate named; on the border, at {lr}, {value}."),
        }
    };
    facts.best_per_batch.iter().map(sentence).collect()
}

/// That the best trial is the last of several, whose settings together make a schedule.
fn on_the_way(record: &StudyRecord, facts: &Facts) -> Vec<String> {
    let best = facts.best.as_ref().and_then(|best| best.trials.first());
    let trial = record.trials.iter().find(|trial| Some(&trial.number) == best);
    let Some(trial) = trial.filter(|trial| !trial.past.is_empty()) else { return Vec::new() };
    let rates = trial.past.iter().map(|past| &past.point).chain([&trial.point]);
    let rates: Vec<String> = rates.filter_map(|point| record.study.lr(point)).map(words::short).collect();
    let rates = if rates.is_empty() { String::new() } else { format!(": lr {}", rates.join(", ")) };
    vec![format!(
        "The best trial changed its settings {} on its way{rates}; `sweep best --as args` prints them as a schedule.",
        words::count(trial.past.len() as u64, "time")
    )]
}

fn ties(facts: &Facts) -> Vec<String> {
    let tied = facts.cells.iter().filter(|cell| cell.tied).count() as u64;
    if tied < 2 {
        return Vec::new();
    }
    let how = if facts.best.as_ref().is_some_and(|best| best.stderr.is_some()) {
        "two standard errors of the difference; 5 % where a point ran once"
    } else {
        "within 5 %, since each ran once"
    };
    vec![format!("{tied} points, the best among them, are not told apart ({how}).")]
}

fn divergence(facts: &Facts) -> Vec<String> {
    let number = |state: State| facts.cells.iter().filter(|cell| cell.state == state).count();
    let run = facts.cells.iter().filter(|cell| cell.state != State::Missing).count() as u64;
    if run == 0 {
        return Vec::new();
    }
    let kinds = [
        (State::Diverged, "diverged"),
        (State::Stuck, "got stuck at chance"),
        (State::Unstable, "ended well for some seeds only"),
        (State::Censored, "never reached the target"),
    ];
    let told: Vec<String> = kinds
        .iter()
        .map(|(state, words)| (number(*state), words))
        .filter(|(number, _)| *number > 0)
        .map(|(number, words)| format!("{number} {words}"))
        .collect();
    if told.is_empty() && run == 1 {
        return Vec::new();
    }
    if told.is_empty() {
        return vec![format!("None of {} diverged or got stuck.", words::count(run, "point"))];
    }
    let lowest = facts.divergence.per_batch.iter().filter_map(|row| row.lowest_diverged).reduce(f64::min);
    let from = lowest
        .filter(|_| facts.axes.lr)
        .map(|lr| format!("; the lowest learning rate to diverge is {}", words::short(lr)));
    vec![format!("Of {}, {}{}.", words::count(run, "point"), words::list(&told), from.unwrap_or_default())]
}

fn unfinished(facts: &Facts) -> Vec<String> {
    let counts = &facts.divergence.trials;
    let mut texts = Vec::new();
    let kinds = [
        (counts.missing, "not ended yet"),
        (counts.pruned, "been ended early"),
        (counts.infeasible, "not fitted into memory"),
        (counts.failed, "failed"),
    ];
    for (number, what) in kinds.into_iter().filter(|(number, _)| *number > 0) {
        let has = if number == 1 { "has" } else { "have" };
        texts.push(format!("{} {has} {what}.", words::count(number, "trial")));
    }
    texts
}

/// Ordered axes other than the learning rate at an end of which the best point lies.
fn other_borders(record: &StudyRecord, facts: &Facts) -> Vec<String> {
    let Some(best) = &facts.best else { return Vec::new() };
    let axes = record.study.space.parameters.iter();
    let ordered = axes.filter(|axis| axis.domain.scale().is_some() && varies(axis));
    ordered
        // Workers change the time, and what they come to within rounding alone.
        .filter(|axis| axis.name != "lr" && axis.name != WORKERS)
        .filter_map(|axis| {
            let value = best.params.get(&axis.name)?;
            let end = match &axis.domain {
                Domain::Interval { low, high, .. } => value.number().is_some_and(|x| x == *low || x == *high),
                domain => {
                    let levels = domain.levels();
                    // All of the training part is the most there is: no border lies there.
                    let full = *value == Value::Text("full".to_owned());
                    !full && (levels.first() == Some(value) || levels.last() == Some(value))
                }
            };
            end.then(|| {
                format!("The best point has {}={value}, the end of what was tried on that axis.", axis.name)
            })
        })
        .collect()
}

fn split(record: &StudyRecord) -> Vec<String> {
    match record.study.split {
        Split::Holdout => Vec::new(),
        Split::Textbook => vec![
            "Validated on the test set, as tutorials do (split textbook): the figures flatter the point chosen by them."
                .to_owned(),
        ],
    }
}
