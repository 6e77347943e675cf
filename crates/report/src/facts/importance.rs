//! Which parameter mattered: the functional analysis of variance of the costs, over a grid or of a polynomial through
//! points drawn elsewhere.

mod table;

use serde::Serialize;
use sweep_stats::polynomial_chaos::{self, Coordinate};
use sweep_study::{Domain, Parameter, Study, Value};

use super::axes::varying;
use super::cells::{Cell, State};
use super::measure::Measure;
use crate::thin::thinned;
use sweep_settings::names;
use table::{Side, Table};

/// The most parameters that are analysed; their pairs grow with the square.
const MOST_AXES: usize = 8;

/// The share of the variance of the costs that a parameter, or two together beyond each alone, accounts for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Share {
    /// One parameter, or two that interact.
    pub parameters: Vec<String>,
    /// The share, 0 to 1.
    pub share: f64,
    /// The lower end of its interval over seeds; `None` where the grid has no replicates, or points were drawn.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
}

/// The smallest share of the variance of the costs that a polynomial must predict for its shares to be reported.
const PREDICTED: f64 = 0.8;

/// The most points that a polynomial is fitted to.
const MOST_POINTS: usize = 1000;

/// The model that replaced a complete grid.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Surrogate {
    /// The total degree of the polynomial.
    pub degree: usize,
    /// The share of the variance of the costs that it predicts, each from the others.
    #[serde(rename = "foretold")]
    pub predicted: f64,
}

/// The variance of the costs over the region tried, decomposed (F. Hutter, H. Hoos and K. Leyton-Brown 2014).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Importance {
    /// Parameters and pairs of them, the largest share first.
    pub shares: Vec<Share>,
    /// The share due to three and more parameters together.
    pub rest: f64,
    /// Cells without a value; each counts as the worst completed one.
    pub penalised: usize,
    /// Cells that went in.
    pub n: usize,
    /// The polynomial whose shares these are, where points were drawn; `None` for the costs of a grid themselves.
    pub surrogate: Option<Surrogate>,
}

/// The importance of the parameters; `None` where fewer than two vary, one of them exists for some values of another
/// only, a cell of a grid is missing, or points were ended early.
///
/// Levels are weighted by the width they cover on the scale of their axis, choices equally, so that the shares are
/// those of the region rather than of the levels picked. Where points were drawn they are those of a polynomial fitted
/// to the costs, if that predicts at least four fifths of their variance.
pub fn importance(study: &Study, cells: &[Cell], measure: &Measure) -> Option<Importance> {
    let axes: Vec<&Parameter> = varying(study).collect();
    if !(2..=MOST_AXES).contains(&axes.len()) || axes.iter().any(|axis| axis.when.is_some()) {
        return None;
    }
    of_grid(study, &axes, cells, measure)
        .or_else(|| if study.sampler == "grid" { None } else { of_points(study, &axes, cells, measure) })
}

/// The shares of a polynomial through points that were drawn.
fn of_points(study: &Study, axes: &[&Parameter], cells: &[Cell], measure: &Measure) -> Option<Importance> {
    let worst = cells.iter().filter_map(|cell| measure.cost(cell.value?)).reduce(f64::max)?;
    let coordinate = |axis: &&Parameter| match axis.domain.scale() {
        Some(_) => Coordinate::Line,
        None => Coordinate::Choice(axis.domain.levels().len()),
    };
    let coordinates: Vec<Coordinate> = axes.iter().map(coordinate).collect();
    let (mut places, mut costs, mut penalised) = (Vec::new(), Vec::new(), 0);
    for cell in thinned(cells, MOST_POINTS) {
        let cost = match cell.state {
            State::Complete => measure.cost(cell.value?)?,
            State::Missing | State::Failed => continue,
            State::Pruned | State::EndedEarly => return None,
            _ => {
                penalised += 1;
                worst
            }
        };
        places.push(axes.iter().map(|axis| place(study, axis, &cell)).collect::<Option<Vec<f64>>>()?);
        costs.push(cost);
    }
    let found = polynomial_chaos::shares(&coordinates, &places, &costs)
        .filter(|found| found.predicted >= PREDICTED)?;
    let share = |(of, share): &(Vec<usize>, f64)| Share {
        parameters: of.iter().filter_map(|index| Some(axes.get(*index)?.name.clone())).collect(),
        share: *share,
        low: None,
        high: None,
    };
    let mut shares: Vec<Share> = found.shares.iter().map(share).collect();
    shares.sort_by(|a, b| b.share.total_cmp(&a.share));
    let surrogate = Some(Surrogate { degree: found.degree, predicted: found.predicted });
    Some(Importance { shares, rest: 0.0, penalised, n: costs.len(), surrogate })
}

