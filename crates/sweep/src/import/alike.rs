//! Rows of a table that agree where runs are told apart, and differ elsewhere.

use std::collections::HashMap;

use anyhow::Result;

use super::table::{Row, Table};
use crate::refusal::refuse;

/// Refuses rows that agree in the columns `same` and differ in `others`: they are no repeats of one run.
pub fn repeats(table: &Table, same: &[usize], others: &[usize]) -> Result<()> {
    let (path, columns) = (&table.path, &table.columns);
    let differing = differing(table, same, others);
    if differing.is_empty() {
        return Ok(());
    }
    let names = |all: &[usize]| -> String {
        all.iter().map(|index| columns[*index].as_str()).collect::<Vec<_>>().join(", ")
    };
    refuse(format!(
        "{path}: rows with the same {} differ in {}, so they are no repeats of one run; name those that make groups with \
         --group, and parameters with --params",
        names(same),
        names(&differing)
    ))
}

/// The columns among `others` that differ between rows which agree in the columns `same`.
fn differing(table: &Table, same: &[usize], others: &[usize]) -> Vec<usize> {
    let mut known: HashMap<Vec<&str>, Row> = HashMap::new();
    let mut found = Vec::new();
    for row in table.rows() {
        let key: Vec<&str> = same.iter().map(|index| row.cell(*index)).collect();
        let first = *known.entry(key).or_insert(row);
        let differs = |index: &&usize| first.cell(**index) != row.cell(**index) && !found.contains(*index);
        let new: Vec<usize> = others.iter().filter(differs).copied().collect();
        found.extend(new);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::csv;

    #[test]
    fn only_what_differs_between_rows_alike_is_found() {
        let table = csv::table("runs.csv", "lr,batch,name,seed\n0.1,8,a,1\n0.1,16,b,1\n0.1,8,a,2\n").unwrap();
        let of = |same: &[usize]| differing(&table, same, &[2, 3]);
        assert_eq!((of(&[0, 1]), of(&[0]), of(&[0, 1, 3])), (vec![3], vec![2, 3], vec![]));
    }
}
