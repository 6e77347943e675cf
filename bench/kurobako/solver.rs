//! The solver protocol of kurobako, a benchmark for black-box optimizers: JSON messages, one a line.
//!
//! As its crate `kurobako_core` 0.1 defines them (module `epi::solver`): the solver first says what it is; casts create
//! and drop searches, of which several may go on at once; a call is answered before the next. Every trial runs to the last
//! step of its problem, and lower values are better.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use sweep_search::{Dialogue, Evidence, Sampler, sampler};
use sweep_study::{Direction, Domain, Parameter, Scale, Space, Value};

/// What this solver can do: all but conditions, which are programs in Lua there, and several objectives.
const CAPABILITIES: [&str; 6] = [
    "UNIFORM_CONTINUOUS",
    "UNIFORM_DISCRETE",
    "LOG_UNIFORM_CONTINUOUS",
    "LOG_UNIFORM_DISCRETE",
    "CATEGORICAL",
    "CONCURRENT",
];

/// A message to the solver.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE")]
enum Message {
    CreateSolverCast { solver_id: u64, random_seed: u64, problem: Problem },
    DropSolverCast { solver_id: u64 },
    AskCall { solver_id: u64, next_trial_id: u64 },
    TellCall { solver_id: u64, trial: Evaluated },
}

#[derive(Deserialize)]
struct Problem {
    params_domain: Vec<Variable>,
    steps: Steps,
}

/// The steps at which a problem can be evaluated: 1 to a number, or those listed.
#[derive(Deserialize)]
#[serde(untagged)]
enum Steps {
    To(u64),
    Listed(Vec<u64>),
}

#[derive(Deserialize)]
struct Variable {
    name: String,
    range: Range,
    distribution: Distribution,
}

/// The values of a variable; upper ends are not among them.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE")]
enum Range {
    Continuous { low: f64, high: f64 },
    Discrete { low: i64, high: i64 },
    Categorical { choices: Vec<String> },
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Distribution {
    Uniform,
    LogUniform,
}

/// A trial that was evaluated; without values where it could not be.
#[derive(Deserialize)]
struct Evaluated {
    id: u64,
    values: Vec<f64>,
}

/// A trial to be evaluated.
#[derive(Serialize)]
struct Next {
    id: u64,
    params: Vec<f64>,
    next_step: u64,
}

/// The searches that go on.
pub struct Solver {
    sampler: &'static str,
    searches: BTreeMap<u64, Search>,
}

/// One search.
struct Search {
    space: Space,
    last_step: u64,
    dialogue: Dialogue,
    /// The trials of which nothing is known yet: kurobako's number and ours.
    running: Vec<(u64, u64)>,
}

impl Solver {
    /// A solver that searches with the sampler of a name.
    pub fn new(sampler: &'static str) -> Solver {
        Solver { sampler, searches: BTreeMap::new() }
    }

    /// What the solver says first.
    pub fn introduction(&self) -> Json {
        let attrs = json!({ "version": env!("CARGO_PKG_VERSION") });
        let spec = json!({ "name": format!("sweep {}", self.sampler), "attrs": attrs, "capabilities": CAPABILITIES });
        json!({ "type": "SOLVER_SPEC_CAST", "spec": spec })
    }

    /// The reply to a message; `None` to a cast, which has none.
    ///
    /// # Errors
    /// A line that is no message of the protocol.
    pub fn reply(&mut self, line: &str) -> Result<Option<Json>, String> {
        let message: Message = serde_json::from_str(line)
            .map_err(|why| format!("this is no message of kurobako's solver protocol ({why}): {line}"))?;
        let unknown = |id: u64| error("INVALID_INPUT", &format!("there is no solver {id}"));
        Ok(match message {
            Message::CreateSolverCast { solver_id, random_seed, problem } => {
                let sampler = (sampler::find(self.sampler).map_err(|why| why.to_string())?.new)();
                self.searches.insert(solver_id, Search::new(problem, random_seed, sampler));
                None
            }
            Message::DropSolverCast { solver_id } => {
                self.searches.remove(&solver_id);
                None
            }
            Message::AskCall { solver_id, next_trial_id } => Some(match self.searches.get_mut(&solver_id) {
                Some(search) => search.ask(next_trial_id),
                None => unknown(solver_id),
            }),
            Message::TellCall { solver_id, trial } => Some(match self.searches.get_mut(&solver_id) {
                Some(search) => search.tell(&trial),
                None => unknown(solver_id),
            }),
        })
    }
}

fn error(kind: &str, message: &str) -> Json {
    json!({ "type": "ERROR_REPLY", "kind": kind, "message": message })
}

impl Search {
    fn new(problem: Problem, seed: u64, sampler: Box<dyn Sampler>) -> Search {
        let parameter =
            |variable: Variable| Parameter { domain: domain(&variable), name: variable.name, when: None };
        let last_step = match problem.steps {
            Steps::To(last) => last,
            Steps::Listed(steps) => steps.last().copied().unwrap_or(1),
        };
        let space = Space::new(problem.params_domain.into_iter().map(parameter).collect());
        let dialogue = Dialogue::new(space.clone(), seed, sampler);
        Search { space, last_step, dialogue, running: Vec::new() }
    }

