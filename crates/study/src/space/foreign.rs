//! Syntax of other tools: what to write here instead.

use sweep_settings::{Role, plain, quoted, short};

/// Functions of other tools that draw from a range, and the suffix that a range like theirs has here.
const DRAWS: [(&str, &str); 11] = [
    ("loguniform", ":log"),
    ("log_uniform", ":log"),
    ("qloguniform", ":log"),
    ("logspace", ":log"),
    ("geomspace", ":log"),
    ("uniform", ":lin"),
    ("quniform", ":lin"),
    ("linspace", ":lin"),
    ("interval", ":lin"),
    ("randint", ":int"),
    ("range", ":int"),
];

/// Functions of other tools that list values.
const LISTS: [&str; 3] = ["choice", "grid_search", "categorical"];

/// What to write instead of `values`, the text after `name=`, where another tool would understand it: `[0.1,0.01]`,
/// `loguniform(1e-3,1e-1)`, and for a parameter that is a number `1e-3:1e-1` and `1e-3-1e-1`.
pub fn instead(name: &str, values: &str, number: bool) -> Option<String> {
    let values = values.trim();
    if quoted::unquoted(values).is_some() {
        return None;
    }
    bracketed(name, values, number).or_else(|| drawn(name, values)).or_else(|| {
        let found = number.then(|| ends(values)).flatten()?;
        Some(range(name, found, if Role::of(name) == Some(Role::LearningRate) { "" } else { ":lin" }))
    })
}

/// `name=low..high` with a suffix.
fn range(name: &str, (low, high): (f64, f64), suffix: &str) -> String {
    let (low, high) = if low <= high { (low, high) } else { (high, low) };
    format!("a range is {name}={}..{}{suffix}", plain(low), plain(high))
}

fn bracketed(name: &str, values: &str, number: bool) -> Option<String> {
    let pairs = [('[', ']'), ('(', ')'), ('{', '}')];
    let (open, close) = pairs.into_iter().find(|(open, _)| values.starts_with(*open))?;
    let inner = values.strip_prefix(open)?.strip_suffix(close)?;
    let items: Vec<&str> = inner.split(',').map(str::trim).collect();
    if number && items.iter().all(|item| item.parse::<f64>().is_ok()) {
        return Some(format!("a list has no brackets: {}", short(&format!("{name}={}", items.join(",")))));
    }
    if items.len() < 2 || inner.contains(['[', '(', '{', ':', '*']) {
        return None;
    }
    Some(format!(
        "a list has no brackets: {}; one value with brackets stands in quotes: {}",
        short(&format!("{name}={}", items.join(","))),
        short(&format!("{name}='{values}'"))
    ))
}

fn drawn(name: &str, values: &str) -> Option<String> {
    let (function, rest) = values.trim_start_matches('~').split_once('(')?;
    let inner = rest.strip_suffix(')')?;
    // A name may stand before it: `tune.loguniform`, `hp.loguniform`.
    let function = function.trim().rsplit('.').next()?.to_lowercase();
    let words: Vec<&str> = inner.split(',').map(str::trim).collect();
    if LISTS.contains(&function.as_str()) {
        let items: Vec<&str> = words.iter().map(|word| word.trim_matches(['[', ']', ' '])).collect();
        return Some(format!("a list is {}", short(&format!("{name}={}", items.join(",")))));
    }
    let (_, suffix) = DRAWS.iter().find(|(draw, _)| *draw == function)?;
    let numbers: Vec<f64> = words.iter().filter_map(|word| word.parse().ok()).collect();
    match numbers.as_slice() {
        [low, high, ..] => Some(range(name, (*low, *high), suffix)),
        _ => Some(format!("a range is {name}=lo..hi{suffix}")),
    }
}

/// The ends of `1e-3:1e-1`, `0:1:0.1` or `1e-3-1e-1`.
fn ends(values: &str) -> Option<(f64, f64)> {
    let number = |word: &str| word.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    let parts: Vec<f64> = values.split(':').filter_map(number).collect();
    if parts.len() >= 2 && parts.len() == values.split(':').count() {
        return Some((parts[0], parts[1]));
    }
    let dashes = values.match_indices('-').filter(|(at, _)| *at > 0);
    let mut cuts = dashes.filter_map(|(at, _)| Some((number(&values[..at])?, number(&values[at + 1..])?)));
    cuts.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_other_tools_write_has_a_form_here() {
        for (values, form) in [
            ("1e-3-1e-1", "lr=0.001..0.1"),
            ("0.001-0.1", "lr=0.001..0.1"),
            ("1e-3:1e-1", "lr=0.001..0.1"),
            ("0:1:0.1", "lr=0..1"),
            ("[0.1, 0.01]", "lr=0.1,0.01"),
            ("(0.1,0.01)", "lr=0.1,0.01"),
            ("[1e-3]", "lr=1e-3"),
            ("loguniform(1e-3,1e-1)", "lr=0.001..0.1:log"),
            ("tune.loguniform(1e-3, 1e-1)", "lr=0.001..0.1:log"),
            ("choice(0.1,0.2)", "lr=0.1,0.2"),
            ("choice([0.1, 0.2])", "lr=0.1,0.2"),
        ] {
            let said = instead("lr", values, true).unwrap();
            assert!(said.contains(form), "{values}: {said}");
        }
    }

    #[test]
    fn words_stay_words() {
        for values in ["cosine", "-0.1", "1e-3", "a-b", "resnet-50", "'[1,2]'", "0.1*(batch+1)", "[a]"] {
            assert_eq!(instead("x", values, true), None, "{values}");
        }
        for values in ["1:5", "2020-2021"] {
            assert_eq!(instead("x", values, false), None, "{values}");
        }
    }
}
