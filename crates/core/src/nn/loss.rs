//! Losses: their values and gradients.

use crate::data::{Batch, Task};
use crate::kernels::exp;

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

/// Softmax cross-entropy `−log softmax(z)[class]` of rows of logits.
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
    pulp::Arch::new().dispatch(Softmax { logits, bias, class, scale })
}

/// [`softmax_cross_entropy`] for `pulp` to compile with the widest registers of the machine. Sums are taken in
/// [`LANES`] parts everywhere, so every machine gives the same bits.
struct Softmax<'a, F> {
    logits: &'a mut [f32],
    bias: &'a [f32],
    class: F,
    scale: Option<f32>,
}

/// Numbers of a row that are computed in parallel.
const LANES: usize = 16;

/// Rows that are read before any of them is written: reading data that was just written in pieces of another size is
/// slow.
const GROUP: usize = 8;

impl<F: Fn(usize) -> usize> pulp::NullaryFnOnce for Softmax<'_, F> {
    type Output = Score;

    #[inline(always)]
    fn call(self) -> Score {
        if self.bias.len() <= LANES { self.narrow() } else { self.wide() }
    }
}

impl<F: Fn(usize) -> usize> Softmax<'_, F> {
    /// Rows of more than [`LANES`] numbers, in place.
    #[inline(always)]
    fn wide(self) -> Score {
        let mut score = Score::default();
        for (example, row) in self.logits.chunks_exact_mut(self.bias.len()).enumerate() {
            row.iter_mut().zip(self.bias).for_each(|(z, b)| *z += b);
            score += softmax(row, (self.class)(example), self.scale);
        }
        score
    }

    /// Rows of at most [`LANES`] numbers, each padded to that many, which is faster than handling a few.
    #[inline(always)]
    fn narrow(self) -> Score {
        let mut score = Score::default();
        let classes = self.bias.len();
        let bias: [f32; LANES] = std::array::from_fn(|lane| self.bias.get(lane).copied().unwrap_or_default());
        for (group, logits) in self.logits.chunks_mut(GROUP * classes).enumerate() {
            let mut rows = [[0.0; LANES]; GROUP];
            let rows = &mut rows[..logits.len() / classes];
            for (row, start) in rows.iter_mut().zip((0..).step_by(classes)) {
                // The numbers beyond the row are read too, and replaced below.
                match logits[start..].first_chunk() {
                    Some(logits) => *row = *logits,
                    None => row[..classes].copy_from_slice(&logits[start..][..classes]),
                }
            }
            for (index, row) in rows.iter_mut().enumerate() {
                for (lane, (z, b)) in row.iter_mut().zip(bias).enumerate() {
                    *z = if lane < classes { *z + b } else { f32::NEG_INFINITY };
                }
                score += softmax(row, (self.class)(group * GROUP + index), self.scale);
            }
            if self.scale.is_none() {
                continue;
            }
            for (row, start) in rows.iter().zip((0..).step_by(classes)) {
                // The numbers written beyond the row are those of the next, which is written next.
                match logits[start..].first_chunk_mut() {
                    Some(logits) => *logits = *row,
                    None => logits[start..][..classes].copy_from_slice(&row[..classes]),
                }
            }
        }
        score
    }
}

/// The loss of a row of logits, bias included, and its gradient as [`softmax_cross_entropy`] leaves it.
#[inline(always)]
fn softmax(row: &mut [f32], class: usize, scale: Option<f32>) -> Score {
    let highest = fold(row, f32::NEG_INFINITY, |most, z| if z > most { z } else { most });
    let target = row[class];
    let equal: u32 = row.iter().map(|&z| u32::from(z == highest)).sum();
    let hit = target == highest && (equal == 1 || !row[..class].contains(&highest));
    exponentials(row, highest);
    let sum = fold(row, 0.0, |sum, p| sum + p);
    if let Some(scale) = scale {
        let factor = scale / sum;
        row.iter_mut().for_each(|p| *p *= factor);
        row[class] -= scale;
    }
    let loss = f64::from(libm::logf(sum) - (target - highest));
    Score { loss, correct: usize::from(hit) }
}

/// z ← e^(z − highest).
#[inline(always)]
fn exponentials(row: &mut [f32], highest: f32) {
    let (whole, rest) = row.as_chunks_mut::<LANES>();
    for numbers in whole {
        numbers.iter_mut().for_each(|z| *z = exp(*z - highest));
    }
    if rest.is_empty() {
        return;
    }
    // Filled up: one register is faster than a few numbers.
    let mut filled = [highest; LANES];
    filled[..rest.len()].copy_from_slice(rest);
    filled.iter_mut().for_each(|z| *z = exp(*z - highest));
    rest.copy_from_slice(&filled[..rest.len()]);
}

/// Folds the numbers of each lane, then the lanes, pairwise by halves. `join` must have `start` as its neutral element.
#[inline(always)]
fn fold(row: &[f32], start: f32, join: impl Fn(f32, f32) -> f32) -> f32 {
    let mut lanes = [start; LANES];
    let (whole, rest) = row.as_chunks::<LANES>();
    for numbers in whole {
        for (lane, &number) in lanes.iter_mut().zip(numbers) {
            *lane = join(*lane, number);
        }
    }
    for (lane, &number) in lanes.iter_mut().zip(rest) {
        *lane = join(*lane, number);
    }
    let eight: [f32; 8] = std::array::from_fn(|lane| join(lanes[lane], lanes[lane + 8]));
    let four: [f32; 4] = std::array::from_fn(|lane| join(eight[lane], eight[lane + 4]));
    join(join(four[0], four[2]), join(four[1], four[3]))
}