    fn ask(&mut self, id: u64) -> Json {
        let Some((number, point)) = self.dialogue.ask() else {
            return error("OTHER", "the space is used up");
        };
        let param = |parameter: &Parameter| {
            let value = point.get(&parameter.name).and_then(Value::number).unwrap_or(0.0);
            match parameter.domain {
                // The upper end is outside there.
                Domain::Interval { high, integer: false, .. } if value >= high => high.next_down(),
                _ => value,
            }
        };
        let params = self.space.parameters.iter().map(param).collect();
        self.running.push((id, number));
        let trial = Next { id, params, next_step: self.last_step };
        json!({ "type": "ASK_REPLY", "trial": trial, "next_trial_id": id + 1 })
    }

    fn tell(&mut self, trial: &Evaluated) -> Json {
        let Some(at) = self.running.iter().position(|(id, _)| *id == trial.id) else {
            return error("INVALID_INPUT", &format!("trial {} does not run", trial.id));
        };
        let (_, number) = self.running.remove(at);
        let told = |value: &f64| Evidence::from_metric(*value, Direction::Minimize);
        let evidence = trial.values.first().map_or(Evidence::Nothing, told);
        self.dialogue.tell(number, evidence);
        json!({ "type": "TELL_REPLY" })
    }
}

/// The domain of a variable. Categories are known by their place, as there.
fn domain(variable: &Variable) -> Domain {
    let scale = match variable.distribution {
        Distribution::Uniform => Scale::Linear,
        Distribution::LogUniform => Scale::Log,
    };
    match &variable.range {
        Range::Continuous { low, high } => {
            Domain::Interval { low: *low, high: *high, scale, integer: false, grid: Vec::new() }
        }
        Range::Discrete { low, high } => {
            let (low, high) = (*low as f64, high.saturating_sub(1) as f64);
            Domain::Interval { low, high, scale, integer: true, grid: Vec::new() }
        }
        Range::Categorical { choices } => {
            Domain::Choices { values: (0..choices.len() as i64).map(Value::Int).collect() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREATE: &str = r#"{"type":"CREATE_SOLVER_CAST","solver_id":0,"random_seed":7,"problem":{"name":"p","attrs":{},
        "params_domain":[
            {"name":"x y","range":{"type":"CONTINUOUS","low":-5.0,"high":5.0},"distribution":"UNIFORM"},
            {"name":"n","range":{"type":"DISCRETE","low":1,"high":4},"distribution":"LOG_UNIFORM"},
            {"name":"c","range":{"type":"CATEGORICAL","choices":["a","b"]},"distribution":"UNIFORM"}],
        "values_domain":[{"name":"v","range":{"type":"CONTINUOUS"},"distribution":"UNIFORM"}],"steps":[3,9]}}"#;

    fn call(solver: &mut Solver, message: &Json) -> Json {
        solver.reply(&message.to_string()).unwrap().unwrap()
    }

    #[test]
    fn a_benchmark_is_answered_in_its_own_terms() {
        for name in ["random", "tpe", "ridge"] {
            let mut solver = Solver::new(name);
            assert_eq!(solver.introduction()["spec"]["name"], format!("sweep {name}"));
            assert_eq!(solver.reply(&CREATE.replace('\n', "")).unwrap(), None);
            let mut best = f64::INFINITY;
            for id in 10..40 {
                let asked = call(&mut solver, &json!({"type":"ASK_CALL","solver_id":0,"next_trial_id":id}));
                assert_eq!((&asked["type"], &asked["next_trial_id"]), (&json!("ASK_REPLY"), &json!(id + 1)));
                assert_eq!((&asked["trial"]["id"], &asked["trial"]["next_step"]), (&json!(id), &json!(9)));
                let params: Vec<f64> = serde_json::from_value(asked["trial"]["params"].clone()).unwrap();
                let [x, n, c] = params[..] else { panic!("three parameters") };
                assert!((-5.0..5.0).contains(&x) && [1.0, 2.0, 3.0].contains(&n) && [0.0, 1.0].contains(&c));
                let value = (x - 1.0).powi(2) + n + c;
                best = best.min(value);
                let values = if id == 15 { json!([]) } else { json!([value]) };
                let trial = json!({"id":id,"values":values,"current_step":9});
                let told = call(&mut solver, &json!({"type":"TELL_CALL","solver_id":0,"trial":trial}));
                assert_eq!(told, json!({"type":"TELL_REPLY"}));
            }
            assert!(best < 3.0, "{name}: {best}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_an_error() {
        let mut solver = Solver::new("random");
        let ask = json!({"type":"ASK_CALL","solver_id":3,"next_trial_id":0});
        assert_eq!(call(&mut solver, &ask)["kind"], "INVALID_INPUT");
        solver.reply(&CREATE.replace('\n', "").replace("\"solver_id\":0", "\"solver_id\":3")).unwrap();
        assert_eq!(call(&mut solver, &ask)["type"], "ASK_REPLY");
        let tell = json!({"type":"TELL_CALL","solver_id":3,"trial":{"id":5,"values":[1.0],"current_step":9}});
        assert_eq!(call(&mut solver, &tell)["message"], "trial 5 does not run");
        assert_eq!(solver.reply(r#"{"type":"DROP_SOLVER_CAST","solver_id":3}"#).unwrap(), None);
        assert_eq!(call(&mut solver, &ask)["kind"], "INVALID_INPUT");
        assert!(solver.reply("nonsense").unwrap_err().contains("no message of kurobako"));
    }
}
