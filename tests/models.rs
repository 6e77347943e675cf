//! Choices of a network as a user types them.

use crate::support::Bench;

#[test]
fn a_network_with_gelu_or_mean_pools_learns() {
    let bench = Bench::new();
    for words in ["activation=gelu hidden=32", "model=cnn conv=4x5 hidden=16 pooling=average activation=gelu"]
    {
        let ran = bench.ok(&format!("train lr=0.2 batch=32 steps=400 {words} --json"));
        let document: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        let accuracy = document["metrics"]["val_accuracy"].as_f64().unwrap();
        assert!(accuracy > 0.85, "{words}: {}", ran.stdout);
    }
}

#[test]
fn activations_and_pools_that_do_not_exist_are_refused_with_those_that_do() {
    let bench = Bench::new();
    for (words, known) in
        [("activation=swish", "relu, tanh, sigmoid, gelu"), ("model=cnn pooling=median", "max, average")]
    {
        let ran = bench.run(&format!("train lr=0.1 batch=32 steps=1 {words}"));
        assert_eq!(ran.code, Some(2), "{words}: {}", ran.stderr);
        assert!(ran.stderr.contains(known), "{words}: {}", ran.stderr);
    }
}
