//! The targets of a surrogate: the loss itself or a logarithm of it, standardised.
//!
//! Losses near a cliff are thousands of times the best; unchanged, they would hide the differences near the best. A
//! logarithm of all losses would put a cusp at the bottom of a plain valley. So several warpings compete, and the
//! evidence of the losses decides (warped Gaussian processes: Snelson, Rasmussen & Ghahramani 2003, NIPS 16).

/// An increasing map from losses to targets of about zero mean and unit variance.
#[derive(Clone, Debug, PartialEq)]
pub struct Warp {
    /// Losses are divided by this first, so that none is too large to square.
    unit: f64,
    /// What is added before the logarithm is taken; `None` for no logarithm.
    shift: Option<f64>,
    /// Where the logarithm continues as its tangent, so that any later loss has a target.
    floor: f64,
    centre: f64,
    scale: f64,
}

/// How far below the lowest loss the logarithm has its pole, in distances from there to the median.
const POLES: [f64; 3] = [0.01, 0.1, 1.0];

impl Warp {
    /// The competing warpings of `losses`: none, the logarithm if all are positive, and logarithms of the distance from
    /// a pole below the lowest.
    pub fn candidates(losses: &[f64]) -> Vec<Warp> {
        let unit = losses.iter().fold(0.0f64, |most, loss| most.max(loss.abs())).max(f64::MIN_POSITIVE);
        let mut sorted: Vec<f64> = losses.iter().map(|loss| loss / unit).collect();
        sorted.sort_by(f64::total_cmp);
        let lowest = sorted.first().copied().unwrap_or(0.0);
        let spread = sorted.get(sorted.len() / 2).map_or(0.0, |median| median - lowest);
        let mut shifts = vec![(None, 0.0)];
        if lowest > 1e-280 {
            shifts.push((Some(0.0), 0.1 * lowest));
        }
        if spread > 1e-280 {
            shifts.extend(POLES.map(|pole| (Some(pole * spread - lowest), 0.1 * pole * spread)));
        }
        let warp = |(shift, floor)| {
            let raw = Warp { unit, shift, floor, centre: 0.0, scale: 1.0 };
            let targets: Vec<f64> = losses.iter().map(|loss| raw.target(*loss)).collect();
            let n = targets.len().max(1) as f64;
            let centre = targets.iter().sum::<f64>() / n;
            let variance = targets.iter().map(|target| (target - centre).powi(2)).sum::<f64>() / n;
            // Equal losses give no information; any scale works.
            let scale = if variance > 1e-24 { variance.sqrt() } else { 1.0 };
            Warp { centre, scale, ..raw }
        };
        shifts.into_iter().map(warp).collect()
    }

    /// The target of a loss.
    pub fn target(&self, loss: f64) -> f64 {
        let loss = loss / self.unit;
        let raw = match self.shift {
            None => loss,
            Some(shift) if loss + shift > self.floor => (loss + shift).ln(),
            Some(shift) => self.floor.ln() + (loss + shift - self.floor) / self.floor,
        };
        (raw - self.centre) / self.scale
    }

    /// The loss of a target, the inverse of [`Warp::target`].
    pub fn loss(&self, target: f64) -> f64 {
        let raw = target * self.scale + self.centre;
        let loss = match self.shift {
            None => raw,
            Some(shift) if raw > self.floor.ln() => raw.exp() - shift,
            Some(shift) => self.floor * (1.0 + raw - self.floor.ln()) - shift,
        };
        loss * self.unit
    }

    /// The logarithm of the derivative of [`Warp::target`], up to a constant that all warpings of the same losses
    /// share. It makes their evidences comparable.
    pub fn log_slope(&self, loss: f64) -> f64 {
        let slope = self.shift.map_or(0.0, |shift| (loss / self.unit + shift).max(self.floor).ln());
        -slope - self.scale.ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_rise_with_the_loss_and_are_standardised() {
        for losses in
            [vec![-3.0, 1.0, 2.0, 50.0], vec![1e-3, 1.0, 1e300], vec![0.0, 0.0], vec![-1e300, 5.0, 1e300]]
        {
            for warp in Warp::candidates(&losses) {
                let targets: Vec<f64> = losses.iter().map(|loss| warp.target(*loss)).collect();
                assert!(targets.iter().all(|target| target.is_finite()), "{warp:?} {targets:?}");
                assert!(targets.windows(2).all(|pair| pair[0] <= pair[1]), "{warp:?} {targets:?}");
                assert!(targets.iter().sum::<f64>().abs() < 1e-6);
                assert!(warp.target(-f64::MAX).is_finite() || warp.target(-f64::MAX) < 0.0);
            }
        }
    }

    #[test]
    fn a_loss_is_found_by_its_target() {
        let losses = [0.5, 1.0, 4.0, 20.0];
        for warp in Warp::candidates(&losses) {
            // The last lies where a logarithm continues as its tangent.
            for loss in losses.into_iter().chain([0.3, 0.01, -5.0]) {
                let found = warp.loss(warp.target(loss));
                assert!((found - loss).abs() < 1e-9 * (1.0 + loss.abs()), "{warp:?} {loss} {found}");
            }
        }
    }

    #[test]
    fn slopes_are_those_of_the_targets() {
        let losses = [0.5, 1.0, 4.0, 20.0];
        for warp in Warp::candidates(&losses) {
            for loss in losses {
                let numeric = (warp.target(loss + 1e-6) - warp.target(loss - 1e-6)) / 2e-6;
                let expected = numeric.ln() + warp.unit.ln();
                assert!((warp.log_slope(loss) - expected).abs() < 1e-5, "{warp:?} {loss}");
            }
        }
    }
}
