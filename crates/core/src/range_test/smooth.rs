//! Smoothing on log η: a running median against spikes, then a local straight line.

/// Values of the running median: spikes of up to two steps leave no trace.
const MEDIAN: usize = 5;

/// The smoothed curve at one point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// The loss.
    pub value: f64,
    /// Its derivative in ln η.
    pub slope: f64,
    /// The standard error of `value`, in units of the standard deviation of a single loss.
    pub error: f64,
}

/// Smooths the losses `y` at the rising places `x` = ln η.
///
/// After a running median of five, a straight line is fitted around each place by least squares with tricube weights
/// over `reach` (in ln η) to either side (local linear regression; Cleveland 1979, JASA 74, 829). Because it is
/// centred, it does not lag as a running mean would.
pub fn smooth(x: &[f64], y: &[f64], reach: f64) -> Vec<Fit> {
    let y = medians(y);
    x.iter().map(|&at| local_line((x, &y), at, reach)).collect()
}

fn medians(y: &[f64]) -> Vec<f64> {
    let reach = MEDIAN / 2;
    let around = |index: usize| {
        // At the ends the window shrinks and stays centred.
        let reach = reach.min(index).min(y.len() - 1 - index);
        median(&y[index - reach..=index + reach])
    };
    (0..y.len()).map(around).collect()
}

/// The median of `values`, the mean of the middle two where their number is even; NaN without any.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match (sorted.len(), sorted.len() / 2) {
        (0, _) => f64::NAN,
        (count, half) if count.is_multiple_of(2) => (sorted[half - 1] + sorted[half]) / 2.0,
        (_, half) => sorted[half],
    }
}

/// The line around `at`; constant if it has only one place.
fn local_line((x, y): (&[f64], &[f64]), at: f64, reach: f64) -> Fit {
    let weight = |place: f64| {
        let distance = ((place - at) / reach).abs();
        if distance < 1.0 { (1.0 - distance.powi(3)).powi(3) } else { 0.0 }
    };
    let (mut sum, mut mean_x, mut mean_y) = (0.0, 0.0, 0.0);
    for (&place, &loss) in x.iter().zip(y) {
        let weight = weight(place);
        sum += weight;
        mean_x += weight * place;
        mean_y += weight * loss;
    }
    (mean_x, mean_y) = (mean_x / sum, mean_y / sum);
    let (mut spread, mut joint) = (0.0, 0.0);
    for (&place, &loss) in x.iter().zip(y) {
        let off = place - mean_x;
        spread += weight(place) * off * off;
        joint += weight(place) * off * (loss - mean_y);
    }
    let slope = if spread > 0.0 { joint / spread } else { 0.0 };
    let share = |place: f64| {
        let tilt = if spread > 0.0 { (at - mean_x) * (place - mean_x) / spread } else { 0.0 };
        weight(place) * (1.0 / sum + tilt)
    };
    let error = x.iter().map(|&place| share(place).powi(2)).sum::<f64>().sqrt();
    Fit { value: mean_y + slope * (at - mean_x), slope, error }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(count: usize) -> Vec<f64> {
        (0..count).map(|index| index as f64 * 0.1).collect()
    }

    #[test]
    fn a_line_stays_itself_and_a_spike_leaves_no_trace() {
        let x = places(80);
        let mut y: Vec<f64> = x.iter().map(|x| 3.0 - 0.5 * x).collect();
        (y[20], y[21]) = (90.0, -40.0);
        for (fit, x) in smooth(&x, &y, 1.15).iter().zip(&x) {
            let far = (fit.value - (3.0 - 0.5 * x)).abs().max((fit.slope + 0.5).abs());
            assert!(far < 0.05, "{fit:?} at {x}");
        }
    }

    #[test]
    fn smoothing_does_not_lag() {
        let x = places(120);
        let y: Vec<f64> = x.iter().map(|x| -(x - 6.0).tanh()).collect();
        let fits = smooth(&x, &y, 1.15);
        let steepest = (0..120).min_by(|&a, &b| fits[a].slope.total_cmp(&fits[b].slope)).unwrap();
        assert_eq!(steepest, 60);
    }

    #[test]
    fn the_error_is_that_of_a_mean_of_the_points_within_reach() {
        let fits = smooth(&places(80), &[1.0; 80], 1.15);
        // About 23 points lie within the window; tricube weights make them worth some 16.
        assert!((0.2..0.3).contains(&fits[40].error), "{:?}", fits[40]);
        assert!(fits[0].error > fits[40].error, "the error is larger at the end");
        assert_eq!(smooth(&[1.0], &[2.0], 1.15)[0], Fit { value: 2.0, slope: 0.0, error: 1.0 });
    }
}
