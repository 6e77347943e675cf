//! The acquisition function of a surrogate: expected improvement, and its maximum over the cube.

use rand_chacha::ChaCha8Rng;

use super::encoding::Encoding;
use super::gp::Belief;

/// Log expected improvement below `best` (Ament et al. 2023, NeurIPS): log h((best − μ)/σ) + log σ with
/// h(z) = φ(z) + zΦ(z), finite however small the improvement.
pub fn log_improvement(belief: Belief, best: f64) -> f64 {
    let z = (best - belief.mean) / belief.sd;
    let log_density = -0.5 * z * z - 0.5 * std::f64::consts::TAU.ln();
    let log_h = if z > -10.0 {
        let below = 0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2);
        (log_density.exp() + z * below).ln()
    } else {
        // The first terms of the asymptotic series of φ(z) + zΦ(z).
        let square = (z * z).recip();
        log_density + square.ln() + (-3.0 * square + 15.0 * square * square).ln_1p()
    };
    log_h + belief.sd.ln()
}

/// The effort of the search.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Rows drawn over the whole cube.
    pub wide: usize,
    /// Rows drawn around each of the starts.
    pub near: usize,
    /// Searchers that continue from the best rows.
    pub searchers: usize,
    /// Rounds of the searchers.
    pub rounds: usize,
    /// Rows that each searcher draws per round.
    pub draws: usize,
}

/// The rows of the highest score, best first: drawn over the cube and around `starts`, then by searchers that draw
/// around themselves, within a radius that shrinks when nothing better is found.
pub fn maximize(
    encoding: &Encoding<'_>,
    starts: &[Vec<f64>],
    effort: Effort,
    rng: &mut ChaCha8Rng,
    score: &mut dyn FnMut(&[Vec<f64>]) -> Vec<f64>,
) -> Vec<Vec<f64>> {
    let mut rows: Vec<Vec<f64>> = (0..effort.wide).map(|_| encoding.draw(rng)).collect();
    for start in starts {
        for draw in 0..effort.near {
            // Radii from a fifth of the cube down to a two-hundredth.
            let radius = 0.2 * 0.025f64.powf(draw as f64 / effort.near.max(1) as f64);
            rows.push(encoding.near(start, radius, rng));
        }
    }
    let mut ranked = ranked(rows, score);
    let mut searchers: Vec<(f64, Vec<f64>, f64)> = Vec::new();
    for (value, row) in &ranked {
        // Searchers start apart, or they would all climb one hill.
        let apart = |other: &Vec<f64>| other.iter().zip(row).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        if searchers.len() < effort.searchers && searchers.iter().all(|(_, other, _)| apart(other) > 0.02) {
            searchers.push((*value, row.clone(), 0.1));
        }
    }
    for _ in 0..effort.rounds {
        let drawn: Vec<Vec<f64>> = searchers
            .iter()
            .flat_map(|(_, row, radius)| (0..effort.draws).map(|_| (row, *radius)).collect::<Vec<_>>())
            .map(|(row, radius)| encoding.near(row, radius, rng))
            .collect();
        let values = score(&drawn);
        let mut drawn = drawn.into_iter().zip(values);
        for (value, row, radius) in &mut searchers {
            let better = drawn.by_ref().take(effort.draws).max_by(|a, b| a.1.total_cmp(&b.1));
            match better {
                Some((other, highest)) if highest > *value => {
                    (*row, *value) = (other, highest);
                    *radius *= 0.9;
                }
                _ => *radius *= 0.5,
            }
        }
    }
    ranked.extend(searchers.into_iter().map(|(value, row, _)| (value, row)));
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    ranked.into_iter().map(|(_, row)| row).collect()
}

/// `rows` with their scores, best first; a NaN score comes last.
fn ranked(rows: Vec<Vec<f64>>, score: &mut dyn FnMut(&[Vec<f64>]) -> Vec<f64>) -> Vec<(f64, Vec<f64>)> {
    let values = score(&rows);
    let number = |value: f64| if value.is_nan() { f64::NEG_INFINITY } else { value };
    let mut ranked: Vec<(f64, Vec<f64>)> = values.into_iter().map(number).zip(rows).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    ranked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_improvement_is_the_logarithm_of_the_improvement() {
        // E max(−x, 0) for x ~ N(0, 1) is 1/√(2π).
        let at = |mean: f64| log_improvement(Belief { mean, sd: 1.0 }, 0.0);
        assert!((at(0.0) - (1.0 / std::f64::consts::TAU.sqrt()).ln()).abs() < 1e-12);
        // Far on either side it is the distance, or falls smoothly.
        assert!((at(-50.0) - 50f64.ln()).abs() < 1e-9);
        assert!((at(9.999_999) - at(10.000_001)).abs() < 1e-4);
        assert!(at(1e6).is_finite() && at(30.0) < at(20.0));
    }
}
