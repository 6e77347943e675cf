//! The comparison in a few sentences.

use sweep_stats::compare::Verdict;

use super::facts::{BestPair, CompareFacts, Counted, Overall, Peak, Side};
use crate::format::{brief, interval};
use crate::{format, text};

/// What is fixed otherwise, all shared points on average, point by point, and best against best.
pub fn sentences(said: &CompareFacts) -> Vec<String> {
    let mut all = Vec::new();
    all.extend(differ(said));
    all.push(match &said.overall {
        Some(overall) => on_average(said, overall),
        None => "They share no point with a seed at which both ended well, so nothing is paired.".to_owned(),
    });
    all.extend(point_by_point(said));
    all.extend(said.best.as_ref().map(|best| best_against_best(said, best)));
    all
}

fn differ(said: &CompareFacts) -> Option<String> {
    let side = |side: usize| {
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
        let own = said.differ.iter().map(|differ| format!("{}={}", differ.name, value(&differ.values[side])));
        own.collect::<Vec<_>>().join(" ")
    };
    let [first, second] = &said.studies;
    (!said.differ.is_empty())
        .then(|| format!("Fixed otherwise: {first} has {}, {second} has {}.", side(0), side(1)))
}

/// `+4.1 % validation loss (95 % interval +3 to +5.2 %)`: the second study against the first.
fn difference(said: &CompareFacts, counted: &Counted) -> String {
    let accuracy = said.metric.ends_with("accuracy");
    let what = if accuracy { "wrong answers".to_owned() } else { text::metric_name(&said.metric) };
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

fn verdict(said: &CompareFacts, counted: &Counted) -> String {
    let margin = if counted.difference.unit == "metric" {
        brief(said.smallest)
    } else {
        format!("{} %", brief(100.0 * said.smallest))
    };
    match (counted.verdict, counted.better, counted.advised) {
        (Verdict::Better, Some(side), _) => format!("{} is better", name(said, side)),
        (Verdict::Equivalent, ..) => format!("equivalent, within {margin}"),
        (_, _, Some(advised)) => {
            format!("undecided; differences of {margin} take about {advised} seeds to find")
        }
        _ => "undecided, since one seed tells nothing of noise".to_owned(),
    }
}

fn name(said: &CompareFacts, side: Side) -> &str {
    match side {
        Side::First => &said.studies[0],
        Side::Second => &said.studies[1],
    }
}

fn on_average(said: &CompareFacts, overall: &Overall) -> String {
    let [first, second] = &said.studies;
    format!(
        "On {} and {} that both ran, {second} has against {first} {}: {}.",
        text::count(overall.points as u64, "point"),
        text::count(overall.counted.difference.n as u64, "seed"),
        difference(said, &overall.counted),
        verdict(said, &overall.counted)
    )
}

/// What the two are on average, in a line: `right less left, on 25 points and 3 seeds of both: +4.1 % …`.
pub(crate) fn in_brief(said: &CompareFacts) -> String {
    let Some(overall) = &said.overall else { return "no point and seed is shared".to_owned() };
    let accuracy = said.metric.ends_with("accuracy");
    format!(
        "right less left, on {} and {} of both: {}",
        text::count(overall.points as u64, "point"),
        text::count(overall.counted.difference.n as u64, "seed"),
        amount(&overall.counted, if accuracy { " wrong answers" } else { "" })
    )
}

fn point_by_point(said: &CompareFacts) -> Option<String> {
    let count = |is: &dyn Fn(&Counted) -> bool| said.points.iter().filter(|point| is(&point.counted)).count();
    let [first, second] = &said.studies;
    let better = |side: Side| count(&|counted| counted.better == Some(side));
    let mut parts = Vec::new();
    if said.points.iter().any(|point| point.counted.p.is_some()) {
        let kinds = [
            (better(Side::First), format!("{first} is better")),
            (better(Side::Second), format!("{second} is better")),
            (count(&|counted| counted.verdict == Verdict::Equivalent), "they are equivalent".to_owned()),
            (count(&|counted| counted.verdict == Verdict::Undecided), "it is undecided".to_owned()),
        ];
        let told = kinds.into_iter().filter(|(number, _)| *number > 0);
        let told = told.map(|(number, what)| format!("at {number} {what}"));
        parts.push(format!("point by point (Holm), {}", text::list(&told.collect::<Vec<_>>())));
    }
    let one_sided = said.one_sided.iter().zip(&said.studies).filter(|(number, _)| **number > 0);
    parts.extend(one_sided.map(|(number, study)| {
        format!("{} ended well in {study} only", text::count(*number as u64, "point"))
    }));
    (!parts.is_empty()).then(|| text::capital(&format!("{}.", parts.join("; "))))
}

fn best_against_best(said: &CompareFacts, pair: &BestPair) -> String {
    let one = |(study, peak): (&String, &Peak)| {
        let border = if peak.border { ", on the border of what was tried" } else { "" };
        let value = format::figure(peak.value, peak.stderr);
        format!("{study} {value} at {}{border}", peak.params)
    };
    let each: Vec<String> = said.studies.iter().zip(&pair.best).map(one).collect();
    let against = match &pair.counted {
        Some(counted) => {
            let [first, second] = &said.studies;
            let told = difference(said, counted);
            format!("; {second} against {first} {told}: {}", verdict(said, counted))
        }
        None => "; they share no seed".to_owned(),
    };
    format!("Best against best, each picked from many and so flattered: {}{against}.", each.join(", "))
}
