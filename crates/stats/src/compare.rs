//! Comparing points on shared seeds: paired tests, corrections for multiple tests, and verdicts.

use serde::Serialize;

use crate::Interval;
use crate::distribution::{student, student_tail};
use crate::dunnett::dunnett;

/// The allowed probability of a wrong `better`.
pub const LEVEL: f64 = 0.05;

/// P values for the `look`-th test, counted from 1, on a growing number of seeds. Each look spends four fifths of what
/// the earlier ones left of [`LEVEL`] (K. Lan and D. DeMets 1983), so that the probability of a wrong `better` stays
/// within it however often the test is repeated. The first look spends 4 %, the second 0.8 %.
pub fn at_look(p: &[f64], look: u32) -> Vec<f64> {
    let spent = 0.8 * 0.2f64.powi(look.clamp(1, 100) as i32 - 1);
    p.iter().map(|p| (p / spent).min(1.0)).collect()
}

/// The verdict on two points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// They differ, by more than the smallest difference that matters.
    Better,
    /// They differ by less than that.
    Equivalent,
    /// Neither is shown.
    Undecided,
}

/// Paired differences, each pair sharing a seed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paired {
    /// The mean difference.
    pub mean: f64,
    /// The standard deviation of a difference.
    pub deviation: f64,
    /// Pairs.
    pub n: usize,
}

impl Paired {
    /// The differences `a` − `b`, seed by seed; `None` with fewer than two pairs.
    pub fn of(a: &[f64], b: &[f64]) -> Option<Paired> {
        let n = a.len();
        if n < 2 || n != b.len() {
            return None;
        }
        let differences = || a.iter().zip(b).map(|(a, b)| a - b);
        let mean = differences().sum::<f64>() / n as f64;
        let squares: f64 = differences().map(|d| (d - mean).powi(2)).sum();
        Some(Paired { mean, deviation: (squares / (n - 1) as f64).sqrt(), n })
    }

    fn error(&self) -> f64 {
        self.deviation / (self.n as f64).sqrt()
    }

    fn dof(&self) -> f64 {
        self.n as f64 - 1.0
    }

    /// The two-sided p value of no difference, by Student's t.
    pub fn p(&self) -> f64 {
        if self.error() == 0.0 {
            return f64::from(u8::from(self.mean == 0.0));
        }
        (2.0 * student_tail(self.mean.abs() / self.error(), self.dof())).min(1.0)
    }

    /// The interval of the mean difference.
    pub fn interval(&self, confidence: f64) -> Interval {
        let reach = student(0.5 + confidence / 2.0, self.dof()) * self.error();
        Interval { estimate: self.mean, low: self.mean - reach, high: self.mean + reach }
    }

    /// The verdict, with `p` the p value after the correction for all pairs and `margin` the smallest difference that
    /// matters. Equivalence is D. Schuirmann's two one-sided tests (1987): the 90 % interval lies within the margin.
    pub fn verdict(&self, p: f64, margin: f64) -> Verdict {
        let inner = self.interval(1.0 - 2.0 * LEVEL);
        if p <= LEVEL && self.mean.abs() >= margin {
            Verdict::Better
        } else if inner.low > -margin && inner.high < margin {
            Verdict::Equivalent
        } else {
            Verdict::Undecided
        }
    }

    /// Pairs that find a difference of `margin` in 80 of 100 studies at the 5 % level, never fewer than two:
    /// 7.85 (deviation / margin)².
    pub fn advised(&self, margin: f64) -> u64 {
        (7.85 * (self.deviation / margin).powi(2)).ceil().max(2.0) as u64
    }
}

/// P values after S. Holm's correction (1979) for as many tests, in the order given.
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let mut adjusted = vec![1.0; p.len()];
    let mut least = 0f64;
    for (rank, index) in order.into_iter().enumerate() {
        least = least.max((p[index] * (p.len() - rank) as f64).min(1.0));
        adjusted[index] = least;
    }
    adjusted
}

