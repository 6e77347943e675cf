//! The texts of every chart of every kind of study.

use super::draw::scene::{Scene, Shape};
use super::draw::sheet::Sheet;
use super::{charts, critical, losses};
use crate::facts::{self, facts};
use crate::fixtures::studies;
use crate::text;
use crate::verdict::{Topic, sentences};

/// All texts on a picture, one per line.
pub(super) fn written(scene: &Scene) -> String {
    let text = |shape: &Shape| match shape {
        Shape::Text { text, .. } => Some(format!("{text}\n")),
        _ => None,
    };
    scene.shapes.iter().filter_map(text).collect()
}

/// Every picture and every headline names the budget and the number of seeds.
#[test]
fn nothing_is_claimed_without_its_budget_and_seeds() {
    for (name, record) in studies() {
        let facts = facts(&record);
        let budget = text::budget(&facts.budget);
        let seeds = text::count(u64::from(facts.replicates), "seed");
        for chart in charts(&record, &facts) {
            let text = written(&(chart.scene)(&record, &facts, Sheet::Wide));
            // The chart of equal budgets has one in each panel.
            let budget = if chart.name == "budgets" { "equal " } else { &budget };
            assert!(text.contains(budget) && text.contains(&seeds), "{name} {}: {text}", chart.name);
        }
        let sentences = sentences(&record, &facts);
        for sentence in sentences.iter().filter(|sentence| sentence.topic == Topic::Best) {
            assert!(
                sentence.text.contains(&budget) && sentence.text.contains(&seeds),
                "{name}: {}",
                sentence.text
            );
        }
    }
}

/// Where replicates allow an interval it is reported, and the picture explains what bands and bars are.
#[test]
fn estimates_over_seeds_have_their_intervals() {
    for (name, record) in studies() {
        let facts = facts(&record);
        let fitted = |row: &&facts::BatchBest| row.lr.estimate.is_some() && facts.replicates > 1;
        for row in facts.best_per_batch.iter().filter(fitted) {
            assert!(row.stderr.is_some(), "{name}: {row:?}");
        }
        if facts.best_per_batch.iter().any(|row| row.lr.low.is_some()) {
            let text = written(&(losses::CHART.scene)(&record, &facts, Sheet::Wide));
            assert!(text.contains("95 % interval"), "{name}: {text}");
        }
        for critical in facts.critical_batch.iter().filter(|critical| critical.batch.estimate.is_some()) {
            assert!(critical.batch.low.is_some() && critical.batch.high.is_some(), "{name}: {critical:?}");
            let text = written(&(critical::CHART.scene)(&record, &facts, Sheet::Wide));
            assert!(text.contains("95 %"), "{name}: {text}");
        }
    }
}