/// The loss for the task of `batch`, of outputs (B, outputs) of a network's last layer: softmax cross-entropy for
/// classes, the squared error for numbers. `bias` and `scale` as in [`softmax_cross_entropy`].
pub fn task_loss(outputs: &mut [f32], bias: &[f32], batch: &Batch<'_>, scale: Option<f32>) -> Score {
    match batch.data.task() {
        Task::Regression | Task::Control { .. } => {
            mean_squared_error(outputs, bias, |example, _| batch.number(example), scale)
        }
        Task::Classification { .. } | Task::Language { .. } => {
            softmax_cross_entropy(outputs, bias, |example| batch.class(example), scale)
        }
    }
}

/// Mean of (y − target)² over the outputs of each row, where `target` gives the target of an example and output.
///
/// Adds the row's `bias` to it first. With a `scale`, the outputs are replaced by the gradient scale·2·(y − target) /
/// outputs. There are no hits.
pub fn mean_squared_error(
    outputs: &mut [f32],
    bias: &[f32],
    target: impl Fn(usize, usize) -> f32,
    scale: Option<f32>,
) -> Score {
    let mut score = Score::default();
    let share = 1.0 / bias.len() as f32;
    for (example, row) in outputs.chunks_exact_mut(bias.len()).enumerate() {
        let mut squares = 0.0;
        for (output, (y, b)) in row.iter_mut().zip(bias).enumerate() {
            *y += b;
            let off = *y - target(example, output);
            squares += off * off;
            if let Some(scale) = scale {
                *y = scale * share * 2.0 * off;
            }
        }
        score.loss += f64::from(squares * share);
    }
    score
}

/// Cross-entropy of σ(z) with one logit per example, where `positive` gives its class.
///
/// Adds `bias` to each logit first. With a `scale`, the logits are replaced by the gradient
/// `scale·(σ(z) − [positive])`. No logit overflows: the loss is `max(z, 0) − z·[positive] + ln(1 + e^−|z|)`.
pub fn binary_cross_entropy(
    logits: &mut [f32],
    bias: f32,
    positive: impl Fn(usize) -> bool,
    scale: Option<f32>,
) -> Score {
    let mut score = Score::default();
    for (example, z) in logits.iter_mut().enumerate() {
        *z += bias;
        let label = f32::from(positive(example));
        score.loss += f64::from(z.max(0.0) - *z * label + (-z.abs()).exp().ln_1p());
        score.correct += usize::from((*z > 0.0) == (label > 0.5));
        if let Some(scale) = scale {
            *z = scale * (1.0 / (1.0 + (-*z).exp()) - label);
        }
    }
    score
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::check::{check_gradient, draw};

    /// Checks a loss of 4 rows of 3 outputs, and the gradient it leaves in them.
    fn check(what: &str, loss: impl Fn(&mut [f32], Option<f32>) -> Score) {
        let (z, mut gradient) = (draw("z", 12), draw("z", 12));
        loss(&mut gradient, Some(0.25));
        check_gradient(what, &z, &gradient, |z| 0.25 * loss(&mut z.to_vec(), None).loss);
    }

    #[test]
    fn gradients_are_those_of_the_difference_quotient() {
        let bias = [0.1, -0.2, 0.3];
        check("softmax", |z, scale| softmax_cross_entropy(z, &bias, |example| example % 3, scale));
        check("squares", |z, scale| mean_squared_error(z, &bias, |a, b| (a + b) as f32, scale));
        check("binary", |z, scale| binary_cross_entropy(z, 0.5, |example| example % 3 == 0, scale));
    }

    #[test]
    fn rows_of_any_width_and_number_are_those_of_the_formula() {
        for (width, count) in [(1, 3), (2, 21), (10, 1), (10, 8), (10, 19), (16, 9), (17, 9), (45, 3)] {
            let (z, bias, class) =
                (draw("z", width * count), draw("bias", width), |row: usize| row * 7 % width);
            let mut gradient = z.clone();
            let score = softmax_cross_entropy(&mut gradient, &bias, class, Some(0.5));
            let (mut loss, mut correct) = (0.0, 0);
            for (row, (z, gradient)) in z.chunks_exact(width).zip(gradient.chunks_exact(width)).enumerate() {
                let exp: Vec<f64> = z.iter().zip(&bias).map(|(z, b)| f64::from(z + b).exp()).collect();
                let sum: f64 = exp.iter().sum();
                loss -= (exp[class(row)] / sum).ln();
                correct += usize::from(exp.iter().all(|&other| other <= exp[class(row)]));
                for (at, (g, exp)) in gradient.iter().zip(&exp).enumerate() {
                    let right = 0.5 * (exp / sum - f64::from(u8::from(at == class(row))));
                    assert!((f64::from(*g) - right).abs() < 1e-6, "{width} × {count}: {g} for {right}");
                }
            }
            assert!(
                (score.loss - loss).abs() < 1e-5 * (1.0 + loss.abs()),
                "{width} × {count}: {}",
                score.loss
            );
            assert_eq!(score.correct, correct, "{width} × {count}");
        }
    }

    #[test]
    fn hits_are_counted() {
        let softmax = softmax_cross_entropy(&mut [0.0, 1.0, 3.0, 2.0], &[0.0; 2], |_| 1, None);
        let binary = binary_cross_entropy(&mut [2.0, -1.0, 3.0], 0.0, |example| example != 2, None);
        assert_eq!((softmax.correct, binary.correct), (1, 1));
        // Among equal outputs the first is the answer.
        for (class, hits) in [(0, 0), (1, 1), (2, 0)] {
            let score = softmax_cross_entropy(&mut [0.0, 2.0, 2.0], &[0.0; 3], |_| class, None);
            assert_eq!(score.correct, hits);
        }
    }
}
