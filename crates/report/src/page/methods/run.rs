//! What was run, and what its values are.

use sweep_study::{GIVEN, Outcome, Rank, Split, StudyRecord, Trial};

use super::{Method, plain};
use crate::budget_unit::BudgetUnit;
use crate::facts::{Facts, Floor, Pareto, Scale, Source as NoiseSource};
use crate::format::brief;
use crate::page::data;
use crate::page::sources::Source;
use crate::text;

/// What was run.
pub fn trained(record: &StudyRecord, facts: &Facts) -> Method {
    let study = &record.study;
    let axes: Vec<String> = study.space.parameters.iter().map(|axis| text::parameter(&axis.name)).collect();
    let over = if axes.is_empty() { "one point".to_owned() } else { text::list(&axes) };
    let settings: Vec<String> =
        study.settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let (first, count) = (study.replicate_seed(0), study.replicates.max(1));
    let seeds = if count == 1 {
        format!("Each point was run once, with seed {first}")
    } else if study.seeds.is_empty() {
        format!("Each point was run with the same seeds, {first} to {}", study.replicate_seed(count - 1))
    } else {
        let all: Vec<String> =
            (0..count).map(|replicate| study.replicate_seed(replicate).to_string()).collect();
        format!("Each point was run with the same seeds, {}", text::list(&all))
    };
    let split = match study.split {
        Split::Holdout if study.train_examples > 0 => format!(
            " Points are ranked on a validation part that is not used for training ({} examples are); the test part \
             was evaluated for the recommended point only.",
            study.train_examples
        ),
        Split::Holdout => String::new(),
        Split::Textbook => {
            " Points are ranked on the test set, as tutorials do, so the figure of the chosen point is too \
             optimistic."
                .into()
        }
    };
    if study.sampler == GIVEN {
        return plain("What was run", given(record, facts, &over, &settings));
    }
    plain(
        "What was run",
        format!(
            "Sampler {} over {over}, on {}; the budget of a trial is {}. {seeds}; a seed fixes the initial weights, \
             the order of the data and every other random draw.{split} Fixed settings: {}.",
            study.sampler,
            study.data,
            text::budget(&facts.budget),
            settings.join(", ")
        ),
    )
}

/// That trials were read at another budget.
pub fn read(facts: &Facts, by: BudgetUnit) -> Method {
    plain(
        "Read at another budget",
        format!(
            "This is not the budget of the study: every trial is read at {}, the largest number of {} that all \
             completed trials reached. Values between two readings are interpolated linearly against the logarithm of \
             the {}, and on the logarithm of a loss, since learning curves are about power laws. Trials that diverged \
             later count as not yet diverged. Schedules were planned for the whole budget, so a decaying one is read \
             before its end.",
            text::budget(&facts.budget),
            by.unit(),
            by.unit()
        ),
    )
}

/// How imported runs came into the report.
fn given(record: &StudyRecord, facts: &Facts, over: &str, settings: &[String]) -> String {
    let study = &record.study;
    let imported = record.trials.iter().filter(|trial| study.is_imported(trial.number)).count();
    let runs = text::count(imported as u64, "run");
    let added = match record.trials.len() - imported {
        0 => String::new(),
        added => format!(
            " The other {} run here: {}.",
            if added == 1 { "one was".to_owned() } else { format!("{added} were") },
            study
                .command
                .as_ref()
                .map_or("by the built-in trainer".to_owned(), |command| command.run.join(" "))
        ),
    };
    let fixed = if settings.is_empty() {
        String::new()
    } else {
        format!(" Fixed settings: {}.", settings.join(", "))
    };
    format!(
        "{runs} over {over}, made by another program and read from {}; the budget of a run is {}. Points ran up to {}. \
         How the data was split, the weights were initialised and the points were chosen is unknown.{fixed}{added}",
        study.data,
        text::budget(&facts.budget),
        text::count(u64::from(study.replicates), "time"),
    )
}

/// What a value is, and what counts as noise.
pub fn values(facts: &Facts) -> Method {
    let reading = match facts.rank {
        Rank::Last => "last",
        Rank::Best => "best",
    };
    let scale = match (facts.transformation.scale, facts.transformation.floor) {
        (Scale::Log, Some(Floor { estimate, low: Some(low), high: Some(high) })) => format!(
            "averaged on the logarithm of its excess over a floor of {} ({} to {}, 95 %), to which its spread over seeds \
             is about proportional",
            brief(estimate),
            brief(low),
            brief(high)
        ),
        (Scale::Log, Some(floor)) => {
            format!("averaged on the logarithm of its excess over the floor {} that was given", brief(floor.estimate))
        }
        (Scale::Log, None) => {
            "averaged on its logarithm (a geometric mean), since its spread over seeds is about proportional to it".into()
        }
        (Scale::LogWrong, _) => "averaged as it is, and compared by the logarithm of the share of wrong answers".into(),
        (Scale::Plain, _) => "averaged as it is".to_owned(),
    };
    let own = facts.noise.at_best.map(brief).unwrap_or_default();
    let noise = match facts.noise.source {
        NoiseSource::Replicates => format!(
            "Each value is given with its standard error over seeds. Runs of the best point differ by {own} (standard \
             deviation, {} degrees of freedom). Assumed: seeds are an unbiased sample.",
            facts.noise.dof.round()
        ),
        NoiseSource::Neighbours => format!(
            "With one seed per point the noise is what smooth curves through neighbouring learning rates leave: runs of \
             one point differ by {own} at the best (standard deviation, {} degrees of freedom).",
            facts.noise.dof.round()
        ),
        NoiseSource::Constant => "Each point ran once, and too few learning rates were tried to tell noise from shape: points \
                             within 5 % of the best count as not distinguishable, a rule of thumb and not a test."
            .to_owned(),
    };
    let ties = if facts.noise.source == NoiseSource::Constant {
        ""
    } else {
        " The points that cannot be distinguished from the best are chosen so that the truly best is among them in 95 of \
          100 studies, all points together. A difference matters if it is larger than what a learning rate wrong by a \
          factor of 2 costs, and than the noise of a run."
    };
    let luck = if facts.best_cell().is_some_and(|best| best.confirmed) {
        ""
    } else {
        " The best measured value is picked from many, so it is somewhat better than the same point would give again."
    };
    plain(
        "Values and noise",
        format!(
            "A trial's value is its {reading} reading of {}, {scale}. {noise}{ties}{luck}",
            text::metric_name(&facts.metric)
        ),
    )
}

