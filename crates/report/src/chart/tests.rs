//! What every chart of every kind of study says.

use super::draw::scene::{Scene, Shape};
use super::{charts, critical, losses};
use crate::facts::{self, facts};
use crate::fixtures::studies;
use crate::text;
use crate::verdict::{Topic, sentences};

/// All that is written on a picture, one text a line.
fn written(scene: &Scene) -> String {
    let text = |shape: &Shape| match shape {
        Shape::Text { text, .. } => Some(format!("{text}\n")),
        _ => None,
    };
    scene.shapes.iter().filter_map(text).collect()
}

/// What is claimed says under which budget and over how many seeds, on every picture and in every headline.
#[test]
fn nothing_is_claimed_without_its_budget_and_seeds() {
    for (name, record) in studies() {
        let facts = facts(&record);
        let budget = text::budget(&facts.budget);
        let seeds = text::count(u64::from(facts.replicates), "seed");
        for chart in charts(&record, &facts) {
            let text = written(&(chart.scene)(&record, &facts));
            // The chart of equal budgets has one in each panel.
            let budget = if chart.name == "budgets" { "equal " } else { &budget };
            assert!(text.contains(budget) && text.contains(&seeds), "{name} {}: {text}", chart.name);
        }
        let sentences = sentences(&record, &facts);
        for said in sentences.iter().filter(|said| said.topic == Topic::Best) {
            assert!(said.text.contains(&budget) && said.text.contains(&seeds), "{name}: {}", said.text);
        }
    }
}

/// Where replicates allow an interval it is told, and on the picture it is said what bands and bars are.
#[test]
fn estimates_over_seeds_have_their_intervals() {
    for (name, record) in studies() {
        let facts = facts(&record);
        let fitted = |row: &&facts::BatchBest| row.lr.estimate.is_some() && facts.replicates > 1;
        for row in facts.best_per_batch.iter().filter(fitted) {
            assert!(row.stderr.is_some(), "{name}: {row:?}");
        }
        if facts.best_per_batch.iter().any(|row| row.lr.low.is_some()) {
            let text = written(&(losses::CHART.scene)(&record, &facts));
            assert!(text.contains("95 % interval"), "{name}: {text}");
        }
        for critical in facts.critical_batch.iter().filter(|critical| critical.batch.estimate.is_some()) {
            assert!(critical.batch.low.is_some() && critical.batch.high.is_some(), "{name}: {critical:?}");
            let text = written(&(critical::CHART.scene)(&record, &facts));
            assert!(text.contains("95 %"), "{name}: {text}");
        }
    }
}
