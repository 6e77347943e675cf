//! Ask and tell: a sampler for programs in any language, as a protocol of requests and answers.
//!
//! The session uses no files or pipes: it answers each line. An invalid line gets an error as its answer, and the
//! session continues.

mod kept;
mod request;
mod verdict;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sweep_search::{Dialogue, Evidence, Sampler, Verdict};
use sweep_study::{Direction, Point, Study};

use request::Request;
use verdict::Judge;

pub use kept::{Kept, SESSION};
pub use request::TrialResult;
pub use verdict::BUDGET;

/// A proposed trial, and its result if it was reported.
pub type Trial = (Point, Option<TrialResult>);

/// A change by a request, for the store.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// A trial was proposed.
    Asked {
        /// Its number.
        number: u64,
        /// Its point.
        point: Point,
    },
    /// A trial's result was reported.
    Ended {
        /// Its number.
        number: u64,
        /// Its result.
        result: TrialResult,
    },
    /// A reading of a running trial was reported.
    Reported {
        /// Its number.
        number: u64,
        /// The step.
        step: u64,
        /// The value read.
        value: f64,
    },
}

/// A session of one study.
pub struct Session {
    study: Study,
    /// Typed names of parameters that have other names in the study.
    typed: BTreeMap<String, String>,
    dialogue: Dialogue,
    /// Every proposed trial, by number, with its result.
    trials: Vec<Trial>,
    news: Vec<News>,
    /// Decides which trials continue, if there is a pruner.
    judge: Option<Judge>,
}

impl Session {
    /// A session with the axes, seed and direction of `study`, and points from `sampler`. Parameters have the names of
    /// the study, except those in `typed`. It continues from `trials`.
    pub fn new(
        study: Study,
        typed: BTreeMap<String, String>,
        sampler: Box<dyn Sampler>,
        trials: Vec<Trial>,
    ) -> Session {
        let dialogue = Dialogue::new(study.space.clone(), study.seed, sampler);
        let judge = Judge::new(&study);
        let mut session = Session { study, typed, dialogue, trials: Vec::new(), news: Vec::new(), judge };
        for (number, (point, result)) in trials.into_iter().enumerate() {
            session.dialogue.take(point.clone());
            session.trials.push((point, None));
            if let Some(result) = result {
                session.end(number as u64, result);
            }
        }
        session
    }

    /// The changes since the last call.
    pub fn news(&mut self) -> Vec<News> {
        std::mem::take(&mut self.news)
    }

    fn end(&mut self, number: u64, result: TrialResult) {
        let evidence = match result {
            TrialResult::Value(value) => Evidence::from_metric(value, self.study.goal.direction),
            TrialResult::Diverged => Evidence::Diverged,
            TrialResult::Failed => Evidence::Nothing,
        };
        if let Some(judge) = &mut self.judge {
            judge.ended(number, result);
        }
        let Some(trial) = self.trials.get_mut(number as usize) else { return };
        trial.1 = Some(result);
        self.dialogue.tell(number, evidence);
    }

    /// The parameters of a point, by their typed names.
    fn params(&self, point: &Point) -> BTreeMap<String, sweep_study::Value> {
        let typed = |name: String| self.typed.get(&name).cloned().unwrap_or(name);
        self.study.params(point).0.into_iter().map(|(name, value)| (typed(name), value)).collect()
    }

    /// The answer to a line, one JSON object.
    pub fn answer(&mut self, line: &str) -> Value {
        let answer = Request::read(line).and_then(|request| match request {
            Request::Ask(count) => self.ask(count),
            Request::Tell { number, result } => self.tell(number, result),
            Request::Report { number, step, value } => self.report(number, step, value),
            Request::Best => Ok(self.best()),
        });
        answer.unwrap_or_else(|error| json!({ "error": error }))
    }

    /// Proposes up to `count` points, fewer when the space is used up.
    pub fn ask(&mut self, count: u64) -> Result<Value, String> {
        let mut asked = Vec::new();
        for _ in 0..count {
            let Some((number, point)) = self.dialogue.ask() else { break };
            asked.push(json!({ "number": number, "params": self.params(&point) }));
            self.news.push(News::Asked { number, point: point.clone() });
            self.trials.push((point, None));
        }
        match asked.as_slice() {
            [] => Err(format!("the space is used up: all its {} points were proposed", self.trials.len())),
            _ => Ok(json!({ "trials": asked })),
        }
    }

    /// Records the result of a trial.
    pub fn tell(&mut self, number: u64, result: TrialResult) -> Result<Value, String> {
        self.running(number)?;
        self.end(number, result);
        self.news.push(News::Ended { number, result });
        Ok(json!({ "ok": true }))
    }

    /// Records a reading and decides whether the trial continues; without a pruner it does.
    fn report(&mut self, number: u64, step: u64, value: f64) -> Result<Value, String> {
        self.running(number)?;
        self.news.push(News::Reported { number, step, value });
        let point = self.trials.get(number as usize).map(|(point, _)| point);
        let verdict = match (&mut self.judge, point) {
            (Some(judge), Some(point)) => judge.report(&self.study, number, point, (step, value)),
            _ => Verdict::Continue,
        };
        Ok(json!({ "verdict": verdict::word(verdict) }))
    }

