//! Laws in words.

use sweep_settings::{Value, names, round_significant};

use super::facts::{BEYOND, LawFacts, Prediction, Refused};
use super::left_out::LeftOut;
use super::measured::{BATCH, FEWEST};
use super::power::{Exponent, PowerLaw};
use super::price::Price;
use super::published::PUBLISHED;
use super::surface_text;
use crate::facts::Estimate;
use crate::format::{brief, interval};
use crate::text;

/// The laws, a line each, then what they lose and how they fare on groups left out; with `published`, the published laws
/// beside them.
pub fn lines(facts: &LawFacts, published: bool) -> Vec<String> {
    let ranges: Vec<String> = facts
        .variables
        .iter()
        .map(|variable| format!("{} {} to {}", variable.name, brief(variable.low), brief(variable.high)))
        .collect();
    let runs: usize = facts.groups.iter().map(|group| group.runs).sum();
    let groups = text::count(facts.groups.len() as u64, "group");
    let mut lines = vec![format!("{runs} runs in {groups} over {}.", text::list(&ranges))];
    lines.push(law("Best learning rate", "η*", &facts.lr));
    lines.extend(facts.batch.as_ref().map(|batch| law("Best batch size", "B*", batch)));
    if facts.batch.is_none() {
        lines.push(format!(
            "No law of the batch size: fewer than {FEWEST} groups have a best one inside the batch sizes tried."
        ));
    }
    if !facts.along.is_empty() && facts.lr.exponent(facts.variables.len()) != 0.0 {
        lines.push(format!("At the best batch size: η* ∝ {}.", powers(&facts.along)));
    }
    lines.extend(facts.price.map(|price| {
        let without = facts.groups.iter().filter(|group| group.price.is_none()).count();
        let rest = match without {
            0 => String::new(),
            without => format!("; in {} that cell has no value", text::count(without as u64, "group")),
        };
        format!("Price: the cell nearest to the laws is {} than the best of its group{rest}.", worse(price))
    }));
    lines.extend(left_out(facts));
    lines.extend(surface_text::lines(facts));
    if published {
        lines.extend(beside());
    }
    lines
}

/// A law in one sentence.
pub fn law(what: &str, symbol: &str, law: &PowerLaw) -> String {
    let without = match law.without.as_slice() {
        [] => String::new(),
        names => format!("; {} left out, which tell nothing more", text::list(names)),
    };
    let without = if law.without.len() == 1 { without.replace("which tell", "which tells") } else { without };
    let scatter = format!("a factor of {}", brief(law.scatter.exp()));
    format!(
        "{what}: {symbol} = {}{}{without} ({} estimates of {}, scatter beyond their errors {scatter}).",
        brief(law.factor),
        match powers(&law.exponents) {
            powers if powers.is_empty() => powers,
            powers => format!(" · {powers}"),
        },
        law.n,
        text::count(law.groups as u64, "group"),
    )
}

/// `N^-0.71 (-0.8 to -0.6) · D^0.31 (0.25 to 0.37)`.
fn powers(exponents: &[Exponent]) -> String {
    let power = |one: &Exponent| {
        let Estimate { estimate, low, high, .. } = one.exponent;
        let shown = |value: Option<f64>| value.map(|value| format!("{value:.2}")).unwrap_or_default();
        format!("{}^{} ({} to {})", one.name, shown(estimate), shown(low), shown(high))
    };
    exponents.iter().map(power).collect::<Vec<_>>().join(" · ")
}

fn worse(price: Price) -> String {
    let share = |share: f64| format!("{:.2} %", 100.0 * share);
    format!("{} worse on average and {} at most", share(price.mean), share(price.worst))
}

fn left_out(facts: &LawFacts) -> Vec<String> {
    let Some(name) = facts.variables.first().map(|variable| &variable.name) else { return Vec::new() };
    if facts.left_out.is_empty() {
        return vec![format!(
            "Not tried on groups left out: that takes three values of {name} and more groups."
        )];
    }
    let one = |left: &LeftOut| {
        let price = left.price.map_or_else(|| "no price".to_owned(), worse);
        format!(
            "Without {name} = {}: {price}; {} of {} best learning rates inside their predicted interval.",
            brief(left.value),
            left.inside,
            left.of
        )
    };
    facts.left_out.iter().map(one).collect()
}

