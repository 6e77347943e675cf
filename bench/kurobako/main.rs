//! A sampler of sweep as a solver of the benchmark kurobako, speaking its protocol on standard input and output.
//!
//! kurobako (<https://github.com/optuna/kurobako>) starts it itself; bench/kurobako.sh runs it beside Optuna:
//! `kurobako solver command target/release/examples/kurobako-solver -- tpe`.

mod solver;

use std::io::{BufRead, Write};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail};
use solver::Solver;

fn main() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            drop(writeln!(std::io::stderr(), "error: {error:#}"));
            ExitCode::from(2)
        }
    }
}

/// Answers messages until there are no more.
fn serve() -> Result<()> {
    let sampler = sampler(std::env::args().nth(1).as_deref())?;
    let mut solver = Solver::new(sampler);
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", solver.introduction())?;
    for line in std::io::stdin().lock().lines() {
        let line = line.context("cannot read standard input")?;
        if let Some(reply) = solver.reply(&line).map_err(|why| anyhow!(why))? {
            writeln!(out, "{reply}")?;
        }
        out.flush()?;
    }
    Ok(())
}

/// The sampler of the name given.
fn sampler(name: Option<&str>) -> Result<&'static str> {
    let name = name.unwrap_or("ridge");
    match sweep_search::sampler::find(name)?.name {
        "grid" => bail!("the problems of kurobako have no grid; choose another sampler"),
        known => Ok(known),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sampler_is_named_on_the_command_line() {
        assert_eq!(sampler(None).unwrap(), "ridge");
        assert_eq!(sampler(Some("bayes")).unwrap(), "ridge");
        assert_eq!(sampler(Some("tpe")).unwrap(), "tpe");
        assert!(sampler(Some("grid")).is_err() && sampler(Some("magic")).is_err());
    }
}
