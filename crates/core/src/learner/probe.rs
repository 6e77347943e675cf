//! Gradients of chosen examples, for measurements that do not change the run.

/// Gradients of chosen examples, computed without changing the learner.
pub trait Probe {
    /// The rows of the training part.
    fn rows(&self) -> &[u32];

    /// Replaces `gradient` by that of the mean loss of `rows` at `parameters`.
    fn gradient_of(&mut self, parameters: &[f32], rows: &[u32], gradient: &mut [f32]);
}
