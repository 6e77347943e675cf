//! Two studies side by side: paired on shared seeds, and refused if their values are not comparable.

use serde_json::Value;

use crate::support::{Bench, read_json};

fn study(bench: &Bench, name: &str, more: &str) {
    bench.ok(&format!(
        "grid lr=0.01..1:5 batch=8,32 --data table.csv --label y --steps 40 --replicates 3 --quiet --name {name} {more}"
    ));
}

#[test]
fn two_studies_are_paired_point_by_point_and_best_against_best() {
    let bench = Bench::new();
    bench.table("table.csv");
    study(&bench, "plain", "");
    study(&bench, "fast", "momentum=0.9");
    study(&bench, "again", "");
    let output = bench.ok("compare plain fast").stdout;
    for part in [
        "Fixed settings differ: plain has momentum=0, fast has momentum=0.9.",
        "On ",
        "3 seeds",
        "Best against best",
    ] {
        assert!(output.contains(part), "`{part}` in\n{output}");
    }
    assert!(bench.png("plain", "compare-fast.png").len() > 10_000);
    assert!(std::fs::read_to_string(bench.path("results/plain/compare-fast.svg")).unwrap().contains("<svg"));
    let written = read_json(&bench.path("results/plain/compare-fast.json"));
    let json: Value = serde_json::from_str(&bench.ok("compare plain fast --json").stdout).unwrap();
    assert_eq!(written, json);
    assert_eq!(written["facts"]["overall"]["n"], 3);
    // A study against its like differs by nothing at all.
    let same = bench.ok("compare plain again").stdout;
    assert!(
        same.contains("again compared with plain: +0 % validation loss") && same.contains("equivalent"),
        "{same}"
    );
    // The report alone is enough.
    std::fs::remove_file(bench.path("results/fast/study.sqlite")).unwrap();
    assert_eq!(bench.ok("compare plain fast").stdout, output);
}

#[test]
fn studies_of_other_metrics_or_data_are_refused() {
    let bench = Bench::new();
    bench.table("table.csv");
    bench.table("other.csv");
    study(&bench, "loss", "");
    study(&bench, "accuracy", "--maximize val_accuracy");
    let ran = bench.run("compare loss accuracy");
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("the metric is val_loss in one and val_accuracy in the other"),
        "{}",
        ran.stderr
    );
    bench.ok("grid lr=0.1 --data other.csv --label y --steps 4 --quiet --name other");
    let ran = bench.run("compare loss other");
    assert!(ran.code == Some(2) && ran.stderr.contains("the data is table.csv in one"), "{}", ran.stderr);
    assert_eq!(bench.run("compare loss nowhere").code, Some(2));
}
