//! The report of a study: what it says in words, and its files.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use rayon::prelude::*;
use serde_json::Value as Json;
use sweep_report::{BudgetUnit, Chart, Facts, Format, Given, ReadError, Results};
use sweep_study::{Metrics, Outcome, Study, StudyRecord};

use crate::options::ReportOptions;
use crate::refusal::refuse;
use crate::store::Store;
use crate::study::reproduce;
use crate::study::stored;
use crate::{files, output};

/// Rows of the table of the best points.
const BEST_ROWS: usize = 5;

/// A study as it is reported: its record, with the test figures of the recommended trials, and its facts.
pub struct Reported {
    /// The record; of a command whose effective batch size was declared, by that.
    pub record: StudyRecord,
    /// The facts.
    pub facts: Facts,
    /// The study as it was run.
    pub study: Study,
    /// The command line that runs it again.
    pub command: String,
    /// What the budget is counted in, where it is not as it was run.
    pub by: Option<BudgetUnit>,
    /// What a command, its files and its machine were, each time that they changed.
    pub provenance: Vec<Json>,
    /// The machine on which it ran: its cores, system and kind of processor.
    pub machine: Json,
}

impl Reported {
    /// Reads a study from its store; `None` where it was never started.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn load(store: &Store) -> Result<Option<Reported>> {
        let stored = store.load()?;
        let tests = stored.tests.clone();
        let Some(record) = stored::record(stored)? else { return Ok(None) };
        let study = record.study.clone();
        let command = reproduce::command(&study);
        let record = record.by_effective_batch();
        let facts = sweep_report::facts(&record);
        let texts = store.provenance()?;
        let provenance = texts.iter().filter_map(|text| serde_json::from_str(text).ok()).collect();
        let machine = this_machine();
        let mut reported = Reported { record, facts, study, command, by: None, provenance, machine };
        reported.take(tests);
        Ok(Some(reported))
    }

    /// Reads a study from its `results.json`.
    ///
    /// # Errors
    /// The document is something else, or does not hold what it should.
    pub fn from_document(document: &Json) -> Result<Reported, ReadError> {
        let record = sweep_report::read(document)?;
        let timing = &document["timing"];
        let provenance = timing["provenance"].as_array().cloned().unwrap_or_default();
        let machine = MACHINE.iter().map(|key| ((*key).to_owned(), timing[*key].clone())).collect();
        let study = record.study.clone();
        let (facts, command) = (sweep_report::facts(&record), reproduce::command(&study));
        Ok(Reported { record, facts, study, command, by: None, provenance, machine: Json::Object(machine) })
    }

    /// Reads the study in `folder` from its store.
    ///
    /// # Errors
    /// The store cannot be read, or the study was never started.
    pub fn started(store: &Store, folder: &Path) -> Result<Reported> {
        match Reported::load(store)? {
            Some(study) => Ok(study),
            None => refuse(format!("the study in {} was never started", folder.display())),
        }
    }

    /// Takes the test figures of trials that are recommended. No fact rests on them.
    pub fn take(&mut self, tests: Vec<(u64, Metrics)>) {
        let recommended = recommended(&self.facts);
        for (number, metrics) in tests {
            let trial = self.record.trials.iter_mut().find(|trial| trial.number == number);
            if let (Some(trial), true) = (trial, recommended.contains(&number)) {
                trial.metrics.extend(metrics);
            }
        }
    }

    /// Writes the files into `folder`, many at once, and tells what the study says.
    ///
    /// # Errors
    /// Files that cannot be written.
    pub fn write(&self, folder: &Path, to: &ReportOptions) -> Result<ExitCode> {
        let charts = sweep_report::charts(&self.record, &self.facts);
        let formats: &[Format] = if to.svg { &[Format::Png, Format::Svg] } else { &[Format::Png] };
        let mut all = vec![File::Results, File::Trials, File::Page];
        all.extend(formats.iter().flat_map(|format| charts.iter().map(|chart| File::Chart(chart, *format))));
        let write = |file: &File| {
            let path = folder.join(file.name());
            files::write_by(&path, |out| self.put(file, out))?;
            Ok(path)
        };
        let written: Vec<_> = all.par_iter().map(write).collect::<Result<_>>()?;
        if to.json {
            output::println(&serde_json::to_string_pretty(&self.results())?);
        } else {
            output::println(&self.spoken());
            written.iter().for_each(|path| output::println(&path.display().to_string()));
        }
        Ok(self.code())
    }

    fn put(&self, file: &File, out: &mut dyn Write) -> Result<()> {
        let (record, facts) = (&self.record, &self.facts);
        let bytes = match file {
            File::Results => {
                serde_json::to_writer(&mut *out, &self.results())?;
                b"\n".to_vec()
            }
            File::Trials => sweep_report::csv(record).into_bytes(),
            File::Page => {
                let given = Given { command: &self.command, version: env!("CARGO_PKG_VERSION"), by: self.by };
                sweep_report::page(record, facts, &given)?.into_bytes()
            }
            File::Chart(chart, format) => chart.draw(record, facts, *format)?.bytes,
        };
        Ok(out.write_all(&bytes)?)
    }

    /// `results.json`; what comes from the machine stands in its `timing`, to which the report adds the trials'
    /// seconds.
    fn results(&self) -> Results<'_> {
        let mut timing = self.machine.clone();
        if !self.provenance.is_empty() {
            timing["provenance"] = self.provenance.clone().into();
        }
        sweep_report::results(&self.record, &self.facts, timing)
    }

    /// The verdict and the best trials as text.
    pub fn spoken(&self) -> String {
        let remarks: String =
            crate::trial_folder::remarks(&self.record).iter().map(|remark| format!("{remark}\n")).collect();
        format!(
            "\n{}{remarks}\n{}",
            sweep_report::verdict(&self.record, &self.facts),
            sweep_report::best_table(&self.record, &self.facts, BEST_ROWS)
        )
    }

    /// 0, or 3 where no trial ended complete, pruned or diverged.
    pub fn code(&self) -> ExitCode {
        let finished = |outcome: &Outcome| {
            matches!(
                outcome,
                Outcome::Complete { .. } | Outcome::Pruned | Outcome::EndedEarly | Outcome::Diverged { .. }
            )
        };
        ExitCode::from(if self.record.trials.iter().any(|trial| finished(&trial.outcome)) { 0 } else { 3 })
    }
}

/// The recorded properties of a machine.
const MACHINE: [&str; 3] = ["cores", "os", "arch"];

fn this_machine() -> Json {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let values = [cores.into(), std::env::consts::OS.into(), std::env::consts::ARCH.into()];
    MACHINE.into_iter().map(str::to_owned).zip(values).collect::<serde_json::Map<String, Json>>().into()
}

/// A file of a report.
enum File {
    /// `results.json`.
    Results,
    /// `trials.csv`.
    Trials,
    /// `report.html`.
    Page,
    /// A picture.
    Chart(&'static Chart, Format),
}

impl File {
    fn name(&self) -> String {
        match self {
            File::Results => "results.json".to_owned(),
            File::Trials => "trials.csv".to_owned(),
            File::Page => "report.html".to_owned(),
            File::Chart(chart, Format::Png) => format!("{}.png", chart.name),
            File::Chart(chart, Format::Svg) => format!("{}.svg", chart.name),
        }
    }
}

/// The trials of the recommended point.
pub fn recommended(facts: &Facts) -> Vec<u64> {
    facts.recommended().map_or_else(Vec::new, |best| best.trials.clone())
}
