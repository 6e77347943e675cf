//! `sweep ask-tell` as a program in another language would use it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::support::Bench;

/// A running conversation.
struct Talk {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Talk {
    fn start(bench: &Bench, words: &str) -> Talk {
        let mut command: Command = bench.command(words);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (to, from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Talk { child, to, from }
    }

    /// Says a line and waits for its answer, which must come before anything more is said.
    fn say(&mut self, line: &str) -> Value {
        writeln!(self.to, "{line}").unwrap();
        let mut answer = String::new();
        self.from.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap()
    }

    /// Asks for a point and tells its value, `count` times; all points.
    fn search(&mut self, count: u64, value: fn(f64) -> String) -> Vec<Value> {
        let mut points = Vec::new();
        for _ in 0..count {
            let asked = self.say(r#"{"ask":1}"#);
            let trial = &asked["trials"][0];
            let told = value(trial["params"]["x"].as_f64().unwrap());
            let tell = format!(r#"{{"tell":{{"number":{},"value":{told}}}}}"#, trial["number"]);
            assert_eq!(self.say(&tell), json!({"ok":true}));
            points.push(trial["params"].clone());
        }
        points
    }

    fn end(self) -> Option<i32> {
        let Talk { mut child, to, from } = self;
        drop((to, from));
        child.wait().unwrap().code()
    }
}

#[test]
fn every_sampler_holds_a_conversation() {
    let bench = Bench::new();
    for sampler in ["random", "sobol", "tpe", "gp", "cmaes", "genetic", "ridge", "bayes"] {
        let words = format!("ask-tell --sampler {sampler} --seed 1 x=-5..5:lin b=1..4096:pow2 opt=sgd,adam");
        let value = |x: f64| if x > 4.0 { "NaN".to_owned() } else { ((x - 1.0) * (x - 1.0)).to_string() };
        let mut talk = Talk::start(&bench, &words);
        let points = talk.search(16, value);
        assert!(talk.say(r#"{"best":true}"#)["value"].as_f64().unwrap() < 4.0, "{sampler}");
        assert_eq!(talk.say(r#"{"ask":3}"#)["trials"].as_array().unwrap().len(), 3, "{sampler}");
        assert_eq!(talk.end(), Some(0), "{sampler}");
        let mut again = Talk::start(&bench, &words);
        assert_eq!(again.search(16, value), points, "{sampler}");
        assert_eq!(again.end(), Some(0));
    }
}

#[test]
fn anything_wrong_is_answered_and_the_session_goes_on() {
    let bench = Bench::new();
    let mut talk = Talk::start(&bench, "ask-tell --maximize --sampler tpe x=1,2,3");
    for line in ["", "nonsense", r#"{"ask":"two"}"#, r#"{"tell":{"number":0,"value":1}}"#, "\u{1F600}"] {
        assert!(talk.say(line)["error"].is_string(), "{line}");
    }
    assert_eq!(talk.say(r#"{"ask":3}"#)["trials"].as_array().unwrap().len(), 3);
    assert_eq!(talk.say(r#"{"report":{"number":0,"step":3,"value":0.5}}"#), json!({"verdict":"continue"}));
    for (line, ok) in [
        (r#"{"tell":{"number":0,"value":Infinity}}"#, true),
        (r#"{"tell":{"number":0,"value":1}}"#, false),
        (r#"{"tell":{"number":1,"value":-7.5}}"#, true),
        (r#"{"tell":{"number":2,"state":"failed"}}"#, true),
        (r#"{"tell":{"number":3,"value":1}}"#, false),
    ] {
        let answer = talk.say(line);
        assert_eq!(
            (answer == json!({"ok":true}), answer["error"].is_string()),
            (ok, !ok),
            "{line}: {answer}"
        );
    }
    let best = talk.say(r#"{"best":true}"#);
    assert_eq!((&best["number"], &best["value"]), (&json!(1), &json!(-7.5)));
    assert!(talk.say(r#"{"ask":1}"#)["error"].as_str().unwrap().contains("used up"));
    assert_eq!(talk.end(), Some(0));
}

#[test]
fn wrong_words_are_refused_before_the_session() {
    let bench = Bench::new();
    for (words, advice) in [
        ("ask-tell --sampler tpee x=1..2", "no sampler `tpee`"),
        ("ask-tell x=2..1", "upside down"),
        ("ask-tell b=3..4096:pow2", "no power of two"),
    ] {
        let ran = bench.run(words);
        assert_eq!(ran.code, Some(2), "{words}: {}", ran.stderr);
        assert!(ran.stderr.contains(advice), "{words}: {}", ran.stderr);
    }
}
