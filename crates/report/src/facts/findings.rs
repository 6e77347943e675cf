//! Sentences on what the study found across batch sizes: the ridge, the critical batch size, who is level with whom,
//! and what mattered.

use sweep_stats::compare::Verdict as Told;
use sweep_study::StudyRecord;

use super::Facts;
use super::comparisons::{Arm, Comparison};
use super::critical_batch::CriticalBatch;
use super::estimate::{Estimate, Status};
use super::pareto::{Standing, Weighed};
use super::ridge::{Exponent, Growth, Model, Ridge};
use crate::words;

/// The most equivalent pairs that are named.
const MOST_LEVEL: usize = 4;

/// The least share of the variance worth a word.
const WORTH: f64 = 0.01;

/// ` (95 % interval 0.15 to 0.3)`; empty without both ends.
pub fn interval(estimate: &Estimate) -> String {
    match (estimate.low, estimate.high, estimate.confidence) {
        (Some(low), Some(high), Some(confidence)) => {
            format!(" ({} % interval {} to {})", percent(confidence), brief(low), brief(high))
        }
        _ => String::new(),
    }
}

/// A number that was estimated: three significant digits at most.
pub fn brief(number: f64) -> String {
    sweep_study::value::plain(sweep_study::value::round_significant(number, 3))
}

fn percent(share: f64) -> String {
    brief(100.0 * share)
}

/// How often pruning was wrong.
pub fn audit(facts: &Facts) -> Vec<String> {
    let Some(audit) = &facts.audit else { return Vec::new() };
    let rate = &audit.false_stops;
    let Some(share) = rate.estimate else {
        return vec![format!(
            "How often pruning was wrong is unknown: {} of {} were run to their end, and it takes 20.",
            rate.n,
            words::count(audit.pruned as u64, "pruned trial")
        )];
    };
    let wrong = (share * rate.n as f64).round();
    vec![format!(
        "{wrong} of {} pruned trials that were run to their end ended among the best tenth: {} % were pruned wrongly{}.",
        rate.n,
        percent(share),
        match (rate.low, rate.high) {
            (Some(low), Some(high)) => format!(" (95 % interval {} to {} %)", percent(low), percent(high)),
            _ => String::new(),
        }
    )]
}

/// How the best learning rate moves with the batch size.
pub fn ridge(facts: &Facts) -> Vec<String> {
    facts.ridge.iter().map(ridge_sentence).collect()
}

fn ridge_sentence(ridge: &Ridge) -> String {
    let name = ridge.panel.as_ref().map_or(String::new(), |panel| format!("{panel}: "));
    let exponent = |exponent: &Estimate| {
        format!("B^{}{}", brief(exponent.estimate.unwrap_or(f64::NAN)), interval(exponent))
    };
    match (ridge.model, ridge.knee, ridge.level) {
        (Model::Power, _, _) => format!(
            "{name}The best learning rate grows as {}: {}.",
            exponent(&ridge.exponent),
            grown(ridge.growth, &ridge.remaining)
        ),
        (Model::Saturating, Some(knee), Some(level)) => format!(
            "{name}The best learning rate rises with the batch size up to about B={} and levels off near {}: no one \
             exponent holds.",
            brief(knee),
            brief(level)
        ),
        (Model::Constant, _, Some(level)) => {
            format!("{name}The best learning rate is about {} at every batch size.", brief(level))
        }
        _ => {
            let local = |local: &Exponent| {
                let word = grown(local.growth, &[]);
                format!("{} from B={} to {} ({word})", exponent(&local.exponent), local.from, local.to)
            };
            let local: Vec<String> = ridge.local.iter().map(local).collect();
            format!("{name}The best learning rate grows as {}.", words::list(&local))
        }
    }
}

fn grown(growth: Growth, remaining: &[Growth]) -> String {
    let word = |growth: &Growth| match growth {
        Growth::Linear => "linear".to_owned(),
        Growth::Sqrt => "a square root".to_owned(),
        Growth::Flat => "flat".to_owned(),
        Growth::Between => "neither linear nor a square root nor flat".to_owned(),
        Growth::Undecided => "undecided".to_owned(),
    };
    match (growth, remaining.is_empty()) {
        (Growth::Undecided, false) => {
            format!("undecided, {} remain", words::list(&remaining.iter().map(word).collect::<Vec<_>>()))
        }
        _ => word(&growth),
    }
}

/// The critical batch size, and whether the noise scale agrees.
pub fn critical_batch(facts: &Facts) -> Vec<String> {
    let mut texts: Vec<String> = facts.critical_batch.iter().map(critical).collect();
    if let Some(scale) = facts.noise_scale.iter().find(|scale| scale.disagrees) {
        texts.push(format!(
            "The gradient noise scale measured in the runs, {} at B={}, differs from the critical batch size by more \
             than a factor of three: trust the latter.",
            brief(scale.scale.estimate.unwrap_or(f64::NAN)),
            brief(scale.batch.unwrap_or(f64::NAN))
        ));
    }
    texts
}

