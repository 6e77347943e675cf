//! Tables as text: named columns, and rows.

use std::borrow::Cow;
use std::collections::HashMap;

use anyhow::Result;
use sweep_settings::nearest;

use crate::refusal::refuse;

/// Cells as text, empty where there is nothing; all of them lie in one piece of memory, since a table may have millions.
#[derive(Debug)]
pub struct Table {
    /// Where it was read.
    pub path: String,
    /// The names of the columns.
    pub columns: Vec<String>,
    /// That the file is cut off, since its writer was killed or is still at work, and what is left out for it.
    pub cut: Option<String>,
    text: String,
    /// Where each cell ends in the text, row by row.
    ends: Vec<u32>,
    /// The line of each row.
    lines: Vec<u64>,
}

/// That the last line of a file is not whole.
pub const CUT_LINE: &str = "The last line is cut off and has been left out.";

/// A row of a table.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    table: &'a Table,
    index: usize,
}

impl<'a> Row<'a> {
    /// The line on which it stands, from 1.
    pub fn line(&self) -> u64 {
        self.table.lines[self.index]
    }

    /// The cell under a column.
    pub fn cell(&self, column: usize) -> &'a str {
        let at = self.index * self.table.columns.len() + column;
        let begin = if at == 0 { 0 } else { self.table.ends[at - 1] };
        &self.table.text[begin as usize..self.table.ends[at] as usize]
    }

    /// The cells, from left to right.
    pub fn cells(self) -> impl Iterator<Item = &'a str> {
        (0..self.table.columns.len()).map(move |column| self.cell(column))
    }
}

impl Table {
    /// A table without rows.
    pub fn new(path: &str, columns: Vec<String>) -> Table {
        let (text, ends, lines) = (String::new(), Vec::new(), Vec::new());
        Table { path: path.to_owned(), columns, cut: None, text, ends, lines }
    }

    /// Adds a row: as many cells as there are columns, further ones being left out and missing ones empty.
    ///
    /// # Errors
    /// More text than a table holds.
    pub fn push<'a>(&mut self, line: u64, mut cells: impl Iterator<Item = Cow<'a, str>>) -> Result<()> {
        for _ in 0..self.columns.len() {
            self.text.push_str(&cells.next().unwrap_or_default());
            let Ok(end) = u32::try_from(self.text.len()) else {
                return refuse(format!(
                    "{}: the cells are more than 4 GiB; leave out what is not needed",
                    self.path
                ));
            };
            self.ends.push(end);
        }
        self.lines.push(line);
        Ok(())
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// The rows.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.len()).map(|index| Row { table: self, index })
    }

    /// The table, if its column names are unique and it has rows.
    ///
    /// # Errors
    /// A duplicate name; no row.
    pub fn checked(self) -> Result<Table> {
        let mut seen: HashMap<&str, usize> = HashMap::new();
        for (index, name) in self.columns.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            if let Some(first) = seen.insert(name, index) {
                let (path, first, second) = (&self.path, first + 1, index + 1);
                return refuse(format!(
                    "{path}: the columns {first} and {second} are both called {name}; rename one"
                ));
            }
        }
        if self.len() == 0 {
            return refuse(format!("{}: the table has a header but no row", self.path));
        }
        Ok(self)
    }

    /// The place of a column.
    ///
    /// # Errors
    /// No column has this name.
    pub fn column(&self, name: &str) -> Result<usize> {
        if let Some(index) = self.columns.iter().position(|column| column == name) {
            return Ok(index);
        }
        refuse(format!("{}: there is no column `{name}`; {}", self.path, instead(name, &self.columns)))
    }

    /// The cells of a column.
    pub fn cells(&self, column: usize) -> impl Iterator<Item = &str> {
        self.rows().map(move |row| row.cell(column))
    }

    /// Keeps the rows whose cells have the values asked for, each a column and a value.
    ///
    /// # Errors
    /// No such column; no row is left.
    pub fn only(&mut self, wanted: &[(String, String)]) -> Result<()> {
        for (name, value) in wanted {
            let column = self.column(name)?;
            let same =
                |cell: &str| cell == value || number(cell).is_some_and(|one| number(value) == Some(one));
            let mut left = Table { cut: self.cut.clone(), ..Table::new(&self.path, self.columns.clone()) };
            for row in self.rows().filter(|row| same(row.cell(column))) {
                left.push(row.line(), row.cells().map(Cow::Borrowed))?;
            }
            if left.len() == 0 {
                let mut found: Vec<String> = self.cells(column).map(str::to_owned).collect();
                found.sort();
                found.dedup();
                let instead = instead(value, &found);
                return refuse(format!("{}: no row has {name}={value}; {instead}", self.path));
            }
            *self = left;
        }
        Ok(())
    }

    /// Whether a column holds numbers, or lists of numbers, and nothing else.
    pub fn measured(&self, column: usize) -> bool {
        let mut filled = self.cells(column).filter(|cell| !cell.is_empty()).take(LOOKED_AT).peekable();
        self.numeric(column) || (filled.peek().is_some() && filled.all(|cell| numbers(cell).is_some()))
    }

    /// Whether a column holds numbers and nothing else.
    pub fn numeric(&self, column: usize) -> bool {
        let mut filled = self.cells(column).filter(|cell| !cell.is_empty()).peekable();
        filled.peek().is_some() && filled.all(|cell| number(cell).is_some())
    }
}

/// How many cells are read to see whether a column holds lists.
const LOOKED_AT: usize = 100;

/// The most names that a message lists.
const LISTED: usize = 12;

/// `there are a, b, c`, cut short where they are many.
pub fn there_are(names: &[String]) -> String {
    if names.is_empty() {
        return "there are none".to_owned();
    }
    let shown = names.iter().take(LISTED).cloned().collect::<Vec<_>>().join(", ");
    let rest = names.len().saturating_sub(LISTED);
    if rest > 0 { format!("there are {shown} and {rest} more") } else { format!("there are {shown}") }
}

/// A suggestion for a name that is not among `names`: a similar one, or all of them.
pub fn instead(name: &str, names: &[String]) -> String {
    let near = nearest(name, names.iter().map(String::as_str));
    near.map_or_else(|| there_are(names), |near| format!("did you mean {near}?"))
}

/// A number as programs write it, NaN and infinities among them.
pub fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

/// The numbers of a list such as `[0.5, 0.25]`, or as values of this program are written, `0.5/0.25`; an empty cell is an
/// empty list.
pub fn numbers(text: &str) -> Option<Vec<f64>> {
    let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let items = inner.split([',', ' ', '/']).map(str::trim).filter(|item| !item.is_empty());
    items.map(|item| if item == "null" { Some(f64::NAN) } else { number(item) }).collect()
}
