//! How estimates and comparisons came about.

use sweep_study::StudyRecord;

use super::{Method, plain};
use crate::facts::{self, Facts};
use crate::format::brief;
use crate::page::sources::Source;
use crate::text;

/// How equal budgets are read.
pub fn equal(facts: &Facts) -> Option<Method> {
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

/// How the best learning rate is found.
pub fn best(facts: &Facts) -> Option<Method> {
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

/// How the ridge is fitted.
pub fn ridge(facts: &Facts) -> Option<Method> {
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

/// How the best learning rate's power law in the length of training is fitted.
pub fn horizon(facts: &Facts) -> Option<Method> {
    let unit = facts.horizon.first()?.length_unit;
    Some(Method {
        heading: "How the best learning rate moves with the length of training",
        text: format!(
            "At each length, counted in {unit}, the best learning rate is found as above from runs that were planned for that \
             length, so each schedule spans its own. Where three lengths or more have a best with an interval, a power law \
             η* ∝ lengthᵃ is fitted for each batch size: a straight line through the logarithms, weighted by the errors of \
             η*. Scatter beyond these errors widens the interval of a, and then Student's t replaces the normal. A length \
             whose best lies on the border, next to a cliff or in a flat valley does not enter. Assumed: one power holds over \
             the lengths tried, and errors at different lengths are independent, though their seeds are the same. That longer \
             training wants lower rates is known of language models."
        ),
        sources: vec![Source::Wedderburn, Source::Bjorck],
    })
}

/// How the edge of divergence is told.
pub fn divergence(facts: &Facts) -> Option<Method> {
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

/// How the critical batch size is fitted.
pub fn critical(facts: &Facts) -> Option<Method> {
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

/// How time is foretold for workers that share a batch.
pub fn scaling(record: &StudyRecord, facts: &Facts) -> Option<Method> {
    (!facts::scaling(record, facts).is_empty()).then(|| Method {
        heading: "Time to the target against workers",
        text: format!(
            "When the study had ended, up to 200 steps of each batch size and number of workers w were timed with nothing \
             beside them; the median counts. Seconds a step are fitted by t₀ + t₁·B/w, by ratio, for each \
             number of workers that had threads of their own. Other numbers are predicted: t₀ and t₁ of the fewest timed, \
             and 2(w − 1) messages of 1/w of the gradient for a ring all-reduce, at {} bytes a second and {} s for each \
             message to arrive. With S steps by the curve of the critical batch size the time is least at B = √(B_crit \
             (t₀ + c) w / t₁), at least an example for each worker and at most the training part. Intervals join those of \
             the steps (along the profile of B_crit, and the mean over seeds) and of the costs (delta method). Assumed: \
             machines like this one, of which none waits for another longer than for its messages; a step on a share of \
             the batch costs as much as one on a batch of that size; each batch size has its own best learning rate, beyond those tried too.",
            brief(record.pace.network.bytes_per_second),
            brief(record.pace.network.latency_seconds)
        ),
        sources: vec![Source::McCandlish, Source::Patarasuk],
    })
}

/// How the noise scale is measured.
pub fn noise(facts: &Facts) -> Option<Method> {
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

/// How batch sizes are compared.
pub fn comparisons(facts: &Facts) -> Option<Method> {
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

/// How schedules are compared.
pub fn regret(facts: &Facts) -> Option<Method> {
    (!facts.regret.is_empty()).then(|| {
        plain(
            "Schedules against each other",
            "Each schedule stands at its own best learning rate measured. The regret is how much worse a schedule does \
             with the best rate of another than with its own, paired by seed where there are several."
                .to_owned(),
        )
    })
}

/// How the variance is taken apart.
pub fn importance(facts: &Facts) -> Option<Method> {
    let importance = facts.importance.as_ref()?;
    let of = match &importance.surrogate {
        None => "The variance of the costs over the complete grid is taken apart into shares of single parameters and of \
                 pairs beyond them (functional analysis of variance); a level counts by the room it takes on the scale of \
                 its axis."
            .to_owned(),
        Some(surrogate) => format!(
            "A polynomial of degree {}, with terms of single parameters and pairs that are orthonormal over the region, is \
             fitted to the costs by least squares; the squared coefficients are the shares (functional analysis of \
             variance). Of the degrees it is the one that foretells each cost best from the others, {:.0} % of the \
             variance; below 80 % nothing is told. Assumed: costs are smooth over the region.",
            surrogate.degree,
            100.0 * surrogate.foretold
        ),
    };
    let over_seeds = importance.shares.iter().any(|share| share.low.is_some());
    let jackknife = over_seeds.then_some(Source::Miller);
    let intervals = if over_seeds { " Intervals are those of the jackknife over whole seeds." } else { "" };
    let surrogate = importance.surrogate.as_ref().map(|_| Source::Sudret);
    Some(Method {
        heading: "Importance",
        text: format!(
            "{of} {} ended badly and {} as the worst that ended well, so the shares are those of the region tried, \
             not of another.{intervals}",
            text::count(importance.penalised as u64, "point"),
            if importance.penalised == 1 { "counts" } else { "count" }
        ),
        sources: [Some(Source::Hutter), surrogate, jackknife].into_iter().flatten().collect(),
    })
}

/// How points are weighed in several metrics.
pub fn pareto(facts: &Facts) -> Option<Method> {
    facts.pareto.as_ref().map(|pareto| {
        let unmeasured = match pareto.unmeasured {
            0 => String::new(),
            count => format!(" {} lacked one of the metrics.", text::count(count as u64, "point")),
        };
        let first = pareto.metrics.first().map_or(String::new(), |goal| text::metric_name(&goal.metric));
        plain(
            "Several metrics",
            format!(
                "The search was led by {first} alone. On the Pareto front are the points to which none is by its means at \
                 least as good in every metric and better in one. Others are beaten beyond noise where one on the front is \
                 better in every metric by more than two standard errors of the difference (5 % without replicates), else \
                 undecided. Metrics beside the first are those of each trial's last reading.{unmeasured}"
            ),
        )
    })
}
