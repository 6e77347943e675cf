//! Some rows of a sparse matrix, turned.

use super::sparse_matrix::SparseMatrix;
use super::weighted::Entry;

/// Some rows of a [`SparseMatrix`], turned: the numbers of each column, by rising rows.
#[derive(Clone, Debug)]
pub struct Columns {
    /// Rows that there is room for.
    capacity: usize,
    /// Rows taken last.
    rows: usize,
    /// Values of the matrix that they are from.
    values: usize,
    /// Room of a column among the entries.
    room: usize,
    counts: Vec<u8>,
    /// (columns, room), of which each column's first `count` are filled.
    entries: Vec<Entry>,
}

impl Columns {
    /// Room for `capacity` rows of `columns` numbers; at most 255 rows.
    pub fn new(columns: usize, capacity: usize) -> Self {
        assert!(capacity <= usize::from(u8::MAX), "rows that a byte can count");
        let entries = vec![Entry::default(); columns * room(capacity)];
        Columns { capacity, rows: 0, values: 0, room: 0, counts: vec![0; columns], entries }
    }

    /// Rows that there is room for.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Takes the given `rows` of `x`.
    pub fn fill(&mut self, x: &SparseMatrix, rows: &[u32]) {
        assert!(rows.len() <= self.capacity && x.columns() == self.counts.len(), "rows that fit");
        (self.rows, self.values, self.room) = (rows.len(), x.values().len(), room(rows.len()));
        self.counts.fill(0);
        for (place, &row) in rows.iter().enumerate() {
            for entry in x.row(row) {
                let column = usize::from(entry.index);
                // SAFETY: the entry's column is one of `x`, which has as many as there are counts, and each has room
                // for all rows: a row has no column twice.
                unsafe {
                    let count = self.counts.get_unchecked_mut(column);
                    let to = column * self.room + usize::from(*count);
                    *self.entries.get_unchecked_mut(to) = Entry { index: place as u16, code: entry.code };
                    *count += 1;
                }
            }
        }
    }

    /// How many columns there are.
    pub(super) fn columns(&self) -> usize {
        self.counts.len()
    }

    /// Whether every entry's index is below `rows` and its code below `values`.
    pub(super) fn within(&self, rows: usize, values: usize) -> bool {
        self.rows <= rows && self.values <= values
    }

    /// The numbers of a column.
    pub(super) fn column(&self, column: usize) -> &[Entry] {
        &self.entries[column * self.room..][..usize::from(self.counts[column])]
    }

    /// Memory it takes, in bytes.
    pub fn bytes(&self) -> usize {
        size_of_val(self.entries.as_slice()) + self.counts.len()
    }
}

/// Entries between one column and the next, for `rows` rows. Whole lines of the cache, and an odd number of them: most
/// columns fill only their first, and at even distances those would crowd into a part of the cache.
fn room(rows: usize) -> usize {
    const LINE: usize = 64 / size_of::<Entry>();
    if rows <= LINE / 2 { LINE / 2 } else { (rows.div_ceil(LINE) | 1) * LINE }
}
