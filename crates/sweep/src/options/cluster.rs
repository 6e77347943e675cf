//! Where trials run, and the resources they request from a cluster.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::executor::slurm::Request;
use crate::refusal::refuse;
use crate::shell::quoted;

/// Default number of parallel trials on a cluster.
const JOBS: usize = 100;

/// Where trials run, and the resources they request from a cluster.
#[derive(Clone, Debug, Default)]
pub struct ClusterOptions {
    /// Where trials run, if given.
    pub on: Option<Place>,
    /// Options of sbatch.
    pub sbatch: Vec<String>,
    /// The file whose lines begin every batch script.
    pub sbatch_header: Option<PathBuf>,
    /// Nodes per trial.
    pub nodes_per_trial: Option<usize>,
    /// Number of trials that a job runs in sequence.
    pub pack: Option<usize>,
    /// Number of parallel jobs, from the study file.
    pub jobs: Option<usize>,
}

/// Where trials run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On this machine.
    Here,
    /// As jobs of a Slurm cluster.
    Slurm,
    /// Nowhere: results are made up.
    Simulated,
}

impl ClusterOptions {
    /// Whether trials are jobs of a Slurm cluster.
    pub fn is_slurm(&self) -> bool {
        self.on == Some(Place::Slurm)
    }

    /// Whether the results of trials are made up.
    pub fn simulates(&self) -> bool {
        self.on == Some(Place::Simulated)
    }

    /// Nodes per trial.
    pub fn nodes(&self) -> usize {
        self.nodes_per_trial.unwrap_or(1)
    }

    /// How many trials are under way at once where there may be so many `jobs` on the cluster: those of a job that wait
    /// for their turn count too.
    pub fn trials_at_once(&self, jobs: Option<usize>) -> usize {
        jobs.or(self.jobs).unwrap_or(JOBS).saturating_mul(self.pack.unwrap_or(1))
    }

    /// The resources that trials request from the cluster.
    pub fn request(&self) -> Request<'_> {
        Request {
            sbatch: &self.sbatch,
            header: self.sbatch_header.as_deref(),
            nodes: self.nodes_per_trial,
            pack: self.pack,
            ..Request::default()
        }
    }

    /// Takes the table `[slurm]` of a study file: `jobs`, `pack`, `nodes_per_trial` and `header` as the options of
    /// these names, anything else as an option of `sbatch`. What is typed stands; `--on here` sets the table aside.
    ///
    /// # Errors
    /// An invalid number.
    pub fn take_file(&mut self, options: &[(String, String)]) -> Result<()> {
        self.on.get_or_insert(Place::Slurm);
        if !self.is_slurm() {
            return Ok(());
        }
        let mut passed = Vec::new();
        for (name, value) in options {
            let number = || positive(value).or_else(|why| refuse(format!("slurm.{name} = {value} {why}")));
            match name.as_str() {
                "jobs" => self.jobs = Some(number()?),
                "pack" => self.pack = Some(self.pack.unwrap_or(number()?)),
                "nodes_per_trial" => self.nodes_per_trial = Some(self.nodes_per_trial.unwrap_or(number()?)),
                "header" => drop(self.sbatch_header.get_or_insert_with(|| Path::new(value).to_owned())),
                _ => passed.push(option(name, value)),
            }
        }
        // If an option is given twice, the later one counts.
        passed.append(&mut self.sbatch);
        self.sbatch = passed;
        Ok(())
    }

    /// Refuses options that apply only to a cluster, since trials run on this machine.
    ///
    /// # Errors
    /// The first option that was given.
    pub fn refuse_here(&self) -> Result<()> {
        let given = [
            ("--sbatch", !self.sbatch.is_empty()),
            ("--sbatch-header", self.sbatch_header.is_some()),
            ("--nodes-per-trial", self.nodes_per_trial.is_some()),
            ("--pack", self.pack.is_some()),
        ];
        match given.iter().find(|(_, given)| *given) {
            Some((option, _)) => refuse(format!("{option} works only on a cluster; give --on slurm")),
            None => Ok(()),
        }
    }
}

/// An option of `sbatch` from a key and its value, quoted as on a command line.
fn option(name: &str, value: &str) -> String {
    let name = name.replace('_', "-");
    match value {
        "true" => format!("--{name}"),
        _ => quoted(&format!("--{name}={value}")),
    }
}

/// A whole number from 1.
///
/// # Errors
/// Any other text.
pub fn positive(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| "must be a whole number from 1".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_options_and_what_is_typed_stands() {
        let table = [
            ("partition", "gpu"),
            ("exclusive", "true"),
            ("job_comment", "a b"),
            ("jobs", "7"),
            ("pack", "3"),
        ];
        let table: Vec<(String, String)> =
            table.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut typed = ClusterOptions {
            sbatch: vec!["--partition=cpu".into()],
            pack: Some(2),
            ..ClusterOptions::default()
        };
        typed.take_file(&table).unwrap();
        assert_eq!(
            typed.sbatch,
            ["--partition=gpu", "--exclusive", "'--job-comment=a b'", "--partition=cpu"]
        );
        assert_eq!(
            (typed.is_slurm(), typed.trials_at_once(None), typed.trials_at_once(Some(5))),
            (true, 14, 10)
        );
        let mut here = ClusterOptions { on: Some(Place::Here), ..ClusterOptions::default() };
        here.take_file(&table).unwrap();
        assert!(!here.is_slurm() && here.refuse_here().is_ok());
        let mut bad = ClusterOptions::default();
        let error = bad.take_file(&[("pack".into(), "0".into())]).unwrap_err();
        assert!(error.to_string().contains("slurm.pack = 0"), "{error}");
    }
}
