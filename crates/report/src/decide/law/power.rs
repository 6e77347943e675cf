//! Power laws of several variables, through estimates that each have an error and that belong to groups.

use serde::Serialize;
use sweep_stats::distribution::student;
use sweep_stats::linear::{self, LinearFit};

use crate::facts::{CONFIDENCE, Estimate, Status};

/// An estimate at one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// The group it belongs to: what groups share, their seeds and the scatter of their runs, is no independent evidence.
    pub group: usize,
    /// The logarithms of the variables.
    pub x: Vec<f64>,
    /// The logarithm of the quantity.
    pub y: f64,
    /// The standard error of `y`.
    pub error: f64,
}

/// An exponent of a law.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Exponent {
    /// The variable.
    pub name: String,
    /// The exponent.
    #[serde(flatten)]
    pub exponent: Estimate,
}

/// A power law.
#[derive(Clone, Debug, Serialize)]
pub struct PowerLaw {
    /// The factor before the powers.
    pub factor: f64,
    /// The exponents of the variables that the evidence keeps.
    pub exponents: Vec<Exponent>,
    /// The variables it does without: their exponent is taken as 0.
    pub without: Vec<String>,
    /// The covariances of the logarithm of the factor and of the exponents, in this order.
    pub covariance: Vec<Vec<f64>>,
    /// The standard deviation of the logarithms about the law, beyond the errors of the estimates.
    pub scatter: f64,
    /// How many estimates it goes through.
    pub n: usize,
    /// How many groups they belong to.
    pub groups: usize,
    /// Which of the variables are kept.
    #[serde(skip)]
    pub kept: Vec<usize>,
    /// The median squared error of an estimate.
    #[serde(skip)]
    own: f64,
    /// Degrees of freedom of the covariances.
    #[serde(skip)]
    dof: f64,
}

/// A value of a law with its interval, as logarithms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// The logarithm of the value.
    pub y: f64,
    /// Half the width of the interval in which an estimate made there would lie.
    pub reach: f64,
}

impl PowerLaw {
    /// The law through `all`, of the variables `names`; those are left out without which the law is as likely (the form
    /// with the lowest BIC of all subsets, counted in groups). `None` where there are too few groups for any.
    ///
    /// Errors are taken as known, and beyond them the estimates scatter with one variance, by moments (R. DerSimonian and
    /// N. Laird 1986, Control. Clin. Trials 7). Where groups have several estimates, covariances are those of groups that
    /// differ as wholes (the jackknife of R. Bell and D. McCaffrey 2002, Surv. Methodol. 28), with Student's t for as many
    /// degrees of freedom as there are groups beyond the exponents.
    pub fn through(all: &[Observation], names: &[String]) -> Option<PowerLaw> {
        let groups = groups(all);
        let every: Vec<usize> = (0..names.len()).collect();
        let whole = every.clone();
        let scatter = Fitted::of(all, &whole, None).map_or(0.0, |fitted| fitted.scatter);
        let subsets = (0..1usize << names.len()).map(|bits| -> Vec<usize> {
            every.iter().copied().filter(|index| bits >> index & 1 == 1).collect()
        });
        let known = subsets.filter(|kept| kept.len() + 2 <= groups);
        let fits = known.filter_map(|kept| Some((Fitted::of(all, &kept, Some(scatter))?, kept)));
        let criterion = |fitted: &Fitted, kept: &[usize]| {
            // Each group is one piece of evidence.
            let (n, groups) = (all.len() as f64, groups as f64);
            groups * (fitted.line.residual / n).ln() + (kept.len() + 1) as f64 * groups.ln()
        };
        let (_, kept) =
            fits.min_by(|(a, kept_a), (b, kept_b)| criterion(a, kept_a).total_cmp(&criterion(b, kept_b)))?;
        let fitted = Fitted::of(all, &kept, None)?;
        Some(fitted.law(all, names, kept, groups))
    }

    /// The value where the variables have these logarithms.
    pub fn at(&self, x: &[f64]) -> Place {
        let row = row(x, &self.kept);
        let coefficients = std::iter::once(self.factor.ln())
            .chain(self.exponents.iter().filter_map(|e| e.exponent.estimate));
        let y = row.iter().zip(coefficients).map(|(x, coefficient)| x * coefficient).sum();
        let reach = self.quantile()
            * (linear::variance_at(&row, &self.covariance) + self.scatter.powi(2) + self.own).sqrt();
        Place { y, reach }
    }

