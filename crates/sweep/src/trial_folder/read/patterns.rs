//! Metrics by pattern: `--read 'val_loss=val loss: ([0-9.eE+-]+)'`.

use regex::Regex;

use super::Report;

/// A number as programs print it, for patterns that name only a metric.
const NUMBER: &str = r"([-+]?(?:[0-9.]+(?:[eE][-+]?[0-9]+)?|nan|NaN|inf|Inf|Infinity))";

/// Patterns by the metric that each one reads.
#[derive(Clone, Debug)]
pub struct Patterns(Vec<(String, Regex)>);

impl Patterns {
    /// Compiles the patterns. One that begins with its group is preceded by the metric's name and `=` or `:`; one
    /// without a group reads the number that follows its text and `=` or `:`.
    ///
    /// # Errors
    /// The metric whose pattern cannot be read, and why.
    pub fn new(patterns: &[(String, String)]) -> Result<Patterns, String> {
        let compile = |(name, pattern): &(String, String)| {
            let read = |pattern: &str| {
                Regex::new(pattern).map_err(|error| {
                    format!("the pattern of {name} is not a valid regular expression: {error}")
                })
            };
            let regex = read(pattern)?;
            if pattern.starts_with('(') {
                let escaped = regex::escape(name);
                return Ok((name.clone(), read(&format!(r"(?:^|[^\w])(?:{escaped})\s*[=:]\s*{pattern}"))?));
            }
            let whole = regex.captures_len() > 1;
            Ok((
                name.clone(),
                if whole { regex } else { read(&format!(r"(?:{pattern})\s*[=:]\s*{NUMBER}"))? },
            ))
        };
        patterns.iter().map(compile).collect::<Result<_, _>>().map(Patterns)
    }

    /// Whether one of them reads `metric`.
    pub fn reads(&self, metric: &str) -> bool {
        self.0.iter().any(|(name, _)| name == metric)
    }

    /// The report in a line: the last match of each pattern.
    pub fn read(&self, line: &str) -> Option<Report> {
        let mut report = Report::default();
        for (name, regex) in &self.0 {
            let last = regex.captures_iter(line).last();
            let number = last.and_then(|groups| groups.get(1)?.as_str().parse().ok());
            if let Some(number) = number {
                report.put(name, number);
            }
        }
        report.some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns(pairs: &[(&str, &str)]) -> Result<Patterns, String> {
        let owned: Vec<(String, String)> =
            pairs.iter().map(|(name, pattern)| ((*name).to_owned(), (*pattern).to_owned())).collect();
        Patterns::new(&owned)
    }

    #[test]
    fn the_group_of_a_pattern_is_the_number() {
        let read = patterns(&[
            ("val_loss", "([0-9.eE+-]+)"),
            ("loss", "([0-9.eE+-]+)"),
            ("step", r"step (\d+)"),
            ("accuracy", "accuracy"),
        ])
        .unwrap();
        let report = read.read("step 30: val_loss=3.1e-1, accuracy: 0.9").unwrap();
        assert_eq!(
            (report.step, report.metrics["val_loss"], report.metrics["accuracy"]),
            (Some(30), 0.31, 0.9)
        );
        assert!(read.read("accuracy = nan").unwrap().metrics["accuracy"].is_nan());
        assert_eq!(read.read("val_loss=-, step 3"), None);
        assert!(patterns(&[("loss", "(")]).unwrap_err().contains("loss"));
    }
}
