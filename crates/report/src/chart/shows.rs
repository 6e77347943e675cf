//! Which charts a study has: none that is empty or degenerate.

use sweep_study::StudyRecord;

use super::charts;
use super::draw::sheet::Sheet;
use crate::facts::facts;
use crate::fixtures::{Made, learning, studies, timed_alone};

fn names(record: &StudyRecord) -> Vec<&'static str> {
    charts(record, &facts(record)).iter().map(|chart| chart.name).collect()
}

fn has(made: &Made, name: &str) -> bool {
    names(&made.clone().record()).contains(&name)
}

#[test]
fn a_single_dot_is_not_a_chart() {
    let one = Made::new(&["lr=0.1,1"]).trial("lr=0.1", &[0.3]);
    assert_eq!(names(&one.record()), ["curves"]);
    let two = Made::new(&["lr=0.1,1"]).row(&["0.1", "1"], &[0.3, 0.4]);
    assert_eq!(names(&two.record())[..2], ["heatmap", "losses"]);
}

#[test]
fn a_matrix_without_an_entry_is_not_drawn() {
    let row = |made: Made, schedule: &str, values: [f64; 2]| {
        let point = |lr: &str| format!("lr={lr} schedule={schedule}");
        made.trial(&point("0.1"), &values[..1]).trial(&point("1"), &values[1..])
    };
    let made = Made::new(&["lr=0.1,1", "schedule=constant,cosine"]);
    // With one best rate for both, nothing is lost by keeping the other's.
    assert!(!has(&row(row(made.clone(), "constant", [0.1, 0.2]), "cosine", [0.1, 0.3]), "regret"));
    assert!(has(&row(row(made.clone(), "constant", [0.1, 0.2]), "cosine", [0.2, 0.1]), "regret"));
    // Neither was run at the other's.
    let apart = made.trial("lr=0.1 schedule=constant", &[0.1]).trial("lr=1 schedule=cosine", &[0.1]);
    assert!(!has(&apart, "regret"));
}

#[test]
fn points_that_failed_or_never_ran_make_no_heatmap() {
    let failed = || Err((sweep_study::Outcome::Failed { reason: "killed".into() }, f64::NAN));
    let made = Made::new(&["lr=0.1,1", "batch=16,32"]).trial("lr=0.1 batch=16", &[0.2]);
    let made = made.outcomes("lr=1 batch=16", vec![failed()]);
    assert!(!has(&made, "heatmap"));
    assert!(has(&made.outcomes("lr=1 batch=32", vec![crate::fixtures::diverged(3)]), "heatmap"));
}

#[test]
fn level_memory_is_left_out_of_the_throughput() {
    let record = timed_alone(learning(&["lr=0.1,0.2", "batch=8,512"]));
    let words = |record: &StudyRecord| {
        let facts = facts(record);
        super::tests::written(&(super::throughput::CHART.scene)(record, &facts, Sheet::Wide))
    };
    assert!(words(&record).contains("memory of a trial"));
    let mut level = record;
    level.pace.steps.iter_mut().for_each(|step| step.bytes = 1_000_000);
    assert!(!words(&level).contains("memory of a trial"));
}

#[test]
fn every_chart_of_a_study_has_two_marks_or_more() {
    for (name, record) in studies() {
        let names = names(&record);
        if ["one", "nothing", "few"].contains(&name) {
            assert!(!names.contains(&"losses") && !names.contains(&"heatmap"), "{name}: {names:?}");
        } else {
            assert!(names.contains(&"heatmap"), "{name}: {names:?}");
        }
    }
}
