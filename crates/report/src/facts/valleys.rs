//! Rows of cells that differ in the learning rate alone, fitted together: the noise of a run, and the valley of each
//! row.

use std::collections::BTreeMap;

use sweep_stats::level::Level;
use sweep_stats::valley::{self, Minimum, Noise, Profile};
use sweep_stats::{pooled, quantile};

use super::cells::{Cell, State};
use super::estimate::CONFIDENCE;
use super::measure::Measure;
use super::rate::but_rate;

/// Learning rates closer than this, in octaves, are one level: a factor of 1.07. Grids are coarser; a search that returns
/// to one place leaves dozens of runs there, of which the luckiest alone would say where the valley is.
const SAME: f64 = 0.1;

/// The fewest degrees of freedom with which noise is told from shape.
const FEWEST: f64 = 3.0;

/// The rows of a study.
pub struct Valleys {
    /// The row of each cell.
    row: Vec<usize>,
    /// The noise of a run in each row, where it tells enough.
    noises: Vec<Option<Noise>>,
    /// The noise of a run over all rows.
    common: Option<Noise>,
    minima: Vec<Option<Minimum>>,
}

impl Valleys {
    /// Gathers `cells` into rows and fits them.
    ///
    /// Of a row take part the completed cells around its best, up to the first on either side that ran and has no
    /// value. One that went wrong is a wall: the minimum does not lie beyond it.
    pub fn of(cells: &[Cell], measure: &Measure) -> Valleys {
        let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
        let mut rows: Vec<Vec<&Cell>> = Vec::new();
        let mut row = Vec::new();
        for cell in cells {
            let number = *numbers.entry(but_rate(&cell.params).to_string()).or_insert(rows.len());
            if number == rows.len() {
                rows.push(Vec::new());
            }
            rows[number].push(cell);
            row.push(number);
        }
        let enough = |noise: &Noise| noise.dof >= FEWEST;
        let scatters: Vec<Option<Noise>> =
            rows.iter().map(|row| scatter(row, measure).filter(enough)).collect();
        let all = scatter(&cells.iter().collect::<Vec<_>>(), measure).filter(enough);
        let profiles: Vec<Profile> = rows.into_iter().map(|row| profile(row, measure)).collect();
        let fitted = valley::Valleys::fit(&profiles);
        let left: Vec<Option<Noise>> =
            (0..profiles.len()).map(|row| fitted.noise(row).filter(enough)).collect();
        let minimum =
            |(row, noise): (usize, &Option<Noise>)| noise.and_then(|_| fitted.minimum(row, CONFIDENCE));
        Valleys {
            minima: left.iter().enumerate().map(minimum).collect(),
            noises: if all.is_some() { scatters } else { left },
            common: all.or_else(|| fitted.common_noise().filter(enough)),
            row,
        }
    }

    /// The noise of a run at the cell with this index, on the scale of costs: how far the seeds of a point scatter in its
    /// row, or, without replicates, what the curve of its row leaves; that of all rows where its own tells too little.
    pub fn noise(&self, cell: usize) -> Option<Noise> {
        self.noises.get(*self.row.get(cell)?).copied().flatten().or(self.common)
    }

    /// The noise of a run over all rows.
    pub fn common_noise(&self) -> Option<Noise> {
        self.common
    }

    /// The minimum of the row of the cell with this index, along log₂ of the learning rate; `None` where too little was
    /// measured to tell noise from shape.
    pub fn minimum(&self, cell: usize) -> Option<&Minimum> {
        self.minima.get(*self.row.get(cell)?)?.as_ref()
    }

    /// What a learning rate that is wrong by `octaves` costs at the median row, to the side where it costs less; of the
    /// rows whose minimum has an interval.
    pub fn rise(&self, octaves: f64) -> Option<f64> {
        let mut rises: Vec<f64> = self
            .minima
            .iter()
            .flatten()
            .filter(|minimum| !minimum.open_below && !minimum.open_above)
            .filter_map(|minimum| minimum.rise(octaves))
            .collect();
        rises.sort_by(f64::total_cmp);
        quantile(&rises, 0.5)
    }
}

/// Whether a cell in this state shows that the best learning rate does not lie beyond it.
pub fn is_wall(state: State) -> bool {
    matches!(state, State::Diverged | State::Unstable | State::Stuck | State::Collapsed | State::Censored)
}

