//! Columns that say again what other columns say: of a table whose rows have the same model size, the number of layers.

use std::collections::{HashMap, HashSet};

use super::table::Table;

/// The most rows by which relations are looked for; those found are tried on all rows.
const LOOKED_AT: usize = 20_000;

/// The most columns among which pairs are tried.
const PAIRED: usize = 40;

/// The values of a column as small numbers, equal where the cells are.
struct Codes {
    column: usize,
    of: Vec<u32>,
    distinct: usize,
    /// Whether a cell is empty: then a value may only say that another parameter is not used.
    gaps: bool,
    /// Whether cells are lists, which are seldom what others follow from.
    lists: bool,
}

impl Codes {
    fn new(table: &Table, column: usize, every: usize) -> Codes {
        let mut known: HashMap<&str, u32> = HashMap::new();
        let code = |cell| {
            let next = known.len() as u32;
            *known.entry(cell).or_insert(next)
        };
        let of = table.cells(column).step_by(every).map(code).collect();
        let gaps = known.contains_key("");
        let lists = known.keys().any(|cell| cell.contains(['/', '[']));
        let distinct = known.len();
        Codes { column, of, distinct, gaps, lists }
    }
}

/// A column that says nothing of its own, and the columns that say it.
#[derive(Debug, PartialEq, Eq)]
pub struct Determined {
    /// The column.
    pub column: usize,
    /// One or two others whose values determine its own.
    pub by: Vec<usize>,
}

/// Which of `columns` are determined by one or two others, of which those in `kept` are always left. Only relations that
/// the table could have shown to be wrong count: at least half of its points have the same values as another one in the
/// columns that determine.
pub fn determined(table: &Table, columns: &[usize], kept: &[usize]) -> Vec<Determined> {
    let every = table.len().div_ceil(LOOKED_AT);
    let mut left: Vec<Codes> = columns.iter().map(|column| Codes::new(table, *column, every)).collect();
    left.retain(|codes| codes.distinct > 1);
    let rows = points(&left);
    left.iter_mut().for_each(|codes| codes.of = rows.iter().map(|row| codes.of[*row]).collect());
    let mut found = Vec::new();
    for pair in [false, true] {
        // Lists are seldom what was set. Alone, a column with few values goes first: the number of layers, and not the model
        // size that determines it; of three that say each other, the one with most values.
        let order =
            |codes: &Codes| (!codes.lists, if pair { usize::MAX - codes.distinct } else { codes.distinct });
        left.sort_by_key(|codes| (!kept.contains(&codes.column), order(codes), codes.column));
        let tried: Vec<usize> =
            left.iter().map(|codes| codes.column).filter(|column| !kept.contains(column)).collect();
        for column in tried {
            if pair && left.len() > PAIRED {
                break;
            }
            let Some(at) = left.iter().position(|codes| codes.column == column) else { continue };
            if let Some(by) = by(table, &left, &left[at], pair, every) {
                found.push(Determined { column, by });
                left.remove(at);
            }
        }
    }
    found
}

/// The first row of each point: repeats of one, as with several seeds, tell nothing.
fn points(columns: &[Codes]) -> Vec<usize> {
    let rows = columns.first().map_or(0, |codes| codes.of.len());
    let mut known: HashSet<Vec<u32>> = HashSet::new();
    (0..rows).filter(|row| known.insert(columns.iter().map(|codes| codes.of[*row]).collect())).collect()
}

/// The columns that determine `one`.
fn by(table: &Table, left: &[Codes], one: &Codes, pair: bool, every: usize) -> Option<Vec<usize>> {
    let others = || {
        left.iter().filter(|other| other.column != one.column && !other.gaps && (one.lists || !other.lists))
    };
    let holds = |by: &[&Codes]| {
        let columns: Vec<usize> = by.iter().map(|codes| codes.column).collect();
        let looked_at = follows(by, one) && (every == 1 || follows_in_all(table, &columns, one.column));
        looked_at.then_some(columns)
    };
    if !pair {
        return others().find_map(|other| holds(&[other]));
    }
    let fewer = || others().filter(|other| other.distinct <= one.distinct);
    fewer().find_map(|a| fewer().filter(|b| b.column > a.column).find_map(|b| holds(&[a, b])))
}