/// The position of a cell on an axis, from 0 to 1, or its choice.
fn place(study: &Study, axis: &Parameter, cell: &Cell) -> Option<f64> {
    let value = cell.params.get(&axis.name)?;
    let Some(scale) = axis.domain.scale() else {
        return axis.domain.levels().iter().position(|level| level == value).map(|index| index as f64);
    };
    let line = |value: &Value| line(study, axis, value);
    let (low, high) = match &axis.domain {
        Domain::Interval { low, high, .. } => (scale.line(*low), scale.line(*high)),
        domain => (line(domain.levels().first()?)?, line(domain.levels().last()?)?),
    };
    let share = (line(value)? - low) / (high - low);
    share.is_finite().then_some(share)
}

/// The position of a value on the scale of its axis, a batch of `full` at its size; `None` for a choice.
fn line(study: &Study, axis: &Parameter, value: &Value) -> Option<f64> {
    let full = (axis.name == names::BATCH && value.number().is_none()).then_some(study.train_examples as f64);
    axis.domain.scale().zip(value.number().or(full)).map(|(scale, number)| scale.line(number))
}

/// The shares of the costs over a complete grid.
fn of_grid(study: &Study, axes: &[&Parameter], cells: &[Cell], measure: &Measure) -> Option<Importance> {
    let levels: Vec<Vec<Value>> = axes.iter().map(|axis| axis.domain.levels().to_vec()).collect();
    let count: usize = levels.iter().map(Vec::len).product();
    if count != cells.len() {
        return None;
    }
    let worst = cells.iter().filter_map(|cell| measure.cost(cell.value?)).reduce(f64::max)?;
    let mut costs = vec![f64::NAN; count];
    let mut seeds = vec![Vec::new(); count];
    let mut penalised = 0;
    for cell in cells {
        let mut place = 0;
        for (axis, levels) in axes.iter().zip(&levels) {
            let value = cell.params.get(&axis.name)?;
            place = place * levels.len() + levels.iter().position(|level| level == value)?;
        }
        let cost = match cell.state {
            State::Complete => measure.cost(cell.value?)?,
            State::Missing | State::Failed | State::Pruned | State::EndedEarly => return None,
            _ => {
                penalised += 1;
                worst
            }
        };
        *costs.get_mut(place)? = cost;
        let own = || cell.values.iter().map(|value| measure.cost((*value)?)).collect::<Option<Vec<f64>>>();
        *seeds.get_mut(place)? = own().filter(|_| cell.state == State::Complete).unwrap_or_default();
    }
    let sides = axes.iter().map(|axis| Side { name: axis.name.clone(), weights: weights(study, axis) });
    let table = Table { sides: sides.collect(), costs };
    let (mut shares, rest) = table.shares()?;
    shares.sort_by(|a, b| b.share.total_cmp(&a.share));
    table.intervals(&mut shares, &seeds);
    Some(Importance { shares, rest, penalised, n: count, surrogate: None })
}

