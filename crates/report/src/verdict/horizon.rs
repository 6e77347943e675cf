//! How the best learning rate moves with the length of training.

use sweep_study::StudyRecord;

use crate::facts::Horizon;
use crate::format::{brief, interval};
use crate::text;

/// One sentence for each horizon that has an exponent.
pub fn horizon(record: &StudyRecord, horizons: &[Horizon]) -> Vec<String> {
    horizons.iter().filter_map(|horizon| horizon_sentence(record, horizon)).collect()
}

/// The sentence of one horizon; `None` without an exponent.
pub fn horizon_sentence(record: &StudyRecord, horizon: &Horizon) -> Option<String> {
    let exponent = horizon.exponent.estimate?;
    let name = text::row_name(&record.study, horizon.panel.as_ref(), horizon.batch);
    let name = if name.is_empty() { name } else { format!("{name}: ") };
    let (low, high) = (horizon.exponent.low?, horizon.exponent.high?);
    let way = if high < 0.0 {
        "falls with longer training"
    } else if low > 0.0 {
        "rises with longer training"
    } else {
        "does not change significantly with longer training"
    };
    let unit = horizon.length_unit;
    let exponent = format!("{}{}", brief(exponent), interval(&horizon.exponent));
    Some(format!("{name}the best learning rate {way}, as {unit} to the power {exponent}."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::horizons;
    use crate::fixtures;

    #[test]
    fn a_rate_that_falls_with_longer_training_is_reported() {
        let record = fixtures::horizon(-0.25);
        let sentences = horizon(&record, &horizons(&record));
        assert!(
            sentences[0].starts_with(
                "B=32: the best learning rate falls with longer training, as epochs to the power -0."
            ),
            "{sentences:?}"
        );
    }
}
