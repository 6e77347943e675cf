//! The progress lines that Keras prints.
//!
//! An epoch ends with a line such as `8/8 - 0s - 53ms/step - accuracy: 0.46 - loss: 0.72 - val_loss: 0.71`, with or
//! without a bar and colours before the figures. What `evaluate` prints outside an epoch becomes `eval_loss` and so on.

use super::Report;

/// Where in the training one is.
#[derive(Clone, Debug, Default)]
pub struct Keras {
    /// The epoch that was announced, from 1.
    epoch: u64,
    /// Whether that epoch's last line, with its validation, was seen.
    over: bool,
    /// Batches of the epoch, once known.
    batches: u64,
    /// The last count of batches.
    count: u64,
}

impl Keras {
    /// The report in a line.
    pub fn read(&mut self, line: &str) -> Option<Report> {
        let line = without_colours(line);
        let line = line.trim();
        if let Some(epoch) =
            line.strip_prefix("Epoch ").and_then(|rest| fraction(rest).map(|(epoch, _)| epoch))
        {
            *self = Keras { epoch, ..Keras::default() };
            return None;
        }
        let (count, total) = fraction(line)?;
        let figures: Vec<(&str, f64)> = line.split(" - ").filter_map(figure).collect();
        if figures.is_empty() {
            return None;
        }
        // A fit of one epoch does not announce it.
        self.epoch = self.epoch.max(1);
        let validated = figures.iter().any(|(name, _)| name.starts_with("val_"));
        // The last line of an epoch may come again, with the validation; other counts are those of an evaluation.
        if self.batches > 0 && (count < self.count || total != self.batches) {
            self.over = true;
        }
        (self.batches, self.count) = if self.over { (self.batches, self.count) } else { (total, count) };
        if count < total {
            return None;
        }
        let (step, epoch) = (Some(self.epoch * self.batches), Some(self.epoch as f64));
        let mut report = Report { step, epoch, ..Report::default() };
        for (name, number) in figures {
            report.put(&if self.over { format!("eval_{name}") } else { name.to_owned() }, number);
        }
        if validated {
            self.over = true;
        }
        report.some()
    }
}

/// `name: 0.31`.
fn figure(part: &str) -> Option<(&str, f64)> {
    let (name, number) = part.trim().split_once(": ")?;
    let plain = |c: char| c.is_alphanumeric() || c == '_';
    Some((name, number.trim().parse().ok()?)).filter(|(name, _)| name.chars().all(plain))
}

/// `3/10` at the start of a text.
fn fraction(text: &str) -> Option<(u64, u64)> {
    let (count, rest) = text.split_once('/')?;
    let total: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some((count.trim().parse().ok()?, total.parse().ok()?))
}

/// The text without terminal colour sequences and backspaces.
fn without_colours(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\u{1b}' => {
                letters.by_ref().find(char::is_ascii_alphabetic);
            }
            '\u{8}' => {}
            letter => text.push(letter),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Keras 3.15 printed them to a file, bars shortened.
    const BARS: [&str; 12] = [
        "Epoch 1/2",
        "\x1b[1m1/8\x1b[0m \x1b[32m━━\x1b[0m\x1b[37m━━━━\x1b[0m \x1b[1m12s\x1b[0m 2s/step - accuracy: 0.5625 - loss: 0.7036\x08\x08\x08",
        "\x1b[1m8/8\x1b[0m \x1b[32m━━━━━━\x1b[0m\x1b[37m\x1b[0m \x1b[1m1s\x1b[0m 70ms/step - accuracy: 0.4766 - loss: 0.7398",
        "\x1b[1m8/8\x1b[0m \x1b[32m━━━━━━\x1b[0m\x1b[37m\x1b[0m \x1b[1m1s\x1b[0m 70ms/step - accuracy: 0.4766 - loss: 0.7398",
        "\x1b[1m8/8\x1b[0m \x1b[32m━━━━━━\x1b[0m\x1b[37m\x1b[0m \x1b[1m2s\x1b[0m 78ms/step - accuracy: 0.4766 - loss: 0.7398 - val_accuracy: 0.4648 - val_loss: 0.7320",
        "Epoch 2/2",
        "8/8 - 0s - 28ms/step - accuracy: 0.4688 - loss: 0.7088 - val_accuracy: 0.4883 - val_loss: 0.7045",
        "\x1b[1m1/8\x1b[0m \x1b[32m━━\x1b[0m\x1b[37m━━━━\x1b[0m \x1b[1m0s\x1b[0m 49ms/step - accuracy: 0.3438 - loss: 0.7263\x08\x08",
        "\x1b[1m8/8\x1b[0m \x1b[32m━━━━━━\x1b[0m\x1b[37m\x1b[0m \x1b[1m0s\x1b[0m 8ms/step - accuracy: 0.4883 - loss: 0.7045 ",
        "Epoch 1/1",
        "1875/1875 - 2s - 1ms/step - accuracy: 0.8791 - loss: nan",
        "313/313 - 0s - 1ms/step - accuracy: 0.9 - loss: 0.5",
    ];

    #[test]
    fn the_last_line_of_an_epoch_counts_and_what_evaluate_prints() {
        let mut keras = Keras::default();
        let reports: Vec<Report> = BARS.iter().filter_map(|line| keras.read(line)).collect();
        let at: Vec<(Option<u64>, Option<f64>)> =
            reports.iter().map(|report| (report.step, report.epoch)).collect();
        let (first, second, third) = ((Some(8), Some(1.0)), (Some(16), Some(2.0)), (Some(1875), Some(1.0)));
        assert_eq!(at, [first, first, first, second, second, third, third]);
        assert_eq!((reports[2].metrics["val_loss"], reports[0].metrics["loss"]), (0.732, 0.7398));
        assert_eq!((reports[3].metrics["val_loss"], reports[4].metrics["eval_loss"]), (0.7045, 0.7045));
        assert!(reports[5].metrics["loss"].is_nan());
        assert_eq!(reports[6].metrics.keys().collect::<Vec<_>>(), ["eval_accuracy", "eval_loss"]);
        assert_eq!(keras.read("a/b - loss: 3"), None);
        let alone = Keras::default().read("8/8 - 0s - 28ms/step - loss: 0.7 - val_loss: 0.5").unwrap();
        assert_eq!((alone.epoch, alone.metrics["val_loss"]), (Some(1.0), 0.5));
    }
}