/// Which arms are not significantly worse than the best, lower being better: J. Hsu's multiple comparisons with the
/// best (1984) on seeds shared by all arms. `arms[i][seed]`; `None` with fewer than two arms or seeds, or without
/// shared seeds.
///
/// In 95 of 100 studies the truly best arm is among them.
pub fn not_worse(arms: &[Vec<f64>], confidence: f64) -> Option<Vec<bool>> {
    let (k, n) = (arms.len(), arms.first()?.len());
    if k < 2 || n < 2 || arms.iter().any(|arm| arm.len() != n) {
        return None;
    }
    let mean = |values: &mut dyn Iterator<Item = f64>, count: usize| values.sum::<f64>() / count as f64;
    let means: Vec<f64> = arms.iter().map(|arm| mean(&mut arm.iter().copied(), n)).collect();
    let seeds: Vec<f64> = (0..n).map(|seed| mean(&mut arms.iter().map(|arm| arm[seed]), k)).collect();
    let all = mean(&mut means.iter().copied(), k);
    let residual = |arm: usize, seed: usize| arms[arm][seed] - means[arm] - seeds[seed] + all;
    let squares: f64 =
        (0..k).flat_map(|arm| (0..n).map(move |seed| (arm, seed))).map(|(a, s)| residual(a, s).powi(2)).sum();
    let dof = ((k - 1) * (n - 1)) as f64;
    let reach = dunnett(confidence, k - 1, dof) * (2.0 * squares / dof / n as f64).sqrt();
    let best = means.iter().copied().fold(f64::INFINITY, f64::min);
    Some(means.iter().map(|mean| *mean <= best + reach).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;

    fn arms(chance: &mut Chance, gaps: &[f64], n: usize, deviation: f64) -> Vec<Vec<f64>> {
        gaps.iter().map(|gap| (0..n).map(|_| gap + deviation * chance.normal()).collect()).collect()
    }

    fn share(count: usize, mut hit: impl FnMut() -> bool) -> f64 {
        (0..count).filter(|_| hit()).count() as f64 / count as f64
    }

    /// Verdicts on all pairs of arms at the first look.
    fn verdicts(arms: &[Vec<f64>], margin: f64) -> Vec<Verdict> {
        let pairs: Vec<Paired> = (0..arms.len())
            .flat_map(|a| (0..a).map(move |b| (a, b)))
            .filter_map(|(a, b)| Paired::of(&arms[a], &arms[b]))
            .collect();
        let p = at_look(&holm(&pairs.iter().map(Paired::p).collect::<Vec<_>>()), 1);
        pairs.iter().zip(p).map(|(pair, p)| pair.verdict(p, margin)).collect()
    }

    #[test]
    fn equal_arms_are_rarely_called_different() {
        let (mut chance, count) = (Chance::new(9), Chance::simulations(1000));
        let better = share(count, || {
            verdicts(&arms(&mut chance, &[0.0; 5], 10, 0.16), 0.05).contains(&Verdict::Better)
        });
        assert!(better <= 0.05, "{better}");
    }

    /// The exact power of the paired t test at a gap of ln 1.25 with ten pairs is 0.79 at the 5 % level, 0.76 at the 4
    /// % that the first look spends.
    #[test]
    fn a_gap_of_a_quarter_is_found_in_four_studies_of_five() {
        let (mut chance, count) = (Chance::new(10), Chance::simulations(2000));
        let gap = 1.25f64.ln();
        let found =
            share(count, || verdicts(&arms(&mut chance, &[gap, 0.0], 10, 0.16), 0.05) == [Verdict::Better]);
        assert!((0.74..=0.84).contains(&found), "{found}");
        let pair = Paired { mean: 0.0, deviation: 0.226, n: 10 };
        assert_eq!((pair.advised(1.1f64.ln()), pair.advised(gap)), (45, 9));
    }

    /// Whether any of five looks at equal arms, with the number of seeds growing by `more`, gives `better`.
    fn misled(chance: &mut Chance, more: impl Fn(&Paired) -> usize, look: impl Fn(u32) -> u32) -> bool {
        let mut level = arms(chance, &[0.0, 0.0], 5, 0.16);
        (1..=5).any(|number| {
            let pair = Paired::of(&level[0], &level[1]).unwrap();
            let better = pair.verdict(at_look(&[pair.p()], look(number))[0], 0.01) == Verdict::Better;
            let new = arms(chance, &[0.0, 0.0], more(&pair), 0.16);
            level.iter_mut().zip(new).for_each(|(arm, new)| arm.extend(new));
            better
        })
    }

    /// If every look used the level of the first, equal arms would be called different in more than 8 of 100 studies.
    #[test]
    fn repeated_looks_with_more_seeds_keep_the_level() {
        let (mut chance, count) = (Chance::new(14), Chance::simulations(1000));
        let five = |_: &Paired| 5;
        let advised = |pair: &Paired| (pair.advised(0.1) as usize).saturating_sub(pair.n).max(1);
        let wrong = share(count, || misled(&mut chance, five, |look| look));
        assert!(wrong <= 0.05, "{wrong}");
        let wrong = share(count, || misled(&mut chance, advised, |look| look));
        assert!(wrong <= 0.05, "{wrong} as advised");
        let naive = share(count, || misled(&mut chance, five, |_| 1));
        assert!(naive > 0.08, "{naive}");
    }

    #[test]
    fn equal_arms_with_many_seeds_are_equivalent() {
        let (mut chance, count) = (Chance::new(11), Chance::simulations(300));
        let level = share(count, || {
            verdicts(&arms(&mut chance, &[0.0, 0.0], 100, 0.16), 1.1f64.ln()) == [Verdict::Equivalent]
        });
        assert!(level >= 0.9, "{level}");
    }

    #[test]
    fn the_true_best_is_among_those_not_significantly_worse() {
        let (mut chance, count) = (Chance::new(12), Chance::simulations(400));
        let mut dropped = 0;
        let kept = share(count, || {
            let set = not_worse(&arms(&mut chance, &[0.0, 0.0, 0.0, 0.5], 5, 0.1), 0.95).unwrap();
            dropped += usize::from(!set[3]);
            set[0]
        });
        assert!(kept >= 0.93 && dropped > count * 9 / 10, "{kept} {dropped}");
        assert!(not_worse(&[vec![1.0, 2.0], vec![1.0]], 0.95).is_none());
    }

    #[test]
    fn holm_steps_down() {
        assert_eq!(holm(&[0.01, 0.04, 0.03]), [0.03, 0.06, 0.06]);
    }
}
