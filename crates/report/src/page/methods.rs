//! How the numbers of a report came about, in prose: each formula with its source, and every assumption.

use maud::{Markup, html};
use sweep_study::{GIVEN, Rank, Split, StudyRecord};

use super::data;
use super::sources::{self, Source};
use crate::by::By;
use crate::facts::{Facts, Kind, Measure, brief};
use crate::words;

/// A paragraph under a heading, and what it rests on.
struct Method {
    heading: &'static str,
    text: String,
    sources: Vec<Source>,
}

/// The section of the methods: those that this study used.
pub fn methods(record: &StudyRecord, facts: &Facts, by: Option<By>) -> Markup {
    let all = [
        Some(trained(record, facts)),
        by.map(|by| read(facts, by)),
        Some(values(record, facts)),
        Some(ends(facts)),
        best(facts),
        ridge(facts),
        divergence(facts),
        critical(facts),
        noise(facts),
        comparisons(facts),
        equal(facts),
        regret(facts),
        importance(facts),
        seconds(record),
        thinned(record),
    ];
    let all: Vec<Method> = all.into_iter().flatten().collect();
    let cited: Vec<Source> = all.iter().flat_map(|method| method.sources.iter().copied()).collect();
    html! {
        section #methods aria-labelledby="methods-title" {
            h2 #methods-title { "Methods and assumptions" }
            @for method in &all {
                h3 { (method.heading) }
                p {
                    (method.text)
                    @if !method.sources.is_empty() {
                        " [" (method.sources.iter().map(|source| source.cited()).collect::<Vec<_>>().join("; ")) "]"
                    }
                }
            }
            (sources::list(&cited))
        }
    }
}

fn plain(heading: &'static str, text: String) -> Method {
    Method { heading, text, sources: Vec::new() }
}

fn trained(record: &StudyRecord, facts: &Facts) -> Method {
    let study = &record.study;
    let axes: Vec<String> = study.space.parameters.iter().map(|axis| words::parameter(&axis.name)).collect();
    let over = if axes.is_empty() { "one point".to_owned() } else { words::list(&axes) };
    let settings: Vec<String> =
        study.settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let last = study.seed + u64::from(study.replicates.max(1)) - 1;
    let seeds = if study.replicates > 1 {
        format!("Each point was run with the same seeds, {} to {last}", study.seed)
    } else {
        format!("Each point was run once, with seed {}", study.seed)
    };
    let split = match study.split {
        Split::Holdout if study.train_examples > 0 => format!(
            " Points are ranked on a validation part that is not trained on ({} examples are); the test part was read \
             for the recommended point alone.",
            study.train_examples
        ),
        Split::Holdout => String::new(),
        Split::Textbook => {
            " Points are ranked on the test set, as tutorials do, so the figure of the point chosen flatters it.".into()
        }
    };
    if study.sampler == GIVEN {
        return plain("What was run", given(record, facts, (&over, &settings)));
    }
    plain(
        "What was run",
        format!(
            "Sampler {} over {over}, on {}; the budget of a trial is {}. {seeds}; a seed fixes the initial weights, the \
             order of the data and every other draw.{split} What was fixed: {}.",
            study.sampler,
            study.data,
            words::budget(&facts.budget),
            settings.join(", ")
        ),
    )
}

fn read(facts: &Facts, by: By) -> Method {
    plain(
        "Read by another budget",
        format!(
            "Not as it was run: every trial is read where it had been given {}, the largest number of {} that all trials \
             which ended well were given. A value between two readings lies on the straight line between them, against the \
             logarithm of the {}, and on the logarithm of a loss, since learning curves are about power laws. A trial \
             that diverged later had not diverged yet. Schedules ran as planned for their whole budget: one that decays \
             is read before its end.",
            words::budget(&facts.budget),
            by.unit(),
            by.unit()
        ),
    )
}

fn equal(facts: &Facts) -> Option<Method> {
    (facts.equal_budgets.len() > 1).then(|| {
        plain(
            "Equal budgets",
            "Where the batch sizes are compared at equal epochs, steps or seconds, every trial is read at the largest \
             amount that all trials which ended well were given, on the straight line between two readings (against the \
             logarithm of the amount, and on the logarithm of a loss). Each batch size stands at its own best learning \
             rate measured. Schedules that decay are read before their end, which speaks against the smaller batches."
                .to_owned(),
        )
    })
}

