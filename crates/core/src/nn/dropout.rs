//! Dropout (Srivastava et al. 2014), inverted: kept numbers are scaled up, so that evaluation needs no change.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// Dropout with a fixed rate.
#[derive(Clone, Copy, Debug)]
pub struct Dropout {
    /// Probability that a number is dropped, 0 to below 1.
    pub rate: f32,
}

impl Dropout {
    /// Drops numbers of `x`, multiplying the others by 1 / (1 − rate); `mask` receives each number's factor.
    ///
    /// Draws one number of `rng` for each of `x`, so that later draws do not depend on what was dropped; a rate of 0
    /// draws nothing.
    pub fn forward(&self, x: &mut [f32], mask: &mut [f32], rng: &mut ChaCha8Rng) {
        if self.rate == 0.0 {
            mask.fill(1.0);
            return;
        }
        let below = (f64::from(self.rate) * 2f64.powi(32)) as u32;
        let kept = 1.0 / (1.0 - self.rate);
        for (x, mask) in x.iter_mut().zip(mask) {
            *mask = if rng.next_u32() < below { 0.0 } else { kept };
            *x *= *mask;
        }
    }

    /// dx ← dy · mask, in place, with the mask of the forward pass.
    pub fn backward(&self, gradient: &mut [f32], mask: &[f32]) {
        gradient.iter_mut().zip(mask).for_each(|(gradient, mask)| *gradient *= mask);
    }

    /// Undoes the scaling of the kept numbers; dropped ones stay zero.
    pub fn undo(&self, x: &mut [f32]) {
        x.iter_mut().for_each(|x| *x *= 1.0 - self.rate);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::check::{check_gradient, dot, draw};
    use crate::stream;

    #[test]
    fn gradients_are_those_of_the_difference_quotient() {
        let (dropout, x, dy) = (Dropout { rate: 0.3 }, draw("x", 40), draw("dy", 40));
        let mut mask = vec![0.0; 40];
        dropout.forward(&mut x.clone(), &mut mask, &mut stream(0, "dropout"));
        let mut dx = dy.clone();
        dropout.backward(&mut dx, &mask);
        check_gradient("dropout", &x, &dx, |x| {
            let mut y = x.to_vec();
            dropout.forward(&mut y, &mut mask, &mut stream(0, "dropout"));
            dot(&y, &dy)
        });
    }

    #[test]
    fn the_rate_is_kept_and_the_mean_too() {
        let (mut x, mut mask) = (vec![1.0; 100_000], vec![0.0; 100_000]);
        Dropout { rate: 0.25 }.forward(&mut x, &mut mask, &mut stream(0, "dropout"));
        let dropped = x.iter().filter(|&&x| x == 0.0).count() as f32 / 1e5;
        let mean = x.iter().sum::<f32>() / 1e5;
        assert!((dropped - 0.25).abs() < 5e-3 && (mean - 1.0).abs() < 7e-3, "{dropped} dropped, mean {mean}");
    }

    #[test]
    fn a_rate_of_zero_changes_and_draws_nothing() {
        let (mut x, mut mask, mut rng) = ([1.5], [0.0], stream(0, "dropout"));
        Dropout { rate: 0.0 }.forward(&mut x, &mut mask, &mut rng);
        assert_eq!((x, mask, rng), ([1.5], [1.0], stream(0, "dropout")));
    }
}
