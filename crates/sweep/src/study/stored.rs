//! The record of a study from what its store holds.

use anyhow::Result;
use sweep_study::{Pace, StudyRecord};

use crate::store::Stored;
use crate::{catalogue, plan};

/// What a store holds, as the report reads it.
pub fn record(stored: Stored) -> Result<Option<StudyRecord>> {
    let Some(mut study) = plan::joined(&stored.revisions) else { return Ok(None) };
    // A store may be older than the note of which settings do so.
    study.note_batch_growth(&catalogue::of_study(&study)?);
    let planned = plan::count(&study, &plan::plan(&stored.revisions)?) as u64;
    let looks = plan::looks(&stored.revisions);
    let pace = Pace { steps: stored.step_times, ..Pace::default() };
    Ok(Some(StudyRecord { study, trials: stored.trials, planned, looks, spans: stored.spans, pace }))
}
