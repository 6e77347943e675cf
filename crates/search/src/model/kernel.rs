//! The covariance of a surrogate: Matérn-5/2, optionally with a quadratic trend.

use super::encoding::Axis;

/// The hyperparameters of a covariance, all as natural logarithms, which is how they are learned. Variances are those
/// of the standardised target.
#[derive(Clone, Debug, PartialEq)]
pub struct Kernel {
    /// Which axes are ordered; categories are at distance 0 or 1.
    pub ordered: Vec<bool>,
    /// Log length scale of each axis (automatic relevance determination), then the log variances of the Matérn part and
    /// of the noise; with a trend, also its log variance and the logit of the share of it that is common to all
    /// categories.
    pub theta: Vec<f64>,
    /// Whether there is a quadratic trend.
    pub trend: bool,
}

/// The smallest and the largest value of each hyperparameter.
const LENGTH: (f64, f64) = (-4.0, 5.0);
const VARIANCE: (f64, f64) = (-7.0, 5.0);
const NOISE: (f64, f64) = (-16.0, 1.0);
const SHARE: (f64, f64) = (-4.0, 6.0);

impl Kernel {
    /// The initial covariance, at the means of the priors.
    pub fn new(axes: &[Axis], trend: bool) -> Kernel {
        let mut kernel =
            Kernel { ordered: axes.iter().map(|axis| axis.ordered).collect(), theta: Vec::new(), trend };
        kernel.theta = kernel.priors().iter().map(|prior| prior.0).collect();
        kernel
    }

    fn dimensions(&self) -> usize {
        self.ordered.len()
    }

    /// Mean and standard deviation of the normal prior of each hyperparameter, and its bounds. Length scales grow
    /// with √D (Hvarfner et al. 2024, ICML), since distances in the cube do.
    pub fn priors(&self) -> Vec<(f64, f64, (f64, f64))> {
        let active = self.dimensions().max(1) as f64;

        let length = 0.5f64.ln() + 0.5 * active.ln();
        let mut priors: Vec<_> = self
            .ordered
            .iter()
            .map(|ordered| if *ordered { (length, 1.0, LENGTH) } else { (0.7, 1.0, LENGTH) })
            .collect();
        priors.push((0.0, 1.0, VARIANCE));
        priors.push((-11.0, 3.0, NOISE));
        if self.trend {
            priors.push((-3.0, 1.5, VARIANCE));
            priors.push((2.0, 1.5, SHARE));
        }
        priors
    }

    /// The variance of the noise.
    pub fn noise(&self) -> f64 {
        self.theta[self.dimensions() + 1].exp()
    }

    /// Everything about the hyperparameters that does not depend on the points.
    pub fn ready(&self) -> Ready<'_> {
        let d = self.dimensions();
        let weights = self.theta[..d].iter().map(|log| (-2.0 * log).exp()).collect();
        let (trend, share) = match self.trend {
            true => (self.theta[d + 2].exp(), 1.0 / (1.0 + (-self.theta[d + 3]).exp())),
            false => (0.0, 1.0),
        };
        Ready { kernel: self, weights, signal: self.theta[d].exp(), trend, share }
    }
}

/// A covariance with its hyperparameters exponentiated.
pub struct Ready<'a> {
    kernel: &'a Kernel,
    /// 1/ℓ² of each axis.
    weights: Vec<f64>,
    signal: f64,
    trend: f64,
    share: f64,
}

impl Ready<'_> {
    /// The covariance of two rows.
    pub fn at(&self, a: &[f64], b: &[f64]) -> f64 {
        let mut square = 0.0;
        for (((x, y), ordered), weight) in a.iter().zip(b).zip(&self.kernel.ordered).zip(&self.weights) {
            let gap = if *ordered { x - y } else { f64::from(x != y) };
            square += gap * gap * weight;
        }
        let r = (5.0 * square).sqrt();
        let matern = self.signal * (1.0 + r + r * r / 3.0) * (-r).exp();
        if self.trend > 0.0 { matern + self.quadratic(a, b).0 } else { matern }
    }

    /// The trend's covariance and the number of categories in which the rows differ.
    fn quadratic(&self, a: &[f64], b: &[f64]) -> (f64, i32) {
        let (mut dot, mut differ) = (1.0, 0);
        for ((x, y), ordered) in a.iter().zip(b).zip(&self.kernel.ordered) {
            if *ordered {
                // From −1 to 1, so that the trend is centred on the middle.
                dot += (2.0 * x - 1.0) * (2.0 * y - 1.0);
            } else if x != y {
                differ += 1;
            }
        }
        (self.trend * dot * dot * self.share.powi(differ), differ)
    }

    /// Adds `weight` times the gradient of the covariance of two rows, by hyperparameter, to `into`. The noise is
    /// left out.
    pub fn gradient(&self, a: &[f64], b: &[f64], weight: f64, into: &mut [f64]) {
        let d = self.kernel.dimensions();
        let mut square = 0.0;
        for (((x, y), ordered), scale) in a.iter().zip(b).zip(&self.kernel.ordered).zip(&self.weights) {
            let gap = if *ordered { x - y } else { f64::from(x != y) };
            square += gap * gap * scale;
        }
        let r = (5.0 * square).sqrt();
        let decay = self.signal * (-r).exp();
        into[d] += weight * decay * (1.0 + r + r * r / 3.0);
        let slope = weight * decay * (1.0 + r) * 5.0 / 3.0;
        for (index, ((x, y), ordered)) in a.iter().zip(b).zip(&self.kernel.ordered).enumerate() {
            let gap = if *ordered { x - y } else { f64::from(x != y) };
            into[index] += slope * gap * gap * self.weights[index];
        }
        if self.trend > 0.0 {
            let (quadratic, differ) = self.quadratic(a, b);
            into[d + 2] += weight * quadratic;
            into[d + 3] += weight * quadratic * f64::from(differ) * (1.0 - self.share);
        }
    }
}
