//! The choice of a form: the one that predicts each group best from the others.

use sweep_stats::grouped::Grouped;

use super::column::{Column, Form, HIGHEST, Level, Local};

/// The bends tried.
const BENDS: [f64; 9] = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0];

/// The lowest total degree in x and y that is tried: a valley has one of at least 2.
const LOWEST: usize = 2;

/// The fewest runs per column.
const RUNS_PER_COLUMN: usize = 3;

/// Runs with the columns of all forms.
pub struct Candidates<'a> {
    /// All columns.
    pub columns: &'a [Column],
    /// Where each run lies.
    pub places: &'a [Local],
    /// Its cost.
    pub costs: &'a [f64],
    /// Its group.
    pub groups: &'a [usize],
}

/// The runs with one bend.
struct Bent {
    rows: Vec<Vec<f64>>,
    grouped: Grouped,
}

impl Candidates<'_> {
    /// The form with the least error in groups left out, one after another. `None` where the groups determine none.
    pub fn best(&self) -> Option<Form> {
        let best_of = |bend: &f64| {
            let bent = self.bent(*bend)?;
            let known = forms(*bend).into_iter().filter_map(|form| Some((self.error(&bent, &form)?, form)));
            known.min_by(|(a, _), (b, _)| a.total_cmp(b))
        };
        let all = BENDS.iter().filter_map(best_of);
        all.min_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, form)| form)
    }

    /// The columns of a form, by their numbers.
    pub fn of(&self, form: &Form) -> Vec<usize> {
        (0..self.columns.len()).filter(|at| form.has(self.columns[*at])).collect()
    }

    fn bent(&self, bend: f64) -> Option<Bent> {
        let row = |at: &Local| self.columns.iter().map(|column| column.value(at, bend)).collect();
        let rows: Vec<Vec<f64>> = self.places.iter().map(row).collect();
        let grouped = Grouped::of(&rows, self.costs, &vec![1.0; rows.len()], self.groups)?;
        Some(Bent { rows, grouped })
    }

    /// The sum of squared errors in groups left out.
    fn error(&self, bent: &Bent, form: &Form) -> Option<f64> {
        let columns = self.of(form);
        if columns.len() * RUNS_PER_COLUMN > self.costs.len() {
            return None;
        }
        let fits = bent.grouped.without_each(&columns)?;
        let of_group = |(group, coefficients): &(usize, Vec<f64>)| {
            let members = (0..self.costs.len()).filter(|at| self.groups[*at] == *group);
            let error = |at: usize| {
                let predicted: f64 =
                    columns.iter().zip(coefficients).map(|(c, b)| bent.rows[at][*c] * b).sum();
                (self.costs[at] - predicted).powi(2)
            };
            members.map(error).sum::<f64>()
        };
        Some(fits.iter().map(of_group).sum())
    }
}

/// All forms with one bend, the simpler first; a constant level has none.
fn forms(bend: f64) -> Vec<Form> {
    let levels = [Level::Constant, Level::Sum, Level::Products, Level::Squares];
    let levels = levels.into_iter().filter(|level| *level != Level::Constant || bend == 0.0);
    let shapes = || (LOWEST..=HIGHEST).flat_map(|degree| (0..=degree).map(move |moving| (degree, moving)));
    levels
        .flat_map(|level| shapes().map(move |(degree, moving)| Form { degree, moving, level, bend }))
        .collect()
}
