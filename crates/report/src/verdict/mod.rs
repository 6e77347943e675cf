//! The verdict: what the facts mean, in sentences, in the order in which a reader needs them.
//!
//! Every sentence of a report is made here (and in `decide/*/text.rs`), from numbers that the facts hold.

mod audit;
mod best;
mod border;
mod border_extension;
mod comparisons;
mod critical_batch;
mod horizon;
mod importance;
mod octaves;
mod outcomes;
mod pareto;
mod reachable;
mod ridge;
pub(crate) mod scarce;
mod source;
pub(crate) mod status;
mod terminal;

use serde::Serialize;
use sweep_study::StudyRecord;

use crate::facts::{Facts, Pareto};

pub use best::answer;
pub use border_extension::reason;
pub(crate) use horizon::horizon_sentence;
pub use terminal::verdict;

/// What a sentence of the verdict is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// The best lies on the border of what was tried.
    Edge,
    /// Nothing completed.
    Nothing,
    /// The best learning rate of one batch size, or the best point.
    Best,
    /// The schedule that the best trial made by changing its settings during training.
    Schedule,
    /// What became of the best point on fresh seeds.
    Confirmed,
    /// Points that cannot be distinguished from the best.
    Ties,
    /// The best value that a search at random could reach.
    Reachable,
    /// How the best learning rate moves with the batch size.
    Ridge,
    /// The batch size beyond which larger ones save few steps.
    CriticalBatch,
    /// Batch sizes not significantly worse than the best.
    Comparison,
    /// Which parameters mattered.
    Importance,
    /// Points that diverged, got stuck or are unstable.
    Divergence,
    /// The points that no other beats in every metric.
    Pareto,
    /// What pruning saved, and how often it was wrong.
    Audit,
    /// Trials that have not ended, failed or did not keep to their budget.
    Unfinished,
    /// The best point lies at the end of another axis.
    Border,
    /// How the data was divided.
    Split,
    /// Where imported runs were read from, and what they do not record.
    Source,
}

/// One sentence of the verdict.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sentence {
    /// What it is about.
    pub topic: Topic,
    /// The sentence.
    pub text: String,
}

/// The sentences of the verdict that rest on no clock, so that equal studies have equal ones; a warning of the border
/// comes first.
pub fn sentences(record: &StudyRecord, facts: &Facts) -> Vec<Sentence> {
    let timed = facts.pareto.as_ref().is_some_and(Pareto::timed);
    let parts = [
        (Topic::Edge, border::edge(record, facts)),
        (Topic::Nothing, best::nothing(record, facts)),
        (Topic::Best, best::best(record, facts)),
        (Topic::Schedule, best::on_the_way(record, facts)),
        (Topic::Confirmed, best::confirmed(facts)),
        (Topic::Ties, best::ties(facts)),
        (Topic::Reachable, reachable::reachable(facts)),
        (Topic::Ridge, ridge::ridge(facts)),
        (Topic::Ridge, horizon::horizon(record, &facts.horizon)),
        (Topic::CriticalBatch, critical_batch::critical_batch(facts)),
        (Topic::Comparison, comparisons::comparisons(record, facts)),
        (Topic::Importance, importance::importance(facts)),
        (Topic::Pareto, if timed { Vec::new() } else { pareto::pareto(facts) }),
        (Topic::Divergence, outcomes::divergence(facts)),
        (Topic::Audit, audit::saved(facts)),
        (Topic::Audit, audit::audit(facts)),
        (Topic::Unfinished, outcomes::lengths(facts)),
        (Topic::Unfinished, outcomes::unfinished(facts)),
        (Topic::Border, border::other_borders(record, facts)),
        (Topic::Split, source::split(record)),
        (Topic::Source, source::notes(record)),
    ];
    let sentence =
        |(topic, texts): (Topic, Vec<String>)| texts.into_iter().map(move |text| Sentence { topic, text });
    parts.into_iter().flat_map(sentence).collect()
}

/// What is reported before all else: warnings, and the best of each batch size.
const FIRST: [Topic; 3] = [Topic::Edge, Topic::Nothing, Topic::Best];

/// Those of `sentences` that follow the best, and last those that rest on a clock.
pub(crate) fn rest(sentences: &[Sentence], facts: &Facts) -> Vec<String> {
    let rest = sentences.iter().filter(|sentence| !FIRST.contains(&sentence.topic));
    let timed = facts.pareto.as_ref().is_some_and(Pareto::timed);
    let timed = if timed { pareto::pareto(facts) } else { Vec::new() };
    rest.map(|sentence| sentence.text.clone()).chain(timed).collect()
}
