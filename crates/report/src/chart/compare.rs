//! Two studies as two heatmaps on one colour scale.

use super::scene::Scene;
use super::title::{data, model};
use super::{ChartError, Format, heatmap, ink};
use crate::compare::{CompareFacts, Compared, in_brief};
use crate::facts::Facts;
use crate::words;

/// The heatmaps of both studies, whose merged facts are `facts`: tiles of both have one scale, on which the best of all is
/// brightest.
///
/// # Errors
/// The drawing library refused, or the pixels could not be encoded.
pub fn compare(
    both: &Compared,
    facts: &Facts,
    said: &CompareFacts,
    format: Format,
) -> Result<Vec<u8>, ChartError> {
    ink::draw(&scene(both, facts, said), format)
}

fn scene(both: &Compared, facts: &Facts, said: &CompareFacts) -> Scene {
    let study = &both.record.study;
    let [first, second] = &said.studies;
    let conditions = match &said.conditions {
        [a, b] if a == b => a.replace(", ", " · "),
        [a, b] => format!("{first}: {a}; {second}: {b}"),
    };
    let parts = [Some(data(study)), model(study), Some(conditions)];
    let title = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let metric = words::capital(&words::metric(facts));
    heatmap::headed(&both.record, facts, &title, &format!("{metric}; {}", in_brief(said)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::{compare_facts, compare_sentences, merged};
    use crate::made_up::studies;

    #[test]
    fn any_two_studies_are_drawn() {
        let all = studies();
        let of = |name: &str| &all.iter().find(|(own, _)| *own == name).unwrap().1;
        for (first, second) in
            [("replicates", "two-metrics"), ("edge", "wide"), ("random", "edge"), ("schedules", "wide")]
        {
            let both = merged(of(first), of(second)).unwrap();
            let facts = crate::facts(&both.record);
            let said = compare_facts(&both, &facts, [of(first), of(second)]);
            let drawn = compare(&both, &facts, &said, Format::Png).unwrap();
            assert!(drawn.len() > 10_000);
            if let Ok(folder) = std::env::var("SWEEP_GALLERY") {
                std::fs::write(format!("{folder}/compare-{first}-{second}.png"), drawn).unwrap();
                println!("{}", compare_sentences(&said).join("\n"));
            }
        }
    }
}
