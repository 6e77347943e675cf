//! The comparison in a few sentences.

use sweep_stats::compare::Verdict;

use super::facts::{BestPair, CompareFacts, Counted, Overall, Peak, Side};
use crate::format::{brief, interval};
use crate::{format, text};

/// Which fixed settings differ, all shared points on average, point by point, and best against best.
pub fn sentences(comparison: &CompareFacts) -> Vec<String> {
    let mut all = Vec::new();
    all.extend(differ(comparison));
    all.push(match &comparison.overall {
        Some(overall) => on_average(comparison, overall),
        None => "No point completed with the same seed in both studies, so nothing can be paired.".to_owned(),
    });
    all.extend(point_by_point(comparison));
    all.extend(comparison.best.as_ref().map(|best| best_against_best(comparison, best)));
    all
}

fn differ(comparison: &CompareFacts) -> Option<String> {
    let side = |side: usize| {
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
        let own =
            comparison.differ.iter().map(|differ| format!("{}={}", differ.name, value(&differ.values[side])));
        own.collect::<Vec<_>>().join(" ")
    };
    let [first, second] = &comparison.studies;
    (!comparison.differ.is_empty())
        .then(|| format!("Fixed settings differ: {first} has {}, {second} has {}.", side(0), side(1)))
}

/// `+4.1 % validation loss (95 % interval +3 to +5.2 %)`: the second study against the first.
fn difference(comparison: &CompareFacts, counted: &Counted) -> String {
    let accuracy = comparison.metric.ends_with("accuracy");
    let what = if accuracy { "wrong answers".to_owned() } else { text::metric_name(&comparison.metric) };
    amount(counted, &format!(" {what}"))
}

/// A difference with its interval, `what` after the sign of a share.
fn amount(counted: &Counted, what: &str) -> String {
    let estimate = &counted.difference;
    let value = estimate.estimate.unwrap_or(f64::NAN);
    if estimate.unit == "metric" {
        let sign = if value >= 0.0 { "worse" } else { "better" };
        return format!("{} {sign}{what}{}", brief(value.abs()), interval(estimate));
    }
    let ends = estimate.low.zip(estimate.high).map_or(String::new(), |(low, high)| {
        format!(" (95 % interval {} to {} %)", signed(100.0 * low), signed(100.0 * high))
    });
    format!("{} %{what}{ends}", signed(100.0 * value))
}

fn signed(number: f64) -> String {
    format!("{}{}", if number >= 0.0 { "+" } else { "−" }, brief(number.abs()))
}

fn verdict(comparison: &CompareFacts, counted: &Counted) -> String {
    let margin = if counted.difference.unit == "metric" {
        brief(comparison.smallest)
    } else {
        format!("{} %", brief(100.0 * comparison.smallest))
    };
    match (counted.verdict, counted.better, counted.advised) {
        (Verdict::Better, Some(side), _) => format!("{} is better", name(comparison, side)),
        (Verdict::Equivalent, ..) => format!("equivalent, within {margin}"),
        (_, _, Some(advised)) => {
            format!("undecided; finding differences of {margin} takes about {advised} seeds")
        }
        _ => "undecided, since one seed gives no estimate of noise".to_owned(),
    }
}

fn name(comparison: &CompareFacts, side: Side) -> &str {
    match side {
        Side::First => &comparison.studies[0],
        Side::Second => &comparison.studies[1],
    }
}

fn on_average(comparison: &CompareFacts, overall: &Overall) -> String {
    let [first, second] = &comparison.studies;
    format!(
        "On {} and {} that both ran, {second} compared with {first}: {}; {}.",
        text::count(overall.points as u64, "point"),
        text::count(overall.counted.difference.n as u64, "seed"),
        difference(comparison, &overall.counted),
        verdict(comparison, &overall.counted)
    )
}

/// The average difference of the two, in a line: `right minus left, on 25 points and 3 seeds of both: +4.1 % …`.
pub(crate) fn in_brief(comparison: &CompareFacts) -> String {
    let Some(overall) = &comparison.overall else { return "no point and seed in common".to_owned() };
    let accuracy = comparison.metric.ends_with("accuracy");
    format!(
        "right minus left, on {} and {} of both: {}",
        text::count(overall.points as u64, "point"),
        text::count(overall.counted.difference.n as u64, "seed"),
        amount(&overall.counted, if accuracy { " wrong answers" } else { "" })
    )
}

fn point_by_point(comparison: &CompareFacts) -> Option<String> {
    let count =
        |is: &dyn Fn(&Counted) -> bool| comparison.points.iter().filter(|point| is(&point.counted)).count();
    let [first, second] = &comparison.studies;
    let better = |side: Side| count(&|counted| counted.better == Some(side));
    let mut parts = Vec::new();
    if comparison.points.iter().any(|point| point.counted.p.is_some()) {
        let kinds = [
            (better(Side::First), format!("{first} is better")),
            (better(Side::Second), format!("{second} is better")),
            (count(&|counted| counted.verdict == Verdict::Equivalent), "they are equivalent".to_owned()),
            (
                count(&|counted| counted.verdict == Verdict::Undecided),
                "the difference is undecided".to_owned(),
            ),
        ];
        let kinds = kinds.into_iter().filter(|(number, _)| *number > 0);
        let kinds = kinds.map(|(number, what)| format!("at {number} {what}"));
        parts.push(format!("point by point (Holm), {}", text::list(&kinds.collect::<Vec<_>>())));
    }
    let one_sided = comparison.one_sided.iter().zip(&comparison.studies).filter(|(number, _)| **number > 0);
    parts.extend(one_sided.map(|(number, study)| {
        format!("{} completed in {study} only", text::count(*number as u64, "point"))
    }));
    (!parts.is_empty()).then(|| text::capital(&format!("{}.", parts.join("; "))))
}

fn best_against_best(comparison: &CompareFacts, pair: &BestPair) -> String {
    let one = |(study, peak): (&String, &Peak)| {
        let border = if peak.border { ", on the border of what was tried" } else { "" };
        let value = format::figure(peak.value, peak.stderr);
        format!("{study} {value} at {}{border}", peak.params)
    };
    let each: Vec<String> = comparison.studies.iter().zip(&pair.best).map(one).collect();
    let against = match &pair.counted {
        Some(counted) => {
            let [first, second] = &comparison.studies;
            let difference = difference(comparison, counted);
            format!("; {second} compared with {first}: {difference}; {}", verdict(comparison, counted))
        }
        None => "; they share no seed".to_owned(),
    };
    format!("Best against best, each picked from many and so too optimistic: {}{against}.", each.join(", "))
}