/// How runs that were made elsewhere came into the report.
fn given(record: &StudyRecord, facts: &Facts, (over, settings): (&str, &[String])) -> String {
    let study = &record.study;
    let imported = record.trials.iter().filter(|trial| study.is_imported(trial.number)).count();
    let runs = words::count(imported as u64, "run");
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
        format!(" What was fixed: {}.", settings.join(", "))
    };
    format!(
        "{runs} over {over}, made by another program and read from {}; the budget of a run is {}. Points ran up to {}. \
         How data was divided, weights were drawn and points were chosen is not known here.{fixed}{added}",
        study.data,
        words::budget(&facts.budget),
        words::count(u64::from(study.replicates), "time"),
    )
}

fn values(record: &StudyRecord, facts: &Facts) -> Method {
    let measure = Measure::of(&record.study.goal);
    let reading = match facts.rank {
        Rank::Last => "last",
        Rank::Best => "best",
    };
    let scale = match measure.kind {
        Kind::Loss => {
            "averaged on its logarithm (a geometric mean), since its spread over seeds is about proportional to it"
        }
        Kind::Accuracy => "averaged as it is, and compared by the logarithm of the share of wrong answers",
        Kind::Other => "averaged as it is",
    };
    let noise = if facts.replicates > 1 {
        "A value stands with its standard error over seeds. Two points are not told apart where their difference is \
         within two standard errors of it; it is assumed that seeds are an unbiased sample and errors about normal."
    } else {
        "With one seed a point there is no estimate of noise: points within 5 % of the best are called not told apart, \
         a rule of thumb and no test."
    };
    plain(
        "Values and noise",
        format!(
            "A trial's value is its {reading} reading of {}, {scale}. {noise} The best value measured is picked from \
             many, so it is somewhat better than what the same point would give again.",
            words::metric_name(&facts.metric)
        ),
    )
}

fn ends(facts: &Facts) -> Method {
    let target = match facts.budget.until {
        Some(_) => {
            " A trial ends where it first reaches the target; one that does not within its budget is censored: known \
             to take longer, never dropped."
        }
        None => "",
    };
    let agent =
        if facts.metric == "return" { " An agent diverged only where a number is not finite." } else { "" };
    plain(
        "How a trial ends",
        format!(
            "A trial diverged where its loss is not finite, or its mean over the last max(256, B) examples exceeds four \
             times the first such mean; it ends in that step and enters no average. One that ends no better than a \
             constant prediction is stuck. A point of whose seeds any diverged or got stuck is unstable: it has no mean \
             and is never best.{agent}{target}"
        ),
    )
}

fn best(facts: &Facts) -> Option<Method> {
    facts.axes.lr.then(|| Method {
        heading: "Best learning rate",
        text: "For each batch size a parabola in log η is fitted by least squares to the costs of the learning rates around \
               the best measured: those without a gap, before any that ended badly, whose value is near the least (for \
               a loss, within a factor √10), fewer where a cubic would fit significantly better. A cost is the \
               logarithm of a loss or of a share of wrong answers, else the value itself. Seeds are whole blocks, since \
               all rates share them, and rates weigh by the inverse of the variance over seeds where that changes along \
               the axis. The vertex is the best η, its interval the wider of Fieller's and a bootstrap over whole seeds \
               that chooses the rates anew; it also holds the bootstrap of the parabola through the best rate measured \
               and its two neighbours alone, and a third of a level to either side of that one's vertex, since \
               measured valleys are steeper towards divergence than parabolas are. No best is named where the best measured lies on the border of what was \
               tried, next to a rate that ended badly (a cliff), or where the curvature does not stand out from noise \
               (flat). “Within 5 %” is where the fitted cost is at most that above its least. Assumed: near its least \
               the cost is about quadratic in log η."
            .to_owned(),
        sources: vec![Source::Fieller, Source::Efron],
    })
}

fn ridge(facts: &Facts) -> Option<Method> {
    (!facts.ridge.is_empty()).then(|| Method {
        heading: "How the best learning rate moves with the batch size",
        text: "Exponents d log η* / d log B stand between neighbouring batch sizes whose best lies inside. From six \
               such batch sizes on, a power law, a saturating ridge η_max / (1 + B_n/B) and a constant are fitted, \
               weighted by the errors of η*, and one is named only where the corrected information criterion favours \
               it by two or more. “Linear”, “a square root” and “flat” are said where the interval of the exponent \
               leaves only that."
            .to_owned(),
        sources: vec![Source::McCandlish, Source::Hurvich],
    })
}

fn divergence(facts: &Facts) -> Option<Method> {
    let mixed = facts.divergence.per_batch.iter().any(|row| row.half.is_some());
    (facts.divergence.trials.diverged > 0).then(|| Method {
        heading: "Where divergence begins",
        text: format!(
            "The edge is given as a bracket: the largest learning rate at which no trial diverged and the smallest at \
             which all did.{}",
            if mixed {
                " Where seeds of one rate ended both ways, the rate at which half diverge is that of a logistic curve \
                 in log η with Firth's penalty, which stays finite where few overlap."
            } else {
                ""
            }
        ),
        sources: if mixed { vec![Source::Firth] } else { Vec::new() },
    })
}

