//! CartPole moves as Gymnasium's does, transition by transition.

#[cfg(test)]
mod golden;

use golden::{Case, all_pass, cases, compare, family, names, numbers};
use serde_json::Value;
use sweep_core::agent::cartpole::{After, CartPole, OBSERVED};

/// Relative to the largest number of a state, which is near 3: far within 1e-6 in metres, radians, and these a second.
const TOLERANCE: f64 = 1e-9;

#[test]
fn every_transition_is_that_of_gymnasium() {
    all_pass(cases("gymnasium", "cartpole").iter().map(check));
}

#[test]
fn every_fixture_has_a_test() {
    for name in names("gymnasium") {
        assert_eq!(family(&name, &["cartpole"]), Some("cartpole"), "no test reads gymnasium/{name}.json");
    }
}

/// Plays the case's actions from its starts and compares every state and every end.
fn check(case: &Case) -> Result<(), String> {
    let name = &case.name;
    if case.config["environment"] != "CartPole-v1" {
        return Err(format!("{name}: no environment of CartPole-v1"));
    }
    let starts = numbers(&case.inputs["resets"]);
    let mut starts = starts.as_chunks().0.iter().map(|start: &[f64; OBSERVED]| CartPole::at(*start));
    let (mut episode, mut states) = (starts.next(), Vec::new());
    for (step, action) in numbers(&case.inputs["actions"]).into_iter().enumerate() {
        let running = episode.as_mut().ok_or(format!("{name}: no start is left at step {step}"))?;
        let after = running.step(action as usize);
        states.extend(running.state());
        let flag = |of: &str| case.expected[of][step] == Value::Bool(true);
        let expected = match (flag("terminated"), flag("truncated")) {
            (true, _) => After::Terminated,
            (false, true) => After::Truncated,
            (false, false) => After::Running,
        };
        if after != expected {
            return Err(format!("{name}, step {step}: {after:?} where {expected:?} is expected"));
        }
        if after.over() {
            episode = starts.next();
        }
    }
    assert_eq!(states.len(), 1000 * OBSERVED);
    compare(&format!("{name}, number"), &states, &numbers(&case.expected["states"]), TOLERANCE)
}
