//! The rules of the house, kept by reading the sources.
//!
//! A file that breaks a rule is an exception only where `exceptions.rs` lists it; an entry there that breaks nothing any
//! more fails, so that the lists can only shrink.

mod exceptions;
mod modules;
mod planted;
mod rules;
mod source;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use self::rules::Finding;
use self::source::{Source, sources};
use crate::support::Bench;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn all() -> Vec<Source> {
    let mut files = sources(&root(), "crates");
    files.extend(sources(&root(), "tests"));
    assert!(files.len() > 50, "the sources were not found");
    files
}

/// Fails for what is found in files that are no exceptions, and for exceptions in which nothing is found.
fn hold(rule: &str, found: &[Finding], exceptions: &[&str]) {
    let broken: Vec<String> = found
        .iter()
        .filter(|finding| !exceptions.contains(&finding.path.as_str()))
        .map(|finding| format!("{} {}", finding.path, finding.what))
        .collect();
    assert!(broken.is_empty(), "{rule}:\n{}", broken.join("\n"));
    let files: BTreeSet<&str> = found.iter().map(|finding| finding.path.as_str()).collect();
    let stale: Vec<&&str> = exceptions.iter().filter(|path| !files.contains(**path)).collect();
    assert!(stale.is_empty(), "{rule}: no exceptions any more, so remove them from the list: {stale:#?}");
}

#[test]
fn no_file_is_longer_than_a_few_screens() {
    hold("files are short", &rules::long_files(&all()), exceptions::LONG_FILES);
}

#[test]
fn crates_use_only_what_the_map_allows() {
    hold("crates use what the map allows", &rules::foreign_crates(&all()), &[]);
}

#[test]
fn modules_form_no_circles() {
    let all = all();
    println!("{} circles of modules", rules::count_circles(&all));
    hold("modules form no circles", &rules::circles(&all), exceptions::CIRCLES);
}

#[test]
fn nothing_uses_the_command_line() {
    let found = rules::users_of_the_command_line(&all());
    hold("only main.rs uses crate::cli", &found, exceptions::USERS_OF_CLI);
}

#[test]
fn clap_stays_in_the_command_line() {
    hold("only cli uses clap", &rules::users_of_clap(&all()), exceptions::USERS_OF_CLAP);
}

#[test]
fn settings_are_named_in_settings_and_core() {
    let found = rules::spelled_settings(&all());
    let stay = exceptions::NO_SETTINGS.iter().map(|(path, _)| *path);
    let exceptions: Vec<&str> = stay.chain(exceptions::SPELLED_SETTINGS.iter().copied()).collect();
    hold("settings are named by their constants", &found, &exceptions);
}

#[test]
fn help_lists_names_from_their_tables() {
    let found = rules::listed_names(&all(), &families());
    hold("names in help come from their tables", &found, exceptions::LISTED_NAMES);
}

/// The names of samplers, pruners, optimizers and schedules, as the program prints them from its tables.
fn families() -> Vec<(&'static str, Vec<String>)> {
    let bench = Bench::new();
    let help = bench.ok("grid --help").stdout;
    let choices = |setting: &str| -> Vec<String> {
        let line = help.lines().find_map(|line| line.trim().strip_prefix(setting)).unwrap();
        line.split(' ').next().unwrap().split('|').map(str::to_owned).collect()
    };
    let refused = |option: &str| -> Vec<String> {
        let message = bench.run(&format!("search lr=1,2 batch=8 {option} nothing-like-it")).stderr;
        let (_, listed) = message.split_once("possible values: ").unwrap_or_default();
        listed.split(']').next().unwrap().split(", ").map(str::to_owned).collect()
    };
    let named = |option: &str, known: &[&str]| {
        let names = refused(option);
        assert!(known.iter().all(|name| names.iter().any(|one| one == name)), "{option}: {names:?}");
        names
    };
    vec![
        ("samplers", named("--sampler", &["grid", "random", "tpe", "ridge"])),
        ("pruners", named("--pruner", &["median", "asha", "hyperband", "wilcoxon"])),
        ("optimizers", choices("optimizer=")),
        ("schedules", choices("schedule=")),
    ]
}

#[test]
fn unsafe_code_lives_in_the_kernels_and_says_why_it_is_sound() {
    hold("unsafe code is rare and explained", &rules::unsafe_code(&all()), &[]);
}
