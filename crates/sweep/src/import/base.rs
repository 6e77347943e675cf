//! SQLite files that other programs wrote, read and left as they are.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, Row};

use super::source::Source;

/// How SQLite files begin.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// What a query gives.
pub type Sql<T> = rusqlite::Result<T>;

/// Whether a source is a SQLite file.
pub fn is_one(source: &Source) -> bool {
    source.head.starts_with(MAGIC)
}

/// Opens a file for reading.
///
/// # Errors
/// It cannot be opened.
pub fn open(path: &Path) -> Sql<Connection> {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// Whether all tables of these names are there.
///
/// # Errors
/// The file cannot be read.
pub fn has_tables(base: &Connection, names: &[&str]) -> Sql<bool> {
    let query = "select count(*) from sqlite_master where name = ?1";
    for name in names {
        if base.query_row(query, [name], |row| row.get::<_, u32>(0))? == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Calls `each` with every row of a query.
///
/// # Errors
/// The query or a call fails.
pub fn rows(base: &Connection, query: &str, mut each: impl FnMut(&Row<'_>) -> Sql<()>) -> Sql<()> {
    let mut statement = base.prepare(query)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        each(row)?;
    }
    Ok(())
}
