//! The modules of a crate and which of them use which, as far as names tell: paths through `crate`, `super`, `self`, child
//! modules and imported names, also in expressions and macros, followed through re-exports to where a name is defined.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::source::{Source, is_punct, module_folder};

type Path = Vec<String>;

/// What a module declares and names.
#[derive(Default)]
struct Module {
    file: String,
    parent: Option<usize>,
    children: BTreeMap<String, usize>,
    /// Functions, types and the like that are defined in it.
    items: BTreeSet<String>,
    /// Names that a `use` brings in, with the path that each stands for.
    imports: Vec<(String, Path)>,
    /// Modules of which a `use path::*` brings in everything.
    globs: Vec<Path>,
    /// Paths in its code.
    paths: Vec<Path>,
}

/// The modules of one crate, the root first.
pub struct Modules {
    modules: Vec<Module>,
    names: Vec<String>,
}

impl Modules {
    /// Reads the crate whose root is the file at `root`.
    pub fn read(sources: &[&Source], root: &str) -> Modules {
        let mut read = Modules { modules: Vec::new(), names: Vec::new() };
        let source = sources.iter().find(|source| source.path == root).expect("the crate has a root");
        read.add("crate", None, source, source.code(), sources);
        read
    }

    fn add(
        &mut self,
        name: &str,
        parent: Option<usize>,
        source: &Source,
        code: TokenStream,
        all: &[&Source],
    ) -> usize {
        let at = self.modules.len();
        self.names.push(name.to_owned());
        self.modules.push(Module { file: source.path.clone(), parent, ..Module::default() });
        let mut reader = Reader::default();
        reader.items(code);
        let Reader { module, nested } = reader;
        let own = Module { file: source.path.clone(), parent, ..module };
        self.modules[at] = own;
        for (child, body) in nested {
            let full = format!("{name}::{child}");
            let index = match body {
                Some(body) => Some(self.add(&full, Some(at), source, body, all)),
                None => {
                    let folder = module_folder(&source.path);
                    let paths = [format!("{folder}/{child}.rs"), format!("{folder}/{child}/mod.rs")];
                    let file = all.iter().find(|source| paths.contains(&source.path));
                    file.map(|file| self.add(&full, Some(at), file, file.code(), all))
                }
            };
            if let Some(index) = index {
                self.modules[at].children.insert(child, index);
            }
        }
        at
    }

    /// Which modules each module uses.
    fn uses(&self) -> Vec<BTreeSet<usize>> {
        let used = |at: usize| {
            let module = &self.modules[at];
            let imported = module.imports.iter().map(|(_, path)| path);
            let mut found = BTreeSet::new();
            for path in imported.chain(&module.globs).chain(&module.paths) {
                self.resolve(at, path, 0, &mut found);
            }
            found.remove(&at);
            found
        };
        (0..self.modules.len()).map(used).collect()
    }

    /// Adds to `found` the modules that define what `path` names in the module `at`.
    fn resolve(&self, at: usize, path: &[String], depth: usize, found: &mut BTreeSet<usize>) -> bool {
        let Some(first) = path.first().filter(|_| depth < 16) else { return false };
        let rest = &path[1..];
        match first.as_str() {
            "crate" => self.walk(0, rest, depth, found),
            "self" => self.walk(at, rest, depth, found),
            "super" => {
                let above = self.modules[at].parent.unwrap_or(0);
                match rest.first().map(String::as_str) {
                    Some("super") => self.resolve(above, rest, depth, found),
                    _ => self.walk(above, rest, depth, found),
                }
            }
            _ => self.step(at, path, depth, found),
        }
    }

    /// Follows `path` from the module `at`, to which it has led; what is not found there is defined there.
    fn walk(&self, at: usize, path: &[String], depth: usize, found: &mut BTreeSet<usize>) -> bool {
        if path.first().is_none_or(|first| first == "self") || !self.step(at, path, depth, found) {
            found.insert(at);
        }
        true
    }

    /// Follows `path` where its first name is known in the module `at`.
    fn step(&self, at: usize, path: &[String], depth: usize, found: &mut BTreeSet<usize>) -> bool {
        let module = &self.modules[at];
        let (first, rest) = (&path[0], &path[1..]);
        let mut known = false;
        if module.items.contains(first) {
            known = true;
            found.insert(at);
        }
        if let Some(child) = module.children.get(first)
            && !(known && rest.is_empty())
        {
            return self.walk(*child, rest, depth, found);
        }
        for (_, target) in module.imports.iter().filter(|(name, target)| name == first && target != path) {
            // A name from another crate leads nowhere here, and is known all the same.
            let whole: Path = target.iter().chain(rest).cloned().collect();
            self.resolve(at, &whole, depth + 1, found);
            known = true;
        }
        if !known && depth < 16 {
            known = module.globs.iter().any(|glob| {
                let mut there = BTreeSet::new();
                self.resolve(at, glob, depth + 1, &mut there);
                there.into_iter().any(|module| module != at && self.step(module, path, depth + 1, found))
            });
        }
        known
    }

    /// The file of every module that uses a module for which `is` holds and is neither such a module nor the root.
    pub fn users_of(&self, is: impl Fn(&str) -> bool) -> BTreeSet<String> {
        let uses = self.uses();
        let outside = |at: &usize| *at != 0 && !is(&self.names[*at]);
        let using = |at: &usize| uses[*at].iter().any(|used| is(&self.names[*used]));
        (0..self.modules.len())
            .filter(outside)
            .filter(using)
            .map(|at| self.modules[at].file.clone())
            .collect()
    }

