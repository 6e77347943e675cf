//! `sweep ask-tell`: a sampler on standard input and output.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;
use serde_json::Value as Json;
use sweep_search::{pruner, sampler};
use sweep_study::space::axis::typed_name;
use sweep_study::{Catalogue, Role, SpecFile, Study, Value};

use super::choices;
use crate::ask_tell::{BUDGET, Kept, SESSION, Session};
use crate::output;
use crate::refusal::refuse;

/// Proposes points to a program that runs them.
#[derive(Args)]
#[command(after_help = r#"One JSON object per line; each gets one answer:
  {"ask": 2}                                           {"trials": [{"number": 0, "params": {…}}, …]}
  {"tell": {"number": 0, "value": 0.31}}               {"ok": true}
  {"tell": {"number": 1, "state": "diverged"}}         {"ok": true}; "failed" if it crashed for an unrelated reason
  {"report": {"number": 0, "step": 3, "value": 0.5}}   {"verdict": "continue"}; with --pruner also "stop" or "pause"
  {"best": true}                                       {"number": 0, "params": {…}, "value": 0.31}
An invalid line is answered with {"error": "…"} and the session continues. With --name the session is stored: the same \
command continues it, and so do sweep ask and sweep tell.

Example:
  sweep ask-tell --sampler tpe --seed 1 'x=-5..5:lin' 'b=1..4096:pow2' 'opt=sgd,adam'"#)]
pub struct AskTell {
    #[command(flatten)]
    asked: Asked,
    /// Store the session under this name, or continue the stored session of this name
    #[arg(long)]
    name: Option<String>,
    /// Folder that holds the studies
    #[arg(long, value_name = "DIR", default_value = "results")]
    results: PathBuf,
}

/// The specification of a session.
#[derive(Args)]
pub struct Asked {
    /// Axes of any name: x=-5..5:lin, lr=1e-4..1, b=1..4096:pow2, opt=sgd,adam
    #[arg(value_name = "NAME=VALUES", required = true)]
    axes: Vec<String>,
    /// Sampler, which proposes the points
    #[arg(long, value_name = "NAME", default_value = "ridge", value_parser = choices::samplers())]
    sampler: String,
    /// Seed of the sampler
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Maximize the value instead of minimizing it
    #[arg(long)]
    maximize: bool,
    /// Pruner that answers the reports
    #[arg(long, value_name = "NAME", requires = "steps", value_parser = choices::pruners())]
    pruner: Option<String>,
    /// Setting of the pruner, such as eta=3; repeatable
    #[arg(long, value_name = "NAME=VALUE", requires = "pruner")]
    pruner_set: Vec<String>,
    /// Steps of a full trial; a pruner's rungs (its checks) lie at fractions of them
    #[arg(long, value_name = "N")]
    steps: Option<u64>,
    /// Axes that are the learning rate and the batch size, if they have other names: lr=alpha,batch=bs
    #[arg(long, value_name = "ROLE=NAME", value_delimiter = ',', value_parser = role)]
    roles: Vec<(Role, String)>,
}

impl Asked {
    /// The study of the session, and the typed names of its parameters that have a role.
    fn study(self, name: Option<String>) -> Result<(Study, BTreeMap<String, String>)> {
        let sampler = sampler::find(&self.sampler)?;
        let typed: Vec<String> = self.axes.iter().map(|axis| typed_name(axis).to_owned()).collect();
        if let Some((role, name)) = self.roles.iter().find(|(_, name)| !typed.contains(name)) {
            return refuse(format!(
                "--roles {}={name}: no axis is called {name}; the axes are {}",
                role.name(),
                typed.join(", ")
            ));
        }
        let metric = Some("value".to_owned());
        let (minimize, maximize) = if self.maximize { (None, metric) } else { (metric, None) };
        let spec = SpecFile {
            name,
            sampler: Some(sampler.name.to_owned()),
            axes: self.axes,
            seed: Some(self.seed),
            minimize,
            maximize,
            data: Some(SESSION.to_owned()),
            pruner: self.pruner,
            pruner_set: super::args::spec::pairs(self.pruner_set),
            ..SpecFile::default()
        };
        let aliases = self.roles.iter().map(|(role, name)| (name.clone(), role.name().to_owned())).collect();
        let mut study = spec.resolve(&Catalogue { open: true, aliases, ..Catalogue::default() })?;
        pruner::for_study(&study)?;
        let steps = self.steps.map(|steps| (BUDGET.to_owned(), Value::Int(steps as i64)));
        study.settings.extend(steps);
        // The number of trials is up to the client: none is planned.
        study.trials = Some(0);
        let typed = self.roles.into_iter().map(|(role, name)| (role.name().to_owned(), name));
        Ok((study, typed.filter(|(name, typed)| name != typed).collect()))
    }
}

/// `lr=alpha` as a role and a name.
fn role(text: &str) -> Result<(Role, String), String> {
    let known = [Role::LearningRate, Role::Batch];
    let pair = text.split_once('=').and_then(|(role, name)| {
        let role = known.into_iter().find(|known| known.name() == role.trim())?;
        Some((role, name.trim().to_owned()))
    });
    pair.filter(|(_, name)| !name.is_empty()).ok_or_else(|| "write lr=NAME or batch=NAME".to_owned())
}

impl AskTell {
    /// Answers lines until the input ends.
    pub fn run(self) -> Result<ExitCode> {
        let keeps = self.name.is_some();
        let (study, typed) = self.asked.study(self.name)?;
        if keeps {
            let mut kept = Kept::begin(&self.results, &study, &typed)?;
            return converse(|line| {
                let answer = kept.session.answer(line);
                kept.keep()?;
                Ok(answer)
            });
        }
        let sampler = sampler::find(&study.sampler)?;
        let mut session = Session::new(study, typed, (sampler.new)(), Vec::new());
        converse(|line| {
            let answer = session.answer(line);
            session.news();
            Ok(answer)
        })
    }
}

/// Reads lines from standard input and answers each on standard output.
fn converse(mut answer: impl FnMut(&str) -> Result<Json>) -> Result<ExitCode> {
    for line in std::io::stdin().lock().split(b'\n') {
        let line = line.context("cannot read standard input")?;
        output::println(&answer(&String::from_utf8_lossy(&line))?.to_string());
    }
    Ok(ExitCode::SUCCESS)
}
