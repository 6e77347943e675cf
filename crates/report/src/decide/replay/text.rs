//! Replays in words.

use sweep_settings::plain;

use super::{ReplayFacts, ReplayRecord};
use crate::facts::{Estimate, Facts, State};
use crate::format::brief;
use crate::table::aligned;
use crate::text::count;

/// What the table is, then a line per sampler: trials and seconds until the chosen cell is near the best, and the
/// regret after half and after all trials.
pub fn table(facts: &Facts, record: &ReplayRecord, replays: &ReplayFacts) -> String {
    let repeats = record.samplers.first().map_or(0, |sampler| sampler.repeats.len()) as u64;
    let mut text =
        format!("{} on a table of {}", count(repeats, "replay"), count(replays.cells as u64, "cell"));
    if replays.without_mean > 0 {
        let states = [
            State::Diverged,
            State::Unstable,
            State::Stuck,
            State::Collapsed,
            State::Failed,
            State::Infeasible,
        ];
        let counts = states.into_iter().filter_map(|state| {
            let cells = facts.cells.iter().filter(|cell| cell.state == state).count();
            (cells > 0).then(|| format!("{cells} {}", state.name()))
        });
        text += &format!(
            "; without a mean: {} ({})",
            replays.without_mean,
            counts.collect::<Vec<_>>().join(", ")
        );
    }
    if let Some(best) = &facts.best {
        let within = brief(100.0 * record.within);
        text += &format!(
            "\nThe best true {} is {} at {}; {} within {within} % of it.\n\n",
            facts.metric,
            brief(best.value),
            best.params,
            if replays.near == 1 {
                "only this cell is".to_owned()
            } else {
                format!("{} cells are", replays.near)
            },
        );
    }
    let longest = replays.samplers.iter().map(|sampler| sampler.regret.median.len()).max().unwrap_or(0);
    let half = longest.div_ceil(2);
    let heading =
        ["", "trials until within", "reached", "seconds until within"].map(str::to_owned).into_iter();
    let after = [half, longest].map(|trials| format!("regret after {trials}"));
    let mut lines = vec![heading.chain(after).collect::<Vec<String>>()];
    for sampler in &replays.samplers {
        let regret = |trials: usize| {
            let at = sampler.regret.median.get(trials.saturating_sub(1)).or(sampler.regret.median.last());
            at.filter(|regret| regret.is_finite())
                .map_or("no mean".into(), |regret| format!("{} %", brief(100.0 * regret)))
        };
        lines.push(vec![
            sampler.name.clone(),
            median(&sampler.trials),
            format!("{} of {repeats}", sampler.reached),
            sampler.seconds.as_ref().map_or("-".into(), |seconds| median(&seconds.within)),
            regret(half),
            regret(longest),
        ]);
    }
    text += &aligned(&lines);
    text + "Medians over replays, with 95 % intervals in brackets.\n"
}

/// `41 (35–48)`, or the bound that half of the replays exceeded.
fn median(estimate: &Estimate) -> String {
    let short = |number: f64| if number >= 10.0 { plain(number.round()) } else { brief(number) };
    match (estimate.estimate, estimate.low, estimate.high) {
        (Some(median), Some(low), Some(high)) => {
            format!("{} ({}–{})", short(median), short(low), short(high))
        }
        (Some(median), Some(low), None) => format!("{} (above {})", short(median), short(low)),
        (Some(median), ..) => short(median),
        (None, Some(most), _) => format!("more than {}", short(most)),
        _ => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::replay;
    use crate::decide::replay::fixtures::{grid, record};

    #[test]
    fn what_was_found_is_reported_with_its_table() {
        let (_study, facts) = grid();
        let record = record(vec![
            ("random", vec![vec![3, 1, 0], vec![1, 1, 1], vec![1, 1, 1]]),
            ("ridge", vec![vec![2, 2, 0], vec![0, 0, 0], vec![2, 2, 2]]),
        ]);
        let replays = replay::facts(&record, &facts).unwrap();
        let text = table(&facts, &record, &replays);
        for words in [
            "3 replays on a table of 4 cells; without a mean: 1 (1 diverged)",
            "2 cells are within 3 %",
            "random  more than 3",
            "1 of 3",
            "50 %",
        ] {
            assert!(text.contains(words), "`{words}` in\n{text}");
        }
    }
}
