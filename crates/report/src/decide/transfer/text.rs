//! A learning rate transferred to another setting, in words.

use sweep_study::StudyRecord;

use super::facts::{BEYOND, Basis, Reason, Refused, Transfer};
use crate::facts::FEWEST;
use crate::format::{brief, interval};
use crate::verdict;

/// The point with its learning rate on one line, then its basis, one sentence per line.
pub fn lines(record: &StudyRecord, transfer: &Transfer) -> Vec<String> {
    let length = transfer.length.map(|length| format!(" {}={}", record.study.budget().0, brief(length)));
    let width = transfer.width.map(|width| format!(" hidden={width}"));
    let place =
        format!("batch={}{}{}", transfer.batch, length.unwrap_or_default(), width.unwrap_or_default());
    let lr = transfer.lr.estimate.map(brief).unwrap_or_default();
    let mut lines = vec![format!("{place} lr={lr}{}", interval(&transfer.lr))];
    lines.extend(basis(record, transfer));
    let ended = record.trials.len() as u64;
    if ended < record.planned {
        lines.push(format!("From {ended} of {} trials: the others have not been run.", record.planned));
    }
    lines
}

/// The basis of the learning rate, in sentences.
pub fn basis(record: &StudyRecord, transfer: &Transfer) -> Vec<String> {
    transfer.basis.iter().flat_map(|basis| sentence(record, basis)).collect()
}

/// A sentence; `None` for a horizon without an exponent.
fn sentence(record: &StudyRecord, basis: &Basis) -> Option<String> {
    Some(match basis {
        Basis::Measured { batch } => format!("B={batch} was measured."),
        Basis::Batches { knee, span } => {
            let shape = match knee {
                Some(knee) => format!("a ridge that levels off beyond B={}", brief(*knee)),
                None => "a power law".to_owned(),
            };
            format!("By {shape} through {} batch sizes from {} to {}.", span.count, span.low, span.high)
        }
        Basis::Lengths { span, unit, batch } => format!(
            "By a power law through {} lengths from {} to {} {unit}, at B={batch}.",
            span.count,
            brief(span.low),
            brief(span.high)
        ),
        Basis::Horizon(horizon) => return verdict::horizon_sentence(record, horizon),
        Basis::Mup { width } => {
            format!("Under μP the best rate is the same at width {width} (G. Yang et al. 2022).")
        }
    })
}

/// Why the study does not support the transfer, and the runs that would change this.
pub fn refusal(refused: &Refused) -> String {
    let runs: String = refused.runs.iter().map(|run| format!("\n  {run}")).collect();
    let advice = if runs.is_empty() { runs } else { format!("\nThe cheapest runs that are enough:{runs}") };
    format!("{}{advice}", reason(&refused.reason))
}

fn reason(reason: &Reason) -> String {
    match reason {
        Reason::Nothing => "no point with a batch size completed".to_owned(),
        Reason::NotMup => {
            "only under μP (parametrization=mup) does the best learning rate stay the same as the \
                           width grows, and the study did not use it"
                .to_owned()
        }
        Reason::FewBatches { known } => format!(
            "a ridge (best learning rate against batch size) needs {FEWEST} batch sizes whose best learning rate has \
             an interval; the study has {known}"
        ),
        Reason::FarBatch { span, batch } => format!(
            "the ridge was measured from B={} to {} and is extrapolated by a factor of at most {BEYOND}; B={batch} \
             lies outside",
            span.low, span.high
        ),
        Reason::NoRidge => "no curve can be fitted to the batch sizes".to_owned(),
        Reason::FewLengths { known, unit, batch } => format!(
            "a longer training needs {FEWEST} lengths (an axis such as {unit}=1,3,10) with a known best learning rate \
             at B={batch}; the study has {known}"
        ),
        Reason::FarLength { span, unit, wanted } => format!(
            "the study spans {unit} {} to {} and is extrapolated by at most the same factor of {}; {} lies outside",
            brief(span.low),
            brief(span.high),
            brief(span.high / span.low),
            brief(*wanted)
        ),
        Reason::NoPowerLaw => "no power law can be fitted to the lengths".to_owned(),
    }
}
