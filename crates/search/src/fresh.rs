//! Points that have not been tried yet.

use std::collections::HashSet;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use sweep_study::Point;

use crate::Observation;
use crate::cube;
use crate::design::Design;
use crate::sampler::ask::Ask;

/// Draws after which a space that is not known to be finite counts as used up; also the number of design elements
/// looked at.
const ATTEMPTS: u64 = 1000;

/// Whether `point` was proposed before in this study: it ran or is running.
pub fn taken(ask: &Ask<'_>, point: &Point) -> bool {
    // Coordinates are compared first, which is cheaper than names.
    let units = cube::units(ask.space, point);
    let same = |known: &Observation| known.units == units && known.point == *point;
    ask.pending.contains(point) || ask.own().iter().any(same)
}

/// Whether every cell of a finite space was proposed before.
pub fn used_up(ask: &Ask<'_>) -> bool {
    let tried = (ask.own().len() + ask.pending.len()) as u128;
    if !ask.space.finite() || tried < ask.space.cells() {
        return false;
    }
    let points = ask.own().iter().map(|known| &known.point).chain(ask.pending);
    let distinct: HashSet<String> = points.map(Point::to_string).collect();
    distinct.len() as u128 >= ask.space.cells()
}

/// The point of a start-up design for the number asked for, or the next one of the design that is not taken.
pub fn designed(ask: &Ask<'_>, design: &mut Design) -> Option<Point> {
    for number in ask.number..ask.number.saturating_add(ATTEMPTS) {
        let Some(point) = design.point(ask.seed, ask.space, number) else { break };
        if !taken(ask, point) {
            return Some(point.clone());
        }
    }
    None
}

/// Any point that is not taken: drawn, and in a finite space searched for from a random cell onward. `None` if there is
/// none.
pub fn any(ask: &Ask<'_>, rng: &mut ChaCha8Rng) -> Option<Point> {
    for _ in 0..ATTEMPTS {
        let units: Vec<f64> = ask.space.parameters.iter().map(|_| rng.random()).collect();
        let point = cube::point(ask.space, &units);
        if !taken(ask, &point) {
            return Some(point);
        }
    }
    if !ask.space.finite() {
        return None;
    }
    let cells = ask.space.cells();
    let start = rng.random_range(0..cells);
    let cell = |step: u128| ask.space.cell((start + step) % cells);
    // Among one more cell than were tried, at least one was not tried.
    let tried = (ask.own().len() + ask.pending.len()) as u128;
    (0..cells.min(tried + 1)).filter_map(cell).find(|point| !taken(ask, point))
}
