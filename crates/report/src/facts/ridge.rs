//! The ridge: how the best learning rate moves with the batch size.

use serde::Serialize;
use sweep_stats::distribution::{normal, student};
use sweep_stats::line_search::minimum;
use sweep_stats::linear::{self, LinearFit};

use super::best::BatchBest;
use super::estimate::{CONFIDENCE, Estimate, Status};

/// How near an exponent must be to 1, ½ or 0 to count as it.
const NEAR: f64 = 0.1;
/// The fewest batch sizes with a best learning rate inside that models of the whole ridge are compared on.
const FEWEST: usize = 6;
/// By how much the corrected information criterion must favour a model.
const CLEAR: f64 = 2.0;

/// How the best learning rate grows with the batch size, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Growth {
    /// In proportion to it (exponent 1).
    Linear,
    /// As its square root (exponent ½).
    Sqrt,
    /// Not at all (exponent 0).
    Flat,
    /// None of these: the interval of the exponent excludes all three.
    Between,
    /// The interval leaves more than one of them.
    Undecided,
}

/// The shape of a whole ridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Model {
    /// η* ∝ Bᵅ.
    Power,
    /// η* = η_max / (1 + B_n/B): in proportion to B well below the knee B_n, level well above it (McCandlish et al.
    /// 2018, eq. 2.6).
    Saturating,
    /// One learning rate for all batch sizes.
    Constant,
    /// Too few batch sizes, or no model that is clearly better.
    Undecided,
}

/// The exponent of η* between two batch sizes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Exponent {
    /// The lower batch size.
    pub from: f64,
    /// The higher one.
    pub to: f64,
    /// d log η* / d log B.
    #[serde(flatten)]
    pub exponent: Estimate,
    /// In a word.
    pub growth: Growth,
}

/// The ridge of one panel.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ridge {
    /// The panel; `None` where the schedule is not an axis.
    pub panel: Option<String>,
    /// The exponents between neighbouring batch sizes whose best is inside.
    pub local: Vec<Exponent>,
    /// The shape of the whole.
    pub model: Model,
    /// The exponent of the power law through all batch sizes, be it the best model or not; its interval is widened by
    /// what it misses. None of a ridge that saturates.
    #[serde(flatten)]
    pub exponent: Estimate,
    /// By what factor the best learning rates scatter about the model named (about the power law where none is) beyond
    /// their own errors: 1 is a perfect fit, the square root of χ² per degree of freedom; `None` without any.
    pub misfit: Option<f64>,
    /// The growth of the whole; undecided where the ridge has a knee.
    pub growth: Growth,
    /// The words that are not excluded.
    pub remaining: Vec<Growth>,
    /// The knee B_n of a saturating ridge.
    pub knee: Option<f64>,
    /// η_max of a saturating ridge, the one rate of a constant one.
    pub level: Option<f64>,
}

/// log B, log η* and the standard error of log η*.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot(pub f64, pub f64, pub f64);

impl Spot {
    /// The spot of an estimate that has an interval, at `x` (not yet a logarithm).
    pub fn of(x: f64, lr: &Estimate) -> Option<Spot> {
        let (estimate, low, high) = (lr.estimate?, lr.low?, lr.high?);
        let error = (high / low).ln() / 2.0 / normal(0.5 + CONFIDENCE / 2.0);
        Some(Spot(x.ln(), estimate.ln(), error.max(1e-9)))
    }
}

/// The variance of spots about their curve, in units of the variance that their errors predict and at least 1, and the
/// quantile for intervals: scatter beyond the errors widens them (quasi-likelihood), and then Student's t replaces the
/// normal.
pub fn scatter(fit: &LinearFit) -> (f64, f64) {
    let scatter = if fit.dof > 0 { fit.variance().max(1.0) } else { 1.0 };
    let p = 0.5 + CONFIDENCE / 2.0;
    (scatter, if scatter > 1.0 { student(p, fit.dof as f64) } else { normal(p) })
}