    /// The circles: groups of modules each of which leads to all others, but for those within a module and its own
    /// children.
    pub fn circles(&self) -> Vec<Vec<Circling<'_>>> {
        let uses = self.uses();
        let reach: Vec<BTreeSet<usize>> = (0..uses.len()).map(|at| reachable(&uses, at)).collect();
        let mut seen = BTreeSet::new();
        let mut circles = Vec::new();
        for at in 0..uses.len() {
            let circle: Vec<usize> =
                reach[at].iter().copied().filter(|other| reach[*other].contains(&at)).collect();
            if circle.len() > 1 && !self.is_family(&circle) && seen.insert(circle.clone()) {
                let shown = |one: &usize| Circling {
                    name: &self.names[*one],
                    file: &self.modules[*one].file,
                    uses: uses[*one]
                        .iter()
                        .filter(|used| circle.contains(used))
                        .map(|used| self.names[*used].as_str())
                        .collect(),
                };
                circles.push(circle.iter().map(shown).collect());
            }
        }
        circles
    }

    /// Whether all of `circle` are one module and children of it; the root's children are the whole crate.
    fn is_family(&self, circle: &[usize]) -> bool {
        let of =
            |head: usize| circle.iter().all(|one| *one == head || self.modules[*one].parent == Some(head));
        let heads = [Some(circle[0]), self.modules[circle[0]].parent];
        heads.into_iter().flatten().any(|head| head != 0 && of(head))
    }
}

/// A module in a circle, and what it uses of the circle.
pub struct Circling<'a> {
    pub name: &'a str,
    pub file: &'a str,
    pub uses: Vec<&'a str>,
}

fn reachable(uses: &[BTreeSet<usize>], from: usize) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut next: Vec<usize> = uses[from].iter().copied().collect();
    while let Some(at) = next.pop() {
        if found.insert(at) {
            next.extend(&uses[at]);
        }
    }
    found
}

/// Reads the tokens of one module.
#[derive(Default)]
struct Reader {
    module: Module,
    /// Modules declared, with their bodies where they stand in the same file.
    nested: Vec<(String, Option<TokenStream>)>,
}

impl Reader {
    /// Reads the top level of the module: declares modules and items, and reads the code in between.
    fn items(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut rest = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            let (word, name) = (ident(tokens.get(at)), ident(tokens.get(at + 1)));
            if word.as_deref() == Some("mod")
                && let Some(name) = name
            {
                let body = match tokens.get(at + 2) {
                    Some(TokenTree::Group(group)) => Some(group.stream()),
                    _ => None,
                };
                self.nested.push((name, body));
                at += 3;
                continue;
            }
            if let (Some(word), Some(name)) = (&word, name)
                && ["fn", "struct", "enum", "trait", "type", "const", "static", "union"]
                    .contains(&word.as_str())
            {
                self.module.items.insert(name);
            }
            if word.as_deref() == Some("macro_rules") {
                self.module.items.extend(ident(tokens.get(at + 2)));
            }
            rest.push(tokens[at].clone());
            at += 1;
        }
        self.code(&rest);
    }

    /// Reads imports and paths, whatever groups they stand in.
    fn code(&mut self, tokens: &[TokenTree]) {
        let mut at = 0;
        while at < tokens.len() {
            if let TokenTree::Group(group) = &tokens[at] {
                self.code(&group.stream().into_iter().collect::<Vec<_>>());
            }
            let Some(word) = ident(tokens.get(at)) else {
                at += 1;
                continue;
            };
            let capture = tokens.get(at + 1).is_some_and(|next| is_punct(next, '<'));
            if word == "use" && !capture {
                let end = tokens[at..]
                    .iter()
                    .position(|token| is_punct(token, ';'))
                    .map_or(tokens.len(), |end| at + end);
                self.import(&tokens[at + 1..end], &[]);
                at = end;
                continue;
            }
            let absolute = at >= 2 && is_punct(&tokens[at - 1], ':') && is_punct(&tokens[at - 2], ':');
            let mut path = vec![word];
            at += 1;
            while let (true, Some(next)) = (is_join(tokens, at), ident(tokens.get(at + 2))) {
                path.push(next);
                at += 3;
            }
            if path.len() > 1 && !absolute {
                self.module.paths.push(path);
            }
        }
    }

    /// Reads the tree of a `use` under `prefix`.
    fn import(&mut self, tokens: &[TokenTree], prefix: &[String]) {
        let mut path = prefix.to_vec();
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Ident(word) if word == "as" => {
                    let name = ident(tokens.get(at + 1)).unwrap_or_default();
                    self.module.imports.push((name, path));
                    return;
                }
                TokenTree::Ident(word) if word == "self" && !path.is_empty() => {}
                TokenTree::Ident(word) => path.push(word.to_string()),
                TokenTree::Punct(punct) if punct.as_char() == '*' => return self.module.globs.push(path),
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    inner.split(|token| is_punct(token, ',')).for_each(|part| self.import(part, &path));
                    return;
                }
                _ => {}
            }
            at += 1;
        }
        if let Some(last) = path.last().filter(|_| !tokens.is_empty()) {
            self.module.imports.push((last.clone(), path));
        }
    }
}

fn is_join(tokens: &[TokenTree], at: usize) -> bool {
    tokens.get(at).is_some_and(|one| is_punct(one, ':'))
        && tokens.get(at + 1).is_some_and(|two| is_punct(two, ':'))
}

fn ident(token: Option<&TokenTree>) -> Option<String> {
    match token {
        Some(TokenTree::Ident(ident)) => Some(ident.to_string()),
        _ => None,
    }
}
