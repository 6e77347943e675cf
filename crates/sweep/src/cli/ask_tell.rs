//! `sweep ask-tell`: a sampler on standard input and output.

use std::io::BufRead;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use sweep_study::{Catalogue, SpecFile};

use crate::ask_tell::Session;
use crate::engine::plan;
use crate::output;
use crate::refusal::refuse;

/// Proposes points to a program that tries them.
#[derive(Args)]
#[command(after_help = r#"One JSON object a line, one answer each:
  {"ask": 2}                                           {"trials": [{"number": 0, "params": {…}}, …]}
  {"tell": {"number": 0, "value": 0.31}}               {"ok": true}
  {"tell": {"number": 1, "state": "diverged"}}         {"ok": true}; "failed" where the point is not to blame
  {"report": {"number": 0, "step": 3, "value": 0.5}}   {"verdict": "continue"}
  {"best": true}                                       {"number": 0, "params": {…}, "value": 0.31}
Anything wrong is answered with {"error": "…"} and the session goes on.

Example:
  sweep ask-tell --sampler tpe --seed 1 'x=-5..5:lin' 'b=1..4096:pow2' 'opt=sgd,adam'"#)]
pub struct AskTell {
    /// Axes by any name: x=-5..5:lin, lr=1e-4..1, b=1..4096:pow2, opt=sgd,adam
    #[arg(value_name = "NAME=VALUES", required = true)]
    axes: Vec<String>,
    /// Where to look: ridge, gp, tpe, cmaes, genetic, sobol, random or grid
    #[arg(long, value_name = "NAME", default_value = "ridge")]
    sampler: String,
    /// The seed of the sampler
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Higher values are better
    #[arg(long)]
    maximize: bool,
}

impl AskTell {
    /// Answers lines until there are no more.
    pub fn run(self) -> Result<ExitCode> {
        let Some(sampler) = sweep_search::build(&self.sampler) else {
            return refuse(format!("there is no sampler `{}`; there are {}", self.sampler, plan::names()));
        };
        let spec = SpecFile {
            axes: self.axes,
            seed: Some(self.seed),
            maximize: self.maximize.then(|| "value".to_owned()),
            ..SpecFile::default()
        };
        let study = spec.resolve(&Catalogue { open: true, ..Catalogue::default() })?;
        let mut session = Session::new(study, sampler);
        for line in std::io::stdin().lock().split(b'\n') {
            let line = line.context("cannot read standard input")?;
            output::say(&session.answer(&String::from_utf8_lossy(&line)).to_string());
        }
        Ok(ExitCode::SUCCESS)
    }
}
