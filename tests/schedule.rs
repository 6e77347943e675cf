//! `sweep schedule`: the rates that PyTorch has, under the names that PyTorch or an axis has.

use serde_json::Value;

use crate::support::{Bench, read_json};

fn rates(json: &Value) -> Vec<f64> {
    json["lr"].as_array().unwrap().iter().map(|rate| rate.as_f64().unwrap()).collect()
}

#[test]
fn one_cycle_is_that_of_pytorch() {
    let ran = Bench::new().ok("schedule onecycle max_lr=0.4 total_steps=60 --json");
    let printed = rates(&serde_json::from_str(&ran.stdout).unwrap());
    let fixture =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../core/tests/fixtures/torch/schedule_onecycle_cos.json");
    let expected = rates(&read_json(fixture.as_ref())["expected"]);
    assert_eq!(printed.len(), expected.len());
    for (step, (printed, expected)) in printed.iter().zip(&expected).enumerate() {
        assert!((printed - expected).abs() < 1e-12 * 0.4, "step {step}: {printed}, not {expected}");
    }
}

#[test]
fn bare_lengths_are_steps_and_lists_may_be_pythons() {
    let bench = Bench::new();
    let of = |words: &str| bench.ok(&format!("schedule {words} --steps 7 --csv")).stdout;
    let drops = of("multistep lr=0.1 milestones=3st/5st gamma=0.5");
    assert!(drops.contains("\n3   ,5e-2\n"), "{drops}");
    for spelt in ["milestones=3/5", "milestones=[3,5]", "schedule.multistep.milestones=3/5"] {
        assert_eq!(of(&format!("multistep lr=0.1 {spelt} gamma=0.5")), drops, "{spelt}");
    }
    assert_eq!(of("cosine lr=0.1 warmup=2"), of("cosine lr=0.1 warmup=2st"));
}

#[test]
fn a_schedule_is_drawn() {
    let bench = Bench::new();
    bench.ok("schedule batch_growth batch=32 --steps 90 --png growth.png");
    let bytes = std::fs::read(bench.path("growth.png")).unwrap();
    assert!(bytes.starts_with(b"\x89PNG") && bytes.len() > 5000);
}

#[test]
fn a_peak_is_carried_from_one_schedule_to_another() {
    let bench = Bench::new();
    let ran = bench.ok("schedule cosine --from wsd:decay=20% --lr 1e-3 --steps 5000 --json");
    let document: Value = serde_json::from_str(&ran.stdout).unwrap();
    let (peak, highest) = (document["peak"]["estimate"].as_f64().unwrap(), rates(&document)[0]);
    assert!((peak - 1.89e-3).abs() < 0.01e-3 && (highest - peak).abs() < 1e-12, "{peak}, {highest}");
    assert!(document["peak"]["low"].as_f64() < Some(peak) && document["peak"]["high"].as_f64() > Some(peak));
    assert!(ran.stderr.contains("where 0.001 is best for wsd:decay=20%"), "{}", ran.stderr);
    for (words, advice) in [
        ("schedule cosine --from wsd:decay=20%", "--lr"),
        ("schedule cosine --from wsd:20% --lr 1e-3", "`20%` is not a setting"),
        ("schedule cosine --from wsd --lr 0", "positive number"),
        ("schedule batch_growth --from wsd --lr 0.1", "not of the batch size"),
    ] {
        let ran = bench.run(words);
        assert!(ran.code == Some(2) && ran.stderr.contains(advice), "{words}: {}", ran.stderr);
    }
}
