//! How estimates and comparisons were computed.

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
             amount that all completed trials reached, interpolated linearly between two readings (against the \
             logarithm of the amount, and on the logarithm of a loss). Each batch size uses its own best measured \
             learning rate. Decaying schedules are read before their end, which puts the smaller batches at a \
             disadvantage."
                .to_owned(),
        )
    })
}

/// How the best learning rate is found.
pub fn best(facts: &Facts) -> Option<Method> {
    facts.axes.lr.then(|| Method {
        heading: "Best learning rate",
        text: format!(
            "For each batch size a smooth curve in log η is fitted to the costs of the learning rates around the best \
             measured: those that cannot be told from it and the four next to them, always the lower of the two sides \
             first, so that the window follows an asymmetric valley; none beyond one that went wrong. A cost is the \
             logarithm of a loss or of a share of wrong answers, else the value itself. The curve is a parabola plus a \
             departure with white noise as its third derivative, which may grow towards high learning rates, where \
             valleys end at a cliff. How rough the departure is, how fast that grows and how noisy a run is are all \
             unknown: each possibility counts by its likelihood, and the batch sizes share what they know of them. \
             Seeds are blocks, since all rates share them. The best η is the lowest point of the mean curve; its \
             interval holds the rates at which the slope may be zero. In simulated studies of eight shapes of valley \
             the intervals at 95 % covered the best rate in 90 to 100 % of cases. No best is estimated where the best \
             measured rate lies on the border of what was tried, next to a rate that went wrong (a cliff), or where the \
             curve need not rise before the end of what was measured (flat). “About as good” is where the fitted cost \
             is at most {} above its lowest.",
            text::difference(facts, facts.noise.smallest)
        ),
        sources: vec![Source::Wahba, Source::Smyth],
    })
}

/// How the ridge is fitted.
pub fn ridge(facts: &Facts) -> Option<Method> {
    (!facts.ridge.is_empty()).then(|| Method {
        heading: "How the best learning rate moves with the batch size",
        text: "Exponents d log η* / d log B are given between neighbouring batch sizes whose best lies inside. With \
               six or more such batch sizes, a power law, a saturating ridge η_max / (1 + B_n/B) and a constant are \
               fitted, weighted by the errors of η*. One of them is reported only where the corrected information \
               criterion favours it by two or more. “Linear”, “a square root” and “flat” are used where the interval \
               of the exponent excludes the others."
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
            "At each length, counted in {unit}, the best learning rate is found as above from runs that were planned \
             for that length, so each schedule spans its own. With three or more lengths that have a best with an \
             interval, a power law η* ∝ lengthᵃ is fitted for each batch size: a straight line through the logarithms, \
             weighted by the errors of η*. Scatter beyond these errors widens the interval of a, and then Student's t \
             replaces the normal. Lengths whose best lies on the border, next to a cliff or in a flat valley are left \
             out. Assumed: one power holds over the lengths tried, and errors at different lengths are independent, \
             though their seeds are the same. For language models, longer training is known to need lower rates."
        ),
        sources: vec![Source::Wedderburn, Source::Bjorck],
    })
}

/// How the edge of divergence is found.
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
        text: "Each batch size uses the learning rate that reached the target in the fewest steps. Steps are the \
               geometric mean over seeds; Tobit's likelihood counts censored ones as longer. S = S_min (1 + B_crit/B), \
               which is (S/S_min − 1)(E/E_min − 1) = 1 for E = S B examples, is fitted to log S; the interval is that \
               of the profile likelihood, and one-sided where the batch sizes tried do not extend to three times \
               beyond it. Assumed: log S has the same spread at every batch size, and readings are frequent enough to \
               see the crossing when it happens."
            .to_owned(),
        sources: vec![Source::McCandlish, Source::Shallue, Source::Tobin],
    })
}

