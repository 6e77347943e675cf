//! The rules of the house, kept by reading the sources.

use std::path::{Path, PathBuf};

/// Longest file, in lines.
const LONGEST: usize = 400;

/// Which crates of the workspace each crate may use.
const MAY_USE: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("stats", &[]),
    ("study", &[]),
    ("search", &["study"]),
    ("report", &["stats", "study"]),
    ("sweep", &["core", "stats", "study", "search", "report"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every Rust file under `folder` with its text.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}

fn all() -> Vec<(PathBuf, String)> {
    let mut files = sources(&root().join("crates"));
    files.extend(sources(&root().join("tests")));
    assert!(files.len() > 50, "the sources were not found");
    files
}

#[test]
fn no_file_is_longer_than_a_few_screens() {
    let long: Vec<String> = all()
        .iter()
        .filter(|(_, text)| text.lines().count() > LONGEST)
        .map(|(path, text)| format!("{} has {} lines", path.display(), text.lines().count()))
        .collect();
    assert!(long.is_empty(), "over {LONGEST} lines:\n{}", long.join("\n"));
}

#[test]
fn crates_use_only_what_the_map_allows() {
    for (name, allowed) in MAY_USE {
        for (path, text) in sources(&root().join("crates").join(name)) {
            for (other, _) in MAY_USE {
                let used = text.contains(&format!("sweep_{other}::")) && other != name;
                let own_tests = path
                    .components()
                    .any(|part| part.as_os_str() == "tests" || part.as_os_str() == "benches");
                assert!(!used || allowed.contains(other) || own_tests, "{} uses {other}", path.display());
            }
        }
    }
}

#[test]
fn unsafe_code_lives_in_the_kernels_and_says_why_it_is_sound() {
    for (path, text) in all() {
        let in_kernels = path.to_string_lossy().contains("core/src/kernels");
        let lines: Vec<&str> = text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if !code.contains(concat!("uns", "afe {")) && !code.contains(concat!("uns", "afe impl")) {
                continue;
            }
            assert!(in_kernels, "{}:{} has unsafe code", path.display(), index + 1);
            let said = lines[index.saturating_sub(8)..=index].iter().any(|line| line.contains("SAFETY"));
            assert!(said, "{}:{} does not say why it is sound", path.display(), index + 1);
        }
    }
}
