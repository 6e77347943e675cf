//! A made-up study of how the best learning rate moves with the length of training.

use sweep_study::{StudyRecord, Value};

use super::Made;

/// Three seeds at rates an octave apart, two batch sizes and four lengths; the best rate is 0.02 √B lengthᵃ with a the
/// `exponent`, and noise of 2 % is on the losses.
pub fn horizon(exponent: f64) -> StudyRecord {
    let mut made =
        Made::new(&["lr=0.01,0.02,0.04,0.08,0.16,0.32,0.64,1.28", "batch=32,128", "epochs=1,3,10,30"])
            .replicates(3);
    let study = made.study().clone();
    for point in (0..study.space.cells()).filter_map(|index| study.space.cell(index)) {
        let (lr, batch) = (study.lr(&point).unwrap(), study.batch(&point).unwrap());
        let length = point.get("epochs").and_then(Value::number).unwrap();
        let best = 0.02 * batch.sqrt() * length.powf(exponent);
        let loss = |seed: u32| {
            let hash =
                (lr * 7919.0 + batch * 31.7 + f64::from(seed) * 17.3 + length * 5.3).sin() * 43758.5453;
            let noise = 0.02 * 12f64.sqrt() * (hash.fract().abs() - 0.5);
            0.1 * length.powf(-0.2) * (0.08 * (lr / best).log2().powi(2) + noise).exp()
        };
        made = made.trial(&point.to_string(), &[loss(0), loss(1), loss(2)]);
    }
    made.record()
}
