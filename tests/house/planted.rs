//! Each rule catches a violation planted in made-up sources, and nothing in sources that keep it.

use super::rules::{self, Finding, LONGEST};
use super::source::Source;

fn paths(found: &[Finding]) -> Vec<&str> {
    found.iter().map(|finding| finding.path.as_str()).collect()
}

fn made_up(files: &[(&str, &str)]) -> Vec<Source> {
    files.iter().map(|(path, text)| Source::new(path, text)).collect()
}

#[test]
fn a_long_file_is_caught() {
    let long = "\n".repeat(LONGEST + 1);
    let sources = made_up(&[("crates/core/src/a.rs", &long), ("crates/core/src/b.rs", &long[1..])]);
    assert_eq!(paths(&rules::long_files(&sources)), ["crates/core/src/a.rs"]);
}

#[test]
fn a_crate_that_uses_one_above_it_is_caught() {
    let sources = made_up(&[
        ("crates/core/src/lib.rs", "fn f() { vec![sweep_study::Point::new()] }"),
        ("crates/search/src/lib.rs", "use sweep_study::Point; /* sweep_core::x */"),
        ("crates/core/tests/a.rs", "use sweep_study::Point;"),
    ]);
    assert_eq!(paths(&rules::foreign_crates(&sources)), ["crates/core/src/lib.rs"]);
}

/// `a` uses `b` by an expression in a macro, and `b` uses `a` through what the root exports again.
#[test]
fn a_circle_of_modules_is_caught() {
    let sources = made_up(&[
        ("crates/core/src/lib.rs", "mod a; mod b; mod c; pub use a::{deep::Thing, other}; pub use c::*;"),
        ("crates/core/src/a/mod.rs", "pub mod deep; pub fn other() { println!(\"{}\", crate::b::f()) }"),
        ("crates/core/src/a/deep.rs", "pub struct Thing; use super::other as again;"),
        ("crates/core/src/b.rs", "pub fn f() -> u8 { let thing: crate::Thing = todo!(); 1 }"),
        (
            "crates/core/src/c.rs",
            "pub fn g() { super::b::f() } #[cfg(test)] mod tests { use crate::a::other; }",
        ),
    ]);
    assert_eq!(rules::count_circles(&sources), 1);
    let files = ["crates/core/src/a/deep.rs", "crates/core/src/a/mod.rs", "crates/core/src/b.rs"];
    assert_eq!(paths(&rules::circles(&sources)), files);
}

#[test]
fn a_module_and_its_children_may_use_each_other() {
    let sources = made_up(&[
        ("crates/core/src/lib.rs", "mod a;"),
        ("crates/core/src/a.rs", "mod one; mod two; pub struct A; fn f() { one::f(); two::f() }"),
        ("crates/core/src/a/one.rs", "use super::{A, two}; pub fn f() {}"),
        ("crates/core/src/a/two.rs", "use super::A; pub fn f() {}"),
    ]);
    assert!(paths(&rules::circles(&sources)).is_empty());
}

#[test]
fn a_user_of_the_command_line_is_caught() {
    let sources = made_up(&[
        ("crates/sweep/src/main.rs", "mod cli; mod run; mod plain; fn main() { cli::run() }"),
        ("crates/sweep/src/cli/mod.rs", "pub mod args; pub fn run() { crate::run::start() }"),
        ("crates/sweep/src/cli/args.rs", "use super::run; #[derive(clap::Args)] pub struct Running;"),
        ("crates/sweep/src/run.rs", "use crate::{cli::{args::Running}, plain}; pub fn start() {}"),
        ("crates/sweep/src/plain.rs", "// crate::cli\npub fn f() -> clap::Command { \"crate::cli\" }"),
    ]);
    assert_eq!(paths(&rules::users_of_the_command_line(&sources)), ["crates/sweep/src/run.rs"]);
    assert_eq!(paths(&rules::users_of_clap(&sources)), ["crates/sweep/src/plain.rs"]);
}

#[test]
fn a_setting_spelled_as_a_literal_is_caught() {
    let spelled = "fn f() { vec![g(\"schedule.step.gamma\")] }";
    let prose = "/// lr\nfn f() { g(\"an lr of batch\") }\n#[cfg(test)]\nmod tests { fn f() { g(\"lr\") } }";
    let sources = made_up(&[
        ("crates/study/src/a.rs", "const RATE: &str = \"lr\";"),
        ("crates/report/src/b.rs", spelled),
        ("crates/report/src/c.rs", prose),
        ("crates/core/src/d.rs", spelled),
    ]);
    let found = rules::spelled_settings(&sources);
    assert_eq!(paths(&found), ["crates/study/src/a.rs", "crates/report/src/b.rs"]);
}

#[test]
fn a_list_of_names_kept_by_hand_is_caught() {
    let families = [("samplers", ["grid", "tpe", "gp"].map(str::to_owned).to_vec())];
    let sources = made_up(&[
        (
            "crates/sweep/src/cli/a.rs",
            "struct A {\n/// Where to look: grid,\n/// tpe or gp\nsampler: String }",
        ),
        ("crates/sweep/src/cli/b.rs", "struct A {\n/// Where to look, as in tpe or gp\nsampler: String }"),
    ]);
    assert_eq!(paths(&rules::listed_names(&sources, &families)), ["crates/sweep/src/cli/a.rs"]);
}

#[test]
fn unsafe_code_elsewhere_or_unexplained_is_caught() {
    let plain = concat!("fn f() { uns", "afe { g() } }");
    let sources = made_up(&[
        ("crates/study/src/a.rs", &format!("// SAFETY: none\n{plain}")),
        ("crates/core/src/kernels/b.rs", plain),
        ("crates/core/src/kernels/c.rs", &format!("// SAFETY: sound\n{plain}")),
    ]);
    assert_eq!(
        paths(&rules::unsafe_code(&sources)),
        ["crates/study/src/a.rs", "crates/core/src/kernels/b.rs"]
    );
}
