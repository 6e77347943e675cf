//! `sweep law`: the laws of a table of runs over model size and data.

use std::fmt::Write as _;

use serde_json::Value;

use crate::support::Bench;

/// The best learning rate is 2 N^-0.7 D^0.3 (B / B*)^0.35 with B* = 0.03 D^0.6; five N by four D, nine rates by seven batch
/// sizes half an octave or an octave apart, noise of 0.001.
fn table(bench: &Bench) {
    let mut text = String::from("exp_name,numl,lr,bs,D,N,loss\n");
    let mut run = 0u64;
    for (layers, n) in [(4, 1e7), (6, 3e7), (8, 1e8), (10, 3e8), (12, 1e9)] {
        for d in [1e9_f64, 4e9, 1.6e10, 6.4e10] {
            let best_batch = 0.03 * d.powf(0.6);
            for batch in (-3..=3).map(|octave| (best_batch.log2().round() + f64::from(octave)).exp2()) {
                let best = 2.0 * f64::powf(n, -0.7) * d.powf(0.3) * (batch / best_batch).powf(0.35);
                for step in -4..=4 {
                    let lr = (best.log2() * 2.0).round() / 2.0 + 0.5 * f64::from(step);
                    let (x, y) = (lr - best.log2(), (batch / best_batch).log2());
                    run += 1;
                    let noise = ((run as f64 * 12.9898).sin() * 43758.5453).fract() * 0.003;
                    let floor = 1.7 + 400.0 * f64::powf(n, -0.35) + 400.0 * d.powf(-0.3);
                    let loss = if x > 1.8 { 7.5 } else { floor + 0.03 * x * x + 0.01 * y * y + noise };
                    let _ = writeln!(text, "run{run},{layers},{},{batch},{d},{n},{loss}", lr.exp2());
                }
            }
        }
    }
    std::fs::write(bench.path("runs.csv"), text).unwrap();
}

fn inside(exponents: &Value, name: &str, truth: f64) {
    let all = exponents.as_array().unwrap();
    let one = all.iter().find(|one| one["name"] == name).unwrap();
    let (low, high) = (one["low"].as_f64().unwrap(), one["high"].as_f64().unwrap());
    assert!(low <= truth && truth <= high && high - low < 0.25, "{name}: {one}");
}

#[test]
fn the_laws_of_a_table_are_found_priced_and_tried_on_groups_left_out() {
    let bench = Bench::new();
    table(&bench);
    let words = "law runs.csv --group N,D --minimize loss";
    let document: Value = serde_json::from_str(&bench.ok(&format!("{words} --json")).stdout).unwrap();
    let law = &document["law"];
    inside(&law["lr"]["exponents"], "N", -0.7);
    // At a given batch size the rate moves with D as 0.3 − 0.35 · 0.6.
    inside(&law["lr"]["exponents"], "D", 0.09);
    inside(&law["lr"]["exponents"], "B", 0.35);
    inside(&law["batch"]["exponents"], "D", 0.6);
    inside(&law["along"], "N", -0.7);
    inside(&law["along"], "D", 0.3);
    assert_eq!(law["batch"]["without"][0], "N");
    assert_eq!((law["groups"].as_array().unwrap().len(), law["left_out"].as_array().unwrap().len()), (20, 5));
    assert!(law["price"]["worst"].as_f64().unwrap() < 0.01, "{}", law["price"]);
    let (inside, of) = law["left_out"].as_array().unwrap().iter().fold((0, 0), |(inside, of), left| {
        (inside + left["inside"].as_u64().unwrap(), of + left["of"].as_u64().unwrap())
    });
    assert!(10 * inside >= 9 * of && of > 50, "{inside} of {of}");
    surface(law);
    let text = bench.ok(&format!("{words} --against published")).stdout;
    assert!(text.contains("in 20 groups over N 1e7 to 1e9 and D 1e9 to 6.4e10"), "{text}");
    assert!(text.contains("Step Law: η* = 1.79 · N^-0.713 · D^0.307"), "{text}");
}

/// The loss surface explains the losses of groups left out, its intervals hold them, and the cells it proposes are good.
fn surface(law: &Value) {
    let surface = &law["surface"];
    assert_eq!((&surface["believed"], &surface["metric"]), (&Value::from(true), &Value::from("loss")));
    assert!(law["no_surface"].is_null() && surface["form"]["degree"].as_u64() >= Some(2), "{surface}");
    let trial = &surface["left_out"];
    let number = |value: &Value| value.as_f64().unwrap();
    assert!(number(&trial["r2"]) > 0.95 && number(&trial["r2_within"]) > 0.8, "{trial}");
    let covered = number(&trial["covered"]) / number(&trial["of"]);
    assert!((0.85..=0.995).contains(&covered) && number(&trial["of"]) > 500.0, "{trial}");
    assert_eq!((&trial["proposed"], &trial["regret"]["groups"]), (&Value::from(20), &Value::from(20)));
    assert!(number(&trial["regret"]["worst"]) < 0.01, "{trial}");
    let largest = &law["left_out"][4]["surface"];
    assert!(number(&largest["r2"]) > 0.9 && number(&largest["of"]) < number(&trial["of"]), "{largest}");
}

