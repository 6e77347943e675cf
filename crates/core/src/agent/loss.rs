//! The losses of agents: their values and gradients.
//!
//! Each takes outputs of a network, one row per example, and replaces them by the gradient times `scale`, which is 1/B
//! for the mean over a batch of B. Each returns the sum of the examples' losses.

use crate::kernels::exp;

/// Turns a row of logits into log-probabilities: z − log Σ eᶻ.
pub(super) fn log_softmax(row: &mut [f32]) {
    let highest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = row.iter().map(|&z| exp(z - highest)).sum();
    row.iter_mut().for_each(|z| *z = *z - highest - libm::logf(sum));
}

/// The policy's loss −Â·log π(a) − β·H(π), with the advantages Â of the `actions` a that were taken and `entropy` = β:
/// its gradient is the policy gradient with a baseline (Sutton et al. 1999, theorem 1; Williams 1992), the entropy
/// bonus that of Mnih et al. 2016, §4.
pub(super) fn policy_loss(
    logits: &mut [f32],
    actions: &[u8],
    advantages: &[f32],
    entropy: f32,
    scale: f32,
) -> f64 {
    let mut loss = 0.0;
    let outputs = logits.len() / actions.len().max(1);
    for ((row, &action), &advantage) in logits.chunks_exact_mut(outputs).zip(actions).zip(advantages) {
        log_softmax(row);
        let surprise = -row[usize::from(action)];
        let uncertain: f32 = row.iter().map(|&log_p| -exp(log_p) * log_p).sum();
        loss += f64::from(advantage * surprise - entropy * uncertain);
        for (index, z) in row.iter_mut().enumerate() {
            let (p, taken) = (exp(*z), f32::from(u8::from(index == usize::from(action))));
            *z = scale * (advantage * (p - taken) + entropy * p * (*z + uncertain));
        }
    }
    loss
}

/// The baseline's loss w·½(V − G)², with the observed returns G and `weight` = w.
pub(super) fn value_loss(values: &mut [f32], returns: &[f32], weight: f32, scale: f32) -> f64 {
    let mut loss = 0.0;
    for (value, &seen) in values.iter_mut().zip(returns) {
        let off = *value - seen;
        loss += f64::from(0.5 * weight * off * off);
        *value = scale * weight * off;
    }
    loss
}

/// The loss of Q-learning: half the squared error Q(a) − target for the `actions` a that were taken.
///
/// The error is not clipped as in Mnih et al. 2015: a clipped error gives the few transitions that end an episode and
/// the many that do not the same pull, however large the error, and diverged values never recover.
pub(super) fn q_loss(q: &mut [f32], actions: &[u8], targets: &[f32], scale: f32) -> f64 {
    let mut loss = 0.0;
    let outputs = q.len() / actions.len().max(1);
    for ((row, &action), &target) in q.chunks_exact_mut(outputs).zip(actions).zip(targets) {
        let off = row[usize::from(action)] - target;
        loss += f64::from(0.5 * off * off);
        row.fill(0.0);
        row[usize::from(action)] = scale * off;
    }
    loss
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::check::{check_gradient, draw};

    const ACTIONS: [u8; 4] = [0, 2, 1, 2];

    fn check(what: &str, length: usize, loss: impl Fn(&mut [f32], f32) -> f64) {
        let z = draw("z", length);
        let mut gradient = z.clone();
        loss(&mut gradient, 0.25);
        check_gradient(what, &z, &gradient, |z| 0.25 * loss(&mut z.to_vec(), 0.25));
    }

    #[test]
    fn gradients_are_those_of_the_difference_quotient() {
        let advantages = [1.5, -0.7, 0.1, 2.0];
        check("policy", 12, |z, scale| policy_loss(z, &ACTIONS, &advantages, 0.0, scale));
        check("policy with entropy", 12, |z, scale| policy_loss(z, &ACTIONS, &advantages, 0.3, scale));
        check("value", 4, |v, scale| value_loss(v, &[0.3, -2.0, 1.0, 0.0], 0.5, scale));
        check("Q", 12, |q, scale| q_loss(q, &ACTIONS, &[0.2, -4.0, 3.0, 0.4], scale));
    }

    #[test]
    fn probabilities_add_up_to_one() {
        let mut row = [1000.0, 999.0, -1000.0];
        log_softmax(&mut row);
        assert!((row.iter().map(|&log_p| exp(log_p)).sum::<f32>() - 1.0).abs() < 1e-6, "{row:?}");
    }
}
