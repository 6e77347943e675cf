//! `sweep kurobako-solver`: a sampler for the benchmark kurobako.

use std::io::BufRead;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;

use crate::kurobako::Solver;
use crate::output;
use crate::refusal::refuse;
use crate::study::plan;

/// Speaks kurobako's solver protocol on standard input and output.
#[derive(Args)]
#[command(after_help = "\
kurobako (https://github.com/optuna/kurobako) starts it itself:
  kurobako studies --budget 60 --repeats 10 \\
    --solvers $(kurobako solver command sweep kurobako-solver --sampler tpe) \\
    --problems $(kurobako problem-suite sigopt) | kurobako run > runs.json
  kurobako report < runs.json

bench/kurobako.sh runs it beside Optuna.")]
pub struct KurobakoSolver {
    /// Where to look: ridge, gp, tpe, cmaes, genetic, sobol or random
    #[arg(long, value_name = "NAME", default_value = "ridge")]
    sampler: String,
}

impl KurobakoSolver {
    /// Answers messages until there are no more.
    pub fn run(self) -> Result<ExitCode> {
        let Some(sampler) = sweep_search::named(&self.sampler) else {
            return refuse(format!("there is no sampler `{}`; there are {}", self.sampler, plan::names()));
        };
        if sampler == "grid" {
            return refuse("the problems of kurobako have no grid; choose another sampler");
        }
        let mut solver = Solver::new(sampler);
        output::println(&solver.introduction().to_string());
        for line in std::io::stdin().lock().lines() {
            let line = line.context("cannot read standard input")?;
            if let Some(reply) = solver.reply(&line).or_else(refuse)? {
                output::println(&reply.to_string());
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
