//! A program that starts in its trial's own folder: how it still finds the files that its words name.
//!
//! These become absolute: the program where it is a path; a word, or what follows its first `=`, that names a file of the
//! folder in which the study was started; one that names a folder, where it is written as a path (`./data`,
//! `data/train`). A bare `data` may be any word, and stays. So does the name of a module after `-m`, which Python finds by
//! `PYTHONPATH`.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use sweep_study::{Command, Cwd};

use super::program;

/// The option of Python, and of programs that start it, before the name of a module.
const MODULE: &str = "-m";

/// Makes the words of a command absolute that name files of the folder `start`.
pub fn locate(words: &mut [String], start: &Path) {
    let mut before = String::new();
    for (index, word) in words.iter_mut().enumerate() {
        let typed = word.clone();
        if index == 0 {
            *word = located_program(&typed, start).unwrap_or(typed.clone());
        } else if before != MODULE {
            *word = located(&typed, start).unwrap_or(typed.clone());
        }
        before = typed;
    }
}

/// What is to be said of a command whose words name folders of this one and stay as they are, if it starts elsewhere.
pub fn remark(command: &Command) -> Option<String> {
    let start = std::env::current_dir().ok().filter(|_| command.cwd == Cwd::Trial)?;
    let words = ambiguous(&command.run, &start);
    let first = words.first()?;
    let named: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    Some(format!(
        "{} may name a folder here, which trials do not find from their own folder: write ./{first} for its path",
        named.join(" and ")
    ))
}

/// The words of a command that name a folder in `start` and stay as they are.
fn ambiguous<'a>(words: &'a [String], start: &Path) -> Vec<&'a str> {
    let pairs = words.iter().zip(words.iter().skip(1));
    let values = pairs.filter(|(before, _)| *before != MODULE).map(|(_, word)| value(word));
    values.filter(|word| !word.is_empty() && !is_path(word) && start.join(word).is_dir()).collect()
}

/// Where Python is to look for modules, of a command of these words: where it would in the folder `start`.
pub fn python_path(words: &[String], set: Option<&OsStr>, start: &Path) -> Option<String> {
    let set = set.filter(|set| !set.is_empty());
    let set =
        set.map(|set| std::env::split_paths(set).map(|entry| start.join(entry)).collect::<Vec<PathBuf>>());
    let own = words.iter().any(|word| word == MODULE).then(|| start.to_owned());
    let entries: Vec<PathBuf> = own.into_iter().chain(set.into_iter().flatten()).collect();
    if entries.is_empty() {
        return None;
    }
    // A folder whose name has a colon can stand in no such list.
    std::env::join_paths(entries).ok().map(|paths| paths.to_string_lossy().into_owned())
}

/// The program as a path, where it is a relative one or is found by one in `PATH`.
fn located_program(word: &str, start: &Path) -> Option<String> {
    let found = program::find(word).ok()?;
    found.is_relative().then(|| absolute(&start.join(found)))?
}

fn located(word: &str, start: &Path) -> Option<String> {
    let whole = || path(word, start);
    whole().or_else(|| {
        let (name, value) = word.split_once('=')?;
        Some(format!("{name}={}", path(value, start)?))
    })
}

/// `word` as an absolute path, where it is the relative one of a file, or is written as that of a folder.
fn path(word: &str, start: &Path) -> Option<String> {
    if word.is_empty()
        || word.starts_with('-')
        || word.parse::<f64>().is_ok()
        || Path::new(word).is_absolute()
    {
        return None;
    }
    let path = start.join(word);
    (path.is_file() || is_path(word) && path.is_dir()).then(|| absolute(&path))?
}

fn is_path(word: &str) -> bool {
    word.contains('/') || matches!(word, "." | "..")
}

/// A word without the name of an option before it.
fn value(word: &str) -> &str {
    word.split_once('=').map_or(word, |(_, value)| value)
}

fn absolute(path: &Path) -> Option<String> {
    std::path::absolute(path).ok().map(|path| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_name_files_are_found_from_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let start = folder.path();
        std::fs::create_dir_all(start.join("data/train")).unwrap();
        for file in ["train.py", "conf.yaml", "1", "data/x.csv", "pkg"] {
            std::fs::write(start.join(file), "").unwrap();
        }
        let line = "sh train.py --lr 1 --cfg=conf.yaml --data data --root . -m pkg a=./data out.pt data/train data/x.csv";
        let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        assert_eq!(ambiguous(&words, start), ["data"]);
        locate(&mut words, start);
        let here = start.display();
        assert_eq!(
            words.join(" "),
            format!(
                "sh {here}/train.py --lr 1 --cfg={here}/conf.yaml --data data --root {here} -m pkg a={here}/data out.pt \
                 {here}/data/train {here}/data/x.csv"
            )
        );
        let again = words.clone();
        locate(&mut words, start);
        assert_eq!(words, again);
    }

    #[test]
    fn python_finds_the_modules_that_it_found() {
        let start = Path::new("/start");
        let path = |line: &str, set: Option<&str>| {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            python_path(&words, set.map(OsStr::new), start)
        };
        assert_eq!(path("python train.py", None), None);
        assert_eq!(path("python train.py", Some("")), None);
        assert_eq!(path("python train.py", Some("src:/lib")).as_deref(), Some("/start/src:/lib"));
        assert_eq!(path("python -m pkg.train", Some("src")).as_deref(), Some("/start:/start/src"));
    }
}
