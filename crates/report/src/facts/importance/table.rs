//! A table of costs over all combinations of levels, and the decomposition of its variance.

use std::collections::BTreeMap;

use sweep_stats::distribution::student;

use super::Share;
use crate::facts::estimate::CONFIDENCE;

/// One axis of a table of costs: the weight of each level, summing to one.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    /// The parameter.
    pub name: String,
    /// The weight of each level.
    pub weights: Vec<f64>,
}

/// A table of costs over all combinations of levels, the last axis running fastest.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Its axes.
    pub sides: Vec<Side>,
    /// The cost of each combination.
    pub costs: Vec<f64>,
}

impl Table {
    /// The share of each parameter and each pair, and of the rest; `None` where nothing varies.
    pub fn shares(&self) -> Option<(Vec<Share>, f64)> {
        let mean = self.means(&[]).values().sum::<f64>();
        let total =
            self.places().map(|(place, cost)| self.weight(&place) * (cost - mean).powi(2)).sum::<f64>();
        if total <= 0.0 || total.is_nan() {
            return None;
        }
        let sides = self.sides.len();
        let alone: Vec<BTreeMap<Vec<usize>, f64>> = (0..sides).map(|axis| self.means(&[axis])).collect();
        let mut shares = Vec::new();
        for a in 0..sides {
            let share = alone[a].iter().map(|(at, m)| self.sides[a].weights[at[0]] * (m - mean).powi(2));
            let share = share.sum::<f64>() / total;
            shares.push(Share { parameters: vec![self.sides[a].name.clone()], share, low: None, high: None });
            for b in a + 1..sides {
                let beyond = |(at, m): (&Vec<usize>, &f64)| {
                    let weight = self.sides[a].weights[at[0]] * self.sides[b].weights[at[1]];
                    weight * (m - alone[a][&at[..1]] - alone[b][&at[1..]] + mean).powi(2)
                };
                let share = self.means(&[a, b]).iter().map(beyond).sum::<f64>() / total;
                let parameters = vec![self.sides[a].name.clone(), self.sides[b].name.clone()];
                shares.push(Share { parameters, share, low: None, high: None });
            }
        }
        let rest = (1.0 - shares.iter().map(|share| share.share).sum::<f64>()).max(0.0);
        Some((shares, rest))
    }

    /// Gives each share its interval by the jackknife over whole seeds (R. Miller 1974), which all cells share: what
    /// the share becomes without each of them shows its spread, and also how much noise adds to it. `seeds` are the
    /// costs of each cell's seeds, none of one that counts as the worst.
    pub fn intervals(mut self, shares: &mut [Share], seeds: &[Vec<f64>]) {
        let own = || seeds.iter().filter(|own| !own.is_empty());
        let count = own().map(Vec::len).min().unwrap_or(0);
        if count < 2 || own().any(|own| own.len() != count) {
            return;
        }
        let n = count as f64;
        let mut pseudo: Vec<Vec<f64>> = vec![Vec::new(); shares.len()];
        for without in 0..count {
            for (cost, own) in self.costs.iter_mut().zip(seeds).filter(|(_, own)| !own.is_empty()) {
                *cost = (own.iter().sum::<f64>() - own[without]) / (n - 1.0);
            }
            let Some((found, _)) = self.shares() else { return };
            for (share, pseudo) in shares.iter().zip(&mut pseudo) {
                let less = found.iter().find(|other| other.parameters == share.parameters);
                pseudo.extend(less.map(|less| n * share.share - (n - 1.0) * less.share));
            }
        }
        for (share, pseudo) in shares.iter_mut().zip(pseudo) {
            let mean = pseudo.iter().sum::<f64>() / n;
            let squares: f64 = pseudo.iter().map(|value| (value - mean).powi(2)).sum();
            let reach = student(0.5 + CONFIDENCE / 2.0, n - 1.0) * (squares / (n - 1.0) / n).sqrt();
            share.low = Some((mean - reach).min(share.share).max(0.0));
            share.high = Some((mean + reach).min(1.0).max(share.share));
        }
    }

    /// The weighted mean of the costs for each combination of levels of some axes.
    fn means(&self, axes: &[usize]) -> BTreeMap<Vec<usize>, f64> {
        let mut means = BTreeMap::new();
        for (place, cost) in self.places() {
            let others = (0..place.len()).filter(|axis| !axes.contains(axis));
            let weight: f64 = others.map(|axis| self.sides[axis].weights[place[axis]]).product();
            *means.entry(axes.iter().map(|axis| place[*axis]).collect()).or_insert(0.0) += weight * cost;
        }
        means
    }

    fn weight(&self, place: &[usize]) -> f64 {
        place.iter().zip(&self.sides).map(|(level, side)| side.weights[*level]).product()
    }

    /// Every combination of levels with its cost.
    fn places(&self) -> impl Iterator<Item = (Vec<usize>, f64)> {
        self.costs.iter().enumerate().map(|(index, cost)| {
            let mut left = index;
            let mut place = vec![0; self.sides.len()];
            for (level, side) in place.iter_mut().zip(&self.sides).rev() {
                (*level, left) = (left % side.weights.len(), left / side.weights.len());
            }
            (place, *cost)
        })
    }
}
