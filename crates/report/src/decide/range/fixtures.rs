//! Made-up range tests for tests.

use super::{BatchRange, Place, RangeRecord, SeedPlaces, SeedRange};

/// What a made-up seed found: its smallest useful and its steepest rate, and its edge.
pub fn seed(smallest_useful: f64, steepest: f64, edge: Place) -> Result<SeedPlaces, String> {
    let (smallest_useful, steepest) = (Place::At(smallest_useful), Place::At(steepest));
    Ok(SeedPlaces { smallest_useful, steepest, edge })
}

/// A test with the seeds given for each batch size, each with a curve that falls from 2.3 around its steepest place.
pub fn record(batches: Vec<(u64, Vec<Result<SeedPlaces, String>>)>) -> RangeRecord {
    let replicate = |(seed, places): (usize, Result<SeedPlaces, String>)| {
        let middle = match &places {
            Ok(SeedPlaces { steepest: Place::At(steepest), .. }) => *steepest,
            _ => f64::INFINITY,
        };
        let lr: Vec<f64> = (0..49).map(|step| 10f64.powf(-5.0 + f64::from(step) / 8.0)).collect();
        let fall = |lr: &f64| {
            let past: f64 = (lr / middle).log10();
            2.3 - 1.6 / (1.0 + (-past / 0.3).exp()) + 8.0 * (past - 0.4).max(0.0).powi(2)
        };
        let smoothed: Vec<f64> = lr.iter().map(fall).collect();
        let loss = smoothed.iter().enumerate().map(|(step, y)| y + 0.1 * (step as f64 * 2.4).sin()).collect();
        SeedRange { seed: seed as u64, lr, loss, smoothed, blown_up: Some(5.0), places }
    };
    let batch = |(batch, replicates): (u64, Vec<_>)| BatchRange {
        batch,
        ramp_steps: 49,
        probe_steps: 100,
        replicates: replicates.into_iter().enumerate().map(replicate).collect(),
    };
    RangeRecord {
        subject: "mnist · mlp 128 · sgd".to_owned(),
        lr: (1e-5, 10.0),
        batches: batches.into_iter().map(batch).collect(),
    }
}
