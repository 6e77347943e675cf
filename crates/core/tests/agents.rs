//! Agents as a whole: they learn, their budgets count environment steps, and settings that do not apply are refused.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[cfg(test)]
mod words;

use std::sync::Arc;

use sweep_core::{Dataset, Ending, Part, Run, TrainSpec, Trained, data, train};
use words::settings;

fn cartpole() -> Arc<Dataset> {
    data::open("cartpole", &data::Options::default()).unwrap()
}

fn run(words: &str) -> Trained {
    let data = cartpole();
    train(&TrainSpec::read(&settings(words), &data).unwrap(), 0, &mut ())
}

#[test]
fn both_agents_learn_to_balance() {
    for words in ["agent=policy_gradient lr=0.01", "agent=dqn lr=0.001"] {
        let trained = run(&format!("{words} batch=32 optimizer=adam examples=60000 report_every=10%"));
        let returns: Vec<f64> = trained.readings.iter().map(|reading| reading.metric("return")).collect();
        assert_eq!((returns.len(), trained.ending), (10, Ending::Complete { stuck: false }), "{words}");
        // Nine times the return of random actions.
        assert!(returns.iter().any(|&reached| reached > 200.0), "{words}: {returns:?}");
        assert!(returns.iter().all(|reached| (1.0..=500.0).contains(reached)), "{words}: {returns:?}");
        assert!(trained.readings.iter().all(|reading| reading.metric("train_loss").is_finite()));
    }
}

#[test]
fn an_agent_that_never_learns_is_stuck_and_a_loss_that_is_not_finite_diverges() {
    for agent in ["policy_gradient", "dqn"] {
        // Through this many sigmoids the output hardly depends on the input: the same action at every step.
        let words = "activation=sigmoid hidden=16/16/16/16/16 lr=1e-20 batch=4 steps=3";
        let idle = run(&format!("agent={agent} {words}"));
        assert_eq!(idle.ending, Ending::Complete { stuck: true }, "{agent}: {:?}", idle.readings);
    }
    for agent in ["policy_gradient", "dqn"] {
        let trained = run(&format!("agent={agent} lr=1e30 batch=8 steps=50"));
        assert!(matches!(trained.ending, Ending::Diverged { .. }), "{agent}: {:?}", trained.ending);
    }
}

#[test]
fn test_episodes_are_fixed_and_differ_from_those_of_the_readings() {
    let data = cartpole();
    let spec = TrainSpec::read(&settings("batch=32 steps=60 lr=0.003 optimizer=adam"), &data).unwrap();
    let mut run = Run::new(&spec, 5);
    run.advance(&mut ());
    let (first, test) = (run.evaluate(Part::Validation), run.evaluate(Part::Test));
    assert_eq!((first[0].0.as_str(), test[0].0.as_str()), ("return", "test_return"));
    assert_ne!(first[0].1, test[0].1);
    assert_eq!((run.evaluate(Part::Validation), run.evaluate(Part::Test)), (first, test));
}

#[test]
fn examples_are_environment_steps() {
    let data = cartpole();
    let ends = |words: &str| {
        let spec = TrainSpec::read(&settings(words), &data).unwrap();
        let trained = train(&spec, 0, &mut ());
        assert_eq!((spec.cost().steps, spec.cost().examples), (trained.steps, trained.examples), "{words}");
        (trained.steps, trained.examples)
    };
    // No batch is shortened at the end of an epoch of 10,000 steps.
    assert_eq!(ends("batch=300 epochs=1"), (34, 10_200));
    assert_eq!(ends("batch=300 examples=10500"), (35, 10_500));
    assert_eq!(ends("agent=dqn steps=10"), (10, 1040));
    assert_eq!(ends("agent=dqn examples=1500 dqn.train_every=10"), (50, 1500));
    assert_eq!(ends("agent=dqn epochs=0.1 dqn.learning_starts=0 dqn.train_every=3"), (334, 1002));
    for words in ["batch=100 examples=5000", "agent=dqn batch=8 examples=1400", "batch=8 steps=20"] {
        ends(&format!("{words} schedule=batch_growth"));
    }
}

#[test]
fn settings_that_do_not_apply_to_agents_are_refused() {
    let data = cartpole();
    let refusal = |words: &str| TrainSpec::read(&settings(words), &data).unwrap_err().to_string();
    for (words, why) in [
        ("agent=ppo", "agent=ppo is not one of policy_gradient, dqn"),
        ("batch=full", "batch=full is not possible with data=cartpole, which is endless: give a number"),
        ("batch=20000", "batch=20000 is more than the 10000 environment steps of an epoch"),
        (
            "model=cnn",
            "model=cnn works only with data sets; the networks of an agent are perceptrons: use mlp",
        ),
        (
            "accumulate=2",
            "accumulate=2 works only with data sets; an agent learns from a whole batch at once: use 1",
        ),
        ("agent=dqn dqn.buffer=20", "dqn.buffer=20 is smaller than a batch of 32 transitions"),
        ("agent=dqn dqn.target_every=0", "dqn.target_every=0 must be longer than 0: write 100st (updates)"),
        ("agent=dqn dqn.epsilon_end=2", "dqn.epsilon_end=2 must be at least 0 and at most 1"),
        (
            "agent=dqn examples=900",
            "examples=900 is used up before the first update, which follows 1000 environment steps",
        ),
        (
            "schedule=plateau",
            "schedule.plateau.mode=min waits for lower readings, but higher returns are better: use max",
        ),
        ("policy_gradient.gamma=1.5", "policy_gradient.gamma=1.5 must be"),
        ("noise_scale=5st", "needs a data set whose examples have separate gradients"),
    ] {
        assert!(refusal(words).contains(why), "{words}: {}", refusal(words));
    }
    let mnist = data::open("mnist", &data::Options::default()).unwrap();
    let error = TrainSpec::read(&settings("agent=dqn"), &mnist).unwrap_err().to_string();
    assert_eq!(error, "agent=dqn works only with environments: use data=cartpole");
    let options = data::Options { split: data::Split::Textbook, ..data::Options::default() };
    assert!(data::open("cartpole", &options).unwrap_err().to_string().contains("acted in"));
}
