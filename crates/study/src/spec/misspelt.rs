//! Keys of a study file that are probably misspelt, or are those of other tools.

use sweep_settings::names::BUDGETS;

use super::file::keys;

/// What other tools call the table of axes.
const SPACES: [&str; 10] = [
    "axes",
    "axis",
    "parameters",
    "params",
    "grid",
    "search_space",
    "searchspace",
    "hyperparameters",
    "sweep",
    "variables",
];

/// The shortest key that one letter more or less misspells, and the shortest that two do.
const LONG: usize = 6;
const LONGER: usize = 8;

/// Why the setting `name`, which a study file gives at its top, is probably meant otherwise; `None` where it may well be
/// a setting.
pub(super) fn meant(name: &str) -> Option<String> {
    let (first, dotted) = name.split_once('.').map_or((name, false), |(first, _)| (first, true));
    if dotted && SPACES.contains(&first.to_lowercase().as_str()) {
        return Some(format!("[{first}] is not a table of a study file; the axes stand in [space]"));
    }
    let close = |key: &&str| match strsim::osa_distance(first, key) {
        1 if key.len() >= LONGER || swapped(first, key) => true,
        // One letter for another makes another word: samples is no sampler.
        1 => key.len() >= LONG && first.len() != key.len(),
        2 => key.len() >= LONGER && first.chars().next() == key.chars().next(),
        _ => false,
    };
    let key = keys().chain(BUDGETS).filter(close).min_by_key(|key| strsim::osa_distance(first, key))?;
    let other = if dotted { format!("[{key}]") } else { key.to_owned() };
    Some(format!(
        "there is no key `{first}`; did you mean {other}? A parameter of this name stands in [space]"
    ))
}

/// Whether the two have the same letters.
fn swapped(word: &str, key: &str) -> bool {
    let sorted = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.sort_unstable();
        letters
    };
    sorted(word) == sorted(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_keys_are_told_from_other_names() {
        for (name, key) in [
            ("sampelr", "sampler"),
            ("trails", "trials"),
            ("epocs", "epochs"),
            ("replicate", "replicates"),
            ("sede", "seed"),
            ("minimise", "minimize"),
            ("axes.x", "[space]"),
            ("parameters.lr", "[space]"),
            ("spcae.lr", "[space]"),
        ] {
            let said = meant(name).unwrap_or_else(|| panic!("{name}"));
            assert!(said.contains(key), "{said}");
        }
        for name in
            ["tag", "test", "dropout", "samples", "tuner", "date", "model.layers", "grid", "width", "seed"]
        {
            assert_eq!(meant(name), None, "{name}");
        }
    }
}
