//! The rules, each a function from sources to what breaks it.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};

use super::modules::Modules;
use super::source::{Source, is_punct, program};

/// Longest file, in lines.
pub const LONGEST: usize = 400;

/// Which crates of the workspace each crate may use.
const MAY_USE: &[(&str, &[&str])] = &[
    ("settings", &[]),
    ("stats", &[]),
    ("core", &["settings"]),
    ("study", &["settings"]),
    ("search", &["settings", "study"]),
    ("report", &["settings", "study", "stats"]),
    ("sweep", &["settings", "stats", "core", "study", "search", "report"]),
];

/// What breaks a rule: where, and how.
#[derive(Debug)]
pub struct Finding {
    pub path: String,
    pub what: String,
}

fn finding(path: &str, what: impl Into<String>) -> Finding {
    Finding { path: path.to_owned(), what: what.into() }
}

pub fn long_files(sources: &[Source]) -> Vec<Finding> {
    let lines = sources.iter().map(|source| (&source.path, source.text.lines().count()));
    let long = lines.filter(|(_, lines)| *lines > LONGEST);
    long.map(|(path, lines)| finding(path, format!("has {lines} lines, over {LONGEST}"))).collect()
}

/// Crates use only what the map of the crates allows. Tests and benchmarks may use any.
pub fn foreign_crates(sources: &[Source]) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in program(sources) {
        let Some(own) = crate_of(&source.path) else { continue };
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == own) else {
            found
                .push(finding(&source.path, format!("belongs to {own}, a crate that the map does not know")));
            continue;
        };
        for (other, _) in MAY_USE.iter().filter(|(other, _)| *other != own && !allowed.contains(other)) {
            if uses_crate(source.code(), &format!("sweep_{other}")) {
                found.push(finding(&source.path, format!("uses sweep_{other}")));
            }
        }
    }
    found
}

/// The circles of modules in each crate, beyond a module and its own children; a finding per file of a circle.
pub fn circles(sources: &[Source]) -> Vec<Finding> {
    let mut found = BTreeMap::new();
    for (_, modules) in crates(sources) {
        for circle in modules.circles() {
            for one in &circle {
                let what =
                    format!("{}, in a circle of {}, uses {}", one.name, circle.len(), one.uses.join(", "));
                found.entry(one.file.to_owned()).or_insert(what);
            }
        }
    }
    found.into_iter().map(|(path, what)| Finding { path, what }).collect()
}

/// How many circles there are.
pub fn count_circles(sources: &[Source]) -> usize {
    crates(sources).iter().map(|(_, modules)| modules.circles().len()).sum()
}

/// Nothing but the root of `sweep` and the command line itself uses the command line, by whatever path.
pub fn users_of_the_command_line(sources: &[Source]) -> Vec<Finding> {
    let is_cli = |name: &str| name == "crate::cli" || name.starts_with("crate::cli::");
    let sweep = crates(sources).into_iter().filter(|(name, _)| *name == "sweep");
    let files = sweep.flat_map(|(_, modules)| modules.users_of(is_cli));
    files.map(|path| finding(&path, "uses crate::cli, which only main.rs may")).collect()
}

/// clap ends where the command line does.
pub fn users_of_clap(sources: &[Source]) -> Vec<Finding> {
    let outside =
        program(sources).into_iter().filter(|source| !source.path.starts_with("crates/sweep/src/cli/"));
    let using = outside.filter(|source| uses_crate(source.code(), "clap"));
    using.map(|source| finding(&source.path, "uses clap outside crates/sweep/src/cli")).collect()
}

/// Settings whose names are literals in the crates `settings` and `core` alone.
const SETTINGS: [&str; 3] = ["lr", "batch", "schedule"];

/// A string literal is a setting's name if it is one of [`SETTINGS`] as a whole, or a setting under one, as in
/// `schedule.step.gamma`. Within a longer text, as in an example of a command, it is prose.
pub fn spelled_settings(sources: &[Source]) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in program(sources) {
        if crate_of(&source.path).is_none_or(|own| ["settings", "core"].contains(&own)) {
            continue;
        }
        let mut texts = Vec::new();
        texts_of(source.code(), &mut texts);
        let is_name = |text: &&String| {
            SETTINGS
                .iter()
                .any(|name| text.strip_prefix(name).is_some_and(|rest| rest.is_empty() || is_path(rest)))
        };
        let mut count: BTreeMap<&String, usize> = BTreeMap::new();
        texts.iter().filter(is_name).for_each(|text| *count.entry(text).or_default() += 1);
        if !count.is_empty() {
            let shown: Vec<String> =
                count.iter().map(|(text, times)| format!("\"{text}\" {times} times")).collect();
            found.push(finding(&source.path, format!("spells {}", shown.join(", "))));
        }
    }
    found
}

