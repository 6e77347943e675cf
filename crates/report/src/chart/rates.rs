//! A schedule drawn before it is used: the learning rate, and where it changes the batch size, against the step.

use super::draw::render;
use super::draw::sizes::WIDTH;
use super::{ChartError, Format};
use crate::chart::draw::plot::{Look, Plot, Range};
use crate::chart::draw::scene::{Rect, Rgb, Scene};
use crate::chart::draw::title::titled;

/// Where the panels begin and end across.
const SIDES: (f64, f64) = (170.0, 1540.0);
/// The colour of the line.
const BLUE: Rgb = Rgb(59, 82, 139);

/// The learning rate and the batch size in force for update 0, 1, 2 …; both as long as the run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rates {
    /// Learning rates.
    pub lr: Vec<f64>,
    /// Batch sizes in examples; empty where the schedule leaves them alone.
    pub batch: Vec<f64>,
}

/// Draws `rates` under the heading `name`.
///
/// # Errors
/// The drawing library refused, or the pixels could not be encoded.
pub fn schedule(name: &str, rates: &Rates, format: Format) -> Result<Vec<u8>, ChartError> {
    let mut panels = vec![("learning rate η", &rates.lr)];
    if !rates.batch.is_empty() {
        panels.push(("batch size B", &rates.batch));
    }
    let mut scene = Scene::new(WIDTH, 260.0 + 440.0 * panels.len() as f64);
    titled(&mut scene, SIDES.0, name, &format!("value in force for each of {} steps", rates.lr.len()));
    for (index, (label, values)) in panels.iter().enumerate() {
        let top = 150.0 + 440.0 * index as f64;
        let rect = Rect { left: SIDES.0, top, right: SIDES.1, bottom: top + 360.0 };
        let across = Range { low: 0.0, high: (values.len().max(2) - 1) as f64, log: false };
        let plot = Plot { rect, across, up: Range::around(values.iter().copied(), false) };
        plot.axes(&mut scene, true);
        let points: Vec<(f64, f64)> =
            values.iter().enumerate().map(|(step, value)| (step as f64, *value)).collect();
        plot.line(&mut scene, &points, None, Look { colour: BLUE, width: 4.0, dots: points.len() <= 80 });
        plot.name_up(&mut scene, (40.0, rect.centre().1), label);
        if index + 1 == panels.len() {
            plot.name_across(&mut scene, "step");
        }
    }
    render::draw(&scene, format)
}