/// The spots of those batch sizes whose best learning rate has an interval.
pub fn spots<'a>(rows: impl Iterator<Item = &'a BatchBest>) -> Vec<Spot> {
    rows.filter_map(|row| Spot::of(row.batch?, &row.lr)).collect()
}

/// The ridges (best learning rate against batch size) of a study, one per panel, through the batch sizes whose best has
/// an interval.
pub fn ridges(rows: &[BatchBest]) -> Vec<Ridge> {
    let mut panels: Vec<&Option<String>> = rows.iter().map(|row| &row.panel).collect();
    panels.dedup();
    let through = |panel: &Option<String>| {
        let spots = spots(rows.iter().filter(|row| row.panel == *panel));
        (spots.len() > 1).then(|| ridge(panel.clone(), &spots))
    };
    panels.into_iter().filter_map(through).collect()
}

fn ridge(panel: Option<String>, spots: &[Spot]) -> Ridge {
    let local = spots.windows(2).filter_map(|pair| match pair {
        [a, b] => Some(between(a, b)),
        _ => None,
    });
    let mut ridge = Ridge {
        panel,
        local: local.collect(),
        model: Model::Undecided,
        exponent: Estimate::none("exponent of B", spots.len(), Status::Few),
        growth: Growth::Undecided,
        remaining: vec![Growth::Linear, Growth::Sqrt, Growth::Flat],
        misfit: None,
        knee: None,
        level: None,
    };
    let Some((power, saturating, constant)) = models(spots) else { return ridge };
    let misfit = |model: &Fitted| {
        let dof = spots.len() - model.parameters;
        (dof > 0).then(|| (model.misfit / dof as f64).sqrt())
    };
    ridge.misfit = misfit(&power);
    let (widened, quantile) = scatter(&power.line);
    let error = power.error * widened.sqrt();
    ridge.exponent = estimate(power.place, error, quantile, spots.len());
    (ridge.growth, ridge.remaining) = word(power.place, error * quantile);
    if spots.len() < FEWEST {
        return ridge;
    }
    // Scatter beyond the errors given is charged to all models alike (quasi-likelihood).
    let least = power.misfit.min(saturating.misfit).min(constant.misfit);
    let scatter = (least / (spots.len() as f64 - 2.0)).max(1.0);
    let score = |model: &Fitted| model.misfit / scatter + penalty(model.parameters, spots.len());
    let mut scores = [
        (Model::Power, score(&power)),
        (Model::Saturating, score(&saturating)),
        (Model::Constant, score(&constant)),
    ];
    scores.sort_by(|a, b| a.1.total_cmp(&b.1));
    if scores[1].1 - scores[0].1 > CLEAR {
        ridge.model = scores[0].0;
    }
    match ridge.model {
        Model::Power | Model::Undecided => {}
        Model::Constant => {
            (ridge.growth, ridge.remaining) = (Growth::Flat, vec![Growth::Flat]);
            ridge.misfit = misfit(&constant);
            ridge.level = Some(constant.place.exp());
        }
        Model::Saturating => {
            ridge.exponent = Estimate::none("exponent of B", spots.len(), Status::None);
            (ridge.growth, ridge.remaining) =
                (Growth::Undecided, vec![Growth::Linear, Growth::Sqrt, Growth::Flat]);
            ridge.misfit = misfit(&saturating);
            ridge.knee = Some(saturating.place.exp());
            ridge.level = Some(saturating.error.exp());
        }
    }
    ridge
}

/// A fitted model: twice its negative log likelihood, its parameters, its main number and that number's error (of a
/// saturating ridge: the logarithms of knee and level).
struct Fitted {
    misfit: f64,
    parameters: usize,
    place: f64,
    error: f64,
    line: LinearFit,
}

