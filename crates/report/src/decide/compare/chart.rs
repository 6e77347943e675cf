//! Two studies as two heatmaps on one colour scale.

use super::facts::CompareFacts;
use super::merge::Compared;
use super::text::in_brief;
use crate::chart::draw::render;
use crate::chart::draw::scene::Scene;
use crate::chart::draw::sheet::Sheet;
use crate::chart::draw::title::{data, model};
use crate::chart::heatmap::Headed;
use crate::chart::{ChartError, Format, heatmap};
use crate::facts::Facts;
use crate::text;

/// The heatmaps of both studies, whose merged facts are `facts`: tiles of both have one scale, on which the best of all
/// is brightest.
///
/// # Errors
/// The drawing library refused, or the pixels could not be encoded.
pub fn chart(
    both: &Compared,
    facts: &Facts,
    comparison: &CompareFacts,
    format: Format,
) -> Result<Vec<u8>, ChartError> {
    render::draw(&scene(both, facts, comparison), format)
}

fn scene(both: &Compared, facts: &Facts, comparison: &CompareFacts) -> Scene {
    let study = &both.record.study;
    let [first, second] = &comparison.studies;
    let conditions = match &comparison.conditions {
        [a, b] if a == b => a.replace(", ", " · "),
        [a, b] => format!("{first}: {a}; {second}: {b}"),
    };
    let parts = [Some(data(study)), model(study), Some(conditions)];
    let run = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let metric = text::capital(&text::metric(facts));
    let shown = format!("{metric}; {}", in_brief(comparison));
    heatmap::headed(&both.record, facts, &Headed { run, shown, sheet: Sheet::Wide })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::draw::labels::collisions;
    use crate::decide::compare::{self, merged, sentences};
    use crate::fixtures::studies;

    #[test]
    fn any_two_studies_are_drawn() {
        let all = studies();
        let of = |name: &str| &all.iter().find(|(own, _)| *own == name).unwrap().1;
        for (first, second) in
            [("replicates", "two-metrics"), ("edge", "wide"), ("random", "edge"), ("schedules", "wide")]
        {
            let both = merged(of(first), of(second)).unwrap();
            let facts = crate::facts(&both.record);
            let comparison = compare::facts(&both, &facts, [of(first), of(second)]);
            assert_eq!(collisions(&scene(&both, &facts, &comparison)), Vec::<String>::new());
            let drawn = chart(&both, &facts, &comparison, Format::Png).unwrap();
            assert!(drawn.len() > 10_000);
            if let Ok(folder) = std::env::var("SWEEP_GALLERY") {
                std::fs::write(format!("{folder}/compare-{first}-{second}.png"), drawn).unwrap();
                println!("{}", sentences(&comparison).join("\n"));
            }
        }
    }
}