fn critical(facts: &Facts) -> Option<Method> {
    (!facts.critical_batch.is_empty()).then(|| Method {
        heading: "Critical batch size",
        text: "Each batch size stands with the learning rate that took it to the target in the fewest steps. Steps are \
               the geometric mean over seeds, censored ones counted as longer by Tobit's likelihood. \
               S = S_min (1 + B_crit/B), which is (S/S_min − 1)(E/E_min − 1) = 1 for E = S B examples, is fitted to log \
               S; the interval is that of the profile likelihood, and one-sided where the batch sizes tried do not \
               reach three times beyond it. Assumed: log S spreads evenly over batch sizes, and readings are fine \
               enough that the crossing is seen when it happens."
            .to_owned(),
        sources: vec![Source::McCandlish, Source::Shallue, Source::Tobin],
    })
}

fn noise(facts: &Facts) -> Option<Method> {
    (!facts.noise_scale.is_empty()).then(|| Method {
        heading: "Gradient noise scale",
        text: "B_simple = tr Σ / |G|² is measured in the runs from gradients of single examples: the spread and the mean \
               are averaged over about ten measurements before they are divided. What is given is the last reading at \
               each batch size's best point, a geometric mean over seeds. It predicts the critical batch size up to \
               a factor; where the two differ more than threefold, the measured critical batch size is the one to trust."
            .to_owned(),
        sources: vec![Source::McCandlish],
    })
}

fn comparisons(facts: &Facts) -> Option<Method> {
    let comparisons = &facts.comparisons;
    if comparisons.best.is_empty() {
        return None;
    }
    let flattery = comparisons.flattery.filter(|bias| *bias > 0.0).map_or(String::new(), |bias| {
        format!(
            " Having been picked among those level with it, the best flatters itself by about {}.",
            brief(bias)
        )
    });
    Some(Method {
        heading: "Batch sizes against each other",
        text: format!(
            "The batch sizes not told apart from the best are the set of multiple comparisons with the best at 95 %, on \
             seeds that all share and blocked by them. Pairs are Student's t tests on the differences by seed, \
             corrected for as many tests as there are and for the looks taken: the first spends 4 % of the 5 % of wrong \
             findings, each look at more seeds four fifths of what is left; two are equivalent where the 90 % interval of their difference \
             lies within the margin of 5 %. The number of seeds advised would find that margin in 80 of 100 studies; it \
             never follows the difference that was seen. Assumed: differences by seed are about normal.{flattery}"
        ),
        sources: vec![Source::Hsu, Source::Holm, Source::Schuirmann],
    })
}

fn regret(facts: &Facts) -> Option<Method> {
    (!facts.regret.is_empty()).then(|| {
        plain(
            "Schedules against each other",
            "Each schedule stands at its own best learning rate measured. The regret is how much worse a schedule does \
             with the best rate of another than with its own, paired by seed where there are several."
                .to_owned(),
        )
    })
}

fn importance(facts: &Facts) -> Option<Method> {
    let importance = facts.importance.as_ref()?;
    Some(Method {
        heading: "Importance",
        text: format!(
            "The variance of the costs over the complete grid is taken apart into shares of single parameters and of \
             pairs beyond them (functional analysis of variance); a level counts by the room it takes on the scale of \
             its axis. {} ended badly and {} as the worst that ended well, so the shares are those of the region tried, \
             not of another.",
            words::count(importance.penalised as u64, "point"),
            if importance.penalised == 1 { "counts" } else { "count" }
        ),
        sources: vec![Source::Hutter],
    })
}

fn seconds(record: &StudyRecord) -> Option<Method> {
    let timed = record.trials.iter().any(|trial| trial.metrics.contains_key(sweep_study::SECONDS));
    timed.then(|| {
        plain(
            "Seconds",
            "Seconds are those of training as the study ran, with other trials beside it on the same machine. They say \
             little about another machine or load, and nothing else on this page depends on them."
                .to_owned(),
        )
    })
}

fn thinned(record: &StudyRecord) -> Option<Method> {
    let (most, longest) = (data::readings(record), data::longest(record));
    (longest > most).then(|| {
        plain(
            "What this page leaves out",
            format!(
                "Curves that open from the heatmap and the table show at most {most} of up to {longest} readings, evenly \
                 chosen with both ends. All are in results.json."
            ),
        )
    })
}
