//! What a network reaches that has learned nothing.

use super::{Answers, Dataset, Part, Task};

/// See [`Dataset::chance_loss`].
pub(super) fn loss(data: &Dataset) -> f64 {
    match (data.task(), data.answers(), data.inputs().tokens()) {
        (Task::Classification { classes }, Answers::Classes(labels), _) => {
            let of = |part| data.rows(part).iter().map(|&row| labels[row as usize] as usize);
            surprise(classes, 0.0, of(Part::Train), of(Part::Validation))
        }
        (Task::Language { vocabulary }, _, Some(tokens)) => {
            let size = data.size();
            let next =
                |&row: &u32| tokens[row as usize * size + 1..][..size].iter().map(|&token| token.into());
            let of = |part| data.rows(part).iter().flat_map(next);
            // As if every token had been seen once more: a rare one may stand in the validation part alone.
            surprise(vocabulary, 1.0, of(Part::Train), of(Part::Validation))
        }
        (Task::Regression, Answers::Numbers(numbers), _) => {
            let of = |part| data.rows(part).iter().map(|&row| f64::from(numbers[row as usize]));
            let mean = of(Part::Train).sum::<f64>() / data.count(Part::Train) as f64;
            let squares: f64 = of(Part::Validation).map(|number| (number - mean).powi(2)).sum();
            squares / data.count(Part::Validation) as f64
        }
        _ => f64::INFINITY,
    }
}

/// See [`Dataset::chance_accuracy`].
pub(super) fn accuracy(data: &Dataset) -> Option<f64> {
    let (Task::Classification { classes }, Answers::Classes(labels)) = (data.task(), data.answers()) else {
        return None;
    };
    let of = |part| data.rows(part).iter().map(|&row| labels[row as usize] as usize);
    let mut counts = vec![0_u64; classes];
    of(Part::Train).for_each(|class| counts[class] += 1);
    let (most, _) = counts.iter().enumerate().max_by_key(|(_, count)| **count)?;
    Some(
        of(Part::Validation).filter(|&class| class == most).count() as f64
            / data.count(Part::Validation) as f64,
    )
}

/// Mean of −ln p over what is `asked`, p being how often it was `seen`, with `more` of each kind.
fn surprise(
    kinds: usize,
    more: f64,
    seen: impl Iterator<Item = usize>,
    asked: impl Iterator<Item = usize>,
) -> f64 {
    let (mut train, mut validation) = (vec![0_u64; kinds], vec![0_u64; kinds]);
    seen.for_each(|kind| train[kind] += 1);
    asked.for_each(|kind| validation[kind] += 1);
    let total = |counts: &[u64]| counts.iter().sum::<u64>() as f64;
    let (all, wanted) = (total(&train) + more * kinds as f64, total(&validation));
    let terms = validation.iter().zip(&train).filter(|(asked, _)| **asked > 0);
    terms.map(|(&asked, &seen)| -(asked as f64) * ((seen as f64 + more) / all).ln()).sum::<f64>() / wanted
}