#[test]
fn a_law_predicts_what_its_groups_support() {
    let bench = Bench::new();
    table(&bench);
    let words = "law runs.csv --group N,D --minimize loss";
    let document: Value =
        serde_json::from_str(&bench.ok(&format!("{words} --predict N=4e9,D=2e11 --json")).stdout).unwrap();
    let found = &document["prediction"];
    let truth = 2.0 * f64::powf(4e9, -0.7) * f64::powf(2e11, 0.3);
    let lr = &found["lr"];
    assert!(lr["low"].as_f64() < Some(truth) && lr["high"].as_f64() > Some(truth), "{truth}: {found}");
    assert_eq!(found["beyond"], 4.0);
    let text = bench.ok(&format!("{words} --predict N=4e9,D=2e11")).stdout;
    assert!(text.contains("extrapolated by a factor of 4") && text.contains("sweep grid lr="), "{text}");
    assert!(
        text.contains("Loss surface over η, B, N and D") && text.contains("Surface without N = 1e7: R² 0."),
        "{text}"
    );
    assert!(text.contains("Predicted loss of a run there: "), "{text}");
    let truth = 1.7 + 400.0 * f64::powf(4e9, -0.35) + 400.0 * f64::powf(2e11, -0.3);
    let loss = &found["loss"];
    let (low, high) = (loss["low"].as_f64().unwrap(), loss["high"].as_f64().unwrap());
    assert!(low < truth && truth < high && high / low < 1.5, "{truth}: {loss}");
    for (words, advice) in [
        ("--predict N=1e12,D=2e11", "N=1e12 lies beyond the groups (1e7 to 1e9) by more than a factor of 10"),
        ("--predict N=1e9", "does not say D"),
        ("--predict N=big", "a positive number"),
    ] {
        let ran = bench.run(&format!("law runs.csv --group N,D --minimize loss {words}"));
        assert!(ran.code == Some(2) && ran.stderr.contains(advice), "{words}: {}", ran.stderr);
    }
    // One N has four groups.
    let rows = std::fs::read_to_string(bench.path("runs.csv")).unwrap();
    let of_one = |row: &&str| row.starts_with("exp_name") || row.split(',').nth(1) == Some("12");
    let kept: Vec<&str> = rows.lines().filter(of_one).collect();
    std::fs::write(bench.path("one.csv"), kept.join("\n")).unwrap();
    let text = bench.ok("law one.csv --group D --minimize loss").stdout;
    assert!(
        text.contains("No loss surface: it needs 5 groups with runs near their best, and 4 have some."),
        "{text}"
    );
    let ran = bench.run("law runs.csv --group H --minimize loss");
    assert!(ran.code == Some(2) && ran.stderr.contains("no column `H`"), "{}", ran.stderr);
    let ran = bench.run("law runs.csv --group N --minimize loss");
    assert!(
        ran.code == Some(2) && ran.stderr.contains("differ in D, so they are no repeats"),
        "{}",
        ran.stderr
    );
}

/// S = a + b/B with the published fits of five models (Zhang et al. 2024, arXiv 2410.21676), whose batch sizes with 20 % more
/// examples than 256 are 93.2 N^0.468, N in millions.
#[test]
fn the_critical_batch_size_has_a_law_over_models_named_by_their_size() {
    let bench = Bench::new();
    let mut text = String::from("model,batch_sequences,steps\n");
    for (model, a, b) in [
        ("85M", 1293.83, 2_834_258.0),
        ("151M", 1752.42, 5_677_479.0),
        ("302M", 2095.35, 11_383_270.0),
        ("604M", 2459.93, 19_449_689.0),
        ("1.2B", 3897.31, 43_381_130.0),
    ] {
        for octave in 6..=14 {
            let batch = f64::from(1 << octave);
            // Steps are read to some percent.
            let steps = (a + b / batch) * (1.0 + 0.02 * ((octave * 7 + model.len() as i32) as f64).sin());
            let _ = writeln!(text, "{model},{batch},{steps}");
        }
    }
    std::fs::write(bench.path("steps.csv"), text).unwrap();
    let words = "law steps.csv --group model --steps-to-target steps --overhead-than 256";
    let document: Value = serde_json::from_str(&bench.ok(&format!("{words} --json")).stdout).unwrap();
    inside(&document["law"]["overhead_batch"]["exponents"], "model", 0.468);
    let printed = bench.ok(words).stdout;
    for said in [
        "5 groups with a critical batch size",
        "model=8.5e7: critical batch size",
        "Batch size with 20 % more examples than B=256: B =",
    ] {
        assert!(printed.contains(said), "{said}: {printed}");
    }
}

#[test]
fn a_table_of_optima_has_laws_within_the_rounding_of_its_grid() {
    let bench = Bench::new();
    let mut text = String::from("N,D_tokens,batch_tokens,learning_rate,loss\n");
    for n in [4.6e7, 1.1e8, 3.7e8, 8.7e8] {
        for d in [1.3e8_f64, 2.6e8, 5.1e8, 1e9] {
            let lr = ((300.0 * f64::powf(n, -0.7) * d.powf(0.3) * 1e-3).log2() * 2.0).round() / 2.0;
            let batch = ((d.powf(0.5) * 3.0).log2() * 4.0).round() / 4.0;
            let batch = batch.exp2().round();
            let _ = writeln!(text, "{n},{d},{batch},{},{}", lr.exp2(), 1.7 + 400.0 * f64::powf(n, -0.35));
        }
    }
    std::fs::write(bench.path("optima.csv"), text).unwrap();
    let words = "law optima.csv --group N,D_tokens --minimize loss --json";
    let law = serde_json::from_str::<Value>(&bench.ok(words).stdout).unwrap()["law"].take();
    inside(&law["lr"]["exponents"], "N", -0.7);
    inside(&law["lr"]["exponents"], "D_tokens", 0.3);
    inside(&law["batch"]["exponents"], "D_tokens", 0.5);
    assert_eq!((&law["price"], &law["batch"]["without"][0]), (&Value::Null, &Value::from("N")));
}
