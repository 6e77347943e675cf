//! A study from its specification to its report: prepare, plan, run and finish it, and extend or reuse it later.

pub mod as_trial;
pub mod estimate;
pub mod extend;
pub mod finish;
pub mod fit_batch;
pub mod largest_batch;
pub mod lr_range;
pub mod memory;
pub mod objective;
pub mod prepare;
pub mod progress;
pub mod record;
pub mod refine;
pub mod replay;
pub mod report;
pub mod reproduce;
pub mod roles;
pub mod run;
pub mod snippets;
pub mod stored;
pub mod study_dir;
pub mod train;
pub mod tune;
pub mod warm_start;
