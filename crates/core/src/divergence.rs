//! When a run has diverged, from the losses of its batches.

use std::collections::VecDeque;

use crate::state::{Reader, StateMismatch, Writer};

/// The minimum number of examples averaged, so that a single bad batch of one example does not count as divergence.
const WINDOW: usize = 256;

/// The factor by which the windowed mean may exceed its first value.
const LIMIT: f64 = 4.0;

/// Watches the losses of a run.
///
/// A run has diverged when a batch's loss is not finite, or when the mean loss over the last max(256, B) examples
/// exceeds four times the first such mean. The window holds whole batches: as few of the latest as reach that many
/// examples. A run that explodes within its first window would set a high reference; so the reference is at most the
/// loss of an untrained network, estimated by the first batch or the best constant prediction, whichever is larger.
#[derive(Clone, Debug)]
pub struct Divergence {
    window: VecDeque<(f64, usize)>,
    loss: f64,
    examples: usize,
    /// The loss of an untrained network.
    untrained: f64,
    /// Whether the mean counts.
    by_mean: bool,
    first: Option<f64>,
}

impl Divergence {
    /// Watches a run whose best constant prediction has the mean loss `chance`.
    ///
    /// If it is `None`, only a loss that is not finite counts.
    pub fn new(chance: Option<f64>) -> Self {
        let window = VecDeque::with_capacity(WINDOW + 2);
        Divergence {
            window,
            loss: 0.0,
            examples: 0,
            untrained: chance.unwrap_or(f64::INFINITY),
            by_mean: chance.is_some(),
            first: None,
        }
    }

    /// Adds the summed `loss` of a batch of `examples`, from a run whose batch size is now `batch`. Returns whether the
    /// run has diverged.
    pub fn observe(&mut self, loss: f64, examples: usize, batch: usize) -> bool {
        if !loss.is_finite() {
            return true;
        }
        if !self.by_mean {
            return false;
        }
        if self.window.is_empty() {
            self.untrained = self.untrained.max(loss / examples as f64);
        }
        let wanted = WINDOW.max(batch);
        self.window.push_back((loss, examples));
        self.loss += loss;
        self.examples += examples;
        while let Some(&(old, count)) = self.window.front()
            && self.examples - count >= wanted
        {
            self.window.pop_front();
            self.loss -= old;
            self.examples -= count;
        }
        if self.examples < wanted {
            return false;
        }
        let mean = self.loss / self.examples as f64;
        mean > LIMIT * *self.first.get_or_insert(mean.min(self.untrained))
    }

    /// Writes the state for a checkpoint.
    pub(crate) fn write(&self, state: &mut Writer) {
        state.float(self.loss);
        state.float(self.untrained);
        state.float(self.first.unwrap_or(f64::NAN));
        state.number(self.window.len() as u64);
        for &(loss, examples) in &self.window {
            state.float(loss);
            state.number(examples as u64);
        }
    }

    /// Restores what [`Divergence::write`] wrote.
    pub(crate) fn read(&mut self, state: &mut Reader<'_>) -> Result<(), StateMismatch> {
        self.loss = state.float()?;
        self.untrained = state.float()?;
        self.first = Some(state.float()?).filter(|first| !first.is_nan());
        let count = state.number()?;
        self.window.clear();
        for _ in 0..count {
            self.window.push_back((state.float()?, state.number()? as usize));
        }
        self.examples = self.window.iter().map(|(_, examples)| examples).sum();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_bad_example_is_not_a_divergence() {
        let mut watch = Divergence::new(Some(2.3));
        assert!(!(0..10_000).any(|step| watch.observe(if step == 500 { 200.0 } else { 1.0 }, 1, 1)));
    }

    #[test]
    fn four_times_the_first_mean_is_a_divergence() {
        let mut watch = Divergence::new(Some(2.3));
        assert!(!(0..8).any(|_| watch.observe(32.0 * 2.0, 32, 32)));
        let step = (0..8).position(|_| watch.observe(32.0 * 14.1, 32, 32));
        assert_eq!(step, Some(3), "2 → (4·2 + 4·14.1)/8 = 8.05 after four batches");
    }

    #[test]
    fn a_loss_that_is_not_finite_is_a_divergence_at_once() {
        assert!(Divergence::new(Some(2.3)).observe(f64::NAN, 1, 1));
        assert!(Divergence::new(Some(2.3)).observe(f64::INFINITY, 32, 32));
    }

    #[test]
    fn an_explosion_within_the_first_window_is_seen() {
        let mut watch = Divergence::new(Some(2.3));
        let step = (0..100).position(|step| watch.observe(if step == 0 { 2.4 } else { 1e4 } * 32.0, 32, 32));
        assert_eq!(step, Some(7), "as soon as 256 examples are averaged");
    }

    #[test]
    fn a_large_batch_is_its_own_window() {
        let mut watch = Divergence::new(Some(2.3));
        assert!(!watch.observe(1000.0, 1000, 1000));
        assert!(watch.observe(4001.0, 1000, 1000));
    }
}
