//! The columns of a loss surface and the forms that choose among them.

use serde::Serialize;

/// A place as the columns see it: relative to the laws and to the middle of the groups.
#[derive(Clone, Debug, PartialEq)]
pub struct Local {
    /// ln η less that of the law of the learning rate, in units of its spread.
    pub x: f64,
    /// ln B less that of the law of the batch size, in units of its spread.
    pub y: f64,
    /// The logarithms of the variables less their means.
    pub variables: Vec<f64>,
    /// The same in units of their spreads.
    pub scaled: Vec<f64>,
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// 1.
    Constant,
    /// A variable, bent.
    Level(usize),
    /// A product of two bent variables.
    Cross(usize, usize),
    /// The square of a bent variable.
    Square(usize),
    /// A power of x times one of y.
    Shape(usize, usize),
    /// The same times a variable.
    Slope(usize, usize, usize),
}

/// How much of the level, the loss at the laws' η and B, moves with the variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// It is one constant.
    Constant,
    /// It is a sum over the variables.
    Sum,
    /// It is a sum over the variables and over their products in pairs.
    Products,
    /// It also has the squares of variables that take many values.
    Squares,
}

/// A form of the surface.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Form {
    /// The total degree in x and y.
    pub degree: usize,
    /// The total degree up to which the coefficients of x and y move with the variables.
    pub moving: usize,
    /// The level.
    pub level: Level,
    /// The bend c of the level: it falls as the power −c of each variable, and as its logarithm where c = 0.
    pub bend: f64,
}

/// The highest total degree in x and y.
pub const HIGHEST: usize = 4;

/// All columns over this many variables, with the squares of some of them.
pub fn columns(variables: usize, squares: &[usize]) -> Vec<Column> {
    let mut all = vec![Column::Constant];
    all.extend((0..variables).map(Column::Level));
    all.extend((0..variables).flat_map(|a| (a + 1..variables).map(move |b| Column::Cross(a, b))));
    all.extend(squares.iter().map(|variable| Column::Square(*variable)));
    for degree in 1..=HIGHEST {
        for y in 0..=degree {
            all.push(Column::Shape(degree - y, y));
            all.extend((0..variables).map(|variable| Column::Slope(degree - y, y, variable)));
        }
    }
    all
}

impl Form {
    /// Whether the form has a column.
    pub fn has(&self, column: Column) -> bool {
        match column {
            Column::Constant => true,
            Column::Level(_) => self.level >= Level::Sum,
            Column::Cross(..) => self.level >= Level::Products,
            Column::Square(_) => self.level >= Level::Squares,
            Column::Shape(x, y) => x + y <= self.degree,
            Column::Slope(x, y, _) => x + y <= self.moving,
        }
    }
}

impl Column {
    /// Its value at a place.
    pub fn value(self, at: &Local, bend: f64) -> f64 {
        let power = |x: usize, y: usize| at.x.powi(x as i32) * at.y.powi(y as i32);
        match self {
            Column::Constant => 1.0,
            Column::Level(variable) => bent(at.variables[variable], bend),
            Column::Cross(a, b) => bent(at.variables[a], bend) * bent(at.variables[b], bend),
            Column::Square(variable) => bent(at.variables[variable], bend).powi(2),
            Column::Shape(x, y) => power(x, y),
            Column::Slope(x, y, variable) => power(x, y) * at.scaled[variable],
        }
    }

    /// Whether its value moves with the bend.
    pub fn is_bent(self) -> bool {
        matches!(self, Column::Level(_) | Column::Cross(..) | Column::Square(_))
    }

    /// By how much its value grows with the bend.
    pub fn growth(self, at: &Local, bend: f64) -> f64 {
        const STEP: f64 = 1e-4;
        (self.value(at, bend + STEP) - self.value(at, bend - STEP)) / (2.0 * STEP)
    }

    /// Its name, such as `x²·y·N`.
    pub fn name(self, variables: &[&str]) -> String {
        let power = |letter: &str, power: usize| match power {
            0 => String::new(),
            1 => letter.to_owned(),
            power => format!("{letter}^{power}"),
        };
        let shape = |x: usize, y: usize| {
            let both = [power("x", x), power("y", y)];
            both.into_iter().filter(|one| !one.is_empty()).collect::<Vec<_>>().join("·")
        };
        match self {
            Column::Constant => "1".to_owned(),
            Column::Level(variable) => format!("bent({})", variables[variable]),
            Column::Cross(a, b) => format!("bent({})·bent({})", variables[a], variables[b]),
            Column::Square(variable) => format!("bent({})^2", variables[variable]),
            Column::Shape(x, y) => shape(x, y),
            Column::Slope(x, y, variable) => format!("{}·{}", shape(x, y), variables[variable]),
        }
    }
}

/// (1 − e^(−cv))/c, and v where c = 0: a power law of the variable whose logarithm is v.
fn bent(v: f64, bend: f64) -> f64 {
    if bend == 0.0 { v } else { -(-bend * v).exp_m1() / bend }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_choose_columns() {
        let all = columns(2, &[1]);
        let has = |form: Form| all.iter().filter(|column| form.has(**column)).count();
        // Fourteen powers of x and y, each with two variables, and five columns of the level.
        assert_eq!(all.len(), 5 + 3 * 14);
        assert_eq!(has(Form { degree: 4, moving: 4, level: Level::Squares, bend: 0.0 }), all.len());
        assert_eq!(has(Form { degree: 4, moving: 4, level: Level::Products, bend: 0.0 }), all.len() - 1);
        assert_eq!(has(Form { degree: 2, moving: 1, level: Level::Sum, bend: 0.3 }), 3 + 5 + 4);
        assert_eq!(Column::Slope(2, 1, 1).name(&["N", "D"]), "x^2·y·D");
    }

    #[test]
    fn a_bent_variable_is_a_power() {
        assert_eq!(bent(0.7, 0.0), 0.7);
        assert!((bent(0.7, 1e-9) - 0.7).abs() < 1e-6);
        assert!((bent(2f64.ln(), 0.5) - (1.0 - 0.5f64.sqrt()) / 0.5).abs() < 1e-12);
        let at = Local { x: 0.0, y: 0.0, variables: vec![0.7], scaled: vec![1.0] };
        // Of (1 − e^(−cv))/c, by c: e^(−cv)(1 + cv)/c² − 1/c².
        let c: f64 = 0.4;
        let exact = ((-c * 0.7).exp() * (1.0 + c * 0.7) - 1.0) / (c * c);
        assert!((Column::Level(0).growth(&at, c) - exact).abs() < 1e-6);
        assert!(Column::Level(0).growth(&at, 0.0).is_finite());
    }
}
