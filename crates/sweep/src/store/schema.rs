//! The tables, their version, and how other files are recognised.

use std::path::Path;

use anyhow::{Context, Result, bail};
use rusqlite::{Connection, ErrorCode};

use super::{counted, number, paces, spans};
use crate::refusal::refuse;

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

/// What that version added: pauses, each with the steps done by then, what a paused trial continues from, and which
/// pruned trials were run to their end all the same, and which trials are copies that continued from the pause of
/// another.
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
///
/// Others may read while this process writes, but not where the file lies on a `network`: a write-ahead log needs
/// memory that all who use the file share, and locks that come and go are not to be relied on there. The file is then
/// held from the first word to the last, with a rollback journal.
pub fn prepare(connection: &Connection, path: &Path, network: bool) -> Result<()> {
    if network {
        connection.pragma_update(None, "locking_mode", "exclusive").with_context(|| foreign(path))?;
    }
    let fresh =
        number(connection, "SELECT count(*) FROM sqlite_schema").with_context(|| foreign(path))? == Some(0);
    if !fresh {
        check(connection, path)?;
    }
    let journal = if network { "delete" } else { "wal" };
    connection.pragma_update(None, "journal_mode", journal).with_context(|| foreign(path))?;
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
    connection.execute_batch(paces::TABLE).with_context(written)?;
    connection.execute_batch(counted::TABLE).with_context(written)?;
    Ok(())
}

/// Refuses a file that is not a study, or of a newer version.
pub fn check(connection: &Connection, path: &Path) -> Result<()> {
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    // The moment between the making of the file and its first table.
    if matches!(number(connection, "SELECT count(*) FROM sqlite_schema"), Ok(Some(0))) {
        return refuse(format!("the study in {} has not started", path.display()));
    }
    let application = match number(connection, "PRAGMA application_id") {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => bail!(
            "{} is locked by the process that runs the study, because it is on a network file system; read it after that has ended",
            path.display()
        ),
        other => other.with_context(|| foreign(path))?,
    };
    if application != Some(APPLICATION) {
        bail!(foreign(path));
    }
    let version = version(connection)?;
    if version > VERSION {
        bail!(
            "{} was written by a newer sweep (store version {version}, this program supports {VERSION}); use the newer one",
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
    format!("{} is not a study of sweep; move it away or choose another --name", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_on_a_network_is_held_and_has_no_log_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("study.sqlite");
        // Written where a log may be, then moved to where none may.
        let local = Connection::open(&path).unwrap();
        prepare(&local, &path, false).unwrap();
        assert!(folder.path().join("study.sqlite-wal").exists());
        check(&Connection::open(&path).unwrap(), &path).unwrap();
        drop(local);
        let held = Connection::open(&path).unwrap();
        prepare(&held, &path, true).unwrap();
        held.execute("INSERT INTO test VALUES (1, '{}')", []).unwrap();
        assert!(!folder.path().join("study.sqlite-wal").exists());
        assert!(!folder.path().join("study.sqlite-shm").exists());
        let reader = Connection::open(&path).unwrap();
        let error = check(&reader, &path).unwrap_err().to_string();
        assert!(error.contains("network file system"), "{error}");
        drop(held);
        check(&reader, &path).unwrap();
        assert_eq!(number(&reader, "SELECT count(*) FROM test").unwrap(), Some(1));
    }
}
