//! Points that differ in the learning rate alone.

use sweep_settings::names::LR;
use sweep_settings::round_significant;
use sweep_study::{Point, Value};

/// Digits of an added learning rate.
const DIGITS: usize = 3;

/// `point` at another learning rate.
pub fn at_rate(point: &Point, lr: f64) -> Point {
    let mut point = point.clone();
    point.0.insert(LR.to_owned(), Value::Float(round_significant(lr, DIGITS)));
    point
}

/// `point` without its learning rate.
pub fn but_rate(point: &Point) -> Point {
    let mut point = point.clone();
    point.0.remove(LR);
    point
}

/// The learning rate of `point`, where it is an axis.
pub fn rate(point: &Point) -> Option<f64> {
    point.get(LR).and_then(Value::number)
}