/// How time is predicted for workers that share a batch.
pub fn scaling(record: &StudyRecord, facts: &Facts) -> Option<Method> {
    (!facts::scaling(record, facts).is_empty()).then(|| Method {
        heading: "Time to the target against workers",
        text: format!(
            "After the study, up to 200 steps of each batch size and number of workers w were timed with nothing else \
             running; the median counts. Seconds per step are fitted by t₀ + t₁·B/w, by ratio, for each number of \
             workers that had threads of their own. Other numbers are predicted: t₀ and t₁ of the fewest timed, and \
             2(w − 1) messages of 1/w of the gradient for a ring all-reduce, at {} bytes per second and a latency of \
             {} s per message. With S steps from the curve of the critical batch size, the time is shortest at B = \
             √(B_crit (t₀ + c) w / t₁), at least one example per worker and at most the training part. Intervals \
             combine those of the steps (along the profile of B_crit, and the mean over seeds) and of the costs (delta \
             method). Assumed: all machines are like this one and wait for each other only for messages; a step on a \
             share of the batch costs as much as one on a batch of that size; each batch size has its own best \
             learning rate, also beyond those tried.",
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
        text: "B_simple = tr Σ / |G|² is measured in the runs from gradients of single examples: the spread and the \
               mean are averaged over about ten measurements before they are divided. The figure is the last reading \
               at each batch size's best point, a geometric mean over seeds. It predicts the critical batch size up to \
               a factor; if the two differ more than threefold, trust the measured critical batch size."
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
            " The best was picked among those level with it, so its value is too optimistic by about {}.",
            brief(bias)
        )
    });
    Some(Method {
        heading: "Batch sizes against each other",
        text: format!(
            "The batch sizes not significantly worse than the best are the set of multiple comparisons with the best \
             at 95 %, on the seeds that all share, blocked by seed. Pairs are compared by Student's t tests on the \
             differences by seed, corrected for the number of tests and of looks: the first look spends 4 % of the 5 % \
             error rate, each look at more seeds four fifths of what is left. Two are equivalent where the 90 % \
             interval of their difference lies within {}, the smallest difference that matters. The advised number of seeds would find a \
             difference of that margin in 80 of 100 studies; it does not depend on the observed difference. Assumed: \
             differences by seed are about normal.{flattery}",
            text::difference(facts, facts.noise.smallest)
        ),
        sources: vec![Source::Hsu, Source::Holm, Source::Schuirmann],
    })
}

/// How schedules are compared.
pub fn regret(facts: &Facts) -> Option<Method> {
    (!facts.regret.is_empty()).then(|| {
        plain(
            "Schedules against each other",
            "Each schedule uses its own best measured learning rate. The regret is how much worse a schedule does with \
             another's best rate than with its own, paired by seed where there are several."
                .to_owned(),
        )
    })
}

/// How the variance is decomposed.
pub fn importance(facts: &Facts) -> Option<Method> {
    let importance = facts.importance.as_ref()?;
    let of = match &importance.surrogate {
        None => "The variance of the costs over the complete grid is decomposed into shares of single parameters and \
                 of pairs beyond them (functional analysis of variance); a level is weighted by the width it covers on \
                 the scale of its axis."
            .to_owned(),
        Some(surrogate) => format!(
            "A polynomial of degree {}, with terms of single parameters and pairs that are orthonormal over the \
             region, is fitted to the costs by least squares; the squared coefficients are the shares (functional \
             analysis of variance). The degree is the one that best predicts each cost from the others: {:.0} % of the \
             variance; below 80 % no shares are reported. Assumed: costs are smooth over the region.",
            surrogate.degree,
            100.0 * surrogate.predicted
        ),
    };
    let over_seeds = importance.shares.iter().any(|share| share.low.is_some());
    let jackknife = over_seeds.then_some(Source::Miller);
    let intervals = if over_seeds { " Intervals are those of the jackknife over whole seeds." } else { "" };
    let surrogate = importance.surrogate.as_ref().map(|_| Source::Sudret);
    Some(Method {
        heading: "Importance",
        text: format!(
            "{of} {} without a value {} as the worst completed one, so the shares hold only for the region \
             tried.{intervals}",
            text::count(importance.penalised as u64, "point"),
            if importance.penalised == 1 { "counts" } else { "count" }
        ),
        sources: [Some(Source::Hutter), surrogate, jackknife].into_iter().flatten().collect(),
    })
}

/// How points are compared in several metrics.
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
                "The search optimised {first} alone. A point is on the Pareto front if no other point's means are at \
                 least as good in every metric and better in one. Other points are dominated if one on the front is \
                 better in every metric by more than two standard errors of the difference (5 % without replicates), \
                 else undecided. Metrics other than the first are each trial's last reading.{unmeasured}"
            ),
        )
    })
}
