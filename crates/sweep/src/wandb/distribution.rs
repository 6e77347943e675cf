//! The distributions of W&B as domains.

use serde_json::{Map, Value as Json};
use sweep_settings::round_significant;
use sweep_study::{Domain, Scale, Value};

use super::Notes;

/// What a parameter may be.
pub enum Given {
    /// This one value.
    One(Json),
    /// One of these.
    List(Vec<Json>),
    /// A number of these.
    Range(Domain),
}

/// The most multiples of `q` that are taken as a list, and the most of them that are spaced by ratios.
const MOST: usize = 10_000;
const MOST_RATIOS: usize = 100;

/// How many standard deviations of a normal distribution are searched to each side: 95 % of its draws.
const DEVIATIONS: f64 = 2.0;

/// Reads the parameter of this `name`; on a `grid` only what can be listed will do. Lists of numbers lie on `scale`,
/// where that is known.
pub fn read(
    name: &str,
    parameter: &Map<String, Json>,
    (grid, scale): (bool, Option<Scale>),
    notes: &mut Notes,
) -> Option<Given> {
    let kind = kind(parameter);
    let read = match kind {
        "constant" => parameter.get("value").cloned().map(Given::One).ok_or("value"),
        "categorical" | "categorical_w_probabilities" => {
            if parameter.contains_key("probabilities") {
                notes.remark(format!(
                    "{name}: values are drawn with equal probability; probabilities is ignored"
                ));
            }
            let values = parameter.get("values").and_then(Json::as_array).filter(|values| !values.is_empty());
            values.cloned().map(Given::List).ok_or("values")
        }
        "" => Err("value, values, or min and max"),
        _ => return range(name, kind, parameter, (grid, scale), notes).map(Given::Range),
    };
    read.map_err(|missing| notes.refuse(format!("{name} has no {missing}"))).ok()
}

/// The distribution's name, or the one that its keys imply.
fn kind(parameter: &Map<String, Json>) -> &str {
    let end = |key: &str| parameter.get(key).filter(|end| end.is_number() || end.is_string());
    match (parameter.get("distribution").and_then(Json::as_str), end("min"), end("max")) {
        (Some(named), ..) => named,
        _ if parameter.contains_key("value") => "constant",
        _ if parameter.contains_key("values") => "categorical",
        (None, Some(min), Some(max)) if min.is_i64() && max.is_i64() => "int_uniform",
        (None, Some(_), Some(_)) => "uniform",
        _ => "",
    }
}

fn range(
    name: &str,
    kind: &str,
    parameter: &Map<String, Json>,
    (grid, listed): (bool, Option<Scale>),
    notes: &mut Notes,
) -> Option<Domain> {
    let (base, quantum) = match kind.strip_prefix("q_") {
        Some(base) => (base, Some(number(parameter, "q").unwrap_or(1.0))),
        None => (kind, None),
    };
    let ends = ends(base, parameter);
    let (low, high, scale) = match ends {
        Err(why) => {
            notes.refuse(format!("{name}: {kind} {why}"));
            return None;
        }
        Ok((low, high, scale)) => (low, high, scale),
    };
    if !in_reach(name, kind, parameter, Ends { low, high, scale }, notes) {
        return None;
    }
    let none = kind == "int_uniform" && low.ceil() > high.floor();
    if low > high || none || (scale == Scale::Log && low <= 0.0) || quantum.is_some_and(|q| q <= 0.0) {
        notes.refuse(format!("{name}: {kind} from {low} to {high} is not a range"));
        return None;
    }
    if base.ends_with("normal") {
        let shown = |end: f64| Value::Float(round_significant(end, 4));
        notes.remark(format!(
            "{name}: {kind} is searched uniformly within two standard deviations of the mean, {} to {}",
            shown(low),
            shown(high)
        ));
    }
    if grid && !matches!(kind, "int_uniform" | "q_uniform") {
        notes.refuse(format!("{name}: a grid takes listed values, int_uniform or q_uniform, not {kind}"));
        return None;
    }
    let levels = match quantum {
        // A grid leaves out the upper end, as NumPy's arange does.
        Some(q) if grid => multiples(low, high - q, q, Scale::Linear),
        None if grid => multiples(low.ceil(), high.floor(), 1.0, Scale::Linear),
        Some(q) if q != 1.0 || scale == Scale::Log && low.round() < 1.0 => multiples(low, high, q, scale),
        None if kind != "int_uniform" => return Some(Domain::interval(low, high, scale, false)),
        None => return Some(Domain::interval(low.ceil(), high.floor(), scale, true)),
        _ => return Some(Domain::interval(low.round(), high.round(), scale, true)),
    };
    if levels.is_empty() || levels.len() > MOST {
        let count = if levels.is_empty() { "none" } else { "too many" };
        notes.refuse(format!("{name}: {count} of the multiples of q lie between {low} and {high}"));
        return None;
    }
    if scale == Scale::Log {
        let shown: Vec<String> = levels.iter().map(Value::to_string).collect();
        notes.remark(format!(
            "{name}: {kind} draws from multiples of q at equal ratios: {}",
            shown.join(", ")
        ));
    }
    Some(Domain::listed(levels, listed))
}

