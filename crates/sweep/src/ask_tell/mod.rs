//! Ask and tell: a sampler for programs in any language, as a conversation of requests and answers.
//!
//! The session knows no files or pipes: a line goes in, an answer comes out. Whatever is wrong with a line is an
//! answer too, and the session goes on.

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
pub use request::Told;
pub use verdict::BUDGET;

/// A trial that was asked for, and what was told of it.
pub type Trial = (Point, Option<Told>);

/// What a request changed, for whoever keeps it.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// A trial was asked for.
    Asked {
        /// Its number.
        number: u64,
        /// Its point.
        point: Point,
    },
    /// It was told how a trial ended.
    Ended {
        /// Its number.
        number: u64,
        /// How.
        told: Told,
    },
    /// A reading of a running trial came.
    Reported {
        /// Its number.
        number: u64,
        /// The step.
        step: u64,
        /// What was read.
        value: f64,
    },
}

/// A conversation about one study.
pub struct Session {
    study: Study,
    /// The names as typed of parameters that have other names in the study.
    typed: BTreeMap<String, String>,
    dialogue: Dialogue,
    /// Every trial that was asked for, by number, and what was told of it.
    trials: Vec<Trial>,
    news: Vec<News>,
    /// Says which trials go on, where there is a pruner.
    judge: Option<Judge>,
}

impl Session {
    /// A conversation about the axes, seed and direction of `study`, with points from `sampler`. Parameters are called
    /// as in the study, those in `typed` as there. It goes on from `trials`.
    pub fn new(
        study: Study,
        typed: BTreeMap<String, String>,
        sampler: Box<dyn Sampler>,
        trials: Vec<Trial>,
    ) -> Session {
        let dialogue = Dialogue::new(study.space.clone(), study.seed, sampler);
        let judge = Judge::of(&study);
        let mut session = Session { study, typed, dialogue, trials: Vec::new(), news: Vec::new(), judge };
        for (number, (point, told)) in trials.into_iter().enumerate() {
            session.dialogue.take(point.clone());
            session.trials.push((point, None));
            if let Some(told) = told {
                session.end(number as u64, told);
            }
        }
        session
    }

    /// What changed since this was last asked.
    pub fn news(&mut self) -> Vec<News> {
        std::mem::take(&mut self.news)
    }

    fn end(&mut self, number: u64, told: Told) {
        let evidence = match told {
            Told::Value(value) => Evidence::from_metric(value, self.study.goal.direction),
            Told::Diverged => Evidence::Diverged,
            Told::Failed => Evidence::Nothing,
        };
        if let Some(judge) = &mut self.judge {
            judge.ended(number, told);
        }
        let Some(trial) = self.trials.get_mut(number as usize) else { return };
        trial.1 = Some(told);
        self.dialogue.tell(number, evidence);
    }

    /// What a point sets, by the names typed.
    fn params(&self, point: &Point) -> BTreeMap<String, sweep_study::Value> {
        let typed = |name: String| self.typed.get(&name).cloned().unwrap_or(name);
        self.study.params(point).0.into_iter().map(|(name, value)| (typed(name), value)).collect()
    }

    /// The answer to a line, one JSON object.
    pub fn answer(&mut self, line: &str) -> Value {
        let answer = Request::read(line).and_then(|request| match request {
            Request::Ask(count) => self.ask(count),
            Request::Tell { number, told } => self.tell(number, told),
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
            [] => Err(format!("the space is used up: all its {} points were asked for", self.trials.len())),
            _ => Ok(json!({ "trials": asked })),
        }
    }

    /// Takes how a trial ended.
    pub fn tell(&mut self, number: u64, told: Told) -> Result<Value, String> {
        self.running(number)?;
        self.end(number, told);
        self.news.push(News::Ended { number, told });
        Ok(json!({ "ok": true }))
    }

    /// Takes a reading and says whether the trial goes on; without a pruner it does.
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

    /// Refuses a trial that was not asked for or of whose end was told already.
    fn running(&self, number: u64) -> Result<(), String> {
        match self.trials.get(number as usize) {
            Some((_, None)) => Ok(()),
            Some((_, Some(_))) => Err(format!("trial {number} has been told already")),
            None if self.trials.is_empty() => {
                Err(format!(r#"trial {number} was never asked for; ask first, as in {{"ask": 1}}"#))
            }
            None => Err(format!(
                "trial {number} was never asked for; the last one is trial {}",
                self.trials.len() - 1
            )),
        }
    }

    /// The best trial told so far.
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
        assert!(error(session.answer(r#"{"tell":{"number":0,"value":1}}"#)).contains("never asked"));
        assert_eq!(session.answer(r#"{"ask":5}"#)["trials"].as_array().unwrap().len(), 3);
        assert!(error(session.answer(r#"{"ask":1}"#)).contains("used up"));
        assert_eq!(
            session.answer(r#"{"report":{"number":2,"step":1,"value":0.5}}"#),
            json!({"verdict":"continue"})
        );
        assert_eq!(session.answer(r#"{"tell":{"number":2,"state":"failed"}}"#), json!({"ok":true}));
        assert!(error(session.answer(r#"{"tell":{"number":2,"value":1}}"#)).contains("told already"));
        assert!(error(session.answer(r#"{"report":{"number":2,"step":2,"value":1}}"#)).contains("already"));
        assert!(
            error(session.answer(r#"{"tell":{"number":9,"value":1}}"#)).contains("the last one is trial 2")
        );
        assert!(error(session.answer("nonsense")).contains("no JSON"));
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