/// What follows the name of a setting in the name of one that belongs to it.
fn is_path(rest: &str) -> bool {
    rest.starts_with('.')
        && rest.len() > 1
        && rest.chars().all(|one| one.is_ascii_alphanumeric() || "._".contains(one))
}

/// Texts of the command line that list three names of a family or more: such a list is kept by hand and goes stale.
pub fn listed_names(sources: &[Source], families: &[(&str, Vec<String>)]) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in
        program(sources).into_iter().filter(|source| source.path.starts_with("crates/sweep/src/cli/"))
    {
        let mut texts = Vec::new();
        texts_of(source.code(), &mut texts);
        for text in &texts {
            for line in text.split("\n") {
                let words: BTreeSet<&str> =
                    line.split(|one: char| !one.is_ascii_alphanumeric() && !"_-".contains(one)).collect();
                for (family, names) in families {
                    let listed: Vec<&str> =
                        names.iter().map(String::as_str).filter(|name| words.contains(name)).collect();
                    if listed.len() > 2 {
                        found.push(finding(
                            &source.path,
                            format!("lists {family} by hand: {}", listed.join(", ")),
                        ));
                    }
                }
            }
        }
    }
    found
}

/// Every crate with its modules.
fn crates(sources: &[Source]) -> Vec<(&str, Modules)> {
    let program = program(sources);
    let root = |path: &str| path.ends_with("/src/lib.rs") || path.ends_with("/src/main.rs");
    let roots = program.iter().filter(|source| root(&source.path));
    roots
        .filter_map(|source| Some((crate_of(&source.path)?, Modules::read(&program, &source.path))))
        .collect()
}

/// The folder of the crate to which a file belongs.
fn crate_of(path: &str) -> Option<&str> {
    path.strip_prefix("crates/")?.split('/').next()
}

/// Whether the code has a path that begins with the crate `name`.
fn uses_crate(code: TokenStream, name: &str) -> bool {
    let tokens: Vec<TokenTree> = code.into_iter().collect();
    tokens.iter().enumerate().any(|(at, token)| match token {
        TokenTree::Group(group) => uses_crate(group.stream(), name),
        TokenTree::Ident(word) => {
            let used = at > 0 && matches!(&tokens[at - 1], TokenTree::Ident(before) if before == "use");
            word == name && (used || tokens.get(at + 1).is_some_and(|next| is_punct(next, ':')))
        }
        _ => false,
    })
}

/// The texts of a file: its string literals, and its doc comments with their lines joined.
fn texts_of(code: TokenStream, found: &mut Vec<String>) {
    let mut comment = String::new();
    let mut tokens = code.into_iter().peekable();
    while let Some(token) = tokens.next() {
        if is_punct(&token, '#')
            && let Some(line) = tokens.peek().and_then(doc_line)
        {
            comment += &line;
            tokens.next();
            continue;
        }
        if !comment.is_empty() {
            found.push(std::mem::take(&mut comment));
        }
        match token {
            TokenTree::Group(group) => texts_of(group.stream(), found),
            TokenTree::Literal(literal) => found.extend(text(&literal.to_string())),
            _ => {}
        }
    }
}

/// The text of a doc comment's line, of which the tokens are `[doc = "…"]`.
fn doc_line(token: &TokenTree) -> Option<String> {
    let TokenTree::Group(group) = token else { return None };
    let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
    match tokens.as_slice() {
        [TokenTree::Ident(doc), _, TokenTree::Literal(line)] if doc == "doc" => text(&line.to_string()),
        _ => None,
    }
}

/// What stands between the quotes of a string literal.
fn text(literal: &str) -> Option<String> {
    let quoted = literal.trim_start_matches(['r', 'b', 'c', '#']).trim_end_matches('#');
    Some(quoted.strip_prefix('"')?.strip_suffix('"')?.replace("\\n", "\n"))
}

/// Unsafe code stands in the kernels alone, and says why it is sound.
pub fn unsafe_code(sources: &[Source]) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in sources {
        let lines: Vec<&str> = source.text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if !code.contains(concat!("uns", "afe {")) && !code.contains(concat!("uns", "afe impl")) {
                continue;
            }
            if !source.path.starts_with("crates/core/src/kernels") {
                found.push(finding(&source.path, format!("has unsafe code in line {}", index + 1)));
            }
            if !lines[index.saturating_sub(8)..=index].iter().any(|line| line.contains("SAFETY")) {
                found.push(finding(&source.path, format!("does not say why line {} is sound", index + 1)));
            }
        }
    }
    found
}
