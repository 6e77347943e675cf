//! Rows of a table that agree where runs are told apart, and differ elsewhere.

use std::collections::HashMap;

use anyhow::Result;

use crate::refusal::refuse;

/// Refuses rows that agree in the columns `same` and differ in `others`: they are no repeats of one run.
pub fn repeats<'a>(
    path: &str,
    columns: &[String],
    rows: impl Iterator<Item = &'a [String]>,
    same: &[usize],
    others: &[usize],
) -> Result<()> {
    let differing = differing(rows, same, others);
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
fn differing<'a>(rows: impl Iterator<Item = &'a [String]>, same: &[usize], others: &[usize]) -> Vec<usize> {
    let mut known: HashMap<Vec<&str>, &[String]> = HashMap::new();
    let mut found = Vec::new();
    for row in rows {
        let key: Vec<&str> = same.iter().map(|index| row[*index].as_str()).collect();
        let first = *known.entry(key).or_insert(row);
        let differs = |index: &&usize| first[**index] != row[**index] && !found.contains(*index);
        let new: Vec<usize> = others.iter().filter(differs).copied().collect();
        found.extend(new);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_between_rows_alike_is_found() {
        let row = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
        let rows = [row(["0.1", "8", "a", "1"]), row(["0.1", "16", "b", "1"]), row(["0.1", "8", "a", "2"])];
        let of = |same: &[usize]| differing(rows.iter().map(Vec::as_slice), same, &[2, 3]);
        assert_eq!((of(&[0, 1]), of(&[0]), of(&[0, 1, 3])), (vec![3], vec![2, 3], vec![]));
    }
}
