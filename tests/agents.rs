//! Agents from the outside: by default a study maximizes the return.

use crate::support::Bench;

#[test]
fn a_study_of_agents_maximizes_the_return() {
    let bench = Bench::new();
    let words =
        "grid agent=policy_gradient,dqn lr=1e-3,1e-2,1e-1 batch=16,64 --data cartpole --examples 4000";
    let ran = bench.ok(&format!("{words} --name a optimizer=adam report_every=25%"));
    assert!(ran.stdout.contains("Final return by batch size"), "{}", ran.stdout);
    for agent in ["policy_gradient", "dqn"] {
        assert!(ran.stdout.contains(&format!("{agent} B=16")), "a best for each agent: {}", ran.stdout);
    }
    bench.png("a", "heatmap.png");
    let results = bench.results("a");
    let goal = &results["study"]["goal"];
    assert_eq!((&goal["metric"], &goal["direction"]), (&"return".into(), &"maximize".into()));
    let trials = results["trials"].as_array().unwrap();
    let of = |trial: &serde_json::Value| trial["metrics"]["return"].as_f64().unwrap();
    let most = trials.iter().filter(|trial| trial["stuck"] == false).map(of).fold(0.0, f64::max);
    assert_eq!((trials.len(), results["best"]["value"].as_f64()), (12, Some(most)));
}

#[test]
fn agents_that_never_learn_are_reported_as_such() {
    let bench = Bench::new();
    // Through this many sigmoids the observation has almost no effect: the same action at every step.
    let words = "grid lr=1e-12,1e-11 agent=policy_gradient,dqn --data cartpole --examples 1500";
    let ran = bench.ok(&format!("{words} activation=sigmoid hidden=16/16/16/16/16"));
    assert!(ran.stdout.contains("No point completed"), "{}", ran.stdout);
    assert!(ran.stdout.contains("Of 4 points, 4 got stuck at chance."), "{}", ran.stdout);
}

#[test]
fn one_run_reports_returns_and_a_test_return() {
    let ran = Bench::new().ok("train lr=0.01 batch=64 --data cartpole --steps 20 --report-every 10st");
    let [first, second, last] = ran.stdout.lines().collect::<Vec<_>>()[..] else { panic!("{}", ran.stdout) };
    assert!([first, second].iter().all(|line| line.contains("return ") && !line.contains("val_loss")));
    assert!(last.starts_with("return ") && last.contains("test_return"), "{last}");
}
