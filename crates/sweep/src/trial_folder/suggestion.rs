//! Which option would read the ranked metric from what a program printed.

use std::collections::BTreeSet;

use regex::Regex;

/// Words that mean the same in the names of metrics.
const SAME: [&[&str]; 5] = [
    &["val", "valid", "validation", "dev", "eval", "evaluation", "test", "heldout"],
    &["acc", "accuracy", "top1", "acc1"],
    &["loss", "nll", "ce", "crossentropy", "mse", "mae"],
    &["ppl", "perplexity"],
    &["train", "training"],
];

/// The figures that programs print: their name, what stands between, the number, and whether it is in percent.
const FIGURE: &str = r"([A-Za-z][A-Za-z0-9_./@-]*(?: [A-Za-z][A-Za-z0-9_./@-]*){0,2})(['\x22]?\s*[:=]?\s*['\x22]?)(-?\d*\.?\d+(?:[eE][-+]?\d+)?)(%?)";

/// A figure that looks like the metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// The option to type: `--read 'val_loss=Validation loss: ([0-9.eE+-]+)'`.
    pub option: String,
    /// How often it was printed.
    pub count: usize,
}

/// The figure in `output` that looks most like `metric`; of equals the last.
pub fn suggestion(metric: &str, output: &str) -> Option<Suggestion> {
    let regex = Regex::new(FIGURE).ok()?;
    let wanted = meanings(metric);
    let mut best: Option<(usize, String, String, bool)> = None;
    for line in output.lines() {
        for groups in regex.captures_iter(line) {
            let (name, between) = (groups.get(1)?.as_str(), groups.get(2)?.as_str());
            let own = meanings(name);
            let (shared, more) = (own.intersection(&wanted).count(), own.difference(&wanted).count());
            // Of a name with several words too many the last ones may be the metric's.
            let score = (4 * shared).saturating_sub(more);
            if shared > 0 && best.as_ref().is_none_or(|(most, ..)| score >= *most) {
                let percent = groups.get(4).is_some_and(|percent| !percent.as_str().is_empty());
                best = Some((score, name.to_owned(), between.to_owned(), percent));
            }
        }
    }
    let (_, name, between, percent) = best?;
    let before = format!("{}{}", regex::escape(&name), regex::escape(&between).replace("\\ ", " "));
    let number = if percent { "([0-9.]+)%" } else { "([0-9.eE+-]+)" };
    let count = output.matches(&format!("{name}{between}")).count();
    let pattern = format!("{metric}={before}{number}");
    Some(Suggestion { option: format!("--read {}", crate::shell::quoted(&pattern)), count })
}

/// The meanings of the words of a name.
fn meanings(name: &str) -> BTreeSet<String> {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let meaning = |word: &str| {
        let word = word.to_lowercase();
        let same = SAME.iter().find(|same| same.contains(&word.as_str()));
        same.map_or(word, |same| same[0].to_owned())
    };
    words.map(meaning).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn option(metric: &str, output: &str) -> Option<String> {
        suggestion(metric, output).map(|suggestion| suggestion.option)
    }

    #[test]
    fn the_figure_most_like_the_metric_is_offered() {
        let text = "epoch 1 train loss 0.9\nValidation loss: 0.5 (best 0.5)\n";
        let offered = option("val_loss", text).unwrap();
        assert_eq!(offered, "--read 'val_loss=Validation loss: ([0-9.eE+-]+)'");
        assert_eq!(option("accuracy", "top1 91.2%").unwrap(), "--read 'accuracy=top1 ([0-9.]+)%'");
        assert_eq!(suggestion("val_loss", &text.repeat(3)).unwrap().count, 3);
        assert_eq!(option("val_loss", "epoch 1\nlr 0.1\n"), None);
    }
}