    /// The exponent of the variable at `index`; 0 where the law does without it.
    pub fn exponent(&self, index: usize) -> f64 {
        let at = self.kept.iter().position(|kept| *kept == index);
        at.and_then(|at| self.exponents.get(at)?.exponent.estimate).unwrap_or(0.0)
    }

    /// The covariance of the exponents of two variables.
    pub fn covariance_of(&self, a: usize, b: usize) -> f64 {
        let at = |index: usize| self.kept.iter().position(|kept| *kept == index);
        at(a).zip(at(b)).map_or(0.0, |(a, b)| self.covariance[a + 1][b + 1])
    }

    /// Student's quantile for its intervals.
    pub fn quantile(&self) -> f64 {
        student(0.5 + CONFIDENCE / 2.0, self.dof)
    }
}

fn groups(all: &[Observation]) -> usize {
    let mut groups: Vec<usize> = all.iter().map(|one| one.group).collect();
    groups.sort_unstable();
    groups.dedup();
    groups.len()
}

fn row(x: &[f64], kept: &[usize]) -> Vec<f64> {
    std::iter::once(1.0).chain(kept.iter().map(|index| x[*index])).collect()
}

/// A weighted fit with the scatter beyond the errors.
struct Fitted {
    line: LinearFit,
    rows: Vec<Vec<f64>>,
    weights: Vec<f64>,
    scatter: f64,
}

/// How often the scatter is estimated anew from the weights that follow from it.
const ROUNDS: usize = 50;

impl Fitted {
    /// The fit with the `scatter` given, or with the one that leaves as much residual as there are degrees of freedom.
    fn of(all: &[Observation], kept: &[usize], scatter: Option<f64>) -> Option<Fitted> {
        let rows: Vec<Vec<f64>> = all.iter().map(|one| row(&one.x, kept)).collect();
        let y: Vec<f64> = all.iter().map(|one| one.y).collect();
        let fit = |scatter: f64| {
            let weight = |one: &Observation| 1.0 / (one.error.powi(2) + scatter.powi(2)).max(1e-18);
            let weights: Vec<f64> = all.iter().map(weight).collect();
            let line = linear::fit(&rows, &y, &weights)?;
            Some((line, weights))
        };
        let excess = |scatter: f64| fit(scatter).map(|(line, _)| line.residual - line.dof as f64);
        let scatter = match scatter {
            Some(scatter) => scatter,
            None if excess(0.0)? <= 0.0 => 0.0,
            None => {
                // The residual falls as the scatter grows.
                let (mut low, mut high) = (0.0, 1.0);
                while excess(high)? > 0.0 {
                    high *= 2.0;
                }
                for _ in 0..ROUNDS {
                    let middle = (low + high) / 2.0;
                    if excess(middle)? > 0.0 { low = middle } else { high = middle }
                }
                high
            }
        };
        let (line, weights) = fit(scatter)?;
        Some(Fitted { line, rows, weights, scatter })
    }

    fn law(&self, all: &[Observation], names: &[String], kept: Vec<usize>, groups: usize) -> PowerLaw {
        let (p, n) = (kept.len() + 1, all.len());
        let classical = |i: usize, j: usize| self.line.covariance(i, j, 1.0);
        let whole = if n == groups { None } else { self.jackknife(all) };
        let covariance: Vec<Vec<f64>> =
            whole.unwrap_or_else(|| (0..p).map(|i| (0..p).map(|j| classical(i, j)).collect()).collect());
        let dof = (groups.saturating_sub(p)).max(1) as f64;
        let quantile = student(0.5 + CONFIDENCE / 2.0, dof);
        let exponent = |(at, index): (usize, &usize)| {
            let estimate = self.line.coefficients[at + 1];
            let reach = quantile * covariance[at + 1][at + 1].max(0.0).sqrt();
            let exponent = Estimate {
                estimate: Some(estimate),
                low: Some(estimate - reach),
                high: Some(estimate + reach),
                confidence: Some(CONFIDENCE),
                ..Estimate::none("exponent", n, Status::Ok)
            };
            Exponent { name: names[*index].clone(), exponent }
        };
        let exponents = kept.iter().enumerate().map(exponent).collect();
        let left = (0..names.len()).filter(|index| !kept.contains(index));
        let mut own: Vec<f64> = all.iter().map(|one| one.error.powi(2)).collect();
        own.sort_by(f64::total_cmp);
        PowerLaw {
            factor: self.line.coefficients[0].exp(),
            exponents,
            without: left.map(|index| names[index].clone()).collect(),
            covariance,
            scatter: self.scatter,
            n,
            groups,
            kept,
            own: own[n / 2],
            dof,
        }
    }