/// Whether rows with the same values in `by` have the same in `one`, and enough rows tell.
fn follows(by: &[&Codes], one: &Codes) -> bool {
    let mut known: HashMap<[u32; 2], u32> = HashMap::new();
    for (row, value) in one.of.iter().enumerate() {
        let key = [by[0].of[row], by.get(1).map_or(0, |codes| codes.of[row])];
        if known.entry(key).or_insert(*value) != value {
            return false;
        }
    }
    2 * known.len() <= one.of.len()
}

fn follows_in_all(table: &Table, by: &[usize], one: usize) -> bool {
    let mut known: HashMap<Vec<&str>, &str> = HashMap::new();
    table.rows().all(|row| {
        let key = by.iter().map(|column| row.cell(*column)).collect();
        *known.entry(key).or_insert(row.cell(one)) == row.cell(one)
    })
}

/// The fewest different names or numbers that are taken for those of runs.
const NAMES: usize = 12;

/// Whether a column numbers or names the rows or the runs: no two runs share a value, and it is either text or counts on
/// from row to row. `others` are the columns that tell runs apart.
pub fn identifies(table: &Table, column: usize, others: &[usize]) -> bool {
    let number = |cell: &str| cell.parse::<i64>().ok();
    let mut last = None;
    let counts = table.cells(column).all(|cell| {
        let (at, before) = (number(cell), last);
        last = at.or(last);
        at.is_some_and(|at| before.is_none_or(|before| at == before || at == before + 1))
    });
    let text = !table.numeric(column) && table.cells(column).all(|cell| !cell.is_empty());
    if !(counts || text) {
        return false;
    }
    let mut known: HashMap<&str, Vec<&str>> = HashMap::new();
    let alone = table.rows().all(|row| {
        let values: Vec<&str> = others.iter().map(|other| row.cell(*other)).collect();
        *known.entry(row.cell(column)).or_insert_with(|| values.clone()) == values
    });
    let apart: HashSet<&Vec<&str>> = known.values().collect();
    // Of names that are fewer than the rows, most must stand for a point of their own.
    alone && known.len() >= NAMES && (known.len() == table.len() || 2 * apart.len() > known.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::csv;

    fn names(table: &Table, all: &[usize]) -> Vec<String> {
        all.iter().map(|column| table.columns[*column].clone()).collect()
    }

    #[test]
    fn what_other_columns_say_is_found() {
        let mut text = "layers,N,D,ratio,steps,lr,bs,loss\n".to_owned();
        for (layers, n) in [(2, 10), (4, 20), (4, 30)] {
            for d in [100, 200, 600] {
                for (lr, bs) in [(0.1, 1), (0.2, 1), (0.4, 1), (0.1, 2), (0.2, 2), (0.4, 2)] {
                    text +=
                        &format!("{layers},{n},{d},{},{},{lr},{bs},1.5\n", d as f64 / f64::from(n), d / bs);
                }
            }
        }
        let table = csv::table("runs.csv", &text).unwrap();
        let found = determined(&table, &[0, 1, 2, 3, 4, 5, 6], &[5, 6]);
        let mut dropped = names(&table, &found.iter().map(|one| one.column).collect::<Vec<_>>());
        dropped.sort();
        assert_eq!(dropped, ["layers", "ratio", "steps"], "{found:?}");
    }

    #[test]
    fn grids_and_draws_say_nothing_twice() {
        let mut grid = "lr,batch,width,loss\n".to_owned();
        let mut drawn = "lr,batch,dropout,loss\n".to_owned();
        for at in 0..27 {
            grid += &format!("{},{},{},1\n", at % 3, at / 3 % 3, at / 9);
            drawn += &format!("{},{},{},1\n", f64::from(at).sin(), at * 7 % 27, f64::from(at).cos());
        }
        for text in [grid, drawn] {
            let table = csv::table("runs.csv", &text).unwrap();
            assert_eq!(determined(&table, &[0, 1, 2], &[0, 1]), []);
        }
    }

    #[test]
    fn names_and_numbers_of_runs_identify_them() {
        let mut text = "config,exp,optimizer,width,lr,loss\n".to_owned();
        for at in 0..26 {
            let (config, optimizer) = (at / 2, ["adam", "sgd"][at / 2 % 2]);
            text += &format!(
                "{config},run-{config},{optimizer},{},{},1\n",
                8 << (at / 2 % 3),
                0.1 * (config + 1) as f64
            );
        }
        let table = csv::table("runs.csv", &text).unwrap();
        let of = |column| identifies(&table, column, &[2, 3, 4]);
        assert_eq!([0, 1, 2, 3].map(of), [true, true, false, false]);
    }
}