fn critical(critical: &CriticalBatch) -> String {
    let name = critical.panel.as_ref().map_or(String::new(), |panel| format!("{panel}: "));
    let batch = &critical.batch;
    match (batch.status, batch.estimate, batch.low, batch.high) {
        (Status::Ok, Some(estimate), ..) => format!(
            "{name}The critical batch size is {}{}: there a run takes twice the fewest steps, {}, and twice the fewest \
             examples, {}.",
            brief(estimate),
            interval(batch),
            brief(critical.least_steps.unwrap_or(f64::NAN)),
            brief(estimate * critical.least_steps.unwrap_or(f64::NAN))
        ),
        (Status::Bound, _, Some(low), _) => format!(
            "{name}The critical batch size is above {}; the batch sizes tried do not reach far enough beyond it.",
            brief(low)
        ),
        (Status::Bound, _, _, Some(high)) => format!(
            "{name}The critical batch size is below {}; the batch sizes tried do not reach far enough below it.",
            brief(high)
        ),
        _ => format!("{name}Too few batch sizes reached the target to tell the critical batch size."),
    }
}

/// Which batch sizes are level with the best, and how many seeds would tell more.
pub fn comparisons(record: &StudyRecord, facts: &Facts) -> Vec<String> {
    let comparisons = &facts.comparisons;
    let name = |arm: &Arm| {
        let batch = arm.batch.map(|size| format!("B={}", words::batch(&record.study, size)));
        [arm.panel.clone(), batch].into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    let names: Vec<String> = comparisons.best.iter().map(name).collect();
    let what = match (&facts.axes.panel, facts.best_per_batch.is_empty()) {
        (None, _) => "batch size, each at its own best learning rate",
        (Some(_), false) => "batch size and schedule, each at its own best learning rate",
        (Some(panel), true) => panel,
    };
    let mut text = match names.as_slice() {
        [] => return Vec::new(),
        [one] => format!("{one} is told apart from every other {what}, as the best (95 %)."),
        many => format!("Not told apart from the best {what} (95 %): {}.", words::list(many)),
    };
    let level = comparisons.pairs.iter().filter(|pair| pair.verdict == Told::Equivalent);
    let level: Vec<_> = level.collect();
    if let Some(pair) = level.first().filter(|_| level.len() <= MOST_LEVEL) {
        let pairs: Vec<String> =
            level.iter().map(|pair| format!("{} and {}", name(&pair.better), name(&pair.worse))).collect();
        text += &format!(" Equivalent, within {}: {}.", margin(pair), pairs.join("; "));
    }
    let open = comparisons.pairs.iter().filter(|pair| pair.verdict == Told::Undecided);
    let open =
        open.filter(|pair| comparisons.best.contains(&pair.better) && comparisons.best.contains(&pair.worse));
    if let Some(pair) = open.max_by_key(|pair| pair.advised) {
        let margin = margin(pair);
        text += &format!(" Differences of {margin} among them take about {} seeds to find.", pair.advised);
    }
    vec![text]
}

/// The smallest difference of a pair that matters.
fn margin(pair: &Comparison) -> String {
    if pair.difference.unit == "metric" {
        brief(pair.smallest)
    } else {
        format!("{} %", percent(pair.smallest))
    }
}

/// Which parameters account for the spread.
pub fn importance(facts: &Facts) -> Vec<String> {
    let Some(importance) = &facts.importance else { return Vec::new() };
    let shares = importance.shares.iter().filter(|share| share.share >= WORTH).take(4);
    let told: Vec<String> = shares
        .map(|share| {
            let together = if share.parameters.len() > 1 { " together" } else { "" };
            let names: Vec<String> = share.parameters.iter().map(|name| words::parameter(name)).collect();
            format!("{}{together} {:.0} %", names.join(" and "), 100.0 * share.share)
        })
        .collect();
    let penalised = match importance.penalised {
        0 => String::new(),
        count => format!("; {} that ended badly counted as the worst", words::count(count as u64, "point")),
    };
    let over = match &importance.surrogate {
        None => "over the grid".to_owned(),
        Some(surrogate) => format!(
            "over the region tried, by a polynomial that foretells {} % of it",
            percent(surrogate.foretold)
        ),
    };
    vec![format!("Shares of the variance {over}: {}{penalised}.", words::list(&told))]
}

/// The most points of the front that are named.
const MOST_ON_FRONT: usize = 6;

/// The points that no other beats in every metric, and how many noise may have beaten.
pub fn pareto(facts: &Facts) -> Vec<String> {
    let Some(pareto) = &facts.pareto else { return Vec::new() };
    let names: Vec<String> = pareto.metrics.iter().map(|goal| words::metric_name(&goal.metric)).collect();
    let point = |point: &Weighed| {
        let figures = point.figures.iter().map(|figure| words::figure(figure.value, figure.stderr));
        format!("{} ({})", point.params, figures.collect::<Vec<_>>().join(", "))
    };
    let front: Vec<String> = pareto.front().map(point).collect();
    let undecided = pareto.points.iter().filter(|point| point.standing == Standing::Undecided).count();
    let more = match front.len().saturating_sub(MOST_ON_FRONT) {
        0 => String::new(),
        more => format!("; {more} more"),
    };
    let noise = match undecided {
        0 => String::new(),
        1 => "; 1 more point is beaten within noise only".to_owned(),
        more => format!("; {more} more points are beaten within noise only"),
    };
    let shown: Vec<String> = front.iter().take(MOST_ON_FRONT).cloned().collect();
    vec![format!(
        "The Pareto front of {} ({}) has {} of {}: {}{more}{noise}.",
        words::list(&names),
        words::conditions(facts, ", "),
        front.len(),
        words::count(pareto.points.len() as u64, "point"),
        shown.join("; "),
    )]
}