/// The levels of a row around its best, and the walls beside them.
fn profile(mut row: Vec<&Cell>, measure: &Measure) -> Profile {
    row.retain(|cell| cell.n > 0 && cell.lr.is_some_and(|lr| lr > 0.0));
    row.sort_by(|a, b| a.lr.unwrap_or(0.0).total_cmp(&b.lr.unwrap_or(0.0)));
    let costs = |cell: &Cell| cell.value.and_then(|_| measure.costs(&cell.values));
    let order = |cell: &&Cell| (!cell.confirmed, cell.value.and_then(|value| measure.cost(value)));
    let usable = row.iter().enumerate().filter(|(_, cell)| costs(cell).is_some());
    let best = usable.min_by(|(_, a), (_, b)| {
        let ((a, low), (b, high)) = (order(a), order(b));
        a.cmp(&b).then(low.unwrap_or(f64::INFINITY).total_cmp(&high.unwrap_or(f64::INFINITY)))
    });
    let Some((best, _)) = best else { return Profile::default() };
    let first = (0..best).rev().take_while(|index| costs(row[*index]).is_some()).last().unwrap_or(best);
    let last = (best + 1..row.len()).take_while(|index| costs(row[*index]).is_some()).last().unwrap_or(best);
    let mut levels: Vec<Level> = Vec::new();
    let mut begun = f64::NEG_INFINITY;
    for cell in &row[first..=last] {
        let (x, costs) = (cell.lr.unwrap_or(f64::NAN).log2(), costs(cell).unwrap_or_default());
        match levels.last_mut() {
            Some(level) if x - begun < SAME => {
                let (old, new) = (level.y.len() as f64, costs.len() as f64);
                level.x = (old * level.x + new * x) / (old + new);
                level.y.extend(costs);
            }
            _ => {
                begun = x;
                levels.push(Level { x, y: costs });
            }
        }
    }
    let wall = |index: Option<usize>| {
        let cell = index.and_then(|index| row.get(index)).filter(|cell| is_wall(cell.state));
        cell.and_then(|cell| cell.lr).map(f64::log2)
    };
    Profile { levels, below: wall(first.checked_sub(1)), above: wall(Some(last + 1)) }
}

/// The scatter of seeds about the mean of their point, over the better half of the cells that have several.
fn scatter(cells: &[&Cell], measure: &Measure) -> Option<Noise> {
    let mut own: Vec<&Cell> =
        cells.iter().copied().filter(|cell| cell.value.is_some() && cell.values.len() > 1).collect();
    own.sort_by(|a, b| measure.order(a.value, b.value));
    own.truncate(own.len().div_ceil(2));
    let groups: Vec<Vec<f64>> = own.iter().filter_map(|cell| measure.costs(&cell.values)).collect();
    let (deviation, dof) = pooled(&groups)?;
    Some(Noise { deviation, dof })
}

#[cfg(test)]
mod tests {
    use crate::facts::facts;
    use crate::fixtures::Made;

    /// A search that returned to the best rate dozens of times, where noise is all that tells its runs apart.
    #[test]
    fn a_cluster_of_runs_has_the_valley_of_all_of_them() {
        let wide = [0.02, 0.035, 0.05, 0.07, 0.14, 0.2, 0.3, 0.5];
        let near = (0..40).map(|index| 0.095 + 0.00025 * f64::from(index));
        let lrs: Vec<f64> = wide.into_iter().chain(near).collect();
        let list = lrs.iter().map(f64::to_string).collect::<Vec<_>>().join(",");
        let mut made = Made::new(&[&format!("lr={list}")]).minimize("val_loss");
        for (index, lr) in lrs.iter().enumerate() {
            // Golden-ratio steps spread as evenly as noise would, without its luck.
            let noise = 0.004 * ((index as f64 * 0.618_034).fract() - 0.5);
            made = made.trial(&format!("lr={lr}"), &[2.0 + 0.02 * (lr / 0.1).log2().powi(2) + noise]);
        }
        let row = &facts(&made.record()).best_per_batch[0];
        let (low, high) = (row.lr.low.unwrap(), row.lr.high.unwrap());
        assert!(low < 0.1 && 0.1 < high && high / low > 1.03, "{:?}", row.lr);
    }
}