/// The room of each level on the scale of its axis: half the way to its neighbours.
fn weights(study: &Study, axis: &Parameter) -> Vec<f64> {
    let levels = axis.domain.levels();
    let lines: Option<Vec<f64>> = levels.iter().map(|value| line(study, axis, value)).collect();
    let even = vec![1.0 / levels.len() as f64; levels.len()];
    let Some(lines) = lines.filter(|lines| lines.iter().all(|line| line.is_finite())) else { return even };
    let span = lines.last().zip(lines.first()).map_or(0.0, |(last, first)| last - first);
    let room = |index: usize| {
        let near = |other: Option<&f64>| other.map_or(0.0, |other| (other - lines[index]).abs() / 2.0);
        near(index.checked_sub(1).and_then(|before| lines.get(before))) + near(lines.get(index + 1))
    };
    if span == 0.0 { even } else { (0..lines.len()).map(|index| room(index) / span.abs()).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::facts;
    use crate::fixtures::Made;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// On the unit square 4(x − ½) + 2(y − ½) + 8(x − ½)(y − ½) has the variances 16/12, 4/12 and 64/144.
    #[test]
    fn shares_are_those_of_a_known_function() {
        let mut made = Made::new(&["lr=1e-4..1:9", "batch=1..256"]);
        let study = made.study().clone();
        for point in (0..study.space.cells()).filter_map(|index| study.space.cell(index)) {
            let x = (study.lr(&point).unwrap().log10() + 4.0) / 4.0 - 0.5;
            let y = study.batch(&point).unwrap().log2() / 8.0 - 0.5;
            made = made.trial(&point.to_string(), &[(4.0 * x + 2.0 * y + 8.0 * x * y).exp()]);
        }
        let importance = facts(&made.record()).importance.unwrap();
        let total = 16.0 / 12.0 + 4.0 / 12.0 + 64.0 / 144.0;
        for (parameters, variance) in
            [(&["lr"][..], 16.0 / 12.0), (&["lr", "batch"], 64.0 / 144.0), (&["batch"], 4.0 / 12.0)]
        {
            let own = |share: &&Share| {
                share.parameters.iter().all(|name| parameters.contains(&name.as_str()))
                    && share.parameters.len() == parameters.len()
            };
            let share = importance.shares.iter().find(own).unwrap().share;
            assert!(
                (share - variance / total).abs() < 0.02,
                "{parameters:?}: {share} is not {}",
                variance / total
            );
        }
        assert!(importance.rest < 1e-9 && importance.penalised == 0);
    }

    /// The share of the learning rate, and its interval, in a study of five seeds of exp(4x + 2y + noise).
    fn of_seeds(mut noise: impl FnMut() -> f64) -> Share {
        let mut made = Made::new(&["lr=1e-4..1:9", "batch=1..256"]).replicates(5);
        let study = made.study().clone();
        for point in (0..study.space.cells()).filter_map(|index| study.space.cell(index)) {
            let x = (study.lr(&point).unwrap().log10() + 4.0) / 4.0 - 0.5;
            let y = study.batch(&point).unwrap().log2() / 8.0 - 0.5;
            let seeds: Vec<f64> = (0..5).map(|_| (4.0 * x + 2.0 * y + noise()).exp()).collect();
            made = made.trial(&point.to_string(), &seeds);
        }
        facts(&made.record()).importance.unwrap().shares.remove(0)
    }

    #[test]
    fn intervals_over_seeds_hold_the_true_share() {
        let truth = of_seeds(|| 0.0);
        assert!((truth.share - 0.8).abs() < 0.01 && truth.parameters == ["lr"]);
        let mut chance = ChaCha8Rng::seed_from_u64(7);
        let studies: Vec<(f64, f64)> = (0..100)
            .map(|_| of_seeds(|| 0.6 * (chance.random::<f64>() - 0.5)))
            .map(|share| share.low.zip(share.high).unwrap())
            .collect();
        let covered = studies.iter().filter(|(low, high)| (*low..=*high).contains(&truth.share)).count();
        assert!(covered >= 90, "{covered}");
        assert!(studies.iter().all(|(low, high)| high - low < 0.08), "{studies:?}");
    }

    #[test]
    fn an_incomplete_grid_has_no_shares() {
        let made = Made::new(&["lr=0.1,1", "batch=16,32"]).trial("lr=0.1 batch=16", &[0.1]);
        assert_eq!(facts(&made.record()).importance, None);
    }

    /// The same function at ninety random points, its shares within two points of a hundred.
    #[test]
    fn shares_of_points_drawn_are_those_of_the_known_function() {
        let mut made = Made::new(&["lr=1e-4..1", "batch=1..256"]).sampler("random");
        let mut chance = ChaCha8Rng::seed_from_u64(5);
        let batches: Vec<u32> = (0..9).map(|power| 1 << power).collect();
        for _ in 0..90 {
            let (x, place) = (chance.random::<f64>(), chance.random_range(0..9));
            let (lr, y) = (10f64.powf(4.0 * x - 4.0), f64::from(place) / 8.0 - 0.5);
            let cost = 4.0 * (x - 0.5) + 2.0 * y + 8.0 * (x - 0.5) * y;
            made = made.trial(&format!("lr={lr} batch={}", batches[place as usize]), &[cost.exp()]);
        }
        let importance = facts(&made.record()).importance.unwrap();
        assert!(importance.surrogate.is_some_and(|surrogate| surrogate.predicted > 0.99));
        let total = 16.0 / 12.0 + 4.0 / 12.0 + 64.0 / 144.0;
        let expected =
            [(vec!["lr"], 16.0 / 12.0), (vec!["lr", "batch"], 64.0 / 144.0), (vec!["batch"], 4.0 / 12.0)];
        for (share, (parameters, variance)) in importance.shares.iter().zip(expected) {
            assert_eq!(share.parameters, parameters);
            assert!((share.share - variance / total).abs() < 0.02, "{share:?} is not {}", variance / total);
        }
    }

    #[test]
    fn noise_alone_has_no_shares() {
        let mut made = Made::new(&["lr=1e-4..1", "batch=1..256"]).sampler("random");
        let mut chance = ChaCha8Rng::seed_from_u64(6);
        for _ in 0..60 {
            let lr = 10f64.powf(4.0 * chance.random::<f64>() - 4.0);
            made = made.trial(&format!("lr={lr} batch=16"), &[0.1 + chance.random::<f64>()]);
        }
        assert_eq!(facts(&made.record()).importance, None);
    }
}