fn models(spots: &[Spot]) -> Option<(Fitted, Fitted, Fitted)> {
    let weights: Vec<f64> = spots.iter().map(|Spot(_, _, error)| error.powi(-2)).collect();
    let y: Vec<f64> = spots.iter().map(|Spot(_, y, _)| *y).collect();
    let fit = |rows: Vec<Vec<f64>>, y: &[f64]| linear::fit(&rows, y, &weights);
    let line = fit(spots.iter().map(|Spot(x, _, _)| vec![1.0, *x]).collect(), &y)?;
    let level = |y: &[f64]| fit(vec![vec![1.0]; spots.len()], y);
    let flat = level(&y)?;
    let bent = |knee: f64| -> Option<LinearFit> {
        let over: Vec<f64> = spots.iter().map(|Spot(x, y, _)| y + (knee - x).exp().ln_1p()).collect();
        level(&over)
    };
    // With its knee outside the batch sizes tried the curve is linear or flat, which the other models describe.
    let (low, high) = (spots[0].0, spots[spots.len() - 1].0);
    let knee = minimum(&|knee| bent(knee).map_or(f64::INFINITY, |fit| fit.residual), low, high, 60);
    let best = bent(knee)?;
    Some((
        Fitted {
            misfit: line.residual,
            parameters: 2,
            place: line.coefficients[1],
            error: line.covariance(1, 1, 1.0).sqrt(),
            line,
        },
        Fitted { misfit: best.residual, parameters: 2, place: knee, error: best.coefficients[0], line: best },
        Fitted { misfit: flat.residual, parameters: 1, place: flat.coefficients[0], error: 0.0, line: flat },
    ))
}

/// The penalty of the information criterion for `parameters` fitted to `n` points, corrected for small samples
/// (C. Hurvich and C.-L. Tsai 1989).
fn penalty(parameters: usize, n: usize) -> f64 {
    let (k, n) = (parameters as f64, n as f64);
    2.0 * k + 2.0 * k * (k + 1.0) / (n - k - 1.0)
}

fn between(a: &Spot, b: &Spot) -> Exponent {
    let slope = (b.1 - a.1) / (b.0 - a.0);
    let error = a.2.hypot(b.2) / (b.0 - a.0);
    let quantile = normal(0.5 + CONFIDENCE / 2.0);
    Exponent {
        from: a.0.exp().round(),
        to: b.0.exp().round(),
        exponent: estimate(slope, error, quantile, 2),
        growth: word(slope, error * quantile).0,
    }
}

fn estimate(exponent: f64, error: f64, quantile: f64, n: usize) -> Estimate {
    let reach = quantile * error;
    Estimate {
        estimate: Some(exponent),
        low: Some(exponent - reach),
        high: Some(exponent + reach),
        confidence: Some(CONFIDENCE),
        ..Estimate::none("exponent of B", n, Status::Ok)
    }
}

