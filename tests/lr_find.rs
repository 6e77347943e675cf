//! The learning-rate range test from outside: its numbers, its files, its refusal, and the axis it gives.

use serde_json::Value;

use crate::support::{Bench, read_json};

#[test]
fn places_rise_from_useful_over_steepest_to_the_edge() {
    let bench = Bench::new();
    let ran = bench.ok("lr-find batch=64,256 --replicates 3 --probe-steps 60");
    for part in ["smallest useful", "not a substitute", "do not follow the best η", "sweep grid lr="] {
        assert!(ran.stdout.contains(part), "`{part}` in\n{}", ran.stdout);
    }
    let folder = std::fs::read_dir(bench.path("results")).unwrap().next().unwrap().unwrap().path();
    assert!(std::fs::read(folder.join("lr-find.png")).unwrap().starts_with(b"\x89PNG"));
    let document = read_json(&folder.join("lr-find.json"));
    let again = bench.ok("lr-find batch=64,256 --replicates 3 --probe-steps 60 --json --jobs 1").stdout;
    assert_eq!(serde_json::from_str::<Value>(&again).unwrap(), document, "jobs do not change the result");
    for batch in document["batches"].as_array().unwrap() {
        let rate = |place: &str| {
            let place = &batch[place];
            let [low, rate, high] = ["low", "estimate", "high"].map(|end| place[end].as_f64().unwrap());
            assert!(low <= rate && rate <= high && place["n"] == 3 && place["status"] == "OK", "{place}");
            rate
        };
        let (useful, steepest, edge) = (rate("smallest_useful"), rate("steepest"), rate("edge"));
        // The best rates of this network lie at 0.5 and 1, the largest that train between 1 and 2.
        assert!(useful < steepest && steepest < edge, "{useful} {steepest} {edge}");
        assert!((0.1..1.5).contains(&steepest) && (0.7..3.0).contains(&edge), "{steepest} {edge}");
        let blown_up = batch["replicates"][0]["blown_up"].as_f64().unwrap();
        assert!(blown_up > edge, "a ramp alone puts the edge too high: {blown_up} for {edge}");
    }
}

#[test]
fn a_constant_loss_is_refused_with_its_reason() {
    let bench = Bench::new();
    let rows: String = (0..400).map(|row| format!("0,0,{}\n", row % 2)).collect();
    std::fs::write(bench.path("blank.csv"), format!("a,b,y\n{rows}")).unwrap();
    let ran = bench.run("lr-find batch=16 --replicates 2 --data blank.csv --label y");
    assert_eq!(ran.code, Some(3), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("the loss falls on no curve"), "{}", ran.stderr);
    assert!(ran.stdout.contains("the loss never falls: it starts at 0.69"), "{}", ran.stdout);
    let ran = bench.run("grid lr=@find batch=16 --data blank.csv --label y --steps 5");
    assert_eq!(ran.code, Some(3), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("lr=@find found no range: the loss never falls"), "{}", ran.stderr);
    assert!(bench.ok("list").stdout.contains("no studies"), "no study was begun");
}

#[test]
fn an_axis_may_take_the_range_found() {
    let bench = Bench::new();
    bench.table("table.csv");
    let command = "lr=@find batch=8,32 --data table.csv --label y --steps 30";
    let tested = bench.ok("lr-find batch=8,32 --data table.csv --label y --replicates 2").stdout;
    assert!(tested.contains("batch=8,32 --data table.csv --label y"), "{tested}");
    let ran = bench.ok(&format!("grid {command}"));
    assert!(ran.stdout.contains("by the range test in results"), "{}", ran.stdout);
    let name = bench.ok("list").stdout.split_whitespace().next().unwrap().to_owned();
    let rates: Vec<f64> = bench.results(&name)["trials"]
        .as_array()
        .unwrap()
        .iter()
        .map(|trial| trial["params"]["lr"].as_f64().unwrap())
        .collect();
    let (low, high) =
        rates.iter().fold((f64::MAX, 0f64), |(low, high), rate| (low.min(*rate), high.max(*rate)));
    assert!(ran.stdout.contains(&format!("lr from {low} to {high}")), "{low} {high}\n{}", ran.stdout);
    assert!(low > 1e-5 && low < 0.2 * high && high < 100.0, "{low} {high}");
    // The same command is the same study, and nothing is trained again, not even the test.
    let again = bench.ok(&format!("grid {command}"));
    assert!(again.stdout.contains(&format!("({} done, 0 new)", rates.len())), "{}", again.stdout);
    let nine = bench.ok(&format!("grid {} --dry-run", command.replace("@find", "@find:9")));
    assert!(nine.stdout.contains("18 points"), "{}", nine.stdout);
}
