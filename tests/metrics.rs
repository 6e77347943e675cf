//! Several metrics at once, and when trials ran: measured times are stored only in `timing`.

use crate::support::{Bench, read_json};

const GRID: &str =
    "grid lr=0.01..1:5 batch=8,32 --data table.csv --label y --steps 60 --replicates 2 --quiet";

#[test]
fn two_metrics_have_a_front_in_report_and_json() {
    let bench = Bench::new();
    bench.table("table.csv");
    let printed = bench.ok(&format!("{GRID} --minimize val_loss,seconds --name timed")).stdout;
    assert!(
        printed.contains("The Pareto front of validation loss and seconds (60 steps, 2 seeds) has "),
        "{printed}"
    );
    let results = read_json(&bench.path("results/timed/results.json"));
    assert_eq!(results["study"]["also"][0]["metric"], "seconds");
    assert!(results["facts"].get("pareto").is_none(), "seconds are no fact that equal studies share");
    let points = results["timing"]["pareto"]["points"].as_array().unwrap();
    assert!(points.iter().any(|point| point["standing"] == "front"), "{points:?}");
    assert!(bench.png("timed", "pareto.png").len() > 10_000);
    let page = std::fs::read_to_string(bench.path("results/timed/report.html")).unwrap();
    assert!(page.contains("figure-pareto") && page.contains("The Pareto front of"), "in the page");
    let printed =
        bench.ok(&format!("{GRID} --minimize val_loss --maximize val_accuracy --name both --jobs 1")).stdout;
    assert!(printed.contains("The Pareto front of validation loss and validation accuracy"), "{printed}");
    let front = bench.results("both")["facts"]["pareto"].clone();
    bench.ok(&format!("{GRID} --minimize val_loss --maximize val_accuracy --name both --jobs 2 --fresh"));
    assert_eq!(bench.results("both")["facts"]["pareto"], front, "the same for any number of jobs");
}

#[test]
fn metrics_that_do_not_exist_are_refused() {
    let bench = Bench::new();
    bench.table("table.csv");
    for (metrics, why) in [
        ("--minimize val_loss,val_los", "there is no metric `val_los`"),
        ("--minimize val_loss,val_loss", "named twice"),
        ("--minimize val_loss,", "has an empty metric name"),
        ("--minimize seconds", "there is no metric `seconds`"),
    ] {
        let ran = bench.run(&format!("{GRID} {metrics}"));
        assert!(ran.code == Some(2) && ran.stderr.contains(why), "{metrics}: {}", ran.stderr);
    }
}

#[test]
fn a_floor_is_kept_for_all_who_read_the_study() {
    let bench = Bench::new();
    bench.table("table.csv");
    bench.ok(&format!("{GRID} --name grid"));
    let lowest = bench.results("grid")["best"]["value"].as_f64().unwrap();
    let floor = lowest / 2.0;
    let scale = || bench.results("grid")["facts"]["transformation"].clone();
    assert_eq!(scale(), serde_json::json!({ "scale": "log", "floor": null }));
    bench.ok(&format!("report grid --floor {floor}"));
    assert_eq!(scale()["floor"]["estimate"].as_f64(), Some(floor));
    bench.ok("report grid");
    assert_eq!(scale()["floor"]["estimate"].as_f64(), Some(floor), "it is part of the study");
    bench.ok("resume grid");
    for (floor, why) in [("99", "is not below the lowest val_loss"), ("nan", "is not below the lowest")] {
        let ran = bench.run(&format!("report grid --floor {floor}"));
        assert!(ran.code == Some(2) && ran.stderr.contains(why), "{floor}: {}", ran.stderr);
    }
    let ran = bench.run("grid lr=0.1 --data table.csv --label y --maximize val_accuracy --floor 0.1");
    assert!(ran.code == Some(2) && ran.stderr.contains("floor=0.1 must be"), "{}", ran.stderr);
    std::fs::write(bench.path("runs.csv"), "lr,val_loss\n0.1,2.5\n0.2,2.4\n0.4,2.6\n").unwrap();
    bench.ok("report runs.csv --floor 1.7");
    assert_eq!(bench.results("runs")["facts"]["transformation"]["floor"]["estimate"], 1.7);
}

#[test]
fn the_timeline_has_a_stretch_for_each_trial() {
    let bench = Bench::new();
    bench.table("table.csv");
    bench.ok(&format!("{GRID} --name lines --jobs 2"));
    let timeline = read_json(&bench.path("results/lines/results.json"))["timing"]["timeline"].clone();
    let spans = timeline["spans"].as_array().unwrap();
    assert_eq!(spans.len(), 20);
    for span in spans {
        let (start, end) = (span["start"].as_f64().unwrap(), span["end"].as_f64().unwrap());
        assert!(start >= 0.0 && start <= end && span["worker"].as_u64().unwrap() < 2, "{span}");
    }
    let busy = timeline["busy"].as_f64().unwrap();
    assert!(busy > 0.0 && busy <= 1.0 + 1e-6, "{busy}");
    assert!(bench.png("lines", "timeline.png").len() > 10_000);
    // A pruned trial that continues has a stretch for each segment.
    let asha = "asha lr=0.01..1 batch=8,32 --trials 9 --data table.csv --label y --steps 60 --report-every 10st --quiet --name asha";
    bench.ok(asha);
    let results = read_json(&bench.path("results/asha/results.json"));
    let spans = results["timing"]["timeline"]["spans"].as_array().unwrap().clone();
    let count = |end: &str| spans.iter().filter(|span| span["ended"] == end).count();
    assert!(count("paused") > 0 && count("pruned") > 0 && count("complete") > 0, "{spans:?}");
}