/// The ends of a range and its scale.
struct Ends {
    low: f64,
    high: f64,
    scale: Scale,
}

/// Whether the ends are numbers; remarks on exponents that were probably meant as values.
fn in_reach(name: &str, kind: &str, parameter: &Map<String, Json>, ends: Ends, notes: &mut Notes) -> bool {
    let Ends { low, high, scale } = ends;
    let given =
        |key: &str| number(parameter, key).map_or_else(String::new, |end| Value::Float(end).to_string());
    let exponents = !kind.ends_with("values") && kind.contains("log_");
    let vanishes = scale == Scale::Log && (high == 0.0 || exponents && low == 0.0);
    if !(low.is_finite() && high.is_finite()) || vanishes {
        let values = if exponents {
            "; it takes exponents of e, and log_uniform_values the values themselves"
        } else {
            ""
        };
        notes.refuse(format!(
            "{name}: {kind}{} reaches beyond the largest or the smallest number{values}",
            if parameter.contains_key("min") {
                format!(" from {} to {}", given("min"), given("max"))
            } else {
                String::new()
            }
        ));
        return false;
    }
    if exponents && number(parameter, "min").is_some_and(|min| min >= 0.0) {
        let shown = |end: f64| Value::Float(round_significant(end, 4));
        notes.remark(format!(
            "{name}: {kind} takes exponents of e, so values lie between {} and {}; for values from {} to {} write log_uniform_values",
            shown(low),
            shown(high),
            given("min"),
            given("max")
        ));
    }
    true
}

/// A number of a parameter; one in quotes, or whose exponent YAML takes for a word, is meant as one too.
fn number(parameter: &Map<String, Json>, key: &str) -> Option<f64> {
    let value = parameter.get(key)?;
    value.as_f64().or_else(|| value.as_str()?.parse().ok()).filter(|number| number.is_finite())
}

/// The ends of a distribution that is not quantized, and its scale; or what is wrong with it.
fn ends(base: &str, parameter: &Map<String, Json>) -> Result<(f64, f64, Scale), &'static str> {
    let given = || number(parameter, "min").zip(number(parameter, "max")).ok_or("needs min and max");
    let (mu, sigma) =
        (number(parameter, "mu").unwrap_or(0.0), number(parameter, "sigma").unwrap_or(1.0) * DEVIATIONS);
    let given = match base {
        "normal" | "log_normal" => (mu - sigma, mu + sigma),
        _ => given()?,
    };
    match base {
        "uniform" | "int_uniform" | "normal" => Ok((given.0, given.1, Scale::Linear)),
        "log_uniform_values" | "inv_log_uniform_values" => Ok((given.0, given.1, Scale::Log)),
        "log_uniform" | "log_normal" => Ok((given.0.exp(), given.1.exp(), Scale::Log)),
        "inv_log_uniform" => Ok(((-given.1).exp(), (-given.0).exp(), Scale::Log)),
        _ => Err("is not a supported distribution; use uniform, log_uniform_values or values"),
    }
}

