//! Which coordinates a function depends on, from its values at scattered places. The fitted polynomial has terms that
//! are orthonormal over the region, so that the variance is the sum of the squared coefficients (B. Sudret 2008, Global
//! sensitivity analysis using polynomial chaos expansions).

use crate::linear;

/// The highest total degree that is tried.
const HIGHEST: usize = 10;

/// The minimum number of values per term of the polynomial.
const VALUES_A_TERM: usize = 2;

/// The maximum number of terms; the time of a fit grows with their square.
const MOST_TERMS: usize = 150;

/// One coordinate of the places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coordinate {
    /// A number from 0 to 1, uniformly distributed.
    Line,
    /// One of this many choices, given by its index, all equally likely.
    Choice(usize),
}

/// How the variance of a function is divided among its coordinates.
#[derive(Clone, Debug, PartialEq)]
pub struct Shares {
    /// Coordinates and pairs of them with their shares of the variance of the polynomial; the share of a pair is what
    /// it adds to those of the two alone. They sum to one.
    pub shares: Vec<(Vec<usize>, f64)>,
    /// The share of the variance of the values that the polynomial predicts, each value by a fit to the others.
    pub predicted: f64,
    /// Its total degree.
    pub degree: usize,
}

/// A factor of a term: a basis function of one coordinate.
type Factor = (usize, usize);

/// The shares of a function with the values `y` at `places`, from the polynomial of pairs with the degree that predicts
/// the values best. `None` if there are too few values, or they do not vary.
pub fn shares(coordinates: &[Coordinate], places: &[Vec<f64>], y: &[f64]) -> Option<Shares> {
    let mean = y.iter().sum::<f64>() / y.len() as f64;
    let spread: f64 = y.iter().map(|y| (y - mean).powi(2)).sum();
    if spread <= 0.0 || spread.is_nan() {
        return None;
    }
    let mut best: Option<Shares> = None;
    for degree in 1..=HIGHEST {
        let terms = terms(coordinates, degree);
        if terms.len() * VALUES_A_TERM > y.len() || terms.len() > MOST_TERMS {
            break;
        }
        let Some((coefficients, left_out)) = fitted(coordinates, &terms, places, y) else { continue };
        let predicted = 1.0 - left_out / spread;
        if best.as_ref().is_none_or(|best| predicted > best.predicted) {
            best = Some(Shares { shares: shared(&terms, &coefficients), predicted, degree });
        }
    }
    best
}

/// The products of at most two factors up to a total degree, starting with the empty one; any contrast of choices
/// counts as one.
fn terms(coordinates: &[Coordinate], degree: usize) -> Vec<Vec<Factor>> {
    let single = |coordinate: usize| -> Vec<Factor> {
        let most = match coordinates[coordinate] {
            Coordinate::Line => degree,
            Coordinate::Choice(choices) => choices.saturating_sub(1),
        };
        (1..=most).map(|function| (coordinate, function)).collect()
    };
    let order = |(coordinate, function): &Factor| match coordinates[*coordinate] {
        Coordinate::Line => *function,
        Coordinate::Choice(_) => 1,
    };
    let mut terms = vec![Vec::new()];
    for a in 0..coordinates.len() {
        terms.extend(single(a).into_iter().map(|factor| vec![factor]));
        for b in a + 1..coordinates.len() {
            let second = single(b);
            let both = single(a).into_iter().flat_map(|a| second.iter().map(move |b| vec![a, *b]));
            terms.extend(both.filter(|pair| pair.iter().map(order).sum::<usize>() <= degree));
        }
    }
    terms
}

/// The least-squares coefficients, and the sum of the squared errors in predicting each value from the others (the
/// residual divided by one minus its leverage).
fn fitted(
    coordinates: &[Coordinate],
    terms: &[Vec<Factor>],
    places: &[Vec<f64>],
    y: &[f64],
) -> Option<(Vec<f64>, f64)> {
    let value = |place: &[f64], term: &Vec<Factor>| -> f64 {
        term.iter().map(|(at, function)| basis(coordinates[*at], *function, place[*at])).product()
    };
    let rows: Vec<Vec<f64>> =
        places.iter().map(|place| terms.iter().map(|term| value(place, term)).collect()).collect();
    let fit = linear::fit(&rows, y, &vec![1.0; y.len()])?;
    let left_out = rows.iter().zip(y).map(|(row, y)| {
        let predicted: f64 = row.iter().zip(&fit.coefficients).map(|(x, c)| x * c).sum();
        ((y - predicted) / (1.0 - fit.leverage(row))).powi(2)
    });
    let left_out: f64 = left_out.sum();
    left_out.is_finite().then_some((fit.coefficients, left_out))
}

/// Function `number`, from 1, of the orthonormal basis of a coordinate: Legendre's polynomials, or contrasts of each
/// choice with those before it (Helmert).
fn basis(coordinate: Coordinate, number: usize, x: f64) -> f64 {
    match coordinate {
        Coordinate::Line => {
            let t = 2.0 * x - 1.0;
            let (mut before, mut now) = (1.0, t);
            for n in 1..number {
                let n = n as f64;
                (before, now) = (now, ((2.0 * n + 1.0) * t * now - n * before) / (n + 1.0));
            }
            (2.0 * number as f64 + 1.0).sqrt() * now
        }
        Coordinate::Choice(choices) => {
            let number_f = number as f64;
            let size = (choices as f64 / (number_f * (number_f + 1.0))).sqrt();
            match x as usize {
                own if own < number => size,
                own if own == number => -number_f * size,
                _ => 0.0,
            }
        }
    }
}

