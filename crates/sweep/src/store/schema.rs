//! The tables, their version, and how a file that is not ours is told apart.

use std::path::Path;

use anyhow::{Context, Result, bail};
use rusqlite::Connection;

use super::{number, spans};

/// The version written here. A file of a newer one is refused, since it may mean other things.
const VERSION: i64 = 2;

/// Marks the file as a study of this program (`swep`).
const APPLICATION: i64 = 0x7377_6570;

const TABLES: &str = "
CREATE TABLE revision (id INTEGER PRIMARY KEY, study TEXT NOT NULL);
CREATE TABLE trial (
    number INTEGER PRIMARY KEY,
    point TEXT NOT NULL,
    replicate INTEGER NOT NULL,
    seed INTEGER NOT NULL,
    outcome TEXT,            -- null while the trial runs
    steps INTEGER,
    epochs REAL,
    metrics TEXT
);
CREATE TABLE reading (
    trial INTEGER NOT NULL,
    step INTEGER NOT NULL,
    epoch REAL NOT NULL,
    metrics TEXT NOT NULL,
    PRIMARY KEY (trial, step)
) WITHOUT ROWID;
CREATE TABLE test (trial INTEGER PRIMARY KEY, metrics TEXT NOT NULL);
";

/// The version from which on a file holds pauses.
pub const PAUSES_SINCE: i64 = 2;

/// What that version added: pauses, each with the steps done by then, what a paused trial goes on from, and which pruned
/// trials were run to their end all the same, and which trials are copies that went on from the pause of another.
const PAUSES: &str = "
CREATE TABLE rest (
    trial INTEGER NOT NULL,
    share REAL NOT NULL,
    steps INTEGER NOT NULL,
    PRIMARY KEY (trial, share)
) WITHOUT ROWID;
CREATE TABLE checkpoint (trial INTEGER PRIMARY KEY, state BLOB NOT NULL);
CREATE TABLE audit (trial INTEGER PRIMARY KEY);
CREATE TABLE parent (trial INTEGER PRIMARY KEY, parent INTEGER NOT NULL, share REAL NOT NULL);
";

/// Makes the tables where there are none, and sets how durable a transaction is: it survives the end of the
/// process, however it ends.
pub fn prepare(connection: &Connection, path: &Path) -> Result<()> {
    let fresh =
        number(connection, "SELECT count(*) FROM sqlite_schema").with_context(|| foreign(path))? == Some(0);
    if !fresh {
        check(connection, path)?;
    }
    connection.pragma_update(None, "journal_mode", "wal").with_context(|| foreign(path))?;
    connection.pragma_update(None, "synchronous", "normal")?;
    let written = || format!("cannot write {}", path.display());
    if fresh {
        connection.pragma_update(None, "application_id", APPLICATION)?;
        connection.execute_batch(TABLES).with_context(written)?;
    }
    if fresh || version(connection)? < PAUSES_SINCE {
        connection.execute_batch(PAUSES).with_context(written)?;
        connection.pragma_update(None, "user_version", VERSION)?;
    }
    connection.execute_batch(spans::TABLE).with_context(written)?;
    Ok(())
}

/// Refuses a file that is no study, or of a newer version.
pub fn check(connection: &Connection, path: &Path) -> Result<()> {
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    let application = number(connection, "PRAGMA application_id").with_context(|| foreign(path))?;
    if application != Some(APPLICATION) {
        bail!(foreign(path));
    }
    let version = version(connection)?;
    if version > VERSION {
        bail!(
            "{} was written by a newer sweep (store version {version}, this program knows {VERSION}); use that one",
            path.display()
        );
    }
    Ok(())
}

/// The version of the file; 0 before it has one.
pub fn version(connection: &Connection) -> Result<i64> {
    Ok(number(connection, "PRAGMA user_version")?.unwrap_or(0))
}

fn foreign(path: &Path) -> String {
    format!("{} is no study of sweep; move it away or choose another --name", path.display())
}