fn beside() -> Vec<String> {
    let one = |law: &super::published::Published| {
        let powers: Vec<String> =
            law.exponents.iter().map(|(name, exponent)| format!("({name})^{exponent}")).collect();
        let powers = powers.join(" · ").replace("(N)", "N").replace("(D)", "D").replace("(C)", "C");
        let quantity = match law.of {
            names::LR => "η*",
            names::BATCH => "B*",
            _ => "critical B",
        };
        let unit = if law.of == names::LR { String::new() } else { format!(" in {}", law.unit) };
        format!("{}: {quantity} = {} · {powers}{unit} ({}; {}).", law.name, law.factor, law.source, law.valid)
    };
    let mut lines = vec![
        "Published laws; N is parameters, D training tokens, C compute in FLOP, and batch sizes have other units here:"
            .to_owned(),
    ];
    lines.extend(PUBLISHED.iter().map(|law| format!("  {}", one(law))));
    lines
}

/// A prediction: the values, the interval of each, how far they are extrapolated, and the study that would try them.
pub fn prediction(facts: &LawFacts, found: &Prediction) -> Vec<String> {
    let at: Vec<String> = facts
        .variables
        .iter()
        .zip(&found.at)
        .map(|(variable, value)| format!("{}={}", variable.name, brief(*value)))
        .collect();
    let shown = |estimate: &Estimate| {
        format!("{}{}", estimate.estimate.map(brief).unwrap_or_default(), interval(estimate))
    };
    let beyond = match found.beyond {
        beyond if beyond > 1.0 => format!("extrapolated by a factor of {}", brief(beyond)),
        _ => "inside the groups".to_owned(),
    };
    let mut lines =
        vec![format!("{}: batch={} lr={}, {beyond}.", at.join(" "), shown(&found.batch), shown(&found.lr))];
    lines.extend(surface_text::prediction(facts, found));
    let axis = |estimate: &Estimate, whole: bool| {
        let round = |value: f64| {
            let value = round_significant(value, 2);
            if whole { format!("{}", value.round().max(1.0)) } else { Value::Float(value).to_string() }
        };
        let all = [estimate.low, estimate.estimate, estimate.high];
        let mut all: Vec<String> = all.into_iter().flatten().map(round).collect();
        all.dedup();
        all.join(",")
    };
    lines.push(format!(
        "To try it: sweep grid lr={} batch={} -- COMMAND",
        axis(&found.lr, false),
        axis(&found.batch, true)
    ));
    lines
}

/// Why there are no laws or no prediction, and what would do.
pub fn refusal(refused: &Refused) -> String {
    match refused {
        Refused::NoVariable(name) => {
            format!(
                "{name} does not vary among the runs or is no column of theirs; --group names columns of numbers"
            )
        }
        Refused::NotPositive(name) => {
            format!(
                "{name} has values that are not positive numbers, of which no power law is made; use it with --where"
            )
        }
        Refused::FewGroups(known) => format!(
            "a law needs {FEWEST} groups whose best learning rate has an interval, and {known} have one; an interval \
             takes a row of five or more learning rates at a batch size with the best inside"
        ),
        Refused::Missing(name) => format!("--predict does not say {name}; write {name}=1e9 among its values"),
        Refused::Far { variable, wanted, beyond } => format!(
            "{}={} lies beyond the groups ({} to {}) by more than a factor of {}; --beyond {} would allow it{}",
            variable.name,
            brief(*wanted),
            brief(variable.low),
            brief(variable.high),
            brief(*beyond),
            brief((wanted / variable.high).max(variable.low / wanted).ceil()),
            if *beyond == BEYOND { ", at your risk" } else { "" }
        ),
        Refused::FewCritical(known) => format!(
            "a law needs {FEWEST} groups with a critical batch size, and {known} have one; it takes batch sizes on both sides of it"
        ),
        Refused::NoBatch => {
            format!("there is no law of the batch size, and {BATCH} is needed for the learning rate")
        }
    }
}
