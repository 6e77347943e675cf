//! A learning rate transferred to another setting, in words.

use sweep_study::StudyRecord;

use super::facts::{BEYOND, Basis, Transfer};
use super::refused::{Reason, Refused};
use crate::facts::FEWEST;
use crate::format::{brief, interval};
use crate::verdict;

/// The point with its learning rate on one line, then its basis, one sentence per line.
pub fn lines(record: &StudyRecord, transfer: &Transfer) -> Vec<String> {
    let length = transfer.length.map(|length| format!(" {}={}", record.study.budget().0, brief(length)));
    let width = transfer.width.map(|width| format!(" hidden={width}"));
    let batch = transfer.batch.map(|batch| format!("batch={batch}"));
    let place =
        format!("{}{}{}", batch.unwrap_or_default(), length.unwrap_or_default(), width.unwrap_or_default());
    let lr = transfer.lr.estimate.map(brief).unwrap_or_default();
    let mut lines = vec![format!("{place} lr={lr}{}", interval(&transfer.lr)).trim_start().to_owned()];
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
        Basis::Measured { batch: Some(batch) } => format!("B={batch} was measured."),
        Basis::Measured { batch: None } => "It was measured.".to_owned(),
        Basis::Batches { knee, span } => {
            let shape = match knee {
                Some(knee) => format!("a ridge that levels off beyond B={}", brief(*knee)),
                None => "a power law".to_owned(),
            };
            format!("By {shape} through {} batch sizes from {} to {}.", span.count, span.low, span.high)
        }
        Basis::Lengths { span, unit, batch } => format!(
            "By a power law through {} lengths from {} to {} {unit}{}.",
            span.count,
            brief(span.low),
            brief(span.high),
            batch.map(|batch| format!(", at B={batch}")).unwrap_or_default()
        ),
        Basis::Horizon(horizon) => return verdict::horizon_sentence(record, horizon),
        Basis::Schedule { from, to, carried } => format!(
            "From {from} to {to} of the same length the best peak moves by a factor of {}, known to within {} (the bound on \
             the last iterate, Schaipp et al. 2025).",
            brief(carried.ratio),
            brief(carried.error)
        ),
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
        Reason::Nothing => "no point completed".to_owned(),
        Reason::NoRate => {
            "the best learning rate of the study has no interval; it takes five or more rates with the best inside".to_owned()
        }
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
            "a longer training needs {FEWEST} lengths (an axis such as {unit}=1,3,10) with a known best learning \
             rate{}; the study has {known}",
            batch.map(|batch| format!(" at B={batch}")).unwrap_or_default()
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
