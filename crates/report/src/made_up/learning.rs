//! A made-up study whose batch sizes learn at different paces, read often.

use sweep_study::{Curve, Metrics, SECONDS, StudyRecord, Trial};

use super::Made;

/// Two seeds at each cell, read in steps growing by a tenth through three epochs of 50,000 examples. After s steps of B
/// the loss is 2.3 / (1 + s/50 · B/(B + 60))^0.5 at η = 0.2, 1.1 times that elsewhere; a step takes 300 μs and 2 μs an
/// example.
pub fn learning(axes: &[&str]) -> StudyRecord {
    let mut made = Made::new(axes).replicates(2);
    let study = made.study().clone();
    for point in (0..study.space.cells()).filter_map(|index| study.space.cell(index)) {
        made = made.trial(&point.to_string(), &[1.0, 1.0]);
    }
    made.change(|trial| read_often(trial, study.batch(&trial.point).unwrap_or(32.0))).record()
}

fn read_often(trial: &mut Trial, batch: f64) {
    let epoch = (50_000.0 / batch).ceil();
    let last = 3 * epoch as u64;
    let lr = trial.point.get("lr").and_then(sweep_study::Value::number).unwrap_or(0.2);
    let worse = if lr == 0.2 { 1.0 } else { 1.1 } * (1.0 + 0.01 * f64::from(trial.replicate));
    let mut curve = Curve::default();
    let mut step = 1;
    loop {
        let done = step as f64;
        let loss = worse * 2.3 / (1.0 + done / 50.0 * batch / (batch + 60.0)).sqrt();
        let metrics = Metrics::from([
            ("val_loss".to_owned(), loss),
            ("train_loss".to_owned(), 1.05 * loss),
            ("val_accuracy".to_owned(), (-loss / 3.0).exp()),
            (SECONDS.to_owned(), done * (3e-4 + 2e-6 * batch)),
        ]);
        curve.push(step, done / epoch, &metrics);
        if step == last {
            break;
        }
        step = last.min((done * 1.1).ceil() as u64 + 1);
    }
    trial.metrics = curve.row(curve.len() - 1);
    trial.curve = curve;
}