    /// Refuses a trial that was not proposed, or whose result was already reported.
    fn running(&self, number: u64) -> Result<(), String> {
        match self.trials.get(number as usize) {
            Some((_, None)) => Ok(()),
            Some((_, Some(_))) => Err(format!("the result of trial {number} has been reported already")),
            None if self.trials.is_empty() => {
                Err(format!(r#"there is no trial {number}; ask first, for example {{"ask": 1}}"#))
            }
            None => {
                Err(format!("there is no trial {number}; the last one is trial {}", self.trials.len() - 1))
            }
        }
    }

    /// The best trial reported so far.
    pub fn best(&self) -> Value {
        let losses = self.dialogue.history().iter().filter_map(|known| Some((known, known.evidence.loss()?)));
        match losses.min_by(|a, b| a.1.total_cmp(&b.1)) {
            Some((known, loss)) => {
                let value = match self.study.goal.direction {
                    Direction::Minimize => loss,
                    Direction::Maximize => 0.0 - loss,
                };
                json!({ "number": known.number, "params": self.params(&known.point), "value": value })
            }
            None => json!({ "number": null, "params": null, "value": null }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sweep_study::{Catalogue, SpecFile};

    fn session(sampler: &str, axes: &[&str], maximize: bool) -> Session {
        let axes = axes.iter().map(|axis| (*axis).to_owned()).collect();
        let metric = maximize.then(|| "value".to_owned());
        let spec = SpecFile { axes, maximize: metric, ..SpecFile::default() };
        let study = spec.resolve(&Catalogue { open: true, ..Catalogue::default() }).unwrap();
        Session::new(
            study,
            BTreeMap::new(),
            (sweep_search::sampler::find(sampler).unwrap().new)(),
            Vec::new(),
        )
    }

    #[test]
    fn a_conversation_finds_its_best() {
        for (maximize, best, value) in [(false, 0, -1.5), (true, 1, 2.0)] {
            let mut session = session("grid", &["x=1,2,3,4", "opt=adam,sgd"], maximize);
            assert_eq!(session.answer(r#"{"best":true}"#), json!({"number":null,"params":null,"value":null}));
            let asked = session.answer(r#"{"ask":3}"#);
            assert_eq!(asked["trials"][1], json!({"number":1,"params":{"opt":"sgd","x":1}}));
            for line in [
                r#"{"tell":{"number":1,"value":2}}"#,
                r#"{"tell":{"number":0,"value":-1.5}}"#,
                r#"{"tell":{"number":2,"value":"nan"}}"#,
            ] {
                assert_eq!(session.answer(line), json!({"ok":true}));
            }
            let answer = session.answer(r#"{"best":true}"#);
            assert_eq!((&answer["number"], &answer["value"]), (&json!(best), &json!(value)));
        }
    }

    #[test]
    fn errors_leave_the_session_as_it_was() {
        let mut session = session("random", &["x=1,2,3"], false);
        let error = |answer: Value| answer["error"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
        assert!(error(session.answer(r#"{"tell":{"number":0,"value":1}}"#)).contains("no trial 0"));
        assert_eq!(session.answer(r#"{"ask":5}"#)["trials"].as_array().unwrap().len(), 3);
        assert!(error(session.answer(r#"{"ask":1}"#)).contains("used up"));
        assert_eq!(
            session.answer(r#"{"report":{"number":2,"step":1,"value":0.5}}"#),
            json!({"verdict":"continue"})
        );
        assert_eq!(session.answer(r#"{"tell":{"number":2,"state":"failed"}}"#), json!({"ok":true}));
        assert!(error(session.answer(r#"{"tell":{"number":2,"value":1}}"#)).contains("reported already"));
        assert!(error(session.answer(r#"{"report":{"number":2,"step":2,"value":1}}"#)).contains("already"));
        assert!(
            error(session.answer(r#"{"tell":{"number":9,"value":1}}"#)).contains("the last one is trial 2")
        );
        assert!(error(session.answer("nonsense")).contains("not JSON"));
        assert_eq!(session.answer(r#"{"tell":{"number":1,"value":7}}"#), json!({"ok":true}));
        assert_eq!(session.answer(r#"{"best":true}"#)["number"], json!(1));
    }

    #[test]
    fn a_pruner_stops_a_trial_that_is_worse_than_most() {
        let axes = vec!["lr=0.1..1".to_owned()];
        let spec = SpecFile { axes, pruner: Some("median".to_owned()), ..SpecFile::default() };
        let mut study = spec.resolve(&Catalogue { open: true, ..Catalogue::default() }).unwrap();
        study.settings.insert(BUDGET.to_owned(), sweep_study::Value::Int(10));
        let mut session = Session::new(
            study,
            BTreeMap::new(),
            (sweep_search::sampler::find("random").unwrap().new)(),
            Vec::new(),
        );
        let asked = session.answer(r#"{"ask":6}"#);
        assert!(asked["trials"][0]["params"].get(BUDGET).is_none(), "{asked}");
        let mut report = |number: u64, step: u64, value: f64| {
            let line = json!({"report": {"number": number, "step": step, "value": value}});
            session.answer(&line.to_string())["verdict"].as_str().unwrap().to_owned()
        };
        for number in 0..5 {
            assert_eq!(report(number, 5, 0.1), "continue");
        }
        assert_eq!(report(5, 4, 9.0), "continue", "no other trial reported so early");
        assert_eq!(report(5, 5, 9.0), "stop");
    }
}
