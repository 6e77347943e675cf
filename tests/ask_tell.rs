//! `sweep ask-tell` as a program in another language would use it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::support::Bench;

/// A running session.
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

    /// Sends a line and waits for its answer, which must come before the next line.
    fn say(&mut self, line: &str) -> Value {
        writeln!(self.to, "{line}").unwrap();
        let mut answer = String::new();
        self.from.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap()
    }

    /// Asks for a point and reports its value, `count` times; returns all points.
    fn search(&mut self, count: u64, value: fn(f64) -> String) -> Vec<Value> {
        let mut points = Vec::new();
        for _ in 0..count {
            let asked = self.say(r#"{"ask":1}"#);
            let trial = &asked["trials"][0];
            let value_text = value(trial["params"]["x"].as_f64().unwrap());
            let tell = format!(r#"{{"tell":{{"number":{},"value":{value_text}}}}}"#, trial["number"]);
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
fn every_sampler_works_in_a_session() {
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
fn an_invalid_line_is_answered_and_the_session_continues() {
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
        ("ask-tell --sampler tpee x=1..2", "invalid value 'tpee'"),
        ("ask-tell x=2..1", "upside down"),
        ("ask-tell b=3..4096:pow2", "not a power of two"),
    ] {
        let ran = bench.run(words);
        assert_eq!(ran.code, Some(2), "{words}: {}", ran.stderr);
        assert!(ran.stderr.contains(advice), "{words}: {}", ran.stderr);
    }
}

#[test]
fn a_stored_session_continues_as_if_it_had_never_ended() {
    let bench = Bench::new();
    let words = "ask-tell --sampler ridge --seed 3 lr=1e-4..10 batch=1..256";
    let value = |lr: f64| if lr > 3.0 { "\"inf\"".to_owned() } else { (lr.ln() + 2.0).powi(2).to_string() };
    let one = |talk: &mut Talk, number: u64| {
        let asked = talk.say(r#"{"ask":1}"#);
        assert_eq!(asked["trials"][0]["number"], json!(number), "{asked}");
        let value_text = value(asked["trials"][0]["params"]["lr"].as_f64().unwrap());
        talk.say(&format!(r#"{{"tell":{{"number":{number},"value":{value_text}}}}}"#));
        asked["trials"][0]["params"].clone()
    };
    let mut whole = Talk::start(&bench, words);
    let expected: Vec<Value> = (0..12).map(|number| one(&mut whole, number)).collect();
    let mut points = Vec::new();
    for part in 0..3 {
        let mut talk = Talk::start(&bench, &format!("{words} --name kept"));
        points.extend((0..3).map(|number| one(&mut talk, 3 * part + number)));
        talk.child.kill().unwrap();
        talk.child.wait().unwrap();
    }
    for number in 9..12 {
        let asked = bench.ok("ask kept --json").stdout;
        let asked: Value = serde_json::from_str(&asked).unwrap();
        let params = asked["trials"][0]["params"].clone();
        let value_text = value(params["lr"].as_f64().unwrap()).replace('"', "");
        bench.ok(&format!("tell kept {number} {value_text}"));
        points.push(params);
    }
    assert_eq!(points, expected);
    assert!(bench.ok("show kept").stdout.contains("kept: 12 trials done"));
    assert!(bench.ok("report kept").stdout.contains("results/kept/heatmap.png"));
    let best = &bench.results("kept")["best"];
    assert_eq!(whole.say(r#"{"best":true}"#)["value"], best["value"]);
    let value_text = bench.ok("ask kept 2").stdout;
    assert!(
        value_text.starts_with("12 ") && value_text.contains("\n13 ") && value_text.contains(" lr="),
        "{value_text}"
    );
    assert!(bench.ok("tell kept 12 -2.5").stdout.contains("best so far: -2.5 at trial 12 "));
}

#[test]
fn invalid_requests_to_a_stored_session_are_refused() {
    let bench = Bench::new();
    let begin = |words: &str| Talk::start(&bench, words).end();
    assert_eq!(begin("ask-tell --name kept x=1..2"), Some(0));
    assert_eq!(begin("ask-tell --name kept x=1..2"), Some(0));
    bench.ok("ask kept");
    bench.table("table.csv");
    bench.ok("grid lr=0.1 batch=8 --data table.csv --label y --steps 2 --name grid");
    for (words, advice) in [
        ("ask-tell --name kept x=1..3", "other axes, sampler, seed"),
        ("ask-tell --name grid x=1..3", "a study that sweep runs itself"),
        ("ask grid", "sweep runs the trials of this study itself"),
        ("ask nothing", "there is no study `nothing`"),
        ("tell kept 0 great", "`great` is not a value"),
        ("tell kept 7 1.0", "there is no trial 7"),
        ("ask-tell x=1..2 --roles lr=y", "no axis is called y"),
        ("ask-tell x=1..2 --roles rate=x", "write lr=NAME or batch=NAME"),
    ] {
        let ran = bench.run(words);
        assert_eq!(ran.code, Some(2), "{words}: {}", ran.stderr);
        assert!(ran.stderr.contains(advice), "{words}: {}", ran.stderr);
    }
    assert!(bench.ok("tell kept 0 nan").stdout.contains("no trial has completed"));
}

#[test]
fn an_axis_of_any_name_may_be_the_learning_rate() {
    let bench = Bench::new();
    let points = |words: &str, lr: &str| {
        let mut talk = Talk::start(&bench, &format!("ask-tell --seed 5 {words}"));
        let rates: Vec<Value> = (0..10)
            .map(|number| {
                let asked = talk.say(r#"{"ask":1}"#);
                let rate = asked["trials"][0]["params"][lr].clone();
                let value = (rate.as_f64().unwrap().ln() + 3.0).powi(2);
                talk.say(&format!(r#"{{"tell":{{"number":{number},"value":{value}}}}}"#));
                rate
            })
            .collect();
        assert_eq!(talk.say(r#"{"best":true}"#)["params"].as_object().unwrap().len(), 3);
        assert_eq!(talk.end(), Some(0));
        rates
    };
    let known = points("lr=1e-4..10 batch=1..256 wd=0.01*lr", "lr");
    let named = "alpha=1e-4..10 bs=1..256 wd=0.01*alpha --roles lr=alpha,batch=bs";
    assert_eq!(points(named, "alpha"), known, "the sampler knows what alpha and bs are");
    assert_eq!(points(&format!("{named} --name kept"), "alpha"), known);
    assert!(bench.ok("ask kept").stdout.contains(" alpha="));
}