/// How a trial ends.
pub fn ends(facts: &Facts) -> Method {
    let target = match facts.budget.until {
        Some(_) => {
            " A trial ends when it first reaches the target; one that does not reach it within its budget is censored: \
             it counts as taking longer and is not dropped."
        }
        None => "",
    };
    let agent =
        if facts.metric == "return" { " An agent diverged only if a number is not finite." } else { "" };
    plain(
        "How a trial ends",
        format!(
            "A trial diverged if its loss is not finite, or its mean over the last max(256, B) examples exceeds four \
             times the first such mean; it ends in that step and is in no average. A trial that ends no better than a \
             constant prediction is stuck. If any seed of a point diverged or got stuck, the point is unstable: it has \
             no mean and is never best.{agent}{target}"
        ),
    )
}

/// How trials were pruned, and how that was checked.
pub fn pruning(record: &StudyRecord, facts: &Facts) -> Option<Method> {
    let pruned = record.trials.iter().any(|trial| trial.outcome == Outcome::Pruned);
    if !pruned && facts.audit.is_none() {
        return None;
    }
    let audit = facts.audit.as_ref().map_or(String::new(), |audit| {
        format!(
            " {} randomly drawn trials that would have been pruned ran to completion: the share of them that ended in \
             the best tenth of all is how often pruning was wrong, with its exact binomial interval; below twenty no \
             share is reported.",
            audit.false_stops.n
        )
    });
    let spent = |steps: fn(&Trial) -> u64| record.trials.iter().map(steps).sum::<u64>();
    let cooled = match spent(Trial::cooled_steps) {
        0 => String::new(),
        steps => format!(
            " If the schedule decays, a trial was judged at a rung (an early check of its loss) not by its own loss \
             but by that of a branch whose learning rate then fell to 0 and which was discarded: in addition to the {} \
             steps of the trials themselves, these branches took {steps}.",
            spent(|trial| trial.steps)
        ),
    };
    Some(Method {
        heading: "Pruning",
        text: format!(
            "A pruned trial has no final value: it is in no average and is never best, and its point is drawn as \
             unfinished.{cooled}{audit}"
        ),
        sources: if facts.audit.is_some() { vec![Source::Clopper] } else { Vec::new() },
    })
}

/// Which seeds a confirmed best was measured on.
pub fn confirmed(facts: &Facts) -> Option<Method> {
    facts.cells.iter().any(|cell| cell.confirmed).then(|| {
        plain(
            "Confirmed on fresh seeds",
            "The best point and those that cannot be distinguished from it were run again with seeds not used to \
             choose them. Their values come from these seeds alone, so they are not biased by the choice."
                .to_owned(),
        )
    })
}

/// How seconds are measured.
pub fn seconds(record: &StudyRecord, facts: &Facts) -> Option<Method> {
    let timed = record.trials.iter().any(|trial| trial.metrics.contains_key(sweep_study::SECONDS));
    let but = facts.pareto.as_ref().is_some_and(Pareto::timed);
    let but = if but {
        " except the Pareto front, which uses the seconds of each trial as the study ran"
    } else {
        ""
    };
    let alone = record.pace.steps.iter().map(|time| time.steps).max();
    timed.then(|| {
        let how = match alone {
            Some(steps) => format!(
                "Parallel trials slow each other down. So after the study, up to {steps} steps of each batch size were \
                 timed at its best point with nothing else of the study running. Seconds of training are steps times \
                 the median seconds of such a step, without readings. The timeline, and the seconds of a search, are \
                 as the study ran."
            ),
            None => "Seconds are those of training as the study ran, with other trials in parallel on the same \
                     machine.".into(),
        };
        plain(
            "Seconds",
            format!(
                "{how} They say little about another machine or load, and nothing else on this page depends on them{but}."
            ),
        )
    })
}

/// What the page leaves out.
pub fn thinned(record: &StudyRecord) -> Option<Method> {
    let (most, longest) = (data::readings(record), data::longest(record));
    (longest > most).then(|| {
        plain(
            "What this page leaves out",
            format!(
                "Curves opened from the heatmap and the table show at most {most} of up to {longest} readings, evenly \
                 spaced, including both ends. All are in results.json."
            ),
        )
    })
}
