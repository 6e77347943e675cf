//! The verdict as text for a terminal.

use sweep_study::StudyRecord;

use super::scarce::parted;
use super::{Topic, octaves, rest, sentences, status};
use crate::facts::{BatchBest, Facts};
use crate::format::brief;
use crate::{format, text};

/// The verdict: first a warning if the best lies on the border, then a line per batch size, then what went wrong.
///
/// Ends with a newline. The `sweep extend` command stands on a line of its own, ready to be copied.
pub fn verdict(record: &StudyRecord, facts: &Facts) -> String {
    let mut text = String::new();
    let sentences = sentences(record, facts);
    let about = |topics: &[Topic]| {
        let chosen = sentences.iter().filter(|sentence| topics.contains(&sentence.topic));
        chosen.map(|sentence| format!("{}\n", sentence.text)).collect::<String>()
    };
    text += &about(&[Topic::Edge, Topic::Nothing]);
    if !facts.extend.is_empty() && !octaves::drawn(facts) {
        text += &format!("  {}\n", text::extend_command(&record.study, facts));
    }
    if facts.best.is_some() {
        text += if text.is_empty() { "" } else { "\n" };
        text +=
            &if facts.best_per_batch.is_empty() { about(&[Topic::Best]) } else { by_batch(record, facts) };
    }
    let rest: String = rest(&sentences, facts).iter().map(|sentence| format!("{sentence}\n")).collect();
    if !rest.is_empty() {
        text += if text.is_empty() { "" } else { "\n" };
        text += &rest;
    }
    text
}

/// One aligned line per batch size under a heading with metric, budget and seeds.
fn by_batch(record: &StudyRecord, facts: &Facts) -> String {
    let (rows, others) = parted(record, facts);
    let named = |row: &BatchBest| text::row_name(&record.study, row.panel.as_ref(), row.batch);
    let value = |row: &BatchBest| row.value.map(|value| format::with_error(facts, value, row.stderr));
    let line = |row: &&BatchBest| [named(row), learning_rate(facts, row), value(row).unwrap_or_default()];
    let drawn = octaves::drawn(facts);
    let lines = if drawn { octaves::lines(record, facts) } else { rows.iter().map(line).collect() };
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let (name_width, rates_width) = (width(0), width(1));
    let metric = text::capital(&text::metric(facts));
    let sure = !drawn && facts.best_per_batch.iter().any(|row| row.lr.low.is_some());
    let sure = if sure { ", 95 % interval of η" } else { "" };
    let mut text = format!("{metric} by batch size ({}{sure})\n", text::conditions(facts, ", "));
    for [name, rate, value] in &lines {
        text += format!("  {name:name_width$}  {rate:rates_width$}  {value}").trim_end();
        text.push('\n');
    }
    if let Some(others) = others.filter(|_| !drawn) {
        text += &format!("  {others}\n");
    }
    text
}

fn learning_rate(facts: &Facts, row: &BatchBest) -> String {
    let lr = row.cell.and_then(|index| facts.cells.get(index)?.lr).map(format::short).unwrap_or_default();
    if row.value.is_none() {
        return status::why_none(row.lr.status).unwrap_or_default().to_owned();
    }
    match (status::why_none(row.lr.status), row.lr.estimate, row.lr.low, row.lr.high) {
        (Some(why), ..) => format!("best measured η = {lr}, {why}"),
        (None, Some(best), Some(low), Some(high)) => {
            format!("best η = {} ({} to {})", brief(best), brief(low), brief(high))
        }
        _ => format!("best η = {lr}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{Made, diverged, stuck};
    use sweep_study::Split;

    fn verdict_of(made: Made) -> String {
        let record = made.record();
        verdict(&record, &crate::facts(&record))
    }

    fn grid(values: [[f64; 3]; 2]) -> Made {
        let mut made = Made::new(&["lr=0.01,0.1,1", "batch=16,32"]);
        for (batch, row) in [16, 32].into_iter().zip(values) {
            for (lr, value) in ["0.01", "0.1", "1"].into_iter().zip(row) {
                made = made.trial(&format!("lr={lr} batch={batch}"), &[value]);
            }
        }
        made
    }

    #[test]
    fn it_opens_with_the_border_and_names_no_best_there() {
        let text = verdict_of(grid([[0.5, 0.3, 0.1], [0.6, 0.2, 0.4]]));
        assert_eq!(
            text,
            "The best learning rate lies on the border lr=1 for B=16. A better one may lie beyond, so none is \
             estimated there.\n  \
             sweep extend made-up lr=..10\n\n\
             Final validation loss by batch size (3 epochs, 1 seed)\n  \
             B=16  best measured η = 1, on the border of what was tried  0.100\n  \
             B=32  best η = 0.1                                          0.200\n\n\
             Importance (share of the variance over the grid): learning rate 51 %, learning rate and batch size \
             together 46 % and batch size 3 %.\n\
             None of 6 points diverged or got stuck.\n\
             The best point has batch=16, the last value tried on that axis.\n"
        );
    }

    #[test]
    fn every_line_of_results_stands_under_budget_and_seeds() {
        let text = verdict_of(
            grid([[0.5, 0.1, 0.3], [0.6, 0.104, 0.4]]).with(|study| study.split = Split::Textbook),
        );
        assert!(
            text.starts_with("Final validation loss by batch size (3 epochs, 1 seed)\n  B=16  best η = 0.1"),
            "{text}"
        );
        assert!(text.contains(
            "2 points, including the best, cannot be distinguished (within 5 %: each point ran once, \
             and nothing shows the noise)."
        ));
        assert!(text.contains("Validated on the test set"), "{text}");
    }

    #[test]
    fn divergence_and_chance_are_counted() {
        let made = Made::new(&["lr=0.01,0.1,1,10"]).replicates(2);
        let made = made.trial("lr=0.01", &[0.4, 0.5]).trial("lr=0.1", &[0.1, 0.12]);
        let made =
            made.outcomes("lr=1", vec![Ok(0.2), diverged(5)]).outcomes("lr=10", vec![stuck(2.3), stuck(2.3)]);
        let text = verdict_of(made);
        let line = "Of 4 points, 1 got stuck at chance and 1 completed for some seeds only; the lowest learning rate \
                    to diverge is 1.";
        assert!(text.contains(line), "{text}");
        assert!(
            text.contains("B=32  best measured η = 0.1, next to a rate that did not complete  0.110 ± 0.010"),
            "{text}"
        );
    }

    #[test]
    fn when_everything_diverged_the_verdict_advises_what_to_try() {
        let made =
            Made::new(&["lr=1,10"]).outcomes("lr=1", vec![diverged(5)]).outcomes("lr=10", vec![diverged(2)]);
        let text = verdict_of(made);
        assert_eq!(
            text,
            "Every trial diverged (3 epochs, 1 seed); at the lowest learning rate tried, lr=1, in step 5. \
             Try lower learning rates.\n  sweep extend made-up lr=0.1..\n\n\
             Of 2 points, 2 diverged; the lowest learning rate to diverge is 1.\n"
        );
    }

    #[test]
    fn a_study_without_learning_rates_names_its_best_point() {
        let made =
            Made::new(&["momentum=0,0.5,0.9"]).trial("momentum=0", &[0.3]).trial("momentum=0.5", &[0.1]);
        let text = verdict_of(made);
        assert!(
            text.starts_with("Best at momentum=0.5: final validation loss 0.100 (3 epochs, 1 seed).\n"),
            "{text}"
        );
        assert!(text.contains("1 trial has not been run."), "{text}");
    }
}
