//! The end that draws at random approach: the best value that a search could reach, and what further draws would give.
//!
//! Near the optimum of a smooth loss, the share of random points whose loss is below L falls as (L − L₀)^(γ/2), where L₀ is
//! the least loss and γ the effective number of hyperparameters (N. Lourie, H. He and K. Cho 2025, "Hyperparameter Loss
//! Surfaces Are Simple Near Their Optima", arXiv 2510.02721, section 3).

/// The share of the draws, the lowest ones, that are taken to lie near the optimum.
const NEAR: f64 = 0.25;
/// The fewest draws near the optimum that support an estimate.
const FEWEST: usize = 8;
/// The largest effective number of hyperparameters: with it the bounds from samples of a published search of five hold about
/// as often as said, and with more they hold always and say little.
const MOST: f64 = 5.0;
/// Places of the end tried, and exponents.
const ENDS: usize = 200;
const EXPONENTS: usize = 30;
/// How far beyond the lowest draw the end is looked for, in units of the spread of the draws near it: from and to.
const REACH: (f64, f64) = (1e-4, 20.0);

/// What is known of the end: the weights of ends and exponents given the draws.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Pairs of end and exponent γ/2, each with its weight; the weights add up to 1.
    known: Vec<(f64, f64, f64)>,
    /// The threshold below which draws count as near.
    threshold: f64,
    /// The share of draws below it.
    share: f64,
    /// The lowest draw.
    lowest: f64,
}

impl Endpoint {
    /// From independent draws, of which lower ones are better; those that are not finite are further draws that failed.
    /// `most` is the number of hyperparameters, beyond which, and beyond
    /// five, the effective number does not go. All ends are taken for as
    /// likely in the logarithm of their distance from the threshold, and all exponents from 1 on alike. `None` with too few
    /// draws, or where those near the optimum are all alike.
    pub fn of(draws: &[f64], most: f64) -> Option<Endpoint> {
        let mut low: Vec<f64> = draws.iter().copied().filter(|draw| draw.is_finite()).collect();
        low.sort_by(f64::total_cmp);
        let near = ((NEAR * draws.len() as f64) as usize).max(FEWEST);
        let (threshold, lowest) = (*low.get(near)?, *low.first()?);
        let spread = threshold - lowest;
        if spread <= 0.0 {
            return None;
        }
        let count = near as f64;
        let highest = (most.min(MOST) / 2.0).max(1.0);
        let mut known = Vec::with_capacity(ENDS * EXPONENTS);
        for at in 0..ENDS {
            let reach = (REACH.1 / REACH.0).powf(at as f64 / (ENDS - 1) as f64);
            let beyond = spread * REACH.0 * reach;
            let end = lowest - beyond;
            let logs: f64 = low[..near].iter().map(|draw| ((draw - end) / (threshold - end)).ln()).sum();
            for step in 0..EXPONENTS {
                let exponent = 1.0 + (highest - 1.0) * step as f64 / (EXPONENTS - 1) as f64;
                let likelihood = count * (exponent.ln() - (threshold - end).ln()) + (exponent - 1.0) * logs;
                // The ends stand at even steps of the logarithm of `beyond`.
                known.push((end, exponent, likelihood + (beyond / (spread + beyond)).ln()));
            }
        }
        let most = known.iter().map(|one| one.2).fold(f64::NEG_INFINITY, f64::max);
        known.iter_mut().for_each(|one| one.2 = (one.2 - most).exp());
        let whole: f64 = known.iter().map(|one| one.2).sum();
        known.iter_mut().for_each(|one| one.2 /= whole);
        Some(Endpoint { known, threshold, share: count / draws.len() as f64, lowest })
    }

    /// The end that lies below the true one with this chance.
    pub fn quantile(&self, chance: f64) -> f64 {
        let mut below = 0.0;
        // The ends fall from pair to pair.
        for (end, _, weight) in &self.known {
            below += weight;
            if below >= 1.0 - chance {
                return *end;
            }
        }
        self.lowest
    }

    /// The effective number of hyperparameters, γ.
    pub fn dimensions(&self) -> f64 {
        2.0 * self.known.iter().map(|(_, exponent, weight)| exponent * weight).sum::<f64>()
    }

    /// The value that the best of `more` further draws undercuts at even odds, the lowest draw if that is better.
    pub fn after(&self, more: u64) -> f64 {
        let share = (1.0 - 0.5f64.powf(1.0 / more.max(1) as f64)) / self.share;
        if share >= 1.0 {
            return self.lowest;
        }
        let at = |end: f64, exponent: f64| end + (self.threshold - end) * share.powf(exponent.recip());
        let mean = self.known.iter().map(|(end, exponent, weight)| weight * at(*end, *exponent)).sum::<f64>();
        mean.min(self.lowest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;

    /// Random points in the unit cube around an optimum: loss 2 + Σ xᵢ².
    fn draws(chance: &mut Chance, dimensions: usize, count: usize) -> Vec<f64> {
        let draw = |chance: &mut Chance| {
            (0..dimensions).map(|_| (2.0 * chance.uniform() - 1.0).powi(2)).sum::<f64>()
        };
        (0..count).map(|_| 2.0 + draw(chance)).collect()
    }

    #[test]
    fn the_end_lies_above_its_bound_as_often_as_said() {
        let mut chance = Chance::new(11);
        for dimensions in [2, 4] {
            let (mut covered, mut gamma) = (0, 0.0);
            let count = Chance::simulations(200);
            for _ in 0..count {
                let found = Endpoint::of(&draws(&mut chance, dimensions, 64), 5.0).unwrap();
                covered += usize::from(found.quantile(0.05) <= 2.0);
                gamma += found.dimensions() / count as f64;
            }
            assert!(20 * covered >= 18 * count, "{dimensions}: {covered} of {count}");
            assert!((gamma - dimensions as f64).abs() < 1.5, "{dimensions}: {gamma}");
        }
    }

    #[test]
    fn further_draws_are_foretold() {
        let mut chance = Chance::new(5);
        let (mut better, count) = (0, Chance::simulations(200));
        for _ in 0..count {
            let found = Endpoint::of(&draws(&mut chance, 3, 100), 4.0).unwrap();
            let best = draws(&mut chance, 3, 400).into_iter().fold(f64::INFINITY, f64::min);
            better += usize::from(best < found.after(400));
        }
        assert!((35..=65).contains(&(100 * better / count)), "{better} of {count}");
    }

    #[test]
    fn few_draws_and_equal_ones_give_nothing() {
        assert!(Endpoint::of(&[0.5, 0.4, 0.3], 2.0).is_none());
        assert!(Endpoint::of(&[0.5; 40], 2.0).is_none());
        let mut some = vec![f64::NAN; 40];
        some[3] = 0.2;
        assert!(Endpoint::of(&some, 2.0).is_none());
    }
}