/// The squared coefficients of the terms of each coordinate and pair, divided by the sum of all.
fn shared(terms: &[Vec<Factor>], coefficients: &[f64]) -> Vec<(Vec<usize>, f64)> {
    let mut shares: Vec<(Vec<usize>, f64)> = Vec::new();
    for (term, coefficient) in terms.iter().zip(coefficients).skip(1) {
        let of: Vec<usize> = term.iter().map(|(coordinate, _)| *coordinate).collect();
        match shares.iter_mut().find(|(known, _)| *known == of) {
            Some((_, share)) => *share += coefficient * coefficient,
            None => shares.push((of, coefficient * coefficient)),
        }
    }
    let all: f64 = shares.iter().map(|(_, share)| share).sum();
    shares.iter_mut().for_each(|(_, share)| *share /= all);
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;

    fn sampled(seed: u64, count: usize, coordinates: &[Coordinate]) -> Vec<Vec<f64>> {
        let mut chance = Chance::new(seed);
        let mut place = |coordinate: &Coordinate| match coordinate {
            Coordinate::Line => chance.uniform(),
            Coordinate::Choice(choices) => (chance.uniform() * *choices as f64).floor(),
        };
        (0..count).map(|_| coordinates.iter().map(&mut place).collect()).collect()
    }

    fn share(shares: &Shares, of: &[usize]) -> f64 {
        shares.shares.iter().find(|(known, _)| known == of).map_or(0.0, |(_, share)| *share)
    }

    #[test]
    fn the_basis_is_orthonormal() {
        let means = |coordinate: Coordinate, places: &[f64]| {
            let most = if coordinate == Coordinate::Line { 6 } else { 3 };
            for (a, b) in (1..=most).flat_map(|a| (1..=most).map(move |b| (a, b))) {
                let product = |x: &f64| basis(coordinate, a, *x) * basis(coordinate, b, *x);
                let mean = places.iter().map(product).sum::<f64>() / places.len() as f64;
                let expected = f64::from(u8::from(a == b));
                assert!((mean - expected).abs() < 1e-3, "{coordinate:?} {a} {b}: {mean}");
            }
        };
        let places: Vec<f64> = (0..20_000).map(|index| (f64::from(index) + 0.5) / 20_000.0).collect();
        means(Coordinate::Line, &places);
        means(Coordinate::Choice(4), &[0.0, 1.0, 2.0, 3.0]);
    }

    /// sin x + 7 sin² y + 0.1 z⁴ sin x for x, y, z from −π to π (T. Ishigami and T. Homma 1990): its shares are 0.3139,
    /// 0.4424 and 0.2437 of x with z.
    #[test]
    fn ishigamis_function_has_its_known_shares() {
        let all = [Coordinate::Line; 3];
        let places = sampled(1, 400, &all);
        let angle = |x: f64| (2.0 * x - 1.0) * std::f64::consts::PI;
        let value = |place: &Vec<f64>| {
            let (x, y, z) = (angle(place[0]), angle(place[1]), angle(place[2]));
            x.sin() + 7.0 * y.sin().powi(2) + 0.1 * z.powi(4) * x.sin()
        };
        let y: Vec<f64> = places.iter().map(value).collect();
        let found = shares(&all, &places, &y).unwrap();
        for (of, expected) in
            [(&[0][..], 0.3139), (&[1], 0.4424), (&[2], 0.0), (&[0, 2], 0.2437), (&[1, 2], 0.0)]
        {
            assert!((share(&found, of) - expected).abs() < 0.02, "{of:?}: {found:?}");
        }
        assert!(found.predicted > 0.97, "{found:?}");
    }

    #[test]
    fn choices_and_noise_have_their_share() {
        let all = [Coordinate::Line, Coordinate::Choice(3)];
        let places = sampled(2, 120, &all);
        let mut chance = Chance::new(3);
        // The choices −1, 0, 1 have the variance 2/3, 2x has 1/3; noise of a tenth of the whole cannot be predicted.
        let mut value =
            |place: &Vec<f64>| 2.0 * place[0] + place[1] - 1.0 + (1f64 / 9.0).sqrt() * chance.normal();
        let y: Vec<f64> = places.iter().map(&mut value).collect();
        let found = shares(&all, &places, &y).unwrap();
        assert!((share(&found, &[1]) - 2.0 / 3.0).abs() < 0.06, "{found:?}");
        assert!((0.8..0.95).contains(&found.predicted), "{found:?}");
    }

    #[test]
    fn too_few_values_give_no_result() {
        let all = [Coordinate::Line; 2];
        let places = sampled(4, 5, &all);
        assert!(shares(&all, &places, &[1.0, 2.0, 3.0, 4.0, 5.0]).is_none());
        assert!(shares(&all, &sampled(5, 40, &all), &[1.0; 40]).is_none());
    }
}
