//! A learning rate carried elsewhere, in words.

use sweep_study::StudyRecord;

use super::facts::{Refused, Transfer};
use crate::format::{brief, interval};

/// The point with its learning rate on one line, then what that rests on, a sentence per line.
pub fn lines(record: &StudyRecord, transfer: &Transfer) -> Vec<String> {
    let length = transfer.length.map(|length| format!(" {}={}", record.study.budget().0, brief(length)));
    let width = transfer.width.map(|width| format!(" hidden={width}"));
    let place =
        format!("batch={}{}{}", transfer.batch, length.unwrap_or_default(), width.unwrap_or_default());
    let lr = transfer.lr.estimate.map(brief).unwrap_or_default();
    let mut lines = vec![format!("{place} lr={lr}{}", interval(&transfer.lr))];
    lines.extend(transfer.basis.iter().cloned());
    lines
}

/// Why the study does not reach there, and the runs by which it would.
pub fn refusal(refused: &Refused) -> String {
    let runs: String = refused.runs.iter().map(|run| format!("\n  {run}")).collect();
    let advice = if runs.is_empty() { runs } else { format!("\nThe cheapest runs that would do:{runs}") };
    format!("{}{advice}", refused.why)
}
