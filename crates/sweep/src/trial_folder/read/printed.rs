//! The metric that ranks, in what a program prints in its own words.
//!
//! `val_loss: 0.416`, `val_loss=0.416`, `val loss 0.416`, the dicts of the Hugging Face trainer (`{'eval_loss': '2.284',
//! 'epoch': '1'}`), the rows of Lightning's tables (`│ val_loss │ 0.416 │`) and the figures beside tqdm's bars. The name
//! must be that of the metric, whatever stands between its words.

use std::collections::BTreeMap;

use regex::Regex;

use super::Report;

/// A number as programs print it.
const NUMBER: &str = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?(?:nan|NaN|NAN|inf|Inf|Infinity)";

/// What may stand between a name and its number: `=`, `:`, the bar of a table, or blanks, with quotes.
const BETWEEN: &str = r#"['"]?\s*(?:[:=│┃|]|\bis\b)?\s*['"]?(?:tensor\()?"#;

/// Reads the lines that a program prints for one metric.
#[derive(Clone, Debug)]
pub struct Printed {
    metric: String,
    own: Regex,
    other: Regex,
    epoch: Regex,
    step: Regex,
    /// The last value beside a bar, which is drawn again and again.
    beside: Option<f64>,
}

impl Printed {
    /// For lines that name `metric`; `None` for a name without a letter or digit.
    pub fn new(metric: &str) -> Option<Printed> {
        let words: Vec<String> = metric
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(regex::escape)
            .collect();
        if words.is_empty() {
            return None;
        }
        let name = words.join(r"[\s_/.\-]?");
        let read = |pattern: String| Regex::new(&pattern).ok();
        Some(Printed {
            metric: metric.to_owned(),
            own: read(format!(r"(?i)(?:^|[^\w/.\-])(?:{name}){BETWEEN}({NUMBER})(?:[^\w.%]|\.?$|\.\s)"))?,
            other: read(format!(r#"(?:^|[\s,{{(\[|│])['"]?([A-Za-z_][\w/.\-]*)['"]?\s*[:=]\s*['"]?({NUMBER})(?:[^\w.%]|\.?$)"#))?,
            epoch: read(r"(?i)(?:^|[^\w])epochs?['\x22]?\s*[:=\[(#]?\s*['\x22]?(\d+(?:\.\d+)?)".to_owned())?,
            step: read(r"(?i)(?:^|[^\w])(?:global_?)?(?:steps?|iter(?:ation)?s?)['\x22]?\s*[:=\[(#]?\s*['\x22]?(\d+)".to_owned())?,
            beside: None,
        })
    }

    /// The report in a line that names the metric: its last value there, with the step, the epoch and the other figures
    /// of the line.
    pub fn read(&mut self, line: &str) -> Option<Report> {
        // A bar that is drawn anew begins after the carriage return.
        let line = line.rsplit('\r').find(|part| !part.trim().is_empty()).unwrap_or(line);
        let last = self.own.captures_iter(line).last()?;
        let value: f64 = last.get(1)?.as_str().parse().ok()?;
        if is_bar(line) {
            if self.beside.is_some_and(|before| before.to_bits() == value.to_bits()) {
                return None;
            }
            self.beside = Some(value);
        }
        let mut metrics: BTreeMap<String, f64> = BTreeMap::new();
        for groups in self.other.captures_iter(line) {
            let (name, number) = (groups.get(1)?.as_str(), groups.get(2)?.as_str());
            if let Ok(number) = number.parse() {
                metrics.insert(name.to_owned(), number);
            }
        }
        let mut report = Report::default();
        for (name, number) in metrics {
            let lower = name.to_lowercase();
            if !matches!(
                lower.as_str(),
                "epoch" | "epochs" | "step" | "steps" | "iter" | "iteration" | "global_step"
            ) {
                report.put(&name, number);
            }
        }
        report.metrics.insert(self.metric.clone(), value);
        let number = |regex: &Regex| regex.captures(line)?.get(1)?.as_str().parse::<f64>().ok();
        if !is_bar(line) {
            report.step = number(&self.step).map(|step| step as u64);
        }
        report.epoch = number(&self.epoch);
        Some(report)
    }
}

/// Whether a line is a bar of tqdm: `100%|████| 10/10 [00:00<00:00, 99.9it/s, val_loss=0.4]`.
pub fn is_bar(line: &str) -> bool {
    line.contains("%|") || line.contains("it/s") || line.contains("s/it")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(metric: &str, line: &str) -> Option<f64> {
        Printed::new(metric)?.read(line).map(|report| report.metrics[metric])
    }

    #[test]
    fn the_metric_is_found_in_the_words_of_programs() {
        for (metric, line, found) in [
            ("val_loss", "val_loss: 0.416", 0.416),
            ("val_loss", "val_loss=0.416", 0.416),
            ("val_loss", "Val Loss 0.416", 0.416),
            ("val_loss", "epoch 3  train_loss 0.5  val_loss 0.416  acc 0.9", 0.416),
            ("val_loss", "[epoch 1/5] loss=0.50, val-loss = 4.16e-1", 0.416),
            ("val/loss", "step 10 | val/loss 0.416", 0.416),
            ("val_loss", "INFO:root:val_loss: 0.416.", 0.416),
            ("eval_loss", "{'eval_loss': '2.284', 'eval_runtime': '0.04', 'epoch': '1'}", 2.284),
            ("eval_loss", "{'eval_loss': 2.284, 'epoch': 1.0}", 2.284),
            ("val_loss", "│         val_loss          │    0.41637951135635376    │", 0.41637951135635376),
            ("val_loss", "Epoch 1: 100%|███| 10/10 [00:00<00:00, 99.1it/s, v_num=0, val_loss=0.416]", 0.416),
            ("val_loss", "\r 10%|█ |\rEpoch 1: 100%|██| 9/9 [00:00, 1.2s/it, val_loss=.416]", 0.416),
            ("accuracy", "test: Accuracy: 0.91, F1: 0.8", 0.91),
            ("loss", "epoch 2 loss nan", f64::NAN),
            ("val_loss", "val_loss is tensor(0.416, device='cuda:0')", 0.416),
        ] {
            let read = value(metric, line);
            assert!(
                read.is_some_and(|read| read == found || read.is_nan() && found.is_nan()),
                "{line}: {read:?}"
            );
        }
    }

    #[test]
    fn other_words_are_not_the_metric() {
        for (metric, line) in [
            ("loss", "val_loss: 0.4"),
            ("loss", "train/loss=0.4"),
            ("val_loss", "val_loss_smooth: 0.4"),
            ("val_loss", "best val_loss so far: epoch 3"),
            ("accuracy", "accuracy: 91.2%"),
            ("acc", "accuracy: 0.9"),
            ("val_loss", "val_loss: 0.4.1"),
            ("val_loss", "saving model_val_loss=0.31.ckpt"),
        ] {
            assert_eq!(value(metric, line), None, "{line}");
        }
        assert!(Printed::new("%%").is_none());
    }

    #[test]
    fn step_epoch_and_the_other_figures_of_the_line_are_read() {
        let mut printed = Printed::new("val_loss").unwrap();
        let report = printed.read("Epoch 3/10, step: 300, train_loss=0.5, val_loss=0.4, lr: 1e-3").unwrap();
        assert_eq!((report.epoch, report.step), (Some(3.0), Some(300)));
        assert_eq!((report.metrics["train_loss"], report.metrics["lr"]), (0.5, 1e-3));
        let dict = printed.read("{'val_loss': '0.3', 'epoch': '1.5', 'step': 7}").unwrap();
        assert_eq!((dict.epoch, dict.step, dict.metrics.len()), (Some(1.5), Some(7), 1));
        let bare = printed.read("val_loss 0.25").unwrap();
        assert_eq!((bare.epoch, bare.step), (None, None));
    }

    #[test]
    fn a_bar_is_read_once_a_value() {
        let mut printed = Printed::new("val_loss").unwrap();
        let bars = [0.5, 0.5, 0.5, 0.4, 0.4];
        let read =
            bars.map(|loss| printed.read(&format!("9%|█ | 1/9 [00:00, 9it/s, val_loss={loss}]")).is_some());
        assert_eq!(read, [true, false, false, true, false]);
    }
}
