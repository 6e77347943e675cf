//! The README's first command prints what stands under it.

use crate::support::Bench;

const README: &str = include_str!("../README.md");

/// How far a number may lie from the README's, as a share of it, on a machine that adds in another order than the one on
/// which the README's were made, which has AVX-512.
const OTHER_KERNELS: f64 = 0.05;

/// The `sweep …` of the first block of commands that installs the program.
fn command() -> &'static str {
    let line = README.lines().find(|line| line.starts_with("cargo install")).unwrap();
    line.split_once("&& sweep ").unwrap().1
}

/// The first block of what is printed.
fn printed() -> Vec<&'static str> {
    let section = README.split_once("## What it prints").unwrap().1;
    section.split("```").nth(1).unwrap().trim_matches('\n').lines().collect()
}

#[test]
fn the_first_command_prints_the_block_under_it() {
    let ran = Bench::new().ok(command());
    let lines: Vec<&str> = ran.stdout.lines().collect();
    let shown = printed();
    let first = lines.iter().position(|line| *line == shown[0]).expect("the block begins with the verdict");
    for (here, there) in lines[first..].iter().zip(&shown) {
        assert!(alike(here, there), "the program prints\n{here}\nand the README\n{there}");
    }
    assert!(lines.len() - first >= shown.len(), "{}", ran.stdout);
}

/// Whether two lines have the same words, and the same numbers within what the kernels of this machine allow.
fn alike(here: &str, there: &str) -> bool {
    let (ours, theirs): (Vec<&str>, Vec<&str>) = (here.split(' ').collect(), there.split(' ').collect());
    let close = |(ours, theirs): (&&str, &&str)| match (ours.parse::<f64>(), theirs.parse::<f64>()) {
        (Ok(ours), Ok(theirs)) => (ours - theirs).abs() <= tolerance() * theirs.abs(),
        _ => ours == theirs,
    };
    ours.len() == theirs.len() && ours.iter().zip(&theirs).all(close)
}

fn tolerance() -> f64 {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx512f") {
        return 0.0;
    }
    OTHER_KERNELS
}