/// The multiples of `q` nearest to what lies between the ends: all of them, or on a logarithmic scale those at ratios
/// as even as can be, the first of which is that of the first two multiples. One more than the most where there are too
/// many.
fn multiples(low: f64, high: f64, q: f64, scale: Scale) -> Vec<Value> {
    let (first, last) = ((low / q).round(), (high / q).round());
    let mut counts: Vec<f64> = if scale == Scale::Linear {
        (0..=MOST).map(|step| first + step as f64).take_while(|count| *count <= last).collect()
    } else {
        let first = first.max(1.0);
        let ratio = (1.0 / first).ln_1p();
        let steps = (((last / first).ln() / ratio).round().max(0.0) as usize).min(MOST_RATIOS);
        let share = |step: usize| if steps == 0 { 0.0 } else { step as f64 / steps as f64 };
        let spaced = (0..=steps).map(|step| (first * (last / first).powf(share(step))).round());
        spaced.filter(|count| *count <= last).collect()
    };
    counts.dedup();
    let value = |count: f64| {
        let number = round_significant(count * q, 12);
        // Beyond 2⁵³ not every whole number is one of these.
        let whole = q.fract() == 0.0 && number.abs() < 9e15;
        if whole { Value::Int(number as i64) } else { Value::Float(number) }
    };
    counts.into_iter().map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(parameter: &Json, grid: bool) -> Result<Domain, String> {
        let mut notes = Notes::default();
        match read("x", parameter.as_object().unwrap(), (grid, None), &mut notes) {
            Some(Given::Range(domain)) => Ok(domain),
            Some(_) => Err("not a range".into()),
            None => Err(notes.refused.join("\n")),
        }
    }

    fn span(parameter: &Json) -> (f64, f64, Scale, bool) {
        match of(parameter, false).unwrap() {
            Domain::Interval { low, high, scale, integer, .. } => (low, high, scale, integer),
            other => panic!("{other:?}"),
        }
    }

    fn levels(parameter: &Json, grid: bool) -> String {
        let levels: Vec<String> =
            of(parameter, grid).unwrap().levels().iter().map(Value::to_string).collect();
        levels.join(" ")
    }

    #[test]
    fn each_distribution_has_the_range_of_the_documentation() {
        assert_eq!(span(&json!({ "min": 1, "max": 9 })), (1.0, 9.0, Scale::Linear, true));
        assert_eq!(span(&json!({ "min": 0, "max": 0.5 })), (0.0, 0.5, Scale::Linear, false));
        let log =
            |kind: &str, min: f64, max: f64| span(&json!({ "distribution": kind, "min": min, "max": max }));
        assert_eq!(log("log_uniform_values", 1e-4, 0.1), (1e-4, 0.1, Scale::Log, false));
        assert_eq!(log("inv_log_uniform_values", 1e-4, 0.1), (1e-4, 0.1, Scale::Log, false));
        let (low, high, ..) = log("log_uniform", -11.0, -2.0);
        assert_eq!((low, high), ((-11f64).exp(), (-2f64).exp()));
        assert_eq!(log("inv_log_uniform", 2.0, 11.0), (low, high, Scale::Log, false));
        let normal = json!({ "distribution": "normal", "mu": 0.5, "sigma": 0.1 });
        assert_eq!(span(&normal), (0.3, 0.7, Scale::Linear, false));
        let quantized = json!({ "distribution": "q_log_uniform_values", "min": 4, "max": 400 });
        assert_eq!(span(&quantized), (4.0, 400.0, Scale::Log, true));
    }

    #[test]
    fn quantized_ranges_are_multiples() {
        let of = |kind: &str, q: f64| json!({ "distribution": kind, "min": 0.1, "max": 0.55, "q": q });
        assert_eq!(levels(&of("q_uniform", 0.1), false), "0.1 0.2 0.3 0.4 0.5 0.6");
        let batch = json!({ "distribution": "q_log_uniform_values", "min": 32, "max": 256, "q": 8 });
        assert_eq!(levels(&batch, false), "32 40 48 64 80 104 128 160 200 256");
        let grid = json!({ "distribution": "q_uniform", "min": 0, "max": 8, "q": 2 });
        assert_eq!(levels(&grid, true), "0 2 4 6");
        assert_eq!(levels(&json!({ "min": 1, "max": 4 }), true), "1 2 3 4");
    }

    #[test]
    fn what_is_no_range_is_named() {
        for (parameter, grid, advice) in [
            (json!({}), false, "x has no value, values, or min and max"),
            (
                json!({ "distribution": "beta", "min": 0, "max": 1 }),
                false,
                "beta is not a supported distribution",
            ),
            (json!({ "distribution": "uniform", "min": 1 }), false, "needs min and max"),
            (json!({ "distribution": "log_uniform_values", "min": 0, "max": 1 }), false, "not a range"),
            (json!({ "min": 2.0, "max": 1.0 }), false, "not a range"),
            (json!({ "min": 0.0, "max": 1.0 }), true, "a grid takes listed values"),
            (json!({ "distribution": "q_log_uniform_values", "min": 1e-5, "max": 1e-3 }), false, "none of"),
            (json!({ "distribution": "q_uniform", "min": 0, "max": 1, "q": 1e-6 }), false, "too many"),
        ] {
            let why = of(&parameter, grid).unwrap_err();
            assert!(why.contains(advice), "{parameter}: {why}");
        }
    }
}
