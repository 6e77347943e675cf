//! The best learning rate carried from one schedule to another without a run, by a bound on the last iterate.

/// By how much, as a factor, the rate that was best in fact differs from the one carried, with a confidence of 95 %: from
/// the best rates of cooldowns over 10, 40, 60, 80, 90 and 99 % of a training, relative to 20 %, which were measured on a
/// language model of 124M parameters: 0.82, 1.26, 1.51, 1.55, 1.63 and 1.68, where the bound says 0.90, 1.18, 1.38, 1.62,
/// 1.77 and 1.95 (data of Schaipp et al. 2025, arXiv 2501.18965). Their logarithms differ by 0.093 (root mean square).
pub const ERROR: f64 = 1.26;

/// The same where a schedule ends above this share of its peak: the bound says 0.55 for a constant rate on the same data,
/// and 0.29 was measured.
pub const ERROR_WITHOUT_DECAY: f64 = 1.9;
const DECAYED: f64 = 0.5;

/// A learning rate carried to another schedule of the same length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Carried {
    /// By which factor the best peak differs from that of the other schedule.
    pub ratio: f64,
    /// By which factor it may be off either way.
    pub error: f64,
}

/// The best peak of a schedule with the rates `to`, relative to that of one with the rates `from`, one rate a step; `None`
/// unless both are as long and have a positive rate.
///
/// For a convex loss the last iterate of T steps with the rates γ·s_t is bounded by D²/(2γ Σs) + (γG²/2)·b, which is
/// least at γ = (D/G)·√(1/(b Σs)); D and G belong to the problem and cancel (F. Schaipp et al. 2025, arXiv 2501.18965,
/// section 3; A. Defazio et al. 2023, arXiv 2310.07831). It holds at one length of training: over lengths it says T^−½,
/// and about T^−¼ is measured.
pub fn carried(from: &[f64], to: &[f64]) -> Option<Carried> {
    if from.len() != to.len() {
        return None;
    }
    let decays =
        |rates: &[f64]| rates.last().zip(peak(rates)).is_some_and(|(end, peak)| *end <= DECAYED * peak);
    let error = if decays(from) && decays(to) { ERROR } else { ERROR_WITHOUT_DECAY };
    Some(Carried { ratio: best_peak(to)? / best_peak(from)?, error })
}

fn peak(rates: &[f64]) -> Option<f64> {
    rates.iter().copied().reduce(f64::max).filter(|peak| *peak > 0.0)
}

/// The best peak in units of D/G.
fn best_peak(rates: &[f64]) -> Option<f64> {
    let peak = peak(rates)?;
    // Updates by 0 leave the last iterate as it is.
    let moving = rates.iter().rposition(|rate| *rate > 0.0)? + 1;
    let shape = rates[..moving].iter().map(|rate| rate / peak);
    let (whole, squared) = shape.clone().fold((0.0, 0.0), |(sum, squares), s| (sum + s, squares + s * s));
    // From the end: Σ_{t>k} s and Σ_{t≥k} s².
    let (mut after, mut squares_from) = (0.0, 0.0);
    let mut noise = squared / whole;
    for rate in shape.rev() {
        squares_from += rate * rate;
        if after > 0.0 {
            noise += rate / after * squares_from / (after + rate);
        }
        after += rate;
    }
    let best = (1.0 / (whole * noise)).sqrt();
    (best.is_finite() && best > 0.0).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A trapezoid of `steps` whose last `share` falls towards 0.
    fn cooldown(steps: usize, share: f64) -> Vec<f64> {
        let falling = (steps as f64 * share).round();
        let rate = |step: usize| (((steps - step) as f64) / (falling + 1.0)).min(1.0);
        (0..steps).map(rate).collect()
    }

    #[test]
    fn longer_cooldowns_have_the_published_larger_peaks() {
        // Schaipp et al. 2025 relative to a cooldown over 20 %; 50,000 steps.
        let expected = [(0.1, 0.90), (0.4, 1.18), (0.6, 1.38), (0.8, 1.62), (0.9, 1.77), (1.0, 1.95)];
        let from = cooldown(50_000, 0.2);
        for (share, ratio) in expected {
            let found = carried(&from, &cooldown(50_000, share)).unwrap();
            assert!((found.ratio - ratio).abs() < 0.01, "{share}: {found:?}");
            assert_eq!(found.error, ERROR);
        }
        let constant = carried(&from, &vec![0.3; 50_000]).unwrap();
        assert!(
            (constant.ratio - 0.55).abs() < 0.006 && constant.error == ERROR_WITHOUT_DECAY,
            "{constant:?}"
        );
    }

    #[test]
    fn scale_and_idle_steps_do_not_matter() {
        let from = cooldown(100, 0.5);
        let twice: Vec<f64> = from.iter().map(|rate| 2.0 * rate).collect();
        assert!((carried(&from, &twice).unwrap().ratio - 1.0).abs() < 1e-12);
        assert_eq!(carried(&from, &from[1..]), None);
        assert_eq!(carried(&[0.0, 0.0], &[0.0, 1.0]), None);
        assert!(carried(&[1.0, 0.5, 0.0], &[1.0, 0.5, 0.0]).is_some_and(|same| same.ratio == 1.0));
    }
}
