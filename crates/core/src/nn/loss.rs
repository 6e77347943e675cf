//! Losses: their value and the gradient they send back.

/// Loss and hits of a set of examples.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Score {
    /// Sum of the examples' losses.
    pub loss: f64,
    /// Examples whose largest output is the right class.
    pub correct: usize,
}

impl std::ops::AddAssign for Score {
    fn add_assign(&mut self, other: Score) {
        self.loss += other.loss;
        self.correct += other.correct;
    }
}

/// Softmax cross-entropy −log softmax(z)[class] of rows of logits.
///
/// Adds the row's `bias` to it first. With a `scale`, the logits are replaced by the gradient
/// scale·(softmax(z) − onehot(class)); the scale 1/B makes it that of the mean over B examples. Logits are shifted
/// by their maximum, so that no finite logit overflows.
pub fn softmax_cross_entropy(
    logits: &mut [f32],
    bias: &[f32],
    class: impl Fn(usize) -> usize,
    scale: Option<f32>,
) -> Score {
    let mut score = Score::default();
    for (example, row) in logits.chunks_exact_mut(bias.len()).enumerate() {
        row.iter_mut().zip(bias).for_each(|(z, b)| *z += b);
        let class = class(example);
        let highest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let target = row[class] - highest;
        let hit = row.iter().position(|&z| z == highest) == Some(class);
        let mut sum = 0.0;
        for z in row.iter_mut() {
            *z = (*z - highest).exp();
            sum += *z;
        }
        score.loss += f64::from(sum.ln() - target);
        score.correct += usize::from(hit);
        if let Some(scale) = scale {
            let factor = scale / sum;
            row.iter_mut().for_each(|p| *p *= factor);
            row[class] -= scale;
        }
    }
    score
}
