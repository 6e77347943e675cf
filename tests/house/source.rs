//! Sources as the rules see them: tokens without comments and without what is compiled for tests alone.

use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A Rust file: its path from the root of the repository, with `/`, and its text.
pub struct Source {
    pub path: String,
    pub text: String,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned() }
    }

    /// Whether the whole file belongs to tests or benchmarks. (`#[cfg(test)] mod name;` keeps other files out; see
    /// [`test_files`].)
    fn is_test(&self) -> bool {
        let parts: Vec<&str> = self.path.split('/').collect();
        let folder = parts.iter().any(|part| ["tests", "benches", "examples"].contains(part));
        folder || self.path.ends_with("/tests.rs")
    }

    /// The tokens of what is compiled into the program.
    pub fn code(&self) -> TokenStream {
        let tokens = self.text.parse::<TokenStream>();
        assert!(tokens.is_ok(), "{} has no tokens", self.path);
        without_tests(tokens.unwrap_or_default())
    }
}

/// Every Rust file under `folder` of the repository at `root`.
pub fn sources(root: &Path, folder: &str) -> Vec<Source> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root.join(folder)).unwrap().flatten() {
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            found.extend(sources(root, &path));
        } else if path.ends_with(".rs") {
            found.push(Source { text: std::fs::read_to_string(entry.path()).unwrap(), path });
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// The sources that are compiled into the program.
pub fn program(sources: &[Source]) -> Vec<&Source> {
    let tests = test_files(sources);
    let apart = |path: &str| {
        tests.iter().any(|test| path == format!("{test}.rs") || path.starts_with(&format!("{test}/")))
    };
    sources.iter().filter(|source| !source.is_test() && !apart(&source.path)).collect()
}

/// The modules that a `#[cfg(test)] mod name;` declares, as paths without `.rs`.
fn test_files(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        let folder = module_folder(&source.path);
        let mut under_test = false;
        for line in source.text.lines().map(str::trim) {
            let declared =
                line.trim_start_matches("pub(crate) ").trim_start_matches("pub ").strip_prefix("mod ");
            if let Some(name) = declared.and_then(|rest| rest.strip_suffix(';')).filter(|_| under_test) {
                found.push(format!("{folder}/{name}"));
            }
            under_test = line == "#[cfg(test)]" || (under_test && line.starts_with("#["));
        }
    }
    found
}

/// The folder in which the modules that the file at `path` declares have their files.
pub fn module_folder(path: &str) -> &str {
    let stem = path.strip_suffix(".rs").unwrap_or(path);
    ["/mod", "/lib", "/main"].iter().find_map(|name| stem.strip_suffix(name)).unwrap_or(stem)
}

/// The tokens without items marked `#[cfg(test)]` or `#[test]`.
fn without_tests(tokens: TokenStream) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        if is_punct(&token, '#') && tokens.peek().is_some_and(is_test_attribute) {
            // Attributes before this one stay behind without an item, which no rule minds.
            for skipped in tokens.by_ref() {
                let body =
                    matches!(&skipped, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
                if body || is_punct(&skipped, ';') {
                    break;
                }
            }
            continue;
        }
        kept.push(match token {
            TokenTree::Group(group) => {
                TokenTree::Group(proc_macro2::Group::new(group.delimiter(), without_tests(group.stream())))
            }
            other => other,
        });
    }
    kept.into_iter().collect()
}

fn is_test_attribute(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else { return false };
    let text = group.stream().to_string().replace(' ', "");
    group.delimiter() == Delimiter::Bracket
        && (text == "cfg(test)" || text == "test" || text.starts_with("cfg(all(test"))
}

pub fn is_punct(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}
