//! A search replayed on a table: trials are looked up in a finished grid instead of run.

use std::collections::HashMap;

use rand::RngExt;
use sweep_study::{Point, Space};

use crate::sampler::ask::Ask;
use crate::{Evidence, Observation, Sampler};
use sweep_settings::numbered_stream;

/// A finished grid: its points, and the result of each trial of a point.
pub struct Table {
    space: Space,
    cells: Vec<Vec<Evidence>>,
    index: HashMap<String, usize>,
}

/// How a search is replayed.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// The seed of the sampler and of the draws.
    pub seed: u64,
    /// Proposal n knows the trials up to n minus this; at least 1.
    pub lag: u64,
    /// The maximum number of trials; fewer if the table is used up.
    pub trials: u64,
}

/// One trial of a replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// The cell that was proposed.
    pub cell: usize,
    /// Which trial of that cell was drawn.
    pub draw: usize,
    /// The cell of the lowest loss seen so far; `None` before there is a loss.
    pub chosen: Option<usize>,
}

impl Table {
    /// The table of `cells`: points of the grid of `space` and the results of their trials. A cell without trials gives
    /// no evidence.
    pub fn new(space: &Space, cells: Vec<(Point, Vec<Evidence>)>) -> Table {
        let index = cells.iter().enumerate().map(|(index, (point, _))| (point.key(), index)).collect();
        let cells = cells.into_iter().map(|(_, results)| results).collect();
        Table { space: space.grid(), cells, index }
    }

    /// The trials that `sampler` would have run. It proposes cells of the grid, and for each cell one of its trials is
    /// drawn. Replays with the same seed draw the same trial whichever sampler proposes the cell.
    pub fn replay(&self, sampler: &mut dyn Sampler, rules: Rules) -> Vec<Lookup> {
        let Rules { seed, lag, trials } = rules;
        let (mut lookups, mut seen, mut points) = (Vec::new(), Vec::<Observation>::new(), Vec::new());
        let mut lowest: Option<(f64, usize)> = None;
        for number in 0..trials {
            let known = (number + 1).saturating_sub(lag.max(1)) as usize;
            let (history, pending) = (&seen[..known], &points[known..]);
            let ask = Ask { space: &self.space, seed, number, history, earlier: 0, pending };
            let Some(point) = sampler.propose(&ask) else { break };
            let Some(cell) = self.index.get(&point.key()).copied() else { break };
            let (draw, evidence) = self.draw(seed, cell);
            if let Some(loss) = evidence.loss()
                && lowest.is_none_or(|(least, _)| loss < least)
            {
                lowest = Some((loss, cell));
            }
            points.push(point.clone());
            seen.push(Observation::new(&self.space, number, point, evidence));
            lookups.push(Lookup { cell, draw, chosen: lowest.map(|(_, cell)| cell) });
        }
        lookups
    }

    /// One of the trials of a cell, with its index among them.
    fn draw(&self, seed: u64, cell: usize) -> (usize, Evidence) {
        let results = self.cells.get(cell).map_or(&[][..], Vec::as_slice);
        if results.is_empty() {
            return (0, Evidence::Nothing);
        }
        let draw = numbered_stream(seed, "replay", cell as u64).random_range(0..results.len());
        (draw, results[draw])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampler::{find, names};
    use sweep_study::{Catalogue, SpecFile, Value};

    fn build(name: &str) -> Box<dyn Sampler> {
        (find(name).unwrap().new)()
    }

    /// A valley over 9 × 5 cells with its minimum at lr=0.1 batch=32, three trials per cell, and a cliff.
    fn table() -> Table {
        let axes = ["lr=1e-3..10:9", "batch=8..128"].map(str::to_owned).to_vec();
        let spec = SpecFile { axes, ..SpecFile::default() };
        let space = spec.resolve(&Catalogue { open: true, ..Catalogue::default() }).unwrap().space;
        let cell = |index: u128| {
            let point = space.cell(index).unwrap();
            let line = |name: &str| point.get(name).and_then(Value::number).unwrap().log10();
            let (lr, batch) = (line("lr") + 1.0, line("batch") - 32f64.log10());
            let result = |draw: i32| {
                let loss = 0.1 * (lr * lr + batch * batch).exp() * (1.0 + 0.01 * f64::from(draw));
                if lr > 1.2 { Evidence::Diverged } else { Evidence::Loss(loss) }
            };
            (point, (0..3).map(result).collect())
        };
        Table::new(&space, (0..space.cells()).map(cell).collect())
    }

    #[test]
    fn every_sampler_tries_the_whole_table_and_finds_its_minimum() {
        let table = table();
        for name in names() {
            let rules = Rules { seed: 3, lag: 1, trials: 100 };
            let lookups = table.replay(build(name).as_mut(), rules);
            let mut cells: Vec<usize> = lookups.iter().map(|lookup| lookup.cell).collect();
            cells.sort_unstable();
            assert_eq!(cells, (0..45).collect::<Vec<_>>(), "{name}");
            let floor = table.index["batch=32 lr=0.1"];
            assert_eq!(lookups[44].chosen, Some(floor), "{name}");
            assert_eq!(lookups, table.replay(build(name).as_mut(), rules), "{name}");
        }
    }

    #[test]
    fn a_cell_shows_every_sampler_the_same_trial() {
        let table = table();
        let draws = |name: &str, seed| {
            let rules = Rules { seed, lag: 8, trials: 45 };
            let mut draws: Vec<(usize, usize)> = table
                .replay(build(name).as_mut(), rules)
                .iter()
                .map(|lookup| (lookup.cell, lookup.draw))
                .collect();
            draws.sort_unstable();
            draws
        };
        assert_eq!(draws("random", 1), draws("grid", 1));
        assert_ne!(draws("grid", 2), draws("grid", 1));
    }

    #[test]
    fn a_lag_hides_the_newest_trials() {
        let table = table();
        let cells = |lag| {
            let rules = Rules { seed: 0, lag, trials: 20 };
            let lookups = table.replay(build("tpe").as_mut(), rules);
            lookups.iter().map(|lookup| lookup.cell).collect::<Vec<usize>>()
        };
        // The start-up design is the same.
        assert_eq!(cells(1)[..8], cells(8)[..8]);
        assert_ne!(cells(1), cells(8));
    }
}