/// The word for an exponent whose interval reaches `reach` to either side, and those that it does not exclude.
fn word(exponent: f64, reach: f64) -> (Growth, Vec<Growth>) {
    let words = [(Growth::Linear, 1.0), (Growth::Sqrt, 0.5), (Growth::Flat, 0.0)];
    let open = |(_, ideal): &&(Growth, f64)| (exponent - ideal).abs() <= NEAR + reach;
    let remaining: Vec<Growth> = words.iter().filter(open).map(|(word, _)| *word).collect();
    let growth = match remaining.as_slice() {
        [] => Growth::Between,
        [one] => *one,
        _ => Growth::Undecided,
    };
    (growth, remaining)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::quadratic::HUNDRED;
    use sweep_stats::distribution::normal_below;

    /// The best learning rates of the noisy quadratic model at B = 1, 2, 4 … 512, exact, declared with the error
    /// `error`.
    fn quadratic_model(error: f64) -> Vec<Spot> {
        let spot = |power: i32| {
            let batch = 2f64.powi(power);
            Spot(batch.ln(), HUNDRED.best(batch).0.ln(), error)
        };
        (0..10).map(spot).collect()
    }

    #[test]
    fn a_ridge_with_a_knee_has_local_exponents_and_no_single_one() {
        let ridge = ridge(None, &quadratic_model(0.01));
        let words: Vec<Growth> = ridge.local.iter().map(|exponent| exponent.growth).collect();
        assert_eq!(words[..3], [Growth::Linear; 3]);
        assert_eq!(words[7..], [Growth::Flat; 2]);
        assert_eq!((ridge.local[7].from, ridge.local[7].to), (128.0, 256.0));
        let published = [0.983, 0.964, 0.925, 0.836, 0.645, 0.370, 0.179, 0.095, 0.056];
        for (exponent, published) in ridge.local.iter().zip(published) {
            let found = exponent.exponent.estimate.unwrap();
            assert!((found - published).abs() < 2e-3, "{found} is not {published}");
        }
        assert_eq!(
            (ridge.model, ridge.growth, ridge.exponent.estimate),
            (Model::Saturating, Growth::Undecided, None)
        );
        let knee = ridge.knee.unwrap();
        assert!((10.0..80.0).contains(&knee), "{knee}");
    }

    /// Σ g erf(√(B/2) g/σ) / Σ h over directions of gradients g and curvatures h = 1/i with unit gradient noise, the
    /// best rate of sign descent (which Adam resembles) on a quadratic (Malladi et al. 2022, Li et al. 2024).
    fn sign_descent(gradient: impl Fn(f64) -> f64, batch: f64) -> f64 {
        let curvature = || (1..=20).map(|index| 1.0 / f64::from(index));
        let sign = |g: f64| g * (2.0 * normal_below(batch.sqrt() * g) - 1.0);
        curvature().map(|h| sign(gradient(h))).sum::<f64>() / curvature().sum::<f64>()
    }

    #[test]
    fn sign_descent_below_its_knee_grows_as_a_square_root() {
        for (batch, published) in [
            (1.0, 0.3190206),
            (4.0, 0.5081635),
            (16.0, 0.6790335),
            (64.0, 0.8291652),
            (256.0, 0.9401249),
            (1024.0, 0.9925272),
        ] {
            let found = sign_descent(|h| h, batch);
            assert!((found - published).abs() < 1e-6, "{batch}: {found} is not {published}");
        }
        let spots: Vec<Spot> = (0..9)
            .map(|power| 2f64.powi(power))
            .map(|batch| Spot(batch.ln(), sign_descent(|_| 0.01, batch).ln(), 0.05))
            .collect();
        let ridge = ridge(None, &spots);
        assert_eq!((ridge.model, ridge.growth), (Model::Power, Growth::Sqrt));
        assert!((0.48..=0.5).contains(&ridge.exponent.estimate.unwrap()), "{:?}", ridge.exponent);
    }

    #[test]
    fn power_laws_are_named() {
        let law = |exponent: f64, error: f64, n: i32| {
            let spot = |index: i32| {
                let x = f64::from(index) * 2f64.ln();
                Spot(x, exponent * x + 0.3 * error * f64::from(index * 7 % 3 - 1), error)
            };
            let ridge = ridge(None, &(0..n).map(spot).collect::<Vec<Spot>>());
            (ridge.model, ridge.growth)
        };
        assert_eq!(law(1.0, 0.05, 8), (Model::Power, Growth::Linear));
        assert_eq!(law(0.5, 0.05, 8), (Model::Power, Growth::Sqrt));
        assert_eq!(law(0.75, 0.05, 8), (Model::Power, Growth::Between));
        assert_eq!(law(0.0, 0.05, 8), (Model::Constant, Growth::Flat));
        // Of five no model is named, though the exponent of all of them is.
        assert_eq!(law(1.0, 0.05, 5), (Model::Undecided, Growth::Linear));
        assert_eq!(law(0.75, 1.0, 8).1, Growth::Undecided);
    }
}