    /// The covariances where the residuals of a group may move together: from the fits without one group each. `None` where
    /// one of these cannot be made.
    fn jackknife(&self, all: &[Observation]) -> Option<Vec<Vec<f64>>> {
        let mut known: Vec<usize> = all.iter().map(|one| one.group).collect();
        known.sort_unstable();
        known.dedup();
        let without = |group: &usize| {
            let kept = || (0..all.len()).filter(|index| all[*index].group != *group);
            let rows: Vec<Vec<f64>> = kept().map(|index| self.rows[index].clone()).collect();
            let y: Vec<f64> = kept().map(|index| all[index].y).collect();
            let weights: Vec<f64> = kept().map(|index| self.weights[index]).collect();
            let line = linear::fit(&rows, &y, &weights)?;
            let moved = line.coefficients.iter().zip(&self.line.coefficients).map(|(a, b)| a - b);
            Some(moved.collect::<Vec<f64>>())
        };
        let moves: Vec<Vec<f64>> = known.iter().map(without).collect::<Option<_>>()?;
        Some(linear::jackknife(&moves))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Estimates y = 1 − 0.7 n + 0.3 d + noise of 5 groups by 4, whose groups differ by 0.05.
    fn made(salt: f64, groups: usize, each: usize) -> Vec<Observation> {
        let noise = |at: f64| ((at * 12.9898 + salt * 78.233).sin() * 43758.5453).fract().abs() - 0.5;
        let mut all = Vec::new();
        for group in 0..groups {
            let (n, d) = ((group % 4) as f64, (group / 4) as f64 + 0.3 * noise(group as f64 + 0.7));
            let shift = 0.17 * noise(group as f64);
            for index in 0..each {
                let y = 1.0 - 0.7 * n + 0.3 * d + shift + 0.17 * noise((group * 31 + index) as f64 + 0.2);
                all.push(Observation { group, x: vec![n, d, noise(group as f64 + 0.4)], y, error: 0.02 });
            }
        }
        all
    }

    #[test]
    fn exponents_lie_inside_their_intervals_and_idle_variables_are_left_out() {
        let names = ["N", "D", "H"].map(str::to_owned);
        let (mut covered, mut idle, mut predicted) = (0, 0, 0);
        for salt in 0..100 {
            let all = made(f64::from(salt), 16, 6);
            let law = PowerLaw::through(&all, &names).unwrap();
            for (name, truth) in [("N", -0.7), ("D", 0.3)] {
                let one = law.exponents.iter().find(|one| one.name == name).unwrap();
                let (low, high) = (one.exponent.low.unwrap(), one.exponent.high.unwrap());
                covered += u32::from(low <= truth && truth <= high);
            }
            idle += u32::from(law.without == ["H"]);
            let there = law.at(&[1.5, 1.5, 0.0]);
            predicted += u32::from((there.y - (1.0 - 1.05 + 0.45)).abs() <= there.reach);
        }
        assert!(covered >= 176, "{covered} of 200");
        assert!(idle >= 80, "{idle} of 100");
        assert!(predicted >= 95, "{predicted} of 100");
    }

    #[test]
    fn too_few_groups_have_no_law() {
        let names = ["N", "D", "H"].map(str::to_owned);
        assert!(PowerLaw::through(&made(0.0, 1, 6), &names).is_none());
        let law = PowerLaw::through(&made(0.0, 3, 6), &names).unwrap();
        assert!(law.exponents.len() <= 1, "{law:?}");
    }
}
